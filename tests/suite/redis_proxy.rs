//! A way to a server that delays, swallows or cuts what comes along, or leads to another server: an address behind which servers change.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// What happens on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything passes.
    Open,
    /// Everything passes, after a time.
    Slow(Duration),
    /// Questions pass, and answers get lost.
    NoAnswers,
    /// Nothing passes, and nobody is told.
    Swallowed,
    /// Connections end when something comes along.
    Cut,
}

/// A port that leads to a server.
pub(crate) struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
    target: watch::Sender<u16>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// To the server on `port`.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are ports");
        let address = listener.local_addr().expect("it is bound");
        let (way, target) = (watch::Sender::new(Way::Open), watch::Sender::new(port));
        let connections = Arc::new(AtomicUsize::new(0));
        tokio::spawn(serve(listener, way.subscribe(), target.subscribe(), Arc::clone(&connections)));
        Self { address, way, target, connections }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn goes(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// New connections lead to the server on `port`; those that are there stay.
    pub(crate) fn leads_to(&self, port: u16) {
        self.target.send_replace(port);
    }

    /// How many connections came.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn serve(
    listener: TcpListener,
    way: watch::Receiver<Way>,
    target: watch::Receiver<u16>,
    count: Arc<AtomicUsize>,
) {
    while let Ok((client, _)) = listener.accept().await {
        count.fetch_add(1, Ordering::Relaxed);
        let port = *target.borrow();
        let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(pass(from_client, to_server, way.clone(), Way::Swallowed));
        tokio::spawn(pass(from_server, to_client, way.clone(), Way::NoAnswers));
    }
}

/// Lets bytes pass; they get lost where everything is swallowed, and on the way that is `lossy`.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: watch::Receiver<Way>, lossy: Way) {
    let mut buffer = [0; 4_096];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let now = *way.borrow();
        match now {
            Way::Cut => return,
            Way::Slow(time) => sleep(time).await,
            lost if lost == lossy || lost == Way::Swallowed => continue,
            Way::Open | Way::NoAnswers | Way::Swallowed => {}
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

//! One client's connection: plain TCP with patience. Whoever connects and says nothing is sent away.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::outbox::Outbox;
use super::stop::{Stop as _, Stopping};

/// How long a client may take to say that it speaks HTTP/2.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes with which every HTTP/2 connection begins.
const PREFACE_BYTES: usize = 24;

/// A connection that counts against the most that there may be.
pub(super) struct Connection {
    stream: Outbox<TcpStream>,
    /// While the preface is not complete.
    greeting: Option<Greeting>,
    _slot: OwnedSemaphorePermit,
}

struct Greeting {
    missing_bytes: usize,
    /// Ends when nobody wants to wait any longer, also because the server stops.
    patience: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, slot: OwnedSemaphorePermit, stopping: Stopping) -> Self {
        let patience = Box::pin(async {
            tokio::select! {
                () = sleep(PATIENCE) => {}
                () = stopping.requested() => {}
            }
        });
        Self {
            stream: Outbox::new(stream),
            greeting: Some(Greeting { missing_bytes: PREFACE_BYTES, patience }),
            _slot: slot,
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.get_ref().connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let Some(greeting) = &mut self.greeting else { return polled };
        greeting.missing_bytes = greeting.missing_bytes.saturating_sub(buf.filled().len() - before);
        if greeting.missing_bytes == 0 {
            self.greeting = None;
        } else if polled.is_pending() && greeting.patience.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! The listener's side: as many connections as the server takes, and no haste when the machine has no more to give.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;

use super::connection::Connection;
use super::stop::Stopping;

/// Connections at the same time; further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 10_000;
/// Accepted and not yet taken over.
const WAITING: usize = 64;
/// After a failure to accept: without it, a process out of file descriptors would spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections to `listener`, until nobody takes them any more; then it is closed.
pub(super) fn connections(
    listener: TcpListener,
    stopping: Stopping,
) -> ReceiverStream<Result<Connection, std::convert::Infallible>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let accepting = async {
            while let Some(connection) = accept(&listener, &slots, &stopping).await {
                if sender.send(Ok(connection)).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = sender.closed() => {}
        }
    });
    ReceiverStream::new(receiver)
}

/// The next connection; `None` once there are no slots any more.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>, stopping: &Stopping) -> Option<Connection> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "small answers may be late");
                }
                return Some(Connection::new(stream, slot, stopping.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection, trying again");
                sleep(PAUSE).await;
            }
        }
    }
}

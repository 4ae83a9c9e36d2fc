//! The listener's side: as many connections as the server takes, and no haste when the machine has no more to give.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

/// After a failure to accept: without it, a process out of file descriptors would spin.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener that takes only so many connections at a time.
#[derive(Debug)]
pub(super) struct Gate {
    listener: TcpListener,
    slots: Arc<Semaphore>,
}

/// A connection as it was accepted; it counts until its slot is dropped.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) stream: TcpStream,
    pub(super) from: IpAddr,
    pub(super) slot: OwnedSemaphorePermit,
}

impl Gate {
    pub(super) fn new(listener: TcpListener, connections: usize) -> Self {
        let connections = connections.min(Semaphore::MAX_PERMITS);
        Self { listener, slots: Arc::new(Semaphore::new(connections)) }
    }

    /// The next connection, once there is a slot for it.
    pub(super) async fn accept(&self) -> Accepted {
        loop {
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
                // Nobody closes the slots.
                return std::future::pending().await;
            };
            match self.listener.accept().await {
                Ok((stream, from)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "small answers may be late");
                    }
                    return Accepted { stream, from: from.ip(), slot };
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection, trying again");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

//! Signals of the operating system: as the wish to stop, and as the wish to read everything again.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// What arrives from now on.
#[derive(Debug)]
pub(super) struct Signals {
    /// A message for each SIGINT and SIGTERM.
    pub(super) stop: mpsc::Receiver<()>,
    /// A message for each SIGHUP.
    pub(super) hangup: mpsc::Receiver<()>,
}

/// Listens from now on.
///
/// # Errors
///
/// The system does not let us wait for signals.
pub(super) fn listen() -> io::Result<Signals> {
    Ok(Signals {
        stop: each(&[SignalKind::interrupt(), SignalKind::terminate()])?,
        hangup: each(&[SignalKind::hangup()])?,
    })
}

fn each(kinds: &[SignalKind]) -> io::Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::channel(1);
    for kind in kinds {
        let (mut signal, sender) = (signal(*kind)?, sender.clone());
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(()).await.is_ok() {} });
    }
    Ok(receiver)
}

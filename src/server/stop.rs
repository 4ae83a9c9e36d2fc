//! The wish to stop, of the server or of one connection.

use tokio::sync::watch;

/// Makes the wish known.
#[derive(Debug)]
pub(super) struct Stopper(watch::Sender<bool>);

/// Learns of it.
#[derive(Debug, Clone)]
pub(super) struct Stopping(watch::Receiver<bool>);

pub(super) fn channel() -> (Stopper, Stopping) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stopping(receiver))
}

impl Stopper {
    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Ends once somebody wished it, or nobody can any more.
    pub(super) async fn requested(mut self) {
        // Without a sender there is nothing to go on for.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}

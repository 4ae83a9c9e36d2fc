//! Where the playbooks stand that calls are answered by. They can be replaced while calls are answered.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::playbooks::Playbooks;

/// Holds what is loaded, and hands it out as a whole: whoever took it sees nothing of what is put there later.
#[derive(Debug)]
pub struct Shelf {
    playbooks: ArcSwap<Playbooks>,
    /// How many replaced sets stay at hand.
    previous: usize,
    /// Who replaces waits for whoever is at it; who reads never does.
    replacing: Mutex<()>,
    replaced: watch::Sender<()>,
}

impl Shelf {
    /// A shelf with these; `previous` sets stay at hand after they were replaced, for the conversations that they lead and for
    /// requests that name a version.
    #[must_use]
    pub fn new(playbooks: Playbooks, previous: usize) -> Self {
        let (playbooks, replaced) = (ArcSwap::from_pointee(playbooks), watch::Sender::new(()));
        Self { playbooks, previous, replacing: Mutex::new(()), replaced }
    }

    /// What is loaded now: for one call, from its beginning to its end.
    #[must_use]
    pub fn playbooks(&self) -> Arc<Playbooks> {
        self.playbooks.load_full()
    }

    /// Puts `playbooks` in the place of the current ones, all at once.
    pub fn replace(&self, playbooks: Playbooks) {
        let _turn = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = playbooks.after(&self.playbooks(), self.previous);
        self.playbooks.store(Arc::new(next));
        self.replaced.send_replace(());
    }

    /// Learns each time that others stand there.
    pub(super) fn replaced(&self) -> watch::Receiver<()> {
        self.replaced.subscribe()
    }
}

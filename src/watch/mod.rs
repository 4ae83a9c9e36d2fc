//! Tells that files may have changed: files and folders, also those that are links, that are replaced, that go and come back, or
//! that come later. Mounted volumes, whose files are all switched by one link, are such links.
//!
//! The kernel tells of changes at once; where it does not (its watches are used up, or the files stand on another machine), a
//! look every ten seconds finds them. What is told is that something looks different, not what: whoever is told reads the files,
//! and finds out whether they say something else.
//!
//! Architecture invariant: it never reads what is in a file.

mod kernel;
mod look;
mod pace;
mod thread;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use tokio::sync::Notify;

use kernel::{Kernel, Message};
use look::Look;
use pace::Pace;

/// Watches some files and folders until it is dropped.
#[derive(Debug)]
pub struct Watch {
    changed: Arc<Notify>,
    messages: mpsc::Sender<Message>,
}

impl Watch {
    /// Watches these files and folders; none of them need be there. What changes after this has returned is told: read the files
    /// afterwards. It looks at each of them first, so it does not belong on a thread that answers calls.
    ///
    /// # Errors
    ///
    /// No thread can be started for it.
    pub fn on(paths: Vec<PathBuf>) -> io::Result<Self> {
        Self::at(Pace::default(), paths, Kernel::asked)
    }

    /// Waits until something has changed since the last time; changes in quick succession are told once, when they are through.
    /// Nothing is lost when this is dropped before it is done.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn at(pace: Pace, paths: Vec<PathBuf>, ask: fn(mpsc::Sender<Message>) -> Kernel) -> io::Result<Self> {
        let (messages, received) = mpsc::channel();
        let mut kernel = ask(messages.clone());
        // Before the first look: what changes after it is told by the kernel.
        kernel.watch(&paths);
        let look = Look::at(&paths);
        let changed = Arc::new(Notify::new());
        let told = Arc::clone(&changed);
        let watching = thread::Watching { paths, kernel, look, unsettled: false };
        std::thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || watching.run(&received, &pace, || told.notify_one()))?;
        Ok(Self { changed, messages })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A thread that is gone need not be told.
        let _ = self.messages.send(Message::Stop);
    }
}

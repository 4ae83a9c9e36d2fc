//! What the kernel tells of folders, as long as it does.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};
use tracing::warn;

use super::look::folders_around;

/// What the thread is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// Something happened in a folder.
    Happened,
    /// Nobody listens any more.
    Stop,
}

/// Somebody to ask.
#[derive(Debug)]
pub(super) struct Kernel {
    messages: Option<mpsc::Sender<Message>>,
    watcher: Option<RecommendedWatcher>,
    /// Whether it tells of everything.
    tells: bool,
    /// Whether it was said that it does not.
    said: bool,
}

impl Kernel {
    /// It is asked, and sends to `messages`.
    pub(super) fn asked(messages: mpsc::Sender<Message>) -> Self {
        Self { messages: Some(messages), watcher: None, tells: false, said: false }
    }

    /// One that tells nothing.
    #[cfg(test)]
    pub(super) fn silent(_: mpsc::Sender<Message>) -> Self {
        Self { messages: None, watcher: None, tells: false, said: false }
    }

    /// Whether it tells of everything that happens.
    pub(super) fn tells(&self) -> bool {
        self.tells
    }

    /// Watches the folders around `paths` as they are now. All of them anew: a folder that was replaced has the name of the one
    /// that was watched.
    pub(super) fn watch(&mut self, paths: &[PathBuf]) {
        let Some(messages) = self.messages.clone() else { return };
        let folders: BTreeSet<PathBuf> = paths.iter().flat_map(|path| folders_around(path)).collect();
        let watched = watcher(messages).and_then(|watcher| watch_each(self.watcher.insert(watcher), &folders));
        self.tells = watched.is_ok();
        if let Err(error) = watched
            && !self.said
        {
            warn!(%error, "the kernel does not tell of every change: what it does not tell of is found within ten seconds");
        }
        self.said = !self.tells;
    }
}

fn watcher(messages: mpsc::Sender<Message>) -> notify::Result<RecommendedWatcher> {
    recommended_watcher(move |event: notify::Result<Event>| {
        if event.map_or(true, |event| changes(event.kind)) {
            // A thread that is gone need not be told.
            let _ = messages.send(Message::Happened);
        }
    })
}

/// Watches as many of `folders` as can be had.
fn watch_each(watcher: &mut RecommendedWatcher, folders: &BTreeSet<PathBuf>) -> notify::Result<()> {
    let mut outcome = Ok(());
    for folder in folders {
        let added = watcher.watch(folder, RecursiveMode::NonRecursive);
        // One that went away since it was listed is missed by nobody: what is around it is watched too.
        if added.as_ref().is_err_and(|error| !is_gone(error)) {
            outcome = added;
        }
    }
    outcome
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        notify::ErrorKind::Generic(_) | notify::ErrorKind::InvalidConfig(_) | notify::ErrorKind::MaxFilesWatch => false,
    }
}

/// Reading changes nothing, and whoever is told of a change reads.
fn changes(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, ModifyKind, RemoveKind, RenameMode};

    use super::*;

    #[test]
    fn whoever_reads_does_not_wake_the_thread_that_made_them_read() {
        let modes = [AccessKind::Open(AccessMode::Any), AccessKind::Close(AccessMode::Read), AccessKind::Read];
        assert!(modes.into_iter().all(|access| !changes(EventKind::Access(access))));
    }

    #[test]
    fn everything_else_does() {
        let kinds = [
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
            EventKind::Create(CreateKind::Folder),
            EventKind::Modify(ModifyKind::Data(DataChange::Any)),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Remove(RemoveKind::File),
            EventKind::Other,
        ];
        assert!(kinds.into_iter().all(changes));
    }
}

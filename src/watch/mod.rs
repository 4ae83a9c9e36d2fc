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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use tokio::time::timeout;

    use super::*;

    const QUICK: Pace =
        Pace { quiet: Duration::from_millis(5), most: Duration::from_millis(50), look: Duration::from_millis(20) };
    const SOON: Duration = Duration::from_secs(8);

    fn file(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/watch_unit");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, "one").unwrap();
        file
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_the_kernel_a_look_finds_changes() {
        let file = file("looked_at.pem");
        let watch = Watch::at(QUICK, vec![file.clone()], Kernel::silent).unwrap();
        for text in ["two", "three"] {
            fs::write(&file, text).unwrap();
            timeout(SOON, watch.changed()).await.expect("it is told");
            while timeout(Duration::from_millis(500), watch.changed()).await.is_ok() {}
        }
        fs::remove_file(&file).unwrap();
        timeout(SOON, watch.changed()).await.expect("it is told");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn with_the_kernel_nobody_waits_for_a_look() {
        let file = file("told.pem");
        let slow = Pace { look: Duration::from_secs(3_600), ..QUICK };
        let watch = Watch::at(slow, vec![file.clone()], Kernel::asked).unwrap();
        fs::write(&file, "two").unwrap();
        timeout(SOON, watch.changed()).await.expect("it is told");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn changes_that_do_not_end_are_told_meanwhile() {
        let file = file("busy.pem");
        let slow = Pace { look: Duration::from_secs(3_600), quiet: Duration::from_secs(5), most: QUICK.most };
        let watch = Watch::at(slow, vec![file.clone()], Kernel::asked).unwrap();
        let since = Instant::now();
        let writing = async {
            for number in 0_u64.. {
                fs::write(&file, number.to_string()).unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = writing => {}
            told = timeout(SOON, watch.changed()) => told.expect("it is told"),
        }
        assert!(since.elapsed() < slow.quiet, "{:?}", since.elapsed());
    }

    #[test]
    fn the_thread_ends_with_the_watch() {
        let watch = Watch::on(vec![file("dropped.pem")]).unwrap();
        let held_by_the_thread = Arc::downgrade(&watch.changed);
        drop(watch);
        let since = Instant::now();
        while held_by_the_thread.strong_count() > 0 {
            assert!(since.elapsed() < SOON, "it goes on");
            std::thread::yield_now();
        }
    }
}

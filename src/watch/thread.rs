//! The thread that waits for what the kernel tells, and looks.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use super::kernel::{Kernel, Message};
use super::look::Look;
use super::pace::Pace;

/// What it knows.
#[derive(Debug)]
pub(super) struct Watching {
    pub(super) paths: Vec<PathBuf>,
    pub(super) kernel: Kernel,
    pub(super) look: Look,
    /// Whether the last look came while something went on: two writes in one tick of the clock look alike.
    pub(super) unsettled: bool,
}

/// Why it woke up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    /// Something happened, and nothing has since.
    Quiet,
    /// Something goes on happening.
    Busy,
    /// It is time for a look.
    Time,
}

impl Watching {
    /// Calls `tell` whenever something has changed, until it is stopped.
    pub(super) fn run(mut self, messages: &Receiver<Message>, pace: &Pace, tell: impl Fn()) {
        while let Some(woken) = wait(messages, pace) {
            if self.has_changed(woken) {
                tell();
            }
        }
    }

    fn has_changed(&mut self, woken: Woken) -> bool {
        // Before the look, so that nothing is missed between the two.
        if woken != Woken::Time || !self.kernel.tells() {
            self.kernel.watch(&self.paths);
        }
        let look = Look::at(&self.paths);
        let is_other = look != self.look;
        if is_other && woken == Woken::Time {
            self.kernel.watch(&self.paths);
        }
        let changed = is_other || self.unsettled;
        self.unsettled = is_other && woken != Woken::Quiet;
        self.look = look;
        changed
    }
}

/// Waits until it is time for a look, or until what happens is over; `None`: it is to stop.
fn wait(messages: &Receiver<Message>, pace: &Pace) -> Option<Woken> {
    match messages.recv_timeout(pace.look) {
        Ok(Message::Happened) => {}
        Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
        Err(RecvTimeoutError::Timeout) => return Some(Woken::Time),
    }
    let since = Instant::now();
    while since.elapsed() < pace.most {
        match messages.recv_timeout(pace.quiet) {
            Ok(Message::Happened) => {}
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => return Some(Woken::Quiet),
        }
    }
    Some(Woken::Busy)
}

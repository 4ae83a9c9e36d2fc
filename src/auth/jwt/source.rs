//! Where a key set comes from.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::address;
use super::fetch::Fetcher;
use super::key_set::{KeySet, MOST_BYTES};
use super::refresh::Remote;
use crate::auth::files;
use crate::auth::refusal::Refusal;
use crate::auth::reload::{Outcome, Problems};

/// A key set, and where it comes from.
pub(super) struct Source {
    keys: ArcSwapOption<KeySet>,
    place: Place,
}

enum Place {
    /// The lock is held while the file is read, so that what was read last counts.
    File {
        path: PathBuf,
        turn: Mutex<()>,
    },
    Address(Box<Remote>),
}

impl Source {
    /// The set in a file, which must be good.
    pub(super) fn file(path: PathBuf) -> Result<Self, Problems> {
        let source = Self { keys: ArcSwapOption::empty(), place: Place::File { path, turn: Mutex::new(()) } };
        match source.reload() {
            Some(Outcome::Refused(problems)) => Err(problems),
            Some(Outcome::Loaded { .. } | Outcome::Unchanged) | None => Ok(source),
        }
    }

    /// The set at an address, which nobody has asked yet.
    pub(super) fn address(url: &str, ca: Option<PathBuf>) -> Result<Self, Problems> {
        let fetcher = address::parse(url).and_then(|address| Fetcher::of(address, ca)).map_err(Problems::one)?;
        Ok(Self { keys: ArcSwapOption::empty(), place: Place::Address(Box::new(Remote::of(fetcher))) })
    }

    /// The keys, once there are any.
    pub(super) fn keys(&self) -> Option<Arc<KeySet>> {
        self.keys.load_full()
    }

    /// What a token means that names a key that is not there: the issuer may have published it since.
    pub(super) fn unknown_key(&self) -> Refusal {
        match &self.place {
            Place::Address(remote) => remote.unknown_key(),
            Place::File { .. } => Refusal::UnknownSigningKey,
        }
    }

    /// When it is worth another attempt, where there are no keys.
    pub(super) fn retry_after(&self) -> Duration {
        match &self.place {
            Place::Address(remote) => remote.retry_after(),
            // A source of a file has keys.
            Place::File { .. } => Duration::from_secs(1),
        }
    }

    pub(super) fn reload(&self) -> Option<Outcome> {
        match &self.place {
            Place::Address(remote) => {
                remote.wake();
                None
            }
            Place::File { path, turn } => {
                let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
                let read = files::read(path, u64::from(MOST_BYTES));
                let named = |problem| format!("{}: {problem}", path.display());
                Some(
                    read.map_or_else(refused, |text| {
                        self.take(&text).unwrap_or_else(|problem| refused(named(problem)))
                    }),
                )
            }
        }
    }

    pub(super) async fn refresh(&self) -> Option<Outcome> {
        match &self.place {
            Place::File { .. } => None,
            Place::Address(remote) => Some(remote.refresh(|text| self.take(text)).await),
        }
    }

    pub(super) async fn keep_fresh(&self, tell: impl Fn(Outcome) + Send + Sync) {
        if let Place::Address(remote) = &self.place {
            loop {
                remote.due().await;
                tell(remote.refresh(|text| self.take(text)).await);
            }
        }
    }

    pub(super) fn age(&self) -> Option<Duration> {
        match &self.place {
            Place::Address(remote) => remote.age(),
            Place::File { .. } => None,
        }
    }

    /// Uses the set in `text` from now on, if it is good and new.
    fn take(&self, text: &[u8]) -> Result<Outcome, String> {
        if self.keys.load().as_ref().is_some_and(|keys| keys.is(text)) {
            return Ok(Outcome::Unchanged);
        }
        let keys = KeySet::read(text)?;
        let number = keys.len();
        self.keys.store(Some(Arc::new(keys)));
        Ok(Outcome::Loaded { keys: number })
    }
}

fn refused(problem: String) -> Outcome {
    Outcome::Refused(Problems::one(problem))
}

//! API keys, by their digests.

mod entry;
mod read;
mod yaml;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::caller::Caller;
use super::digest::Digest;
use super::files;
use super::refusal::Refusal;
use super::reload::{Outcome, Problems};

/// Thousands of keys fit.
const MOST_BYTES: u64 = 1024 * 1024;

/// The keys of a file, as it last was when it was good.
pub(super) struct KeyFile {
    path: PathBuf,
    keys: ArcSwap<ApiKeys>,
    /// Held while the file is read, so that what was read last counts.
    turn: Mutex<()>,
}

/// The keys of a file.
struct ApiKeys {
    file: Digest,
    by_digest: HashMap<Digest, ApiKey>,
}

struct ApiKey {
    caller: Arc<Caller>,
    /// Seconds since 1970 from which it is not taken any more.
    expires: Option<u64>,
}

impl KeyFile {
    pub(super) fn load(path: PathBuf) -> Result<Self, Problems> {
        let bytes = files::read(&path, MOST_BYTES).map_err(Problems::one)?;
        let keys = read::keys(&path.display().to_string(), &bytes)?;
        Ok(Self { path, keys: ArcSwap::from_pointee(keys), turn: Mutex::new(()) })
    }

    pub(super) fn reload(&self) -> Outcome {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match files::read(&self.path, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(problem) => return Outcome::Refused(Problems::one(problem)),
        };
        if self.keys.load().file == Digest::of(&bytes) {
            return Outcome::Unchanged;
        }
        match read::keys(&self.path.display().to_string(), &bytes) {
            Ok(keys) => {
                let number = keys.by_digest.len();
                self.keys.store(Arc::new(keys));
                Outcome::Loaded { keys: number }
            }
            Err(problems) => Outcome::Refused(problems),
        }
    }

    /// The caller of the key with that digest, at `now` in seconds since 1970; `None` where there is no such key.
    pub(super) fn caller(&self, digest: &Digest, now: u64) -> Option<Result<Arc<Caller>, Refusal>> {
        let keys = self.keys.load();
        let key = keys.by_digest.get(digest)?;
        let expired = key.expires.is_some_and(|end| now >= end);
        Some(if expired { Err(Refusal::Expired) } else { Ok(Arc::clone(&key.caller)) })
    }
}

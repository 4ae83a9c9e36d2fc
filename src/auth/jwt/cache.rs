//! Tokens that were verified before: to verify a signature costs more than a decision.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::auth::caller::Caller;
use crate::auth::digest::Digest;

/// Parts with a lock of their own, so that calls seldom wait for each other.
const PARTS: usize = 16;
/// Tokens in a part: 10,000 in all.
const MOST: usize = 10_000 / PARTS;

/// Tokens that are good, by their digests. Only what was verified is in it, so nobody can fill it but the issuer's callers.
pub(super) struct Verified {
    parts: [Mutex<HashMap<Digest, Good>>; PARTS],
}

/// What is known of a good token.
pub(super) struct Good {
    pub(super) caller: Arc<Caller>,
    /// Seconds since 1970 from which the token is not good any more.
    pub(super) until: u64,
}

impl Verified {
    pub(super) fn none() -> Self {
        Self { parts: std::array::from_fn(|_| Mutex::default()) }
    }

    pub(super) fn get(&self, token: &Digest, now: u64) -> Option<Arc<Caller>> {
        let part = self.part(token)?;
        part.get(token).filter(|good| now < good.until).map(|good| Arc::clone(&good.caller))
    }

    pub(super) fn put(&self, token: Digest, good: Good, now: u64) {
        let Some(mut part) = self.part(&token) else { return };
        if part.len() >= MOST {
            part.retain(|_, good| now < good.until);
        }
        // Any will do: whose goes is verified again.
        let surplus = if part.len() >= MOST { part.keys().next().copied() } else { None };
        if let Some(surplus) = surplus {
            part.remove(&surplus);
        }
        part.insert(token, good);
    }

    fn part(&self, token: &Digest) -> Option<MutexGuard<'_, HashMap<Digest, Good>>> {
        let part = self.parts.get(usize::from(token.first_byte()) % PARTS)?;
        Some(part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::caller::Credential;
    use crate::auth::role::Roles;

    fn good(until: u64) -> Good {
        Good { caller: Arc::new(Caller::new("acme".to_owned(), Credential::Token, Roles::none())), until }
    }

    fn size(verified: &Verified) -> usize {
        verified.parts.iter().map(|part| part.lock().unwrap().len()).sum()
    }

    #[test]
    fn it_stays_bounded_and_keeps_the_newest() {
        let verified = Verified::none();
        for number in 0..20_000_u32 {
            let token = Digest::of(&number.to_be_bytes());
            verified.put(token, good(1_000), 0);
            assert!(verified.get(&token, 0).is_some());
        }
        assert!(size(&verified) <= 10_000);
    }

    #[test]
    fn what_has_expired_makes_room_first() {
        let verified = Verified::none();
        let kept = Digest::of(b"kept");
        verified.put(kept, good(1_000), 0);
        for number in 0..20_000_u32 {
            // Each has expired when the next one comes.
            let now = u64::from(number % 900);
            verified.put(Digest::of(&number.to_be_bytes()), good(now), now);
        }
        assert!(verified.get(&kept, 0).is_some());
    }

    #[test]
    fn nothing_is_good_for_longer_than_its_token() {
        let verified = Verified::none();
        let token = Digest::of(b"token");
        verified.put(token, good(100), 0);
        assert!(verified.get(&token, 99).is_some());
        assert!(verified.get(&token, 100).is_none());
    }
}

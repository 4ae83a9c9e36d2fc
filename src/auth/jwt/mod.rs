//! JWTs: tokens that an issuer signed.

mod address;
mod cache;
mod claims;
mod fetch;
mod header;
mod key_set;
mod refresh;
mod source;

use std::sync::Arc;
use std::time::Duration;

use super::caller::Caller;
use super::digest::Digest;
use super::refusal::Refusal;
use super::reload::{Outcome, Problems};
use super::settings::{JwksSource, Jwt};
use cache::Good;
use claims::Rules;
use header::Token;
use source::Source;

pub(super) use header::ALGORITHMS;

/// Takes the tokens of one issuer.
pub(super) struct Tokens {
    rules: Rules,
    source: Source,
}

impl Tokens {
    pub(super) fn load(jwt: Jwt) -> Result<Self, Problems> {
        let Jwt { issuer, audiences, jwks, tenant_claim, roles_claim } = jwt;
        let source = match jwks {
            JwksSource::File(path) => Source::file(path),
            JwksSource::Url { url, ca } => Source::address(&url, ca),
        };
        let rules = Rules { issuer, audiences, tenant_claim, roles_claim };
        match (rules.check(), source) {
            (None, Ok(source)) => Ok(Self { rules, source }),
            (Some(problems), Ok(_)) | (None, Err(problems)) => Err(problems),
            (Some(rules), Err(source)) => Err(rules.and(source)),
        }
    }

    /// The caller of `token`, whose digest is `digest`, at `now` in seconds since 1970.
    pub(super) fn caller(&self, token: &str, digest: Digest, now: u64) -> Result<Arc<Caller>, Refusal> {
        let Some(keys) = self.source.keys() else {
            return Err(Refusal::KeysUnavailable { retry_after: self.source.retry_after() });
        };
        if let Some(caller) = keys.verified().get(&digest, now) {
            return Ok(caller);
        }
        let token = Token::read(token)?;
        let signed = match keys.verify(&token) {
            Err(Refusal::UnknownSigningKey) => return Err(self.source.unknown_key()),
            verified => verified?,
        };
        let (caller, until) = self.rules.caller(&signed, now)?;
        let caller = Arc::new(caller);
        // The cache goes with the keys: with new ones, every token is verified again.
        keys.verified().put(digest, Good { caller: Arc::clone(&caller), until }, now);
        Ok(caller)
    }

    /// Reads a file again; an address is asked for again soon, which gives no outcome yet.
    pub(super) fn reload(&self) -> Option<Outcome> {
        self.source.reload()
    }

    /// Asks an address again now.
    pub(super) async fn refresh(&self) -> Option<Outcome> {
        self.source.refresh().await
    }

    /// Asks an address again and again.
    pub(super) async fn keep_fresh(&self, tell: impl Fn(Outcome) + Send + Sync) {
        self.source.keep_fresh(tell).await;
    }

    pub(super) fn age(&self) -> Option<Duration> {
        self.source.age()
    }

    pub(super) fn has_keys(&self) -> bool {
        self.source.keys().is_some()
    }
}

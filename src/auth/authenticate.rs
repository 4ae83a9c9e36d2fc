//! From headers to a caller.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use super::api_keys::KeyFile;
use super::caller::Caller;
use super::certificate::Certified;
use super::digest::Digest;
use super::headers::{self, Shown};
use super::jwt::Tokens;
use super::refusal::{Accepted, Refusal};
use super::reload::{Problems, Reload, Source};
use super::settings::Settings;

/// Knows who may call.
pub struct Auth {
    asks: Asks,
    anonymous: Arc<Caller>,
}

/// What callers have to show.
enum Asks {
    Nothing,
    Certificate,
    ApiKey(KeyFile),
    Token(Tokens),
    Either(KeyFile, Tokens),
}

impl Auth {
    /// Reads what `settings` name. A key set at an address is not fetched yet: see [`Auth::refresh`] and [`Auth::run`].
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the settings and the files.
    pub fn load(settings: Settings) -> Result<Self, Problems> {
        let Settings { api_keys, jwt, certificates } = settings;
        let keys = api_keys.map(KeyFile::load).transpose();
        let tokens = jwt.map(Tokens::load).transpose();
        let asks = match (keys, tokens) {
            (Ok(None), Ok(None)) if certificates => Asks::Certificate,
            (Ok(None), Ok(None)) => Asks::Nothing,
            (Ok(Some(keys)), Ok(None)) => Asks::ApiKey(keys),
            (Ok(None), Ok(Some(tokens))) => Asks::Token(tokens),
            (Ok(Some(keys)), Ok(Some(tokens))) => Asks::Either(keys, tokens),
            (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => return Err(problems),
            (Err(keys), Err(tokens)) => return Err(keys.and(tokens)),
        };
        Ok(Self { asks, anonymous: Caller::anonymous() })
    }

    /// Who calls with `headers` at the moment `now`; `certificate` is whom the connection's client certificate names, where it has one.
    ///
    /// # Errors
    ///
    /// Why the call is not let in.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        certificate: Option<&Certified>,
        now: SystemTime,
    ) -> Result<Arc<Caller>, Refusal> {
        let accepted = match (&self.asks, certificate) {
            (Asks::Nothing, _) => return Ok(Arc::clone(&self.anonymous)),
            (Asks::Certificate, Some(certified)) => return certified.clone(),
            (Asks::Certificate, None) => return Err(Refusal::Missing { accepted: Accepted::Certificates }),
            (Asks::ApiKey(_), _) => Accepted::ApiKeys,
            (Asks::Token(_), _) => Accepted::Tokens,
            (Asks::Either(..), _) => Accepted::ApiKeysAndTokens,
        };
        let shown = headers::shown(headers)?.ok_or(Refusal::Missing { accepted })?;
        self.recognise(shown, now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    fn recognise(&self, shown: Shown<'_>, now: u64) -> Result<Arc<Caller>, Refusal> {
        let (Shown::Bearer(text) | Shown::ApiKey(text)) = shown;
        // One digest serves both look-ups.
        let digest = Digest::of(text.as_bytes());
        let key = self.key_file().and_then(|keys| keys.caller(&digest, now));
        match (key, shown, self.tokens()) {
            (Some(known), _, _) => known,
            (None, Shown::Bearer(token), Some(tokens)) => tokens.caller(token, digest, now),
            (None, Shown::ApiKey(_), Some(_)) if self.key_file().is_none() => {
                Err(Refusal::Missing { accepted: Accepted::Tokens })
            }
            (None, Shown::Bearer(_) | Shown::ApiKey(_), _) => Err(Refusal::UnknownApiKey),
        }
    }

    /// Reads the files again; what is good counts from now on, what is not changes nothing. A key set at an address is asked for again
    /// by [`Auth::run`], soon.
    pub fn reload(&self) -> Vec<Reload> {
        let keys = self.key_file().map(|keys| Reload { source: Source::ApiKeys, outcome: keys.reload() });
        let tokens = self.tokens().and_then(Tokens::reload);
        keys.into_iter().chain(tokens.map(|outcome| Reload { source: Source::Jwks, outcome })).collect()
    }

    /// Fetches the key set now, where it is at an address. It takes five seconds at most.
    pub async fn refresh(&self) -> Option<Reload> {
        let outcome = self.tokens()?.refresh().await?;
        Some(Reload { source: Source::Jwks, outcome })
    }

    /// Keeps a key set at an address up to date, and tells of each attempt: at once unless it was fetched just before, then every five
    /// minutes, and when a token names a key that is not in it, at most every 30 s; sooner and then ever later where that fails.
    /// It ends at once where there is nothing to fetch, and else never.
    pub async fn run(self: Arc<Self>, tell: impl Fn(Reload) + Send + Sync) {
        if let Some(tokens) = self.tokens() {
            tokens.keep_fresh(|outcome| tell(Reload { source: Source::Jwks, outcome })).await;
        }
    }

    /// How long ago the key set was last fetched, where it is at an address; `None` too where it never was.
    #[must_use]
    pub fn key_set_age(&self) -> Option<Duration> {
        self.tokens()?.age()
    }

    /// Whether there is all that it takes to know callers: not so before a key set was first fetched.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.tokens().is_none_or(Tokens::has_keys)
    }

    fn key_file(&self) -> Option<&KeyFile> {
        match &self.asks {
            Asks::ApiKey(keys) | Asks::Either(keys, _) => Some(keys),
            Asks::Nothing | Asks::Certificate | Asks::Token(_) => None,
        }
    }

    fn tokens(&self) -> Option<&Tokens> {
        match &self.asks {
            Asks::Token(tokens) | Asks::Either(_, tokens) => Some(tokens),
            Asks::Nothing | Asks::Certificate | Asks::ApiKey(_) => None,
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asks = match self.asks {
            Asks::Nothing => "nothing",
            Asks::Certificate => "certificate",
            Asks::ApiKey(_) => "api key",
            Asks::Token(_) => "token",
            Asks::Either(..) => "api key or token",
        };
        f.debug_struct("Auth").field("asks", &asks).finish_non_exhaustive()
    }
}

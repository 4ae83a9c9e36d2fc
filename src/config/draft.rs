//! The configuration while it is read: what belongs together may still be there in part.

use std::path::PathBuf;
use std::time::Duration;

use super::conversations::{Conversations, DraftedConversations, DraftedRedis, StoreChoice};
use super::keys::KEYS;
use super::sections::{Auth, Config, Drain, Jwks, Jwt, Limits, Log, LogFormat, LogLevel, Otlp, Share, Tls};

/// What was read so far.
#[derive(Debug)]
pub(super) struct Draft {
    /// All but what is in the other fields.
    pub(super) config: Config,
    pub(super) tls: DraftedTls,
    pub(super) jwt: DraftedJwt,
    pub(super) conversations: DraftedConversations,
    pub(super) redis: DraftedRedis,
}

/// `tls`, perhaps in part.
#[derive(Debug, Default)]
pub(super) struct DraftedTls {
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) client_ca: Option<PathBuf>,
}

/// `auth.jwt`, perhaps in part.
#[derive(Debug, Default)]
pub(super) struct DraftedJwt {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) jwks: Option<Jwks>,
    pub(super) ca: Option<PathBuf>,
    pub(super) tenant_claim: String,
    pub(super) roles_claim: String,
}

impl Draft {
    /// What it is where nobody chooses anything.
    pub(super) fn of_defaults() -> Self {
        let mut draft = Self::blank();
        for key in KEYS {
            // A test sees to it that no default is refused.
            let _ = key.default.map(|default| key.kind.read(default, &mut draft));
        }
        draft
    }

    /// All of it, if what belongs together is there together.
    pub(super) fn finish(self) -> Config {
        let Self { config, tls, jwt, conversations, redis } = self;
        let auth = Auth { jwt: jwt.finish(), ..config.auth };
        Config { tls: tls.finish(), auth, conversations: conversations.finish(redis), ..config }
    }

    /// Nothing, not even the defaults.
    pub(super) fn blank() -> Self {
        let config = Config {
            listen: String::new(),
            admin: None,
            playbooks: None,
            previous_playbooks: 0,
            tls: None,
            auth: Auth { api_keys: None, jwt: None },
            limits: no_limits(),
            conversations: Conversations { store: StoreChoice::None, ttl: Duration::ZERO },
            drain: Drain { wait: Duration::ZERO, deadline: Duration::ZERO },
            log: Log { level: LogLevel::Info, format: LogFormat::Auto, calls: Share::NONE },
            otlp: Otlp { endpoint: None, traces: Share::NONE, metrics: false, headers: Vec::new() },
        };
        Self {
            config,
            tls: DraftedTls::default(),
            jwt: DraftedJwt::default(),
            conversations: DraftedConversations::blank(),
            redis: DraftedRedis::blank(),
        }
    }
}

fn no_limits() -> Limits {
    Limits {
        connections: 0,
        streams: 0,
        calls: 0,
        subscriptions: 0,
        deadline: Duration::ZERO,
        handshake: Duration::ZERO,
        connection_age: Duration::ZERO,
        request_bytes: 0,
        metadata_bytes: 0,
    }
}

impl DraftedTls {
    fn finish(self) -> Option<Tls> {
        Some(Tls { certificate: self.certificate?, key: self.key?, client_ca: self.client_ca })
    }
}

impl DraftedJwt {
    fn finish(self) -> Option<Jwt> {
        Some(Jwt {
            issuer: self.issuer?,
            audience: self.audience?,
            jwks: self.jwks?,
            ca: self.ca,
            tenant_claim: self.tenant_claim,
            roles_claim: self.roles_claim,
        })
    }
}

impl Default for Config {
    /// What it is where nobody chooses anything.
    fn default() -> Self {
        Draft::of_defaults().finish()
    }
}

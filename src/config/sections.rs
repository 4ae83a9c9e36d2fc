//! The configuration as plain data: read once, then trusted.

use std::path::PathBuf;
use std::time::Duration;

use super::conversations::Conversations;
use super::secret::Secret;

/// All that an operator can choose of `composure serve`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the gRPC API listens: `host:port`, where the host may be a name. Port 0 takes a free one.
    pub listen: String,
    /// Where the plaintext admin port listens, as `listen`; `None`: nowhere.
    pub admin: Option<String>,
    /// The folder of playbooks beside those in the program.
    pub playbooks: Option<PathBuf>,
    /// Sets of playbooks that stay loaded after a reload, for pins and conversations under way.
    pub previous_playbooks: usize,
    /// How connections are encrypted; `None`: they are not.
    pub tls: Option<Tls>,
    /// Who may call.
    pub auth: Auth,
    /// How much of everything.
    pub limits: Limits,
    /// How conversations are held for their callers.
    pub conversations: Conversations,
    /// How the server ends.
    pub drain: Drain,
    /// What the server says about itself.
    pub log: Log,
    /// What the server tells a collector.
    pub otlp: Otlp,
}

/// How connections are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The PEM file of the server's certificate and what leads up to its authority.
    pub certificate: PathBuf,
    /// The PEM file of the certificate's private key.
    pub key: PathBuf,
    /// The PEM file of the authorities whose certificates clients must show; `None`: clients show none.
    pub client_ca: Option<PathBuf>,
}

/// Who may call. Nothing of it: everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// The YAML file of hashed API keys.
    pub api_keys: Option<PathBuf>,
    /// Which tokens are accepted.
    pub jwt: Option<Jwt>,
}

/// Which JSON Web Tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    /// What their `iss` must be.
    pub issuer: String,
    /// What must be in their `aud`.
    pub audience: String,
    /// Where the keys are that sign them.
    pub jwks: Jwks,
    /// The PEM file of the authorities that the URL is trusted by; `None`: the public ones.
    pub ca: Option<PathBuf>,
    /// The claim that names the tenant.
    pub tenant_claim: String,
    /// The claim that holds the roles.
    pub roles_claim: String,
}

/// Where a key set is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jwks {
    /// In a file.
    File(PathBuf),
    /// Behind an `https://` URL, or an `http://` one of this machine.
    Url(String),
}

/// How much of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// Streams of a connection at a time.
    pub streams: u32,
    /// Calls under way at a time, over all connections.
    pub calls: usize,
    /// Conversations that streams are subscribed to at a time.
    pub subscriptions: usize,
    /// The longest that a call may take, whatever its caller says.
    pub deadline: Duration,
    /// The longest until TLS and the HTTP/2 preface are through.
    pub handshake: Duration,
    /// The age at which a connection is asked to go away, before jitter.
    pub connection_age: Duration,
    /// Bytes of a request for a recommendation.
    pub request_bytes: usize,
    /// Bytes of the headers of a call.
    pub metadata_bytes: u32,
}

/// How the server ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drain {
    /// How long readiness is off while calls are still taken.
    pub wait: Duration,
    /// The longest from the wish that clients go away to the end.
    pub deadline: Duration,
}

/// What the server says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// How much.
    pub level: LogLevel,
    /// In which form.
    pub format: LogFormat,
    /// The share of calls that get a line.
    pub calls: Share,
}

/// How much the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What failed.
    Error,
    /// And what is likely to fail.
    Warn,
    /// And what happens.
    Info,
    /// And how.
    Debug,
}

impl LogLevel {
    /// All of them, by the words that name them.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("error", Self::Error), ("warn", Self::Warn), ("info", Self::Info), ("debug", Self::Debug)];
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl LogFormat {
    /// All of them, by the words that name them.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("text", Self::Text), ("json", Self::Json)];
}

/// What the server tells a collector.
#[derive(Debug, Clone, PartialEq)]
pub struct Otlp {
    /// The `http://` or `https://` URL of an OTLP collector that speaks gRPC; `None`: nobody is told.
    pub endpoint: Option<String>,
    /// The share of calls that are traced where their callers did not decide.
    pub traces: Share,
    /// Whether metrics are pushed, too.
    pub metrics: bool,
    /// What the collector wants to see with each call.
    pub headers: Vec<Header>,
}

/// A header of a call: its name in lower case, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, which mostly is a key.
    pub value: Secret,
}

/// A part of all: from 0, none, to 1, each.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// None.
    pub const NONE: Self = Self(0.0);
    /// Each.
    pub const ALL: Self = Self(1.0);

    /// The share `part`, if it is from 0 to 1.
    #[must_use]
    pub fn new(part: f64) -> Option<Self> {
        (0.0..=1.0).contains(&part).then_some(Self(part))
    }

    /// From 0 to 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0
    }
}

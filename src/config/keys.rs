//! The table of all keys: the file, the environment, the flags, their help, the reference and what is printed derive from it.

use std::time::Duration;

use super::kind::Kind;

/// What starts the name of each variable.
pub(super) const PREFIX: &str = "COMPOSURE_";

/// Something that an operator can choose.
#[derive(Debug)]
pub(super) struct Key {
    /// Where it stands in the file: its name after those of its sections, with stops between.
    pub(super) path: &'static str,
    /// What it may be, and where it goes.
    pub(super) kind: Kind,
    /// What it is where nobody chooses, if anything.
    pub(super) default: Option<&'static str>,
    /// What it is for, without a final stop.
    pub(super) about: &'static str,
    /// Whether it may be shown.
    pub(super) shown: Shown,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// It may, and so there is a flag.
    Open,
    /// It must not, and so there is no flag: every process on the machine sees those.
    Secret,
}

/// The first part of some paths, and what people call it.
pub(super) const SECTIONS: [(&str, &str); 8] = [
    ("tls", "TLS"),
    ("auth", "Authentication"),
    ("limits", "Limits"),
    ("conversations", "Conversations"),
    ("redis", "Redis"),
    ("drain", "Drain"),
    ("log", "Log"),
    ("otlp", "OpenTelemetry"),
];

/// All of them, sections together.
pub(super) static KEYS: &[Key] = &[
    key("listen", Kind::Address(|d, to| d.config.listen = to), "Address to listen on; port 0 takes a free one")
        .or("127.0.0.1:50051"),
    key(
        "admin",
        Kind::AddressOrOff(|d, to| d.config.admin = to),
        "Address of the plaintext admin port: livez, readyz, metrics, version, reload and health; `off` for none",
    )
    .or("127.0.0.1:9090"),
    key(
        "playbooks",
        Kind::Folder(|d, to| d.config.playbooks = Some(to)),
        "Folder of playbooks that are served beside those in the program",
    ),
    key(
        "previous_playbooks",
        Kind::Count(0, 10, |d, to| d.config.previous_playbooks = large(to)),
        "Sets of playbooks that stay loaded after a reload, for requests that name a version and for conversations under way",
    )
    .or("2"),
    key(
        "tls.certificate",
        Kind::File(|d, to| d.tls.certificate = Some(to)),
        "PEM file of the server's certificate and those that lead up to its authority",
    ),
    key("tls.key", Kind::File(|d, to| d.tls.key = Some(to)), "PEM file of the certificate's private key"),
    key(
        "tls.client_ca",
        Kind::File(|d, to| d.tls.client_ca = Some(to)),
        "PEM file of authorities; clients must show a certificate of one of them",
    ),
    key(
        "auth.api_keys",
        Kind::File(|d, to| d.config.auth.api_keys = Some(to)),
        "YAML file of hashed API keys; callers must show one of them, or a token",
    ),
    key("auth.jwt.issuer", Kind::Text(|d, to| d.jwt.issuer = Some(to)), "What the `iss` of a token must be"),
    key("auth.jwt.audience", Kind::Text(|d, to| d.jwt.audience = Some(to)), "What must be in the `aud` of a token"),
    key(
        "auth.jwt.jwks",
        Kind::FileOrUrl(|d, to| d.jwt.jwks = Some(to)),
        "The keys that sign tokens, as a JSON Web Key Set: a file, or an `https://` URL",
    ),
    key(
        "auth.jwt.ca",
        Kind::File(|d, to| d.jwt.ca = Some(to)),
        "PEM file of the authorities that a URL of keys is trusted by, in place of the public ones",
    ),
    key(
        "auth.jwt.tenant_claim",
        Kind::Text(|d, to| d.jwt.tenant_claim = to),
        "The claim of a token that names the tenant",
    )
    .or("tenant"),
    key(
        "auth.jwt.roles_claim",
        Kind::Text(|d, to| d.jwt.roles_claim = to),
        "The claim of a token that holds roles, as a list or with spaces between: `recommend`, `read_playbooks`, `operate`",
    )
    .or("roles"),
    key(
        "limits.connections",
        Kind::Count(1, 1_000_000, |d, to| d.config.limits.connections = large(to)),
        "Connections at a time; more wait until one is closed, and one address gets half at most, be it that of a proxy or a mesh",
    )
    .or("10000"),
    key(
        "limits.streams",
        Kind::Count(1, 10_000, |d, to| d.config.limits.streams = to),
        "Calls of one connection at a time",
    )
    .or("200"),
    key(
        "limits.calls",
        Kind::Count(1, 1_000_000, |d, to| d.config.limits.calls = large(to)),
        "Calls at a time, over all connections; more are told to come back later, and one caller gets half at most",
    )
    .or("1000"),
    key(
        "limits.subscriptions",
        Kind::Count(1, 10_000_000, |d, to| d.config.limits.subscriptions = large(to)),
        "Conversations that streams are subscribed to at a time; more are turned away, and one caller gets half at most; one with \
         more than 4 KiB of values counts for several",
    )
    .or("20000"),
    key(
        "limits.deadline",
        Kind::Duration(MOMENT, HOUR, |d, to| d.config.limits.deadline = to),
        "The longest that a call may take, whatever its caller allows",
    )
    .or("10s"),
    key(
        "limits.handshake",
        Kind::Duration(MOMENT, HOUR, |d, to| d.config.limits.handshake = to),
        "The longest until a new connection is through with TLS and the preface of HTTP/2",
    )
    .or("10s"),
    key(
        "limits.connection_age",
        Kind::Duration(MOMENT, WEEK, |d, to| d.config.limits.connection_age = to),
        "The age at which a connection is asked to go away, give or take a tenth, so that clients spread over new servers",
    )
    .or("30m"),
    key(
        "limits.request_bytes",
        Kind::Count(1_024, 16_777_216, |d, to| d.config.limits.request_bytes = large(to)),
        "Bytes of a request for a recommendation, its state included",
    )
    .or("262144"),
    key(
        "limits.metadata_bytes",
        Kind::Count(1_024, 1_048_576, |d, to| d.config.limits.metadata_bytes = to),
        "Bytes of the headers of a call",
    )
    .or("16384"),
    key(
        "conversations.store",
        Kind::Store(|d, to| d.conversations.store = to),
        "Where conversations are held whose callers send an id instead of a state: `memory`, `redis`, or `none`, which is nowhere",
    )
    .or("memory"),
    key(
        "conversations.ttl",
        Kind::Duration(MINUTE, MONTH, |d, to| d.conversations.ttl = to),
        "How long a conversation is held after it was last written to, and at least until a day after its last open promise",
    )
    .or("24h"),
    key(
        "conversations.most",
        Kind::Count(1, 100_000_000, |d, to| d.conversations.most = to),
        "Conversations in memory; for one more, the one that was quiet the longest is given up",
    )
    .or("100000"),
    key(
        "conversations.bytes",
        Kind::Bytes(1_048_576, 1_099_511_627_776, |d, to| d.conversations.bytes = to),
        "Bytes of memory for conversations, some 2000 each; beyond, those that were quiet the longest are given up",
    )
    .or("134217728"),
    key(
        "redis.mode",
        Kind::Mode(|d, to| d.redis.mode = to),
        "What Redis there is: `single`, `sentinel` or `cluster`",
    )
    .or("single"),
    key(
        "redis.addresses",
        Kind::Addresses(|d, to| d.redis.addresses = to),
        "Where it is, as `host:port`: of `sentinel` the sentinels, of `cluster` some nodes, with `,` between",
    ),
    key("redis.master", Kind::Text(|d, to| d.redis.master = Some(to)), "What the sentinels call the primary"),
    key("redis.username", Kind::Text(|d, to| d.redis.username = Some(to)), "The user of Redis that we are"),
    key("redis.password", Kind::Password(|d, to| d.redis.password = Some(to)), "The password of Redis").secret(),
    key("redis.tls", Kind::Flag(|d, to| d.redis.tls = to), "Encrypt connections to Redis").or("false"),
    key(
        "redis.ca",
        Kind::File(|d, to| d.redis.ca = Some(to)),
        "PEM file of authorities for its certificate instead of those that everybody trusts",
    ),
    key(
        "redis.timeout",
        Kind::Duration(INSTANT, TEN_SECONDS, |d, to| d.redis.timeout = to),
        "The longest that one operation in Redis may take; after that, answers are given without it, and say so",
    )
    .or("250ms"),
    key(
        "drain.wait",
        Kind::Duration(Duration::ZERO, HOUR, |d, to| d.config.drain.wait = to),
        "How long the server says that it is not ready, and still takes calls, before it drains",
    )
    .or("0s"),
    key(
        "drain.deadline",
        Kind::Duration(Duration::ZERO, HOUR, |d, to| d.config.drain.deadline = to),
        "The longest that calls under way are waited for once clients are asked to go away",
    )
    .or("20s"),
    key("log.level", Kind::Level(|d, to| d.config.log.level = to), "How much to log: `error`, `warn`, `info` or `debug`")
        .or("info"),
    key(
        "log.format",
        Kind::Format(|d, to| d.config.log.format = to),
        "How to log: `text`, `json`, or `auto`, which is text on a terminal, else JSON",
    )
    .or("auto"),
    key(
        "log.calls",
        Kind::Share(|d, to| d.config.log.calls = to),
        "Share of calls with a line in the log; those that fail by our fault always have one",
    )
    .or("1.0"),
    key(
        "otlp.endpoint",
        Kind::Url(|d, to| d.config.otlp.endpoint = Some(to)),
        "OTLP collector that speaks gRPC, as `http://host:port` or `https://host:port`",
    ),
    key(
        "otlp.traces",
        Kind::Share(|d, to| d.config.otlp.traces = to),
        "Share of calls that are traced where their callers did not decide",
    )
    .or("0.1"),
    key("otlp.metrics", Kind::Flag(|d, to| d.config.otlp.metrics = to), "Push metrics to the collector, too, each minute")
        .or("false"),
    key(
        "otlp.headers",
        Kind::Headers(|d, to| d.config.otlp.headers = to),
        "Headers that the collector wants to see, as `name=value,name=value`, with `%2C` for a comma in a value",
    )
    .secret(),
];

/// What nothing is faster than.
const MOMENT: Duration = Duration::from_millis(100);
/// What nothing on a network is faster than, when it is to be waited for.
const INSTANT: Duration = Duration::from_millis(10);
const TEN_SECONDS: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const fn key(path: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { path, kind, default: None, about, shown: Shown::Open }
}

impl Key {
    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn secret(self) -> Self {
        Self { shown: Shown::Secret, ..self }
    }

    /// The variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.path.replace('.', "_").to_ascii_uppercase())
    }

    /// The flag that sets it, without the dashes before it.
    pub(super) fn flag(&self) -> String {
        self.path.replace(['.', '_'], "-")
    }

    /// Whether its value must not be shown.
    pub(super) fn is_hidden(&self) -> bool {
        self.shown == Shown::Secret
    }

    /// What people call its section, if it is in one.
    pub(super) fn heading(&self) -> Option<&'static str> {
        let (section, _) = self.path.split_once('.')?;
        SECTIONS.iter().find(|(name, _)| *name == section).map(|(_, heading)| *heading)
    }
}

fn large(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::draft::Draft;

    #[test]
    fn each_key_has_names_of_its_own() {
        let paths: BTreeSet<&str> = KEYS.iter().map(|key| key.path).collect();
        let variables: BTreeSet<String> = KEYS.iter().map(Key::variable).collect();
        let flags: BTreeSet<String> = KEYS.iter().map(Key::flag).collect();
        assert_eq!((paths.len(), variables.len(), flags.len()), (KEYS.len(), KEYS.len(), KEYS.len()));
    }

    #[test]
    fn each_default_is_a_value_that_may_be_chosen() {
        for key in KEYS {
            let mut draft = Draft::blank();
            let read = key.default.map_or(Ok(()), |default| key.kind.read(default, &mut draft));
            assert!(read.is_ok(), "{}: {read:?}", key.path);
        }
    }

    #[test]
    fn each_section_has_a_name_for_people() {
        for key in KEYS {
            assert_eq!(key.heading().is_some(), key.path.contains('.'), "{}", key.path);
        }
    }
}

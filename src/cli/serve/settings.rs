//! What was chosen, part by part, for those who act on it. Each part has settings of its own and knows nothing of configuration.

use std::path::{Path, PathBuf};

use crate::config::{self, Config};
use crate::service::Conversations;
use crate::store::{Bounds, Memory, Mode, Redis, RedisSettings, Store};
use crate::telemetry::Metrics;
use crate::{auth, files, library, server, store, telemetry};

/// Files beyond this hold no authorities.
const MOST_AUTHORITIES_BYTES: u64 = 1024 * 1024;

pub(super) fn server(config: &Config) -> server::Settings {
    let config::Limits {
        connections,
        streams,
        calls,
        subscriptions,
        deadline,
        handshake,
        connection_age,
        request_bytes,
        metadata_bytes,
    } = config.limits;
    server::Settings {
        connections,
        streams,
        calls,
        subscriptions,
        deadline,
        handshake,
        connection_age,
        request_bytes,
        metadata_bytes: usize::try_from(metadata_bytes).unwrap_or(usize::MAX),
        drain_wait: config.drain.wait,
        drain_deadline: config.drain.deadline,
    }
}

pub(super) fn tls(config: &Config) -> Option<server::TlsFiles> {
    let config::Tls { certificate, key, client_ca } = config.tls.clone()?;
    Some(server::TlsFiles { certificate, key, client_ca })
}

pub(super) fn auth(config: &Config) -> auth::Settings {
    let config::Auth { api_keys, jwt } = config.auth.clone();
    let certificates = config.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    auth::Settings { api_keys, jwt: jwt.map(tokens), certificates }
}

fn tokens(jwt: config::Jwt) -> auth::Jwt {
    let config::Jwt { issuer, audience, jwks, ca, tenant_claim, roles_claim } = jwt;
    let jwks = match jwks {
        config::Jwks::File(file) => auth::JwksSource::File(file),
        config::Jwks::Url(url) => auth::JwksSource::Url { url, ca },
    };
    auth::Jwt { issuer, audiences: vec![audience], jwks, tenant_claim, roles_claim }
}

/// Files that credentials are checked against.
pub(super) fn credential_files(config: &Config) -> impl Iterator<Item = PathBuf> {
    let jwks = config.auth.jwt.as_ref().and_then(|jwt| match &jwt.jwks {
        config::Jwks::File(file) => Some(file.clone()),
        config::Jwks::Url(_) => jwt.ca.clone(),
    });
    config.auth.api_keys.clone().into_iter().chain(jwks)
}

pub(super) fn library(config: &Config) -> library::Settings {
    library::Settings { folder: config.playbooks.clone(), previous: config.previous_playbooks }
}

/// What holds conversations; `None`: nothing does.
pub(super) fn conversations(config: &Config, metrics: &Metrics) -> Result<Option<Conversations>, String> {
    let config::Conversations { store, ttl } = &config.conversations;
    let store = match store {
        config::StoreChoice::Memory { most, bytes } => {
            Store::Memory(Memory::new(Bounds { most: *most, bytes: *bytes }, metrics))
        }
        config::StoreChoice::Redis(redis) => Store::Redis(asked(redis, metrics)?),
        config::StoreChoice::None => return Ok(None),
    };
    Ok(Some(Conversations::new(store, *ttl)))
}

/// Redis, as it is to be asked.
fn asked(redis: &config::Redis, metrics: &Metrics) -> Result<Redis, String> {
    let config::Redis { topology, username, password, tls, timeout } = redis.clone();
    let (mode, addresses) = match topology {
        config::Topology::Single { address } => (Mode::Single, vec![address]),
        config::Topology::Sentinel { sentinels, master } => (Mode::Sentinel { master }, sentinels),
        config::Topology::Cluster { nodes } => (Mode::Cluster, nodes),
    };
    let tls = match tls {
        None => store::Tls::Off,
        Some(config::RedisTls { ca: None }) => store::Tls::Public,
        Some(config::RedisTls { ca: Some(file) }) => store::Tls::Own(authorities(&file)?),
    };
    let password = password.map(|password| password.expose().to_owned());
    let settings = RedisSettings { mode, addresses, username, password, tls, timeout };
    Redis::new(settings, metrics).map_err(|error| error.to_string())
}

fn authorities(file: &Path) -> Result<Vec<u8>, String> {
    files::read(file, MOST_AUTHORITIES_BYTES)
        .map_err(|error| format!("cannot read the authorities of Redis in `{}`: {error}", file.display()))
}

pub(super) fn telemetry(config: &Config) -> telemetry::Settings {
    telemetry::Settings { log: log(&config.log), otlp: otlp(&config.otlp) }
}

fn log(log: &config::Log) -> telemetry::LogSettings {
    let config::Log { level, format, calls } = log;
    telemetry::LogSettings {
        level: match level {
            config::LogLevel::Error => telemetry::Level::Error,
            config::LogLevel::Warn => telemetry::Level::Warn,
            config::LogLevel::Info => telemetry::Level::Info,
            config::LogLevel::Debug => telemetry::Level::Debug,
        },
        format: match format {
            config::LogFormat::Auto => telemetry::Format::Auto,
            config::LogFormat::Text => telemetry::Format::Text,
            config::LogFormat::Json => telemetry::Format::Json,
        },
        calls: calls.as_f64(),
    }
}

fn otlp(otlp: &config::Otlp) -> Option<telemetry::OtlpSettings> {
    let config::Otlp { endpoint, traces, metrics, headers } = otlp;
    let headers = headers.iter().map(|header| format!("{}={}", header.name, header.value.expose())).collect::<Vec<_>>();
    Some(telemetry::OtlpSettings {
        endpoint: endpoint.clone()?,
        traces: traces.as_f64(),
        metrics: *metrics,
        headers: (!headers.is_empty()).then(|| telemetry::Secret::new(headers.join(","))),
    })
}

//! Where Redis is, and how it is spoken to.

use std::fmt;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// Where Redis is, and how it is spoken to.
#[derive(Clone)]
pub struct RedisSettings {
    /// How its servers are arranged.
    pub mode: Mode,
    /// `host:port` of each server; of each sentinel where there are sentinels.
    pub addresses: Vec<String>,
    /// Who speaks to it, where there are access control lists.
    pub username: Option<String>,
    /// What proves it.
    pub password: Option<String>,
    /// Whether connections are encrypted, and whose certificates are believed.
    pub tls: Tls,
    /// The longest that an operation may take.
    pub timeout: Duration,
}

/// How servers are arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// One of them takes writes, and addresses lead to it: they are tried by turns.
    Single,
    /// Sentinels tell which of them takes writes.
    Sentinel {
        /// By which name they know it.
        master: String,
    },
    /// Each has its part of the keys.
    Cluster,
}

/// Whether connections are encrypted.
#[derive(Clone, PartialEq, Eq)]
pub enum Tls {
    /// They are not.
    Off,
    /// They are; certificates are believed that public authorities have signed.
    Public,
    /// They are; certificates are believed that these authorities have signed (PEM).
    Own(Vec<u8>),
}

/// Why settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRedisSettings {
    /// Nobody could be asked.
    #[error("there is no address of Redis")]
    NoAddress,
    /// It is no address.
    #[error("`{0}` is no address of Redis: `host:port` is wanted")]
    Address(String),
    /// No authority could be read.
    #[error("there is no certificate of an authority in what is given for Redis")]
    Authorities,
    /// The client takes them not.
    #[error("Redis can't be asked with these settings: {0}")]
    Client(String),
}

/// A host and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

impl RedisSettings {
    /// All addresses, of which there is at least one.
    pub(super) fn parsed_addresses(&self) -> Result<Vec<Address>, BadRedisSettings> {
        let addresses: Result<Vec<_>, _> = self.addresses.iter().map(|text| address(text)).collect();
        addresses.and_then(|some| if some.is_empty() { Err(BadRedisSettings::NoAddress) } else { Ok(some) })
    }
}

impl Tls {
    /// Fails where authorities are given and none can be read.
    pub(super) fn checked(&self) -> Result<(), BadRedisSettings> {
        let Self::Own(pem) = self else { return Ok(()) };
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        if all.is_ok_and(|all| !all.is_empty()) { Ok(()) } else { Err(BadRedisSettings::Authorities) }
    }
}

fn address(text: &str) -> Result<Address, BadRedisSettings> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = parts.ok_or_else(|| BadRedisSettings::Address(text.to_owned()))?;
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = inside.unwrap_or(host);
    if host.is_empty() || (inside.is_none() && host.contains(':')) {
        return Err(BadRedisSettings::Address(text.to_owned()));
    }
    Ok(Address { host: host.to_owned(), port })
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, addresses, username, password, tls, timeout } = self;
        let mut debug = f.debug_struct("RedisSettings");
        debug.field("mode", mode).field("addresses", addresses).field("username", username);
        debug.field("password", &password.as_ref().map(|_| "…")).field("tls", tls).field("timeout", timeout);
        debug.finish()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Public => "Public",
            Self::Own(_) => "Own",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, BadRedisSettings, Mode, RedisSettings, Tls, address};
    use std::time::Duration;

    #[test]
    fn addresses_have_a_host_and_a_port() {
        let is = |host: &str, port| Ok(Address { host: host.to_owned(), port });
        assert_eq!(address("redis.example:6379"), is("redis.example", 6379));
        assert_eq!(address("[::1]:6380"), is("::1", 6380));
        for bad in ["redis", "redis:", ":6379", "::1:6379", "redis:65536", "[]:1", ""] {
            assert_eq!(address(bad), Err(BadRedisSettings::Address(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn debug_output_holds_no_password() {
        let settings = RedisSettings {
            mode: Mode::Single,
            addresses: vec!["redis:6379".to_owned()],
            username: None,
            password: Some("hunter2".to_owned()),
            tls: Tls::Own(b"hunter2".to_vec()),
            timeout: Duration::from_millis(250),
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert_eq!(settings.tls.checked(), Err(BadRedisSettings::Authorities));
    }
}

//! Addresses and URLs out of text. Who listens or calls there resolves their names.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use http::Uri;

use super::kind::Flaw;
use super::sections::Jwks;
use super::text::{expected, prose};
use crate::playbook::finding::ticked;

/// A host and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HostPort<'t> {
    /// Without brackets.
    host: &'t str,
    port: u16,
}

impl<'t> HostPort<'t> {
    /// Out of `host:port`, where an IPv6 address stands in brackets.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| digits)?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = match bracketed {
            Some(inner) => inner.parse::<Ipv6Addr>().is_ok().then_some(inner)?,
            None => is_host(host).then_some(host)?,
        };
        Some(Self { host, port })
    }

    /// Whether nobody can listen on both.
    pub(super) fn clashes_with(self, other: Self) -> bool {
        let same_host = self.host.eq_ignore_ascii_case(other.host) || self.is_everywhere() || other.is_everywhere();
        self.port != 0 && self.port == other.port && same_host
    }

    fn is_everywhere(self) -> bool {
        self.host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
    }
}

fn is_host(text: &str) -> bool {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    !text.is_empty() && text.len() <= 253 && text.chars().all(fits)
}

/// `host:port`.
pub(super) fn address(text: &str) -> Result<String, Flaw> {
    let found = HostPort::of(text).map(|_| text.to_owned());
    found.ok_or_else(|| expected("an address", text, meant_address(text)))
}

/// `host:port`, once or more, with `,` between: where others listen.
pub(super) fn addresses(text: &str) -> Result<Vec<String>, Flaw> {
    let text = prose(text)?;
    if may_hold_credentials(text) {
        let message = "there is an `@` in these addresses, as behind credentials".to_owned();
        let mend = "write `host:port` alone; credentials have keys of their own".to_owned();
        return Err(Flaw { code: "wrong-type", message, mend });
    }
    text.split(',').map(|part| reachable(part.trim())).collect()
}

fn reachable(text: &str) -> Result<String, Flaw> {
    let mend = "write `host:port`, such as `redis:6379`, with `,` between several and an IPv6 address in brackets";
    let found = HostPort::of(text).filter(|found| found.port != 0);
    let message = || format!("expected an address, found {}", ticked(text));
    found.map(|_| text.to_owned()).ok_or_else(|| Flaw { code: "wrong-type", message: message(), mend: mend.to_owned() })
}

fn meant_address(text: &str) -> String {
    let any = "write `host:port`, such as `127.0.0.1:50051`, with an IPv6 address in brackets: `[::1]:50051`";
    let completions = [format!("127.0.0.1:{text}"), format!("0.0.0.0{text}"), bracketed(text).unwrap_or_default()];
    let meant = completions.into_iter().find(|whole| HostPort::of(whole).is_some());
    meant.map_or_else(|| any.to_owned(), |whole| format!("did you mean `{whole}`?"))
}

fn bracketed(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    Some(format!("[{host}]:{port}"))
}

/// The same, or nothing for `off`.
pub(super) fn address_or_off(text: &str) -> Result<Option<String>, Flaw> {
    match text {
        "off" => Ok(None),
        // What makes YAML out of values writes it for a bare `off`.
        "false" | "no" | "none" | "Off" | "OFF" => {
            Err(expected("an address or `off`", text, "did you mean `\"off\"`?"))
        }
        _ => address(text).map(Some).map_err(|flaw| Flaw {
            message: flaw.message.replace("expected an address", "expected an address or `off`"),
            ..flaw
        }),
    }
}

/// A file, or a URL that nobody on the way can read or change.
pub(super) fn file_or_url(text: &str) -> Result<Jwks, Flaw> {
    let text = prose(text)?;
    if !text.contains("://") {
        return Ok(Jwks::File(PathBuf::from(text)));
    }
    let uri = url(text, "write the path of a file, or a URL such as `https://id.example.com/jwks.json`")?;
    if uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_loopback) {
        let mend = "write `https://`: whoever can change keys on the way can make tokens";
        return Err(expected("an `https://` URL", text, mend));
    }
    Ok(Jwks::Url(text.to_owned()))
}

/// `http://host:port` or `https://host:port`.
pub(super) fn collector(text: &str) -> Result<String, Flaw> {
    let mend = "write `http://host:port` or `https://host:port`, such as `http://collector:4317`";
    let uri = url(prose(text)?, mend)?;
    let bare = uri.path() == "/" && uri.query().is_none();
    if uri.port_u16().is_none() || !bare {
        return Err(expected("a URL of a host and a port", text, mend));
    }
    Ok(text.to_owned())
}

/// A URL of HTTP without credentials, which are not quoted where they are found.
fn url(text: &str, mend: &str) -> Result<Uri, Flaw> {
    if may_hold_credentials(text) {
        let message = "there is an `@` in this URL, as before credentials".to_owned();
        let mend = "leave credentials out: this is shown in logs";
        return Err(Flaw { code: "wrong-type", message, mend: mend.to_owned() });
    }
    let uri = text.parse::<Uri>().ok();
    let fits = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    };
    uri.filter(fits).ok_or_else(|| expected("a URL", text, mend))
}

/// Whether `text`, which should be a URL, has something before its host.
pub(super) fn may_hold_credentials(text: &str) -> bool {
    text.contains('@')
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

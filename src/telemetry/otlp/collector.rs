//! The connection to a collector: made when something is sent, and made again when it breaks.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use super::failures::{Failed, Failures};
use crate::telemetry::settings::Secret;

/// For a connection, and for all of one message.
const CONNECT: Duration = Duration::from_secs(3);
const SEND: Duration = Duration::from_secs(5);

/// Why a collector can't be used. What headers say stays secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not an address.
    #[error("`{0}` is no address of a collector: write http://host:port or https://host:port")]
    Endpoint(String),
    /// Headers that don't read `name=value,name=value`.
    #[error("the collector's headers are wrong in entry {0}: write name=value,name=value")]
    Headers(usize),
    /// It takes a runtime to send anything.
    #[error("a collector needs an asynchronous runtime")]
    Runtime,
}

/// A collector, and how to reach it; clones share the connection.
#[derive(Debug, Clone)]
pub(super) struct Collector {
    pub(super) channel: Channel,
    pub(super) runtime: Handle,
    failures: Arc<Failures>,
    headers: MetadataMap,
}

impl Collector {
    pub(super) fn at(address: &str, secret: Option<&Secret>) -> Result<Self, Unusable> {
        let runtime = Handle::try_current().map_err(|_| Unusable::Runtime)?;
        let headers = secret.map_or_else(|| Ok(MetadataMap::new()), headers)?;
        let channel = endpoint(address)?.connect_lazy();
        Ok(Self { channel, runtime, failures: Arc::default(), headers })
    }

    /// Waits for `sending`, within bounds; what goes wrong is told and returned.
    pub(super) async fn bounded<T>(
        &self,
        what: &'static str,
        sending: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Failed> {
        let bounded = {
            // Whoever calls may have no runtime, and a clock needs one.
            let _runtime = self.runtime.enter();
            timeout(SEND, sending)
        };
        let failed = match bounded.await {
            Ok(Ok(sent)) => return Ok(sent),
            Ok(Err(status)) => Failed::Refused(Box::new(status)),
            Err(_) => Failed::Late,
        };
        self.failures.tell(what, &failed);
        Err(failed)
    }

    /// `message` with the headers that go with everything.
    pub(super) fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        *request.metadata_mut() = self.headers.clone();
        request
    }
}

fn endpoint(address: &str) -> Result<Endpoint, Unusable> {
    let wrong = || Unusable::Endpoint(address.to_owned());
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(|_| wrong())?;
    let endpoint = endpoint.connect_timeout(CONNECT).timeout(SEND);
    if endpoint.uri().host().is_none() {
        return Err(wrong());
    }
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint),
        Some("https") => {
            let tls = ClientTlsConfig::new().with_webpki_roots();
            endpoint.tls_config(tls).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

/// Values may be percent-encoded, as in the environment variables that other programs read.
fn headers(secret: &Secret) -> Result<MetadataMap, Unusable> {
    let mut headers = MetadataMap::new();
    let entries = secret.reveal().split(',').map(str::trim).enumerate().filter(|(_, entry)| !entry.is_empty());
    for (place, entry) in entries {
        let (name, value) = header(entry).ok_or(Unusable::Headers(place + 1))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn header(entry: &str) -> Option<(AsciiMetadataKey, AsciiMetadataValue)> {
    let (name, value) = entry.split_once('=')?;
    let name = name.trim().to_ascii_lowercase().parse().ok()?;
    let mut value: AsciiMetadataValue = percent_decode_str(value.trim()).decode_utf8().ok()?.parse().ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, Unusable> {
        let headers = headers(&Secret::new(text.to_owned()))?.into_headers();
        let text = |value: &http::HeaderValue| value.to_str().expect("it is plain text").to_owned();
        Ok(headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn headers_are_read() {
        assert_eq!(read(""), Ok(Vec::new()));
        assert_eq!(read("api-key=a==, X-Tenant = b,"), Ok(pairs(&[("api-key", "a=="), ("x-tenant", "b")])));
        assert_eq!(read("authorization=Basic%20a%2Cb"), Ok(pairs(&[("authorization", "Basic a,b")])));
    }

    #[test]
    fn headers_that_are_wrong_are_told_by_place_alone() {
        for text in ["a=b,secret", "a=b,söme=secret", "a=b,c=secret%0Aline", "a=b,=secret", "a=b,c-bin=secret"] {
            let error = read(text).expect_err(text);
            assert_eq!(error, Unusable::Headers(2));
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn addresses_have_a_scheme_and_a_host() {
        for address in ["", "collector", "collector:4317", "ftp://collector:4317", "http://", "http:///path"] {
            assert_eq!(endpoint(address).err(), Some(Unusable::Endpoint(address.to_owned())), "{address}");
        }
        for address in ["http://collector:4317", "https://collector:4317", "http://[::1]:4317"] {
            assert!(endpoint(address).is_ok(), "{address}");
        }
    }
}

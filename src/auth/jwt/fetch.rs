//! Fetches a key set.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use http::{Request, StatusCode, Uri, header};
use http_body::Body;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::task::spawn_blocking;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::key_set::MOST_BYTES;
use crate::auth::files;

/// From the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Hundreds of authorities fit.
const MOST_CA_BYTES: u64 = 1024 * 1024;

/// Asks one address.
pub(super) struct Fetcher {
    address: Uri,
    /// The authorities that it is trusted by; without them, the public ones. Read each time, for they may change.
    ca: Option<PathBuf>,
}

impl Fetcher {
    /// Asks `address`, which the authorities in the file `ca` vouch for, or else the public ones.
    pub(super) fn of(address: Uri, ca: Option<PathBuf>) -> Result<Self, String> {
        tls(ca.as_deref())?;
        Ok(Self { address, ca })
    }

    /// What is there. Redirects are not followed: the address is to be the one that the operator trusts.
    pub(super) async fn fetch(&self) -> Result<Vec<u8>, String> {
        let fetched = tokio::time::timeout(TIMEOUT, self.answer()).await;
        let why = match fetched {
            Ok(Ok(bytes)) => return Ok(bytes),
            Ok(Err(why)) => why,
            Err(_) => format!("it did not answer within {} s", TIMEOUT.as_secs()),
        };
        // Without the query, which may hold what not everybody should read.
        let host = self.address.authority().map_or("", |authority| authority.as_str());
        Err(format!("the key set can't be fetched from {host}{}: {why}", self.address.path()))
    }

    async fn answer(&self) -> Result<Vec<u8>, String> {
        let request = Request::get(self.address.clone()).header(header::ACCEPT, "application/json");
        let request = request.body(String::new()).map_err(|error| error.to_string())?;
        let answer = self.client().await?.request(request).await.map_err(|error| chain(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answered {}", answer.status()));
        }
        read(answer.into_body()).await
    }

    async fn client(&self) -> Result<Client<HttpsConnector<HttpConnector>, String>, String> {
        let ca = self.ca.clone();
        let tls = spawn_blocking(move || tls(ca.as_deref())).await.map_err(|error| error.to_string())??;
        // Which of the schemes may be was checked with the address.
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        // A connection that idles for minutes is closed by the time it is needed.
        Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
    }
}

/// Trusts the authorities in the file `ca`, or else the public ones.
fn tls(ca: Option<&Path>) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| format!("TLS can't be set up: {error}"))?;
    let builder = match ca {
        None => builder.with_webpki_roots(),
        Some(file) => builder.with_root_certificates(authorities(file)?),
    };
    Ok(builder.with_no_client_auth())
}

/// All that are in `file`, and there is one.
fn authorities(file: &Path) -> Result<RootCertStore, String> {
    let pem = files::read(file, MOST_CA_BYTES)?;
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(&pem) {
        let authority = authority.map_err(|error| format!("{}: it is damaged: {error}", file.display()))?;
        roots.add(authority).map_err(|error| format!("{}: an authority can't be used: {error}", file.display()))?;
    }
    if roots.is_empty() { Err(format!("{}: it holds no certificate in PEM", file.display())) } else { Ok(roots) }
}

async fn read(body: hyper::body::Incoming) -> Result<Vec<u8>, String> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let Ok(data) = frame.map_err(|error| chain(&error))?.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(format!("it has more than {MOST_BYTES} bytes"));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// An error with its causes, which say what the matter is.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}

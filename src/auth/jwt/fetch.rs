//! Fetches a key set.

use std::pin::pin;
use std::time::Duration;

use http::{Request, StatusCode, Uri, header};
use http_body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use super::key_set::MOST_BYTES;

/// From the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks one address.
pub(super) struct Fetcher {
    address: Uri,
    client: Client<HttpsConnector<HttpConnector>, String>,
}

impl Fetcher {
    pub(super) fn of(address: Uri) -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(aws_lc_rs::default_provider())
            .map_err(|error| format!("TLS can't be set up: {error}"))?
            // Which of them was checked with the address.
            .https_or_http()
            .enable_http1()
            .build();
        // A connection that idles for minutes is closed by the time it is needed.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { address, client })
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
        let answer = self.client.request(request).await.map_err(|error| chain(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answered {}", answer.status()));
        }
        read(answer.into_body()).await
    }
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

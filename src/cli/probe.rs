//! `composure probe`: is a server healthy, and does it answer? For probes and tests of deployments, which have no other program.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::header::AUTHORIZATION;
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use tokio_util::either::Either;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::{EXIT_CODES, output};
use crate::files;
use crate::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use crate::grpc::generated::{RecommendRequest, Signal};

/// Files beyond this hold no certificate, key or token.
const MOST_BYTES: u64 = 1024 * 1024;

/// What to ask, and where.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure probe
  composure probe --address composure.support.svc:50051 --recommend
  composure probe --address composure.example:443 --ca ca.pem --token-file token --recommend

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Where the server listens; the admin port tells its health, too
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50051")]
    address: String,
    /// Ask for a recommendation, too
    #[arg(long)]
    recommend: bool,
    /// Seconds until it counts as failed
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// PEM file of the authority that the server's certificate is of; given: use TLS
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The name that the server's certificate must have [default: the host of the address]
    #[arg(long, value_name = "NAME", requires = "ca")]
    server_name: Option<String>,
    /// PEM file of the certificate to show
    #[arg(long, value_name = "FILE", requires_all = ["ca", "key"])]
    certificate: Option<PathBuf>,
    /// PEM file of its key
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// File with the token or API key to show
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Why a server can't be called healthy.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot start: {0}")]
    Runtime(io::Error),
    #[error("`{0}` is no address: expected `host:port`")]
    Address(String),
    #[error("cannot use `{}`: {error}", .file.display())]
    File { file: PathBuf, error: Box<dyn std::error::Error + Send + Sync> },
    #[error("TLS is not possible so: {0}")]
    Tls(#[from] rustls::Error),
    #[error("cannot reach `{address}`: {error}")]
    Connect { address: String, error: Box<dyn std::error::Error + Send + Sync> },
    #[error("no answer within {0} s")]
    Late(u64),
    #[error("it says that it is not serving")]
    NotServing,
    #[error("{what} was answered with {}: {}", .status.code(), .status.message())]
    Refused { what: &'static str, status: Box<Status> },
    #[error("it recommends nothing")]
    Silent,
}

/// Asks, and says how it went.
pub(super) fn run(args: &Args) -> ExitCode {
    match probe(args) {
        Ok(said) => {
            output::line(said);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            output::complaint(format_args!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn probe(args: &Args) -> Result<String, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    let asked = async {
        match timeout(Duration::from_secs(args.timeout), ask(args)).await {
            Ok(said) => said,
            Err(_) => Err(Failure::Late(args.timeout)),
        }
    };
    let said = runtime.block_on(asked);
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    said
}

async fn ask(args: &Args) -> Result<String, Failure> {
    let channel = connect(args).await?;
    healthy(channel.clone()).await?;
    if !args.recommend {
        return Ok("healthy".to_owned());
    }
    let first = recommended(channel, args).await?;
    Ok(format!("healthy, and recommends `{first}`"))
}

async fn healthy(channel: Channel) -> Result<(), Failure> {
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    let answer =
        answer.map_err(|status| Failure::Refused { what: "the question after its health", status: status.into() })?;
    match answer.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        ServingStatus::Unknown | ServingStatus::NotServing | ServingStatus::ServiceUnknown => Err(Failure::NotServing),
    }
}

async fn recommended(channel: Channel, args: &Args) -> Result<String, Failure> {
    let anger = Signal { name: "anger".to_owned(), level: Some(0.8), confidence: None };
    let mut request = Request::new(RecommendRequest { signals: vec![anger], ..RecommendRequest::default() });
    if let Some(token) = token(args)? {
        request.metadata_mut().insert(AUTHORIZATION.as_str(), token);
    }
    let answer = RecommendationServiceClient::new(channel).recommend(request).await;
    let answer = answer.map_err(|status| Failure::Refused { what: "a recommendation", status: status.into() })?;
    let first = answer.into_inner().suggestions.into_iter().next();
    first.map(|suggestion| suggestion.action).ok_or(Failure::Silent)
}

fn token(args: &Args) -> Result<Option<MetadataValue<Ascii>>, Failure> {
    let Some(file) = &args.token_file else { return Ok(None) };
    let token = String::from_utf8(read(file)?).map_err(|error| unusable(file, error))?;
    let token = format!("Bearer {}", token.trim()).parse().map_err(|error| unusable(file, error))?;
    Ok(Some(token))
}

/// What is in a file that somebody named, perhaps by mistake.
fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    files::read(file, MOST_BYTES).map_err(|error| unusable(file, error))
}

fn unusable(file: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::File { file: file.to_owned(), error: error.into() }
}

async fn connect(args: &Args) -> Result<Channel, Failure> {
    let host = args.address.rsplit_once(':').map(|(host, _)| host.trim_matches(['[', ']']));
    let host = host.filter(|host| !host.is_empty()).ok_or_else(|| Failure::Address(args.address.clone()))?;
    let endpoint = Endpoint::from_shared(format!("http://{}", args.address));
    let endpoint = endpoint.map_err(|_| Failure::Address(args.address.clone()))?;
    let tls = tls(args)?;
    let name = args.server_name.clone().unwrap_or_else(|| host.to_owned());
    let address = args.address.clone();
    let connector = tower::service_fn(move |_: Uri| open(address.clone(), name.clone(), tls.clone()));
    let connected = endpoint.connect_with_connector(connector).await;
    connected.map_err(|error| Failure::Connect { address: args.address.clone(), error: cause(&error).into() })
}

/// What is said last is what happened.
fn cause(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.last().map_or_else(String::new, ToString::to_string)
}

type Stream = TokioIo<Either<TcpStream, tokio_rustls::client::TlsStream<TcpStream>>>;

async fn open(address: String, name: String, tls: Option<Arc<ClientConfig>>) -> io::Result<Stream> {
    let stream = TcpStream::connect(address).await?;
    // A request is two small writes, and the second must not wait for the first to be acknowledged.
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok(TokioIo::new(Either::Left(stream))) };
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    let stream = TlsConnector::from(tls).connect(name, stream).await?;
    Ok(TokioIo::new(Either::Right(stream)))
}

fn tls(args: &Args) -> Result<Option<Arc<ClientConfig>>, Failure> {
    let Some(file) = &args.ca else { return Ok(None) };
    let mut roots = RootCertStore::empty();
    for authority in certificates(file)? {
        roots.add(authority)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.with_root_certificates(roots);
    let mut config = match (&args.certificate, &args.key) {
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| unusable(key, error))?;
            builder.with_client_auth_cert(certificates(certificate)?, key)?
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Some(Arc::new(config)))
}

/// All that there are, and there is one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let found = CertificateDer::pem_slice_iter(&read(file)?).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if found.is_empty() => Err(unusable(file, "it holds no certificate in PEM")),
        Ok(found) => Ok(found),
        Err(error) => Err(unusable(file, error)),
    }
}

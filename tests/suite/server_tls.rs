//! TLS: what is encrypted, who is let in, and certificates that change.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use composure::auth::{Auth, Settings};
use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::server::{self, Tls, TlsError, TlsFiles};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use tonic::Status;
use tonic::transport::Endpoint;
use tower::service_fn;

use crate::mount::Mount;
use crate::wire_server::{Special, WireServer, anger};

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("it needs no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("there is entropy")).expect("it signs itself")
}

/// A certificate and its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) fn pair(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Pair {
    let key = KeyPair::generate().expect("there is entropy");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("it is a name");
    change(&mut params);
    let certificate = params.signed_by(&key, authority).expect("it is signed");
    Pair { certificate: certificate.pem(), key: key.serialize_pem() }
}

/// Files as the server wants them.
struct Files {
    folder: TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Self {
        let files = Self { folder: TempDir::new().expect("there is room"), authority: authority("servers") };
        files.write(&pair(&files.authority, |_| {}));
        files
    }

    fn write(&self, pair: &Pair) {
        fs::write(self.path("tls.crt"), &pair.certificate).expect("it is writable");
        fs::write(self.path("tls.key"), &pair.key).expect("it is writable");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn files(&self) -> TlsFiles {
        TlsFiles { certificate: self.path("tls.crt"), key: self.path("tls.key"), client_ca: None }
    }

    /// The same, where clients must show a certificate of `clients`.
    fn mutual(&self, clients: &Authority) -> TlsFiles {
        let client_ca = self.path("clients.crt");
        fs::write(&client_ca, clients.pem()).expect("it is writable");
        TlsFiles { client_ca: Some(client_ca), ..self.files() }
    }
}

async fn start(tls: &Arc<Tls>) -> WireServer {
    WireServer::start_special(Special { tls: Some(Arc::clone(tls)), ..Special::default() }).await
}

/// A connection, by a client who trusts `authority` and shows `shown`.
async fn connect(
    server: SocketAddr,
    authority: &Authority,
    shown: Option<&Pair>,
) -> std::io::Result<TlsStream<TcpStream>> {
    encrypted(TcpStream::connect(server).await.expect("it listens"), authority, shown).await
}

/// The same over a stream that is open.
async fn encrypted(
    stream: TcpStream,
    authority: &Authority,
    shown: Option<&Pair>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("it is an authority");
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("there are versions").with_root_certificates(roots);
    let mut config = match shown {
        None => config.with_no_client_auth(),
        Some(Pair { certificate, key }) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("it is PEM")];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("it is PEM");
            config.with_client_auth_cert(chain, key).expect("they belong together")
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("localhost").expect("it is a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// One call over a connection of its own.
pub(crate) async fn call(server: SocketAddr, authority: &Authority, shown: Option<&Pair>) -> Result<(), String> {
    let stream = connect(server, authority, shown).await.map_err(|error| error.to_string())?;
    let mut stream = Some(TokioIo::new(stream));
    let connector = service_fn(move |_| {
        let stream = stream.take();
        async { stream.ok_or_else(|| std::io::Error::other("one connection is all there is")) }
    });
    let channel = Endpoint::from_static("http://localhost").connect_with_connector(connector).await;
    let channel = channel.map_err(|error| format!("{error:?}"))?;
    let answer = RecommendationServiceClient::new(channel).recommend(anger(0.5)).await;
    answer.map(drop).map_err(|status: Status| format!("{status:?}"))
}

/// The certificate that the server shows.
pub(crate) async fn shown_by(server: SocketAddr, authority: &Authority) -> Vec<u8> {
    let stream = connect(server, authority, None).await.expect("it is trusted");
    stream.get_ref().1.peer_certificates().expect("it shows one")[0].to_vec()
}

#[tokio::test]
async fn calls_are_answered_over_tls_and_not_without() {
    let files = Files::new();
    let server = start(&Arc::new(Tls::load(files.files()).expect("they are good"))).await;
    call(server.address, &files.authority, None).await.expect("it is answered");
    call(server.address, &authority("others"), None).await.expect_err("the client does not trust it");
    let plain = server.channel().await;
    RecommendationServiceClient::new(plain).recommend(anger(0.5)).await.expect_err("it speaks TLS alone");
    call(server.address, &files.authority, None).await.expect("others are not harmed");
}

#[tokio::test]
async fn clients_show_a_certificate_of_the_right_authority() {
    let (files, clients) = (Files::new(), authority("clients"));
    let server = start(&Arc::new(Tls::load(files.mutual(&clients)).expect("they are good"))).await;
    let client = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    };
    let expired = |params: &mut CertificateParams| {
        client(params);
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    };
    let good = pair(&clients, client);
    call(server.address, &files.authority, Some(&good)).await.expect("it is let in");
    for (what, shown) in [
        ("none", None),
        ("of another authority", Some(pair(&authority("others"), client))),
        ("expired", Some(pair(&clients, expired))),
        (
            "for servers",
            Some(pair(&clients, |params| {
                params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
            })),
        ),
    ] {
        call(server.address, &files.authority, shown.as_ref()).await.expect_err(what);
    }
    call(server.address, &files.authority, Some(&good)).await.expect("it is still let in");
}

#[tokio::test]
async fn a_certificate_that_names_nobody_is_told_as_such() {
    let (files, clients) = (Files::new(), authority("clients"));
    let tls = Some(Arc::new(Tls::load(files.mutual(&clients)).expect("they are good")));
    let auth = Auth::load(Settings { certificates: true, ..Settings::default() }).expect("there is nothing to read");
    let server = WireServer::start_special(Special { tls, auth: Arc::new(auth), ..Special::default() }).await;
    let nameless = pair(&clients, |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        params.subject_alt_names.clear();
        params.distinguished_name = rcgen::DistinguishedName::new();
    });
    let told = call(server.address, &files.authority, Some(&nameless)).await.expect_err("nobody knows who calls");
    assert!(told.contains("Unauthenticated") && told.contains("no URI, DNS name or common name"), "{told}");
    let text = server.metrics.render(None).1;
    assert!(text.contains("composure_credentials_refused_total{reason=\"malformed\"} 1"), "{text}");
}

/// Reads `stream` until it ends, however it does.
async fn end(stream: &mut (impl AsyncRead + Unpin)) {
    while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
}

#[tokio::test]
async fn tls_and_the_preface_have_one_budget_together() {
    const BUDGET: Duration = Duration::from_secs(1);
    let files = Files::new();
    let tls = Some(Arc::new(Tls::load(files.files()).expect("they are good")));
    let settings = server::Settings { handshake: BUDGET, ..server::Settings::default() };
    let server = WireServer::start_special(Special { settings, tls, ..Special::default() }).await;
    let mut first = TcpStream::connect(server.address).await.expect("it listens");
    let patient = timeout(BUDGET * 35 / 100, end(&mut first)).await;
    patient.expect_err("it waits for whoever comes");
    let mut second = TcpStream::connect(server.address).await.expect("it listens");
    let patient = timeout(BUDGET * 35 / 100, end(&mut first)).await;
    patient.expect_err("it still waits");
    let first = async {
        // It is late, and then it says nothing any more.
        if let Ok(mut stream) = encrypted(first, &files.authority, None).await {
            end(&mut stream).await;
        }
    };
    tokio::select! {
        biased;
        () = first => {}
        () = end(&mut second) => panic!("who came first has more time"),
    }
}

#[tokio::test]
async fn a_new_certificate_is_taken_and_a_broken_one_is_not() {
    let files = Files::new();
    let tls = Arc::new(Tls::load(files.files()).expect("they are good"));
    let server = start(&tls).await;
    let first = shown_by(server.address, &files.authority).await;
    assert!(!tls.reload().expect("nothing changed"));

    files.write(&pair(&files.authority, |_| {}));
    assert!(tls.reload().expect("it is good"));
    let second = shown_by(server.address, &files.authority).await;
    assert_ne!(first, second);

    let other = pair(&files.authority, |_| {});
    fs::write(files.path("tls.crt"), &other.certificate).expect("it is writable");
    let error = tls.reload().expect_err("certificate and key are of two pairs");
    assert!(matches!(error, TlsError::Pair { .. }), "{error}");
    assert_eq!(shown_by(server.address, &files.authority).await, second);
    fs::write(files.path("tls.key"), &other.key).expect("it is writable");
    assert!(tls.reload().expect("now it is good"));
    assert_ne!(shown_by(server.address, &files.authority).await, second);
}

/// Runs `read`, and switches `mount` over to `next` after the certificate was read and before the key is.
fn torn(mount: &mut Mount, next: &Pair, read: impl FnOnce() + Send + 'static) {
    let pipe = fs::canonicalize(mount.path("tls.key")).expect("it is there");
    fs::remove_file(&pipe).expect("it is ours");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("there is such a program").success());
    let reader = std::thread::spawn(read);
    // Waits until somebody wants the key.
    let mut wanted = fs::OpenOptions::new().write(true).open(pipe).expect("it is a pipe");
    mount.swap(&[("tls.crt", &next.certificate), ("tls.key", &next.key)]);
    wanted.write_all(next.key.as_bytes()).expect("somebody reads it");
    drop(wanted);
    reader.join().expect("it is read");
}

#[test]
fn files_that_are_switched_while_they_are_read_are_read_anew() {
    let authority = authority("servers");
    let [first, second, third] = [(); 3].map(|()| pair(&authority, |_| {}));
    let mut mount = Mount::new(&[("tls.crt", &first.certificate), ("tls.key", &first.key)]);
    let files = TlsFiles { certificate: mount.path("tls.crt"), key: mount.path("tls.key"), client_ca: None };
    let loaded = files.clone();
    torn(&mut mount, &second, || {
        Tls::load(loaded).expect("what is there now belongs together");
    });
    let tls = Tls::load(files).expect("nothing happens meanwhile");
    torn(&mut mount, &third, move || assert!(tls.reload().expect("what is there now belongs together")));
}

#[test]
fn the_expiry_is_that_of_the_certificate_in_use() {
    let files = Files::new();
    files.write(&pair(&files.authority, |params| params.not_after = date_time_ymd(2030, 1, 1)));
    let tls = Tls::load(files.files()).expect("they are good");
    assert_eq!(tls.expires(), Some(1_893_456_000));
}

#[test]
fn the_key_is_in_no_debug_output() {
    let files = Files::new();
    let tls = Tls::load(files.files()).expect("they are good");
    let key = fs::read(files.path("tls.key")).expect("it is there");
    let shown = format!("{tls:?}");
    // Bytes would be shown as a list of numbers.
    let numbers: Vec<_> = key.iter().take(20).map(u8::to_string).collect();
    assert!(!shown.contains(&numbers.join(", ")) && !shown.contains("PRIVATE KEY"), "{shown}");
    assert!(shown.contains("tls.key"), "{shown}");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let files = Files::new();
    let told = |files: TlsFiles| Tls::load(files).expect_err("they can't be used").to_string();
    let name = |name: &str| files.path(name).display().to_string();
    let gone = TlsFiles { certificate: files.path("gone"), ..files.files() };
    assert!(told(gone).starts_with(&format!("cannot read `{}`: ", name("gone"))));
    let swapped = TlsFiles { certificate: files.path("tls.key"), ..files.files() };
    assert_eq!(told(swapped), format!("`{}` holds no certificate in PEM", name("tls.key")));
    let swapped = TlsFiles { key: files.path("tls.crt"), ..files.files() };
    assert_eq!(told(swapped), format!("`{}` holds no private key in PEM", name("tls.crt")));
    fs::write(files.path("torn"), "-----BEGIN CERTIFICATE-----\nMIIB").expect("it is writable");
    let torn = TlsFiles { client_ca: Some(files.path("torn")), ..files.files() };
    assert!(told(torn).contains(&name("torn")));
}

//! An issuer of tokens, and the place where it publishes its keys.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, iter};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use composure::auth::{Auth, JwksSource, Jwt, Settings};
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// When all of it happens, in seconds since 1970.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://issuer.example/";
pub(crate) const AUDIENCE: &str = "composure";

/// A key that signs tokens.
pub(crate) struct SigningKey {
    id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
    public_pem: String,
    public_raw: Vec<u8>,
}

/// Two RSA keys, for they take long to make.
pub(crate) static RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("rsa", Algorithm::RS256));
pub(crate) static OTHER_RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("other-rsa", Algorithm::RS256));

impl SigningKey {
    pub(crate) fn new(id: &'static str, algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::ES256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
            Algorithm::ES384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
            Algorithm::EdDSA => KeyPair::generate_for(&PKCS_ED25519),
            _ => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
        }
        .unwrap();
        let pem = pair.serialize_pem();
        let key = match algorithm {
            Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        Self {
            id,
            algorithm,
            key: key.unwrap(),
            public_pem: pair.public_key_pem(),
            public_raw: pair.public_key_raw().to_vec(),
        }
    }

    /// As the issuer publishes it.
    pub(crate) fn public(&self) -> Value {
        let mut jwk = match self.algorithm {
            // The library takes another form of private key than it is given here.
            Algorithm::EdDSA => json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&self.public_raw)}),
            algorithm => serde_json::to_value(Jwk::from_encoding_key(&self.key, algorithm).unwrap()).unwrap(),
        };
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// A token that is in order, but for `claims`; `null` takes one out.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({}), claims)
    }

    /// The same, and `header` over its header.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let name = format!("{:?}", self.algorithm);
        let header = over(json!({"typ": "JWT", "alg": name, "kid": self.id}), header);
        self.sign(&header, &over(good_claims(), claims), self.algorithm)
    }

    /// Signed by `algorithm`, whatever `header` says.
    pub(crate) fn sign(&self, header: &Value, claims: &Value, algorithm: Algorithm) -> String {
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature = crypto::sign(message.as_bytes(), &self.key, algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

pub(crate) fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "iat": NOW - 10, "exp": NOW + 600,
        "tenant": "acme", "roles": ["recommend"],
    })
}

pub(crate) fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn over(mut under: Value, over: &Value) -> Value {
    for (name, value) in over.as_object().unwrap() {
        under[name] = value.clone();
    }
    under.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    under
}

/// The set of these keys.
pub(crate) fn key_set(keys: &[&SigningKey]) -> String {
    json!({"keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>()}).to_string()
}

/// A file for a test of that name.
pub(crate) fn file(name: &str, content: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("auth");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

pub(crate) fn settings(jwks: JwksSource) -> Settings {
    let jwt = Jwt {
        issuer: ISSUER.to_owned(),
        audiences: vec!["another".to_owned(), AUDIENCE.to_owned()],
        jwks,
        tenant_claim: "tenant".to_owned(),
        roles_claim: "roles".to_owned(),
    };
    Settings { jwt: Some(jwt), ..Settings::default() }
}

/// One that takes tokens by the key set in a file.
pub(crate) fn auth_by_file(name: &str, set: &str) -> Auth {
    Auth::load(settings(JwksSource::File(file(name, set)))).unwrap()
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn headers<const N: usize>(lines: [(&'static str, &str); N]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

pub(crate) fn bearer(token: &str) -> HeaderMap {
    headers([("authorization", &format!("Bearer {token}"))])
}

/// What a key set's place answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Set(String),
    Status(&'static str),
    Redirect(String),
    Silence,
}

/// A place on this machine where keys are published.
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Place {
    pub(crate) async fn open(answer: Answer) -> Self {
        Self::open_at(SocketAddr::from(([127, 0, 0, 1], 0)), answer).await
    }

    pub(crate) async fn open_at(address: SocketAddr, answer: Answer) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, asked) = (Arc::new(Mutex::new(answer)), Arc::new(AtomicUsize::new(0)));
        let serving = tokio::spawn(serve(listener, Arc::clone(&answer), Arc::clone(&asked)));
        Self { address, answer, asked, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    pub(crate) fn auth(&self) -> Auth {
        Auth::load(settings(JwksSource::from(self.url().as_str()))).unwrap()
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn serve(listener: TcpListener, answer: Arc<Mutex<Answer>>, asked: Arc<AtomicUsize>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        asked.fetch_add(1, Ordering::SeqCst);
        let answer = answer.lock().unwrap().clone();
        tokio::spawn(reply(stream, answer));
    }
}

/// Answers one request.
pub(crate) async fn reply(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Answer) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let (status, header, body) = match answer {
        Answer::Set(set) => ("200 OK", String::new(), set),
        Answer::Status(status) => (status, String::new(), String::new()),
        Answer::Redirect(to) => ("302 Found", format!("location: {to}\r\n"), String::new()),
        Answer::Silence => return std::future::pending().await,
    };
    let head = format!("HTTP/1.1 {status}\r\n{header}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Whoever has enough of a long answer hangs up.
    drop(stream.write_all(format!("{head}{body}").as_bytes()).await);
}

/// A key set that is longer than any may be.
pub(crate) fn endless_set() -> String {
    iter::once("{\"keys\": [").chain(iter::repeat_n("   ", 100_000)).chain(iter::once("]}")).collect()
}

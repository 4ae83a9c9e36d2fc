//! A token's parts, before anything in them is trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::auth::refusal::Refusal;

/// What may sign: public keys alone. With shared secrets, whoever can check a token can make one, and the issuer's public key could be
/// passed off as a secret.
const TAKEN: [(&str, Algorithm); 7] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// The same for people.
pub(in crate::auth) const ALGORITHMS: &str = "RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA";

/// A token by its parts.
pub(super) struct Token<'t> {
    /// What it says that it is signed with.
    pub(super) algorithm: Algorithm,
    /// Which key it says that it is signed with.
    pub(super) key_id: Option<String>,
    /// What is signed: header and payload.
    pub(super) message: &'t [u8],
    /// In base64.
    pub(super) payload: &'t str,
    /// In base64.
    pub(super) signature: &'t str,
}

/// What counts of a header. Keys and addresses of keys that it may hold do not: whoever made the token chose them.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl<'t> Token<'t> {
    pub(super) fn read(token: &'t str) -> Result<Self, Refusal> {
        let not_a_token = malformed("it is no JWT, which has three parts with dots between them");
        let Some((message, signature)) = token.rsplit_once('.') else { return Err(not_a_token) };
        let Some((header, payload)) = message.split_once('.') else { return Err(not_a_token) };
        if payload.contains('.') {
            return Err(not_a_token);
        }
        let Header { alg, kid, crit } = decoded(header)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| malformed("its header is no JSON object in base64url that names an algorithm"))?;
        if crit.is_some() {
            return Err(malformed("its header has `crit`, and no extension is understood here"));
        }
        let algorithm = TAKEN.into_iter().find(|(name, _)| *name == alg).map(|(_, algorithm)| algorithm);
        let algorithm = algorithm.ok_or(Refusal::BadAlgorithm)?;
        Ok(Self { algorithm, key_id: kid, message: message.as_bytes(), payload, signature })
    }
}

/// What `text` says in base64url.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn malformed(what: &'static str) -> Refusal {
    Refusal::Malformed { what }
}

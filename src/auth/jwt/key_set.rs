//! The keys that an issuer publishes.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::Value;

use super::cache::Verified;
use super::header::{Token, decoded};
use crate::auth::digest::Digest;
use crate::auth::refusal::Refusal;

/// Bytes of a set.
pub(super) const MOST_BYTES: u32 = 256 * 1024;
/// Keys of a set: issuers have two or three.
const MOST_KEYS: usize = 100;
/// Bytes of an RSA modulus: 2048 to 8192 bits. Shorter ones are too weak; longer ones are costly, and the library takes neither.
const RSA: std::ops::RangeInclusive<usize> = 256..=1024;

/// Keys, and the tokens that were verified with them.
pub(super) struct KeySet {
    text: Digest,
    keys: Vec<Key>,
    verified: Verified,
}

struct Key {
    id: Option<String>,
    algorithms: &'static [Algorithm],
    /// What the set says that the key is for, if it does.
    only: Option<KeyAlgorithm>,
    decoding: DecodingKey,
}

#[derive(Deserialize)]
struct Text {
    keys: Vec<Value>,
}

impl KeySet {
    /// The set in `text`. Keys that can't check a token's signature are passed over, as the standard asks; there must be another one.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let Text { keys } = serde_json::from_slice(text).map_err(|error| {
            // No more of the error than its place: it may quote what it read.
            let place = format!("line {}, column {}", error.line(), error.column());
            format!("it is no JSON Web Key Set, which is a JSON object with a list `keys` ({place})")
        })?;
        if keys.len() > MOST_KEYS {
            return Err(format!("it has more than {MOST_KEYS} keys"));
        }
        let keys: Vec<Key> = keys.into_iter().filter_map(key).collect();
        if keys.is_empty() {
            return Err(format!("none of its keys can check the signatures of tokens: {}", super::ALGORITHMS));
        }
        Ok(Self { text: Digest::of(text), keys, verified: Verified::none() })
    }

    /// Whether it was read from this very text.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        self.text == Digest::of(text)
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn verified(&self) -> &Verified {
        &self.verified
    }

    /// What is signed, if it is.
    pub(super) fn verify<'t>(&self, token: &Token<'t>) -> Result<Signed<'t>, Refusal> {
        let good = match &token.key_id {
            Some(id) => self.verify_with_named(id, token)?,
            None => self.verify_with_only(token)?,
        };
        if good { Ok(Signed { payload: token.payload }) } else { Err(Refusal::BadSignature) }
    }

    fn verify_with_named(&self, id: &str, token: &Token<'_>) -> Result<bool, Refusal> {
        // Keys of different types may share an id.
        let named = || self.keys.iter().filter(|key| key.id.as_deref() == Some(id));
        if named().next().is_none() {
            return Err(Refusal::UnknownSigningKey);
        }
        if !named().any(|key| key.fits(token.algorithm)) {
            return Err(Refusal::BadAlgorithm);
        }
        Ok(named().filter(|key| key.fits(token.algorithm)).any(|key| key.signed(token)))
    }

    fn verify_with_only(&self, token: &Token<'_>) -> Result<bool, Refusal> {
        let mut fitting = self.keys.iter().filter(|key| key.fits(token.algorithm));
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(Refusal::BadAlgorithm),
            (Some(only), None) => Ok(only.signed(token)),
            (Some(_), Some(_)) => Err(Refusal::Malformed { what: "its header has no `kid`, and several keys fit" }),
        }
    }
}

/// The claims of a token whose signature is good. There is no other way to get one.
pub(super) struct Signed<'t> {
    payload: &'t str,
}

impl Signed<'_> {
    /// In base64.
    pub(super) fn payload(&self) -> &str {
        self.payload
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm) && self.only.is_none_or(|only| only == KeyAlgorithm::from(algorithm))
    }

    fn signed(&self, token: &Token<'_>) -> bool {
        crypto::verify(token.signature, token.message, &self.decoding, token.algorithm).unwrap_or(false)
    }
}

/// The key in `value`, if it can check the signature of a token.
fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let algorithms = algorithms(&jwk.algorithm)?;
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    let common = jwk.common;
    let signs = common.public_key_use.is_none_or(|what| what == PublicKeyUse::Signature);
    let verifies = common.key_operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let key = Key { id: common.key_id, algorithms, only: common.key_algorithm, decoding };
    (signs && verifies && key.algorithms.iter().any(|algorithm| key.fits(*algorithm))).then_some(key)
}

/// What a key of that type and size can sign.
fn algorithms(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    let length = |text: &str| decoded(text).map(|bytes| bytes.len());
    let (length, wanted, algorithms): (_, _, &'static [Algorithm]) = match parameters {
        AlgorithmParameters::RSA(rsa) => {
            (length(&rsa.n)?, RSA, &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256])
        }
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (length(&curve.x)?, 32..=32, &[Algorithm::ES256])
        }
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P384 => {
            (length(&curve.x)?, 48..=48, &[Algorithm::ES384])
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (length(&pair.x)?, 32..=32, &[Algorithm::EdDSA])
        }
        _ => return None,
    };
    wanted.contains(&length).then_some(algorithms)
}

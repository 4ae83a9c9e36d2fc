//! The credential out of a call's headers.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::refusal::Refusal;

/// Where an API key may stand.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Bytes of a credential: JWTs with many claims have two or three thousand.
const MOST_BYTES: usize = 8 * 1024;

/// What a caller showed.
#[derive(Clone, Copy)]
pub(super) enum Shown<'h> {
    /// `authorization: Bearer …`: a token, or an API key.
    Bearer(&'h str),
    /// `x-api-key: …`
    ApiKey(&'h str),
}

/// What the caller shows in `headers`, if anything.
pub(super) fn shown(headers: &HeaderMap) -> Result<Option<Shown<'_>>, Refusal> {
    match (only(headers, &AUTHORIZATION)?, only(headers, &API_KEY)?) {
        (None, None) => Ok(None),
        (Some(value), None) => bearer(value).map(|token| Some(Shown::Bearer(token))),
        (None, Some(value)) => Ok(Some(Shown::ApiKey(text(value)?))),
        // Which one counts would be a guess, and who guesses wrong lets in somebody else.
        (Some(_), Some(_)) => {
            Err(malformed("there is one in `authorization` and one in `x-api-key`: send one of them"))
        }
    }
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(malformed("its header is there twice")),
    }
}

fn bearer(value: &HeaderValue) -> Result<&str, Refusal> {
    let wrong = malformed("write `authorization: Bearer`, a space, and the token");
    let Some((scheme, token)) = text(value)?.split_once(' ') else { return Err(wrong) };
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(wrong) }
}

fn text(value: &HeaderValue) -> Result<&str, Refusal> {
    if value.len() > MOST_BYTES {
        return Err(malformed("it has more than 8192 bytes"));
    }
    let text = value.to_str().map_err(|_| malformed("it has characters that are not ASCII"))?.trim();
    if text.is_empty() { Err(malformed("its header is empty")) } else { Ok(text) }
}

fn malformed(what: &'static str) -> Refusal {
    Refusal::Malformed { what }
}

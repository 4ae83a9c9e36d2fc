//! What to ask of callers.

use std::path::PathBuf;

/// What to ask of callers. Nothing, by default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A YAML file of API keys, as described at [`super`].
    pub api_keys: Option<PathBuf>,
    /// Whose tokens are taken.
    pub jwt: Option<Jwt>,
    /// Whether TLS asks for client certificates. They are enough where neither API keys nor tokens are asked for.
    pub certificates: bool,
}

/// Whose tokens are taken, and what they say.
#[derive(Debug, Clone)]
pub struct Jwt {
    /// What `iss` must be, to the letter.
    pub issuer: String,
    /// `aud` must have one of these.
    pub audiences: Vec<String>,
    /// Where the issuer's public keys are.
    pub jwks: JwksSource,
    /// The claim that names the tenant.
    pub tenant_claim: String,
    /// The claim that lists the roles: an array, or names with spaces between them. Names of no role are passed over.
    pub roles_claim: String,
}

/// Where the public keys of an issuer are, as a JSON Web Key Set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Url {
        /// `https://`, or `http://` of this very machine.
        url: String,
        /// A PEM file of the authorities that it is trusted by; `None`: the public ones.
        ca: Option<PathBuf>,
    },
}

impl From<&str> for JwksSource {
    /// An address if it reads as one, else a path.
    fn from(text: &str) -> Self {
        let url = text.split_once("://").is_some();
        if url { Self::Url { url: text.to_owned(), ca: None } } else { Self::File(PathBuf::from(text)) }
    }
}

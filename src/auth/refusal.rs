//! Why a call is not let in.

use std::time::Duration;

use super::role::Role;

/// Why a call is not let in, in words for whoever called: what to change, and nothing that is secret.
///
/// [`Refusal::meaning`] tells which gRPC code it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No credential came.
    #[error("this call needs a credential: send {}", .accepted.how())]
    Missing {
        /// What would do.
        accepted: Accepted,
    },
    /// The credential does not read as one.
    #[error("the credential can't be read: {what}")]
    Malformed {
        /// What is wrong with it.
        what: &'static str,
    },
    /// No API key is like that.
    #[error("the API key is not known here; it may have been replaced")]
    UnknownApiKey,
    /// The token names a key that its issuer does not publish.
    #[error("the token is signed with a key that its issuer does not publish; get a new token")]
    UnknownSigningKey,
    /// The token's algorithm is none that is taken, or does not fit the key that it names.
    #[error("the token's algorithm is not taken here, or does not fit its key: sign with {}", super::jwt::ALGORITHMS)]
    BadAlgorithm,
    /// The token was not signed by the key that it names, or was changed since.
    #[error("the token's signature is wrong; get a new token")]
    BadSignature,
    /// The API key or the token is no longer valid.
    #[error("the credential has expired; get a new one")]
    Expired,
    /// The token is not valid yet.
    #[error("the token is not valid yet: check the clock of whoever issued it")]
    NotYetValid,
    /// The token was issued by somebody else.
    #[error("the token's `iss` is not the issuer that is trusted here")]
    WrongIssuer,
    /// The token was issued for somebody else.
    #[error("the token's `aud` names no audience of this server")]
    WrongAudience,
    /// The token lacks a claim, or has it in another form.
    #[error("the token needs the claim `{claim}`: {form}")]
    MissingClaim {
        /// Its name.
        claim: String,
        /// What it must be.
        form: &'static str,
    },
    /// The caller is known, and may not do this.
    #[error("the caller needs the role `{role}` for this")]
    Forbidden {
        /// What it takes.
        role: Role,
    },
    /// The keys that would tell whether the token is good are not here, or may be outdated.
    #[error("the issuer's keys are being fetched; try again in {} s", .retry_after.as_secs_f64().ceil())]
    KeysUnavailable {
        /// When it is worth another attempt.
        retry_after: Duration,
    },
}

/// What a server takes as credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// API keys.
    ApiKeys,
    /// JWTs.
    Tokens,
    /// Both.
    ApiKeysAndTokens,
    /// Client certificates.
    Certificates,
}

impl Accepted {
    const fn how(self) -> &'static str {
        match self {
            Self::ApiKeys => "`x-api-key: KEY`, or `authorization: Bearer KEY`",
            Self::Tokens => "`authorization: Bearer TOKEN`",
            Self::ApiKeysAndTokens => "`authorization: Bearer TOKEN`, or `x-api-key: KEY`",
            Self::Certificates => "a client certificate",
        }
    }
}

/// What a refusal means to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Call with another credential: `UNAUTHENTICATED`.
    Unauthenticated,
    /// Another credential of the same rights would not help: `PERMISSION_DENIED`.
    Forbidden,
    /// The same call may do later: `UNAVAILABLE`, with the delay of [`Refusal::KeysUnavailable`].
    Unavailable,
}

impl Refusal {
    /// A stable word for metrics, in `snake_case`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Malformed { .. } => "malformed",
            Self::UnknownApiKey => "unknown_api_key",
            Self::UnknownSigningKey => "unknown_signing_key",
            Self::BadAlgorithm => "bad_algorithm",
            Self::BadSignature => "bad_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::MissingClaim { .. } => "missing_claim",
            Self::Forbidden { .. } => "forbidden",
            Self::KeysUnavailable { .. } => "keys_unavailable",
        }
    }

    /// What it means to the caller, and with it which gRPC code.
    #[must_use]
    pub const fn meaning(&self) -> Meaning {
        match self {
            Self::Forbidden { .. } => Meaning::Forbidden,
            Self::KeysUnavailable { .. } => Meaning::Unavailable,
            Self::Missing { .. }
            | Self::Malformed { .. }
            | Self::UnknownApiKey
            | Self::UnknownSigningKey
            | Self::BadAlgorithm
            | Self::BadSignature
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::MissingClaim { .. } => Meaning::Unauthenticated,
        }
    }
}

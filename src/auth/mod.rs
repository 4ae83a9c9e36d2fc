//! Who calls, and what they may: API keys, JWTs and client certificates.
//!
//! [`Auth`] reads what it needs to know once, and again on [`Auth::reload`]; [`Auth::authenticate`] turns the headers of a call into a
//! [`Caller`] or a [`Refusal`]. Which role a method takes is for whoever serves it to say.
//!
//! # What is asked for
//!
//! | switched on | a call needs | the caller may |
//! |---|---|---|
//! | nothing | nothing | everything |
//! | certificates alone | a client certificate, which TLS has verified | everything |
//! | API keys, tokens, or both | `authorization: Bearer TOKEN` or `x-api-key: KEY` | what the key's entry or the token says |
//!
//! # The file of API keys
//!
//! A YAML list; an entry for each key:
//!
//! ```yaml
//! - id: crm-2027             # in logs and metrics; no key has the same
//!   sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbd62a11ef721d1542d8a
//!   tenant: acme             # callers of a tenant share its limits
//!   roles: [recommend, read_playbooks]   # or operate; at least one
//!   expires: 2027-06-30      # left out: never; in RFC 3339: a date, which ends as it starts in UTC, or a date and a time
//! ```
//!
//! The file holds no key, but its SHA-256 in hexadecimal digits. That is safe for keys that are long and random, and for no others: short
//! ones could be found by trying. This makes one, and its digest: `key=$(openssl rand -hex 32); printf %s "$key" | sha256sum`. To replace
//! a key, add the new one under another id, move the callers over, and take out the old one.
//!
//! # What always holds
//!
//! - Nothing that a caller or an issuer sends can cause a panic, and everything that they send is bounded before it is looked at.
//! - No key, token or claim is in any message, log line or `Debug` output.
//! - What was good stays until something good takes its place: a broken file or an issuer that is down changes nothing.
//! - Cryptography is the libraries'. Time comes in as a value; only the refreshing of key sets has a clock, which is tokio's.
//!
//! # Limits
//!
//! Tokens are taken by signature alone: a token that its issuer has revoked is good until it expires, so issue them for minutes.
//! While an issuer is down, the keys that it last published stay good for as long as it takes; [`Auth::key_set_age`] tells their age.
//! An issuer's certificate must lead to a public root, or to an authority that the settings name.

mod api_keys;
mod authenticate;
mod caller;
mod certificate;
mod digest;
mod files;
mod headers;
mod jwt;
mod refusal;
mod reload;
mod role;
mod settings;

pub use authenticate::Auth;
pub use caller::{Caller, Credential};
pub use certificate::Certified;
pub use refusal::{Accepted, Meaning, Refusal};
pub use reload::{Outcome, Problems, Reload, Source};
pub use role::{Role, Roles};
pub use settings::{JwksSource, Jwt, Settings};

//! What an operator chooses of `composure serve`.

mod secret;
mod sections;

pub use secret::{REDACTED, Secret};
pub use sections::{Auth, Config, Drain, Header, Jwks, Jwt, Limits, Log, LogFormat, LogLevel, Otlp, Share, Tls};

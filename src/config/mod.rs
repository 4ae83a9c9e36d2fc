//! What an operator chooses of `composure serve`: the only reader of its flags, of the environment and of its file.
//!
//! One table has all keys; the file, the variables, the flags and their help, the reference and what is printed derive from it. A flag
//! is stronger than a variable, and a variable than the file. Everything that is wrong is told at once, with its place and its mend, and
//! nothing that was written passes unread: a slip in a name must not be taken for a choice of the default.
//!
//! The result is plain data, and knows nothing of those who act by it.

mod address;
mod combinations;
mod combinations_of_stores;
mod conversations;
mod draft;
mod environment;
mod file;
mod flags;
mod headers;
mod keys;
mod kind;
mod links;
mod mask;
mod print;
mod problems;
mod reading;
mod reference;
mod secret;
mod sections;
mod settings;
mod text;

use std::ffi::OsString;

pub use conversations::{Conversations, Redis, RedisTls, StoreChoice, Topology};
pub use file::File;
pub use flags::{Flags, Task};
pub use problems::Problems;
pub use reading::Effective;
pub use reference::reference;
pub use secret::{REDACTED, Secret};
pub use sections::{Auth, Config, Drain, Header, Jwks, Jwt, Limits, Log, LogFormat, LogLevel, Otlp, Share, Tls};

/// The environment of this process.
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads it")]
    std::env::vars_os()
}

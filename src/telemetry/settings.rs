//! What is said, how much of it, and to whom.

use std::fmt;

/// Everything that can be chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The lines on standard error.
    pub log: LogSettings,
    /// A collector of traces and metrics; `None`: there is none, and tracing costs nothing.
    pub otlp: Option<OtlpSettings>,
}

/// Lines on standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogSettings {
    /// Of our own lines; libraries are heard from `warn`.
    pub level: Level,
    /// How they look.
    pub format: Format,
    /// The share of calls with a line of their own, from 0 to 1. Calls that end as `Internal` or `Unknown` always have one.
    pub calls: f64,
}

/// A collector that speaks OTLP over gRPC.
#[derive(Debug, Clone, PartialEq)]
pub struct OtlpSettings {
    /// Where it is: `http://host:port` or `https://host:port`.
    pub endpoint: String,
    /// The share of calls to trace where the caller did not decide, from 0 to 1.
    pub traces: f64,
    /// Whether metrics are pushed, too.
    pub metrics: bool,
    /// Headers of what is sent: `name=value,name=value`.
    pub headers: Option<Secret>,
}

/// The least important lines that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What failed.
    Error,
    /// And what is odd.
    Warn,
    /// And what goes on.
    Info,
    /// And why.
    Debug,
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// An object a line.
    Json,
}

/// Text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: Level::Info, format: Format::Auto, calls: 1.0 }
    }
}

impl Level {
    /// The word for it in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

impl Secret {
    /// Keeps `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

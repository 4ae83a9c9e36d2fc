//! What the program says about itself, on standard error: text for a terminal, JSON for a collector.
//!
//! Never what is said in a conversation, and no names or facts of it.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// Our own lines from `info`, those of the libraries from `warn`.
const LEVELS: &str = "warn,composure=info";

/// Starts it; a second start changes nothing.
pub(super) fn start() {
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_env_filter(EnvFilter::new(LEVELS));
    let started =
        if io::stderr().is_terminal() { lines.try_init() } else { lines.json().flatten_event(true).try_init() };
    // It fails only where somebody else was first.
    drop(started);
}

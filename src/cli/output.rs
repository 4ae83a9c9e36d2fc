//! What the commands write: lines for whoever asked, and complaints. Nothing else in the program prints.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;

use crate::playbook::Style;

/// For whom a command writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Writes a line to standard output.
pub(super) fn line(text: impl Display) {
    // A reader that went away, as `head` does, misses nothing that it wants.
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes text that has its own line ends to standard output.
pub(super) fn text(text: impl Display) {
    // The same holds here.
    let _ = write!(io::stdout().lock(), "{text}");
}

/// Writes data to standard output, for programs.
pub(super) fn json(data: &impl Serialize) {
    let mut out = io::stdout().lock();
    // The same holds here, and nothing that we write has keys that are no text.
    let _ = serde_json::to_writer_pretty(&mut out, data).map_err(io::Error::from).and_then(|()| writeln!(out));
}

/// Writes a line to standard error.
pub(super) fn complaint(text: impl Display) {
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Colours for a terminal, plain text for everything else.
pub(super) fn style() -> Style {
    if io::stdout().is_terminal() { Style::Coloured } else { Style::Plain }
}

/// The same for what is written to standard error.
pub(super) fn style_of_complaints() -> Style {
    if io::stderr().is_terminal() { Style::Coloured } else { Style::Plain }
}

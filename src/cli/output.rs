//! What the commands write: lines for whoever asked, and complaints. Nothing else in the program prints.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::playbook::Style;

/// Writes a line to standard output.
pub(super) fn line(text: impl Display) {
    // A reader that went away, as `head` does, misses nothing that it wants.
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes text that has its own line ends to standard output.
pub(super) fn text(text: impl Display) {
    // As above.
    let _ = write!(io::stdout().lock(), "{text}");
}

/// Writes a line to standard error.
pub(super) fn complaint(text: impl Display) {
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// For standard output: colours for a terminal, plain text for everything else.
pub(super) fn style() -> Style {
    style_of(&io::stdout())
}

/// The same for standard error.
pub(super) fn complaint_style() -> Style {
    style_of(&io::stderr())
}

fn style_of(stream: &impl IsTerminal) -> Style {
    if stream.is_terminal() { Style::Coloured } else { Style::Plain }
}

//! The page as text: elements, with what is written on them escaped.

use std::fmt::{self, Display, Write};

/// An SVG document in the making.
pub(super) struct Page(String);

/// Text that may contain anything, made safe for an element or an attribute.
pub(super) struct Safe<'a>(pub(super) &'a str);

impl Page {
    pub(super) fn new() -> Self {
        Self(String::with_capacity(64 * 1024))
    }

    /// Writes a line.
    pub(super) fn line(&mut self, text: impl Display) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{text}");
    }

    /// Writes `text` at a place, in the look of `class`.
    pub(super) fn text(&mut self, (x, y): (i32, i32), class: &str, text: &str) {
        self.line(format_args!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{}</text>", Safe(text)));
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            // XML has no way to write these.
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => f.write_char(' '),
            _ => f.write_char(character),
        })
    }
}

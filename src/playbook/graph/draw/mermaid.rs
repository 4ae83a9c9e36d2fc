//! A Mermaid flowchart, which many documentation sites show as it is.

use std::fmt::Write;

use super::{Overlay, Tally};
use crate::playbook::Playbook;
use crate::playbook::graph::flow::Point;

/// How a drawing marks what never happened.
const NEVER: &str = "stroke:#c62828,stroke-dasharray:5 4";

impl Playbook {
    /// Its stages, exits and interrupts as a Mermaid flowchart.
    #[must_use]
    pub fn to_mermaid(&self, overlay: Overlay<'_>) -> String {
        let mut text = String::from("flowchart TD\n");
        // Writing to a string does not fail.
        for (node, point) in self.points() {
            let (open, close) = self.brackets(point);
            let _ = writeln!(text, "    n{}{open}\"{}\"{close}", node.index(), lines(&self.caption(point, overlay)));
        }
        let mut marks = String::new();
        for (number, link) in self.links().iter().enumerate() {
            let (from, to) = (link.from.index(), link.to.index());
            let _ = writeln!(text, "    n{from} -->|\"{}\"| n{to}", lines(&self.labels(link, overlay)));
            if self.tally(link, overlay) == Tally::Never {
                let _ = writeln!(marks, "    linkStyle {number} {NEVER}");
            }
        }
        for (node, _) in self.points().filter(|(_, point)| overlay.point(*point) == Tally::Never) {
            let _ = writeln!(marks, "    style n{} {NEVER}", node.index());
        }
        text + &marks
    }

    fn brackets(&self, point: Point) -> (&'static str, &'static str) {
        match point {
            Point::Anywhere | Point::Back => ("{{", "}}"),
            Point::Stage(_) if self.ending(point).is_some() => ("([", "])"),
            Point::Stage(_) if self.is_start(point) => ("[[", "]]"),
            Point::Stage(_) => ("[", "]"),
        }
    }
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br>")
}

/// Mermaid reads HTML entities with `#` for `&`, and Markdown.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '"' | '#' | '<' | '>' | '&' | '`' | '*' | '\\' | ';' => {
                // Writing to a string does not fail.
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
        escaped
    })
}

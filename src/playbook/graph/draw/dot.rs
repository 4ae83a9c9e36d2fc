//! The DOT language of Graphviz.

use std::fmt::Write;

use super::{Link, Overlay, Tally};
use crate::playbook::Playbook;
use crate::playbook::graph::flow::Point;

impl Playbook {
    /// Its stages, exits and interrupts in the DOT language of Graphviz. Labels are short; tooltips say all.
    #[must_use]
    pub fn to_dot(&self, overlay: Overlay<'_>) -> String {
        let title = escaped(&self.parts.title);
        let mut text = format!("digraph {{\n    label=\"{title}\"\n");
        text.push_str("    node [fontname=\"sans-serif\"]\n    edge [fontname=\"sans-serif\" fontsize=10]\n");
        // Writing to a string does not fail.
        for (node, point) in self.points() {
            let label = lines(&self.caption(point, overlay), "\\n", "");
            let look = format!("{}{}", self.shape(point), stroke(overlay.point(point)));
            let _ = writeln!(text, "    {} [label=\"{label}\" {look}]", node.index());
        }
        for link in self.links() {
            let label = lines(&self.labels(&link, overlay), "\\l", "\\l");
            let (tooltip, stroke) = (escaped(&self.sentences(&link)), stroke(self.tally(&link, overlay)));
            let (from, to) = (link.from.index(), link.to.index());
            let _ = writeln!(text, "    {from} -> {to} [label=\"{label}\" tooltip=\"{tooltip}\"{stroke}]");
        }
        text.push_str("}\n");
        text
    }

    /// The conditions of a link, whole.
    fn sentences(&self, link: &Link) -> String {
        let Some(from) = self.flow.graph.node_weight(link.from) else { return String::new() };
        let whole = |position: &usize| format!("{}: {}", position + 1, self.wording_of(*from, *position).whole());
        link.ways.iter().map(whole).collect::<Vec<_>>().join("; ")
    }

    fn shape(&self, point: Point) -> &'static str {
        match point {
            Point::Anywhere | Point::Back => "shape=plaintext",
            Point::Stage(_) if self.ending(point).is_some() => "shape=box peripheries=2",
            Point::Stage(_) if self.is_start(point) => "shape=box penwidth=3",
            Point::Stage(_) => "shape=box",
        }
    }
}

fn stroke(tally: Tally) -> &'static str {
    match tally {
        Tally::Untold | Tally::Times(_) => "",
        Tally::Never => " style=dashed color=red fontcolor=red",
    }
}

fn lines(lines: &[String], between: &str, end: &str) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    // A single line is centred, several stand flush left.
    if lines.len() > 1 { lines.join(between) + end } else { lines.concat() }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
        escaped
    })
}

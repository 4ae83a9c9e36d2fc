//! The stages and the ways between them as a drawing, for people who want to see the process.

use std::fmt::Write;

use petgraph::dot::{Config, Dot};
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::visit::{EdgeRef, IntoNodeReferences};

use super::Playbook;
use super::flow::{Point, Way};
use crate::playbook::condition::Condition;
use crate::playbook::ids::{AtomIx, StageIx};
use crate::playbook::parts::Course;

/// A line break in what is not yet written for a language.
const BREAK: char = '\n';

impl Playbook {
    /// Its stages, exits and interrupts in the DOT language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        type Graph = DiGraph<Point, Way>;
        let edge = |_: &Graph, edge: EdgeReference<'_, Way>| format!("label=\"{}\"", dot_text(&self.way(edge)));
        let node = |_: &Graph, (_, point): (NodeIndex, &Point)| {
            format!("label=\"{}\" {}", dot_text(&self.point(*point)), self.dot_shape(*point))
        };
        let config = [Config::NodeNoLabel, Config::EdgeNoLabel, Config::GraphContentOnly];
        let content = Dot::with_attr_getters(&self.flow.graph, &config, &edge, &node);
        let title = dot_text(&self.parts.title);
        format!(
            "digraph {{\n    label=\"{title}\"\n    node [fontname=\"sans-serif\"]\n    edge [fontname=\"sans-serif\" fontsize=10]\n{content:?}}}\n"
        )
    }

    /// The same as a Mermaid flowchart.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart TD\n");
        for (node, point) in self.flow.graph.node_references() {
            let (open, close) = self.mermaid_shape(*point);
            // Writing to a string does not fail.
            let _ = writeln!(text, "    n{}{open}\"{}\"{close}", node.index(), mermaid_text(&self.point(*point)));
        }
        for edge in self.flow.graph.edge_references() {
            let (from, to) = (edge.source().index(), edge.target().index());
            let _ = writeln!(text, "    n{from} -->|\"{}\"| n{to}", mermaid_text(&self.way(edge)));
        }
        text
    }

    fn point(&self, point: Point) -> String {
        match point {
            Point::Anywhere => "from anywhere".to_owned(),
            Point::Back => "back to where it was".to_owned(),
            Point::Stage(ix) => {
                let stage = self.stage(ix);
                match stage.course {
                    Course::Open { .. } => format!("{}{BREAK}{}", stage.title, stage.id),
                    Course::Final(ending) => format!("{}{BREAK}{}: {}", stage.title, stage.id, ending.as_str()),
                }
            }
        }
    }

    /// What leads along an edge. Where there are several ways, their order counts.
    fn way(&self, edge: EdgeReference<'_, Way>) -> String {
        let position = edge.weight().0;
        let from = self.flow.graph.node_weight(edge.source()).copied();
        let (condition, ways) = match from {
            Some(Point::Stage(ix)) => {
                let exits = &self.stage(ix).exits;
                (exits.get(position).map(|exit| &exit.condition), exits.len())
            }
            Some(Point::Anywhere | Point::Back) | None => {
                (self.parts.interrupts.get(position).map(|way| &way.condition), self.parts.interrupts.len())
            }
        };
        let words = condition.map(|condition| self.words(condition)).unwrap_or_default();
        if ways > 1 { format!("{}: {words}", position + 1) } else { words }
    }

    /// The condition in words.
    fn words(&self, condition: &Condition) -> String {
        let list = |atoms: &[AtomIx], between: &str| {
            atoms.iter().map(|ix| self.atom(*ix).text.as_str()).collect::<Vec<_>>().join(between)
        };
        let parts = [
            (condition.when.as_ref(), "", " and "),
            (condition.any.as_ref(), "one of ", ", "),
            (condition.unless.as_ref(), "unless ", " or "),
        ];
        let said = parts.iter().filter(|(atoms, ..)| !atoms.is_empty());
        said.map(|(atoms, before, between)| format!("{before}{}", list(atoms, between)))
            .collect::<Vec<_>>()
            .join(&BREAK.to_string())
    }

    fn dot_shape(&self, point: Point) -> &'static str {
        match point {
            Point::Anywhere | Point::Back => "shape=plaintext",
            Point::Stage(ix) if self.is_final(ix) => "shape=box style=rounded peripheries=2",
            Point::Stage(ix) if ix == self.start => "shape=box style=bold",
            Point::Stage(_) => "shape=box",
        }
    }

    fn mermaid_shape(&self, point: Point) -> (&'static str, &'static str) {
        match point {
            Point::Anywhere | Point::Back => ("{{", "}}"),
            Point::Stage(ix) if self.is_final(ix) => ("([", "])"),
            Point::Stage(ix) if ix == self.start => ("[[", "]]"),
            Point::Stage(_) => ("[", "]"),
        }
    }

    fn is_final(&self, stage: StageIx) -> bool {
        matches!(self.stage(stage).course, Course::Final(_))
    }
}

fn dot_text(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            BREAK => escaped.push_str("\\n"),
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
        escaped
    })
}

/// Mermaid reads HTML entities with `#` for `&`, and Markdown.
fn mermaid_text(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            BREAK => escaped.push_str("<br>"),
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

#[cfg(test)]
mod tests {
    use crate::playbook::{Bases, Playbook};

    const MINIMAL: &[u8] = include_bytes!("../../../tests/minimal.yaml");

    #[test]
    fn dot_shows_stages_exits_interrupts_and_endings() {
        let (playbook, _) = Playbook::parse(MINIMAL, "minimal.yaml", &Bases::none()).unwrap();
        assert_eq!(
            playbook.to_dot(),
            r#"digraph {
    label="A small process"
    node [fontname="sans-serif"]
    edge [fontname="sans-serif" fontsize=10]
    0 [ label="Hear them out\nhear" shape=box style=bold]
    1 [ label="Put it right\nrepair" shape=box]
    2 [ label="Get help\ncall_for_help" shape=box]
    3 [ label="Done\nclosed: resolved" shape=box style=rounded peripheries=2]
    4 [ label="from anywhere" shape=plaintext]
    5 [ label="back to where it was" shape=plaintext]
    4 -> 2 [ label="threat.high"]
    0 -> 1 [ label="1: calm and done.listen and grievance_known"]
    0 -> 1 [ label="2: stage.turns >= 4"]
    1 -> 3 [ label="one of satisfaction.high, done.fix >= 2"]
    2 -> 5 [ label="unless threat.high"]
    3 -> 0 [ label="anger.high"]
}
"#
        );
    }

    #[test]
    fn mermaid_shows_the_same() {
        let (playbook, _) = Playbook::parse(MINIMAL, "minimal.yaml", &Bases::none()).unwrap();
        assert_eq!(
            playbook.to_mermaid(),
            r#"flowchart TD
    n0[["Hear them out<br>hear"]]
    n1["Put it right<br>repair"]
    n2["Get help<br>call_for_help"]
    n3(["Done<br>closed: resolved"])
    n4{{"from anywhere"}}
    n5{{"back to where it was"}}
    n4 -->|"threat.high"| n2
    n0 -->|"1: calm and done.listen and grievance_known"| n1
    n0 -->|"2: stage.turns #62;= 4"| n1
    n1 -->|"one of satisfaction.high, done.fix #62;= 2"| n3
    n2 -->|"unless threat.high"| n5
    n3 -->|"anger.high"| n0
"#
        );
    }

    #[test]
    fn titles_can_say_anything() {
        let wild = String::from_utf8_lossy(MINIMAL).replace("title: Done", r#"title: "\"A\\\" --> <b>#1;`*&""#);
        let (playbook, _) = Playbook::parse(wild.as_bytes(), "wild.yaml", &Bases::none()).unwrap();
        assert!(playbook.to_dot().contains(r#"label="\"A\\\" --> <b>#1;`*&\nclosed: resolved""#));
        let escaped = "([\"#34;A#92;#34; --#62; #60;b#62;#35;1#59;#96;#42;#38;<br>closed: resolved\"])";
        assert!(playbook.to_mermaid().contains(escaped));
    }
}

//! The stages and the ways between them as a picture, for people who want to see the process.
//!
//! Three languages, one content: every stage, exit and interrupt is in each of them, and the same playbook gives the same bytes.

mod dot;
mod mermaid;
mod svg;
mod traffic;
mod words;

use std::fmt::{self, Display};

use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeRef, IntoNodeReferences};
use rustc_hash::FxHashMap;

use super::Playbook;
use super::flow::{Point, Way};
use crate::playbook::condition::Condition;
use crate::playbook::ids::StageIx;
use crate::playbook::parts::Course;
use crate::playbook::vocabulary::Ending;
use words::Wording;

pub use traffic::{Overlay, Traffic};

/// How often something happened, as far as a picture tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tally {
    /// It does not tell.
    Untold,
    /// Not once.
    Never,
    /// So often.
    Times(usize),
}

/// All ways from one point to another.
struct Link {
    from: NodeIndex,
    to: NodeIndex,
    /// Their positions at the point that they leave.
    ways: Vec<usize>,
}

impl Tally {
    fn of(count: usize) -> Self {
        if count == 0 { Self::Never } else { Self::Times(count) }
    }

    /// That of several ways together.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Times(one), Self::Times(more)) => Self::Times(one + more),
            (Self::Times(times), Self::Never | Self::Untold) | (Self::Never | Self::Untold, Self::Times(times)) => {
                Self::Times(times)
            }
            (Self::Never, Self::Never | Self::Untold) | (Self::Untold, Self::Never) => Self::Never,
            (Self::Untold, Self::Untold) => Self::Untold,
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untold => Ok(()),
            Self::Never => f.write_str("never"),
            Self::Times(times) => write!(f, "{times}×"),
        }
    }
}

impl Overlay<'_> {
    fn way(self, from: Point, position: usize) -> Tally {
        match (self, from) {
            (Self::Nothing, _) | (_, Point::Back) => Tally::Untold,
            (Self::Traffic(traffic), Point::Anywhere) => Tally::of(traffic.interrupt(position)),
            (Self::Traffic(traffic), Point::Stage(stage)) => Tally::of(traffic.exit(stage, position)),
        }
    }

    fn point(self, point: Point) -> Tally {
        match (self, point) {
            (Self::Traffic(traffic), Point::Stage(stage)) => Tally::of(traffic.entered(stage)),
            (Self::Nothing, _) | (_, Point::Anywhere | Point::Back) => Tally::Untold,
        }
    }
}

impl Playbook {
    /// The points of the graph: the stages in document order, then what is not a stage.
    fn points(&self) -> impl Iterator<Item = (NodeIndex, Point)> {
        self.flow.graph.node_references().map(|(node, point)| (node, *point))
    }

    /// The ways out of a point, in the order in which they are looked at, and where each leads.
    fn ways(&self, node: NodeIndex) -> Vec<(usize, NodeIndex)> {
        let mut ways: Vec<_> = self.flow.graph.edges(node).map(|edge| (edge.weight().0, edge.target())).collect();
        ways.sort_unstable();
        ways
    }

    /// What leads from where to where, in the order of the first way of each.
    fn links(&self) -> Vec<Link> {
        let mut places = FxHashMap::default();
        let mut links: Vec<Link> = Vec::new();
        for edge in self.flow.graph.edge_references() {
            let Way(position) = *edge.weight();
            let place = *places.entry((edge.source(), edge.target())).or_insert(links.len());
            match links.get_mut(place) {
                Some(link) => link.ways.push(position),
                None => links.push(Link { from: edge.source(), to: edge.target(), ways: vec![position] }),
            }
        }
        links
    }

    fn condition_of(&self, from: Point, position: usize) -> Option<&Condition> {
        match from {
            Point::Stage(ix) => self.stage(ix).exits.get(position).map(|exit| &exit.condition),
            Point::Anywhere => self.parts.interrupts.get(position).map(|interrupt| &interrupt.condition),
            Point::Back => None,
        }
    }

    fn wording_of(&self, from: Point, position: usize) -> Wording<'_> {
        self.condition_of(from, position).map(|condition| Wording::of(self, condition)).unwrap_or_default()
    }

    /// What people call a point.
    fn name_of(&self, point: Point) -> &str {
        match point {
            Point::Anywhere => "from anywhere",
            Point::Back => "back to where it was",
            Point::Stage(ix) => &self.stage(ix).title,
        }
    }

    fn ending(&self, point: Point) -> Option<Ending> {
        match point {
            Point::Stage(ix) => match self.stage(ix).course {
                Course::Final(ending) => Some(ending),
                Course::Open { .. } => None,
            },
            Point::Anywhere | Point::Back => None,
        }
    }

    fn is_start(&self, point: Point) -> bool {
        point == Point::Stage(self.start)
    }

    /// The lines that name a point in DOT and Mermaid.
    fn caption(&self, point: Point, overlay: Overlay<'_>) -> Vec<String> {
        let mut lines = vec![self.name_of(point).to_owned()];
        lines.extend(self.stage_id(point).map(|id| match self.ending(point) {
            Some(ending) => format!("{id}: {}", ending.as_str()),
            None => id.to_owned(),
        }));
        match overlay.point(point) {
            Tally::Untold => {}
            Tally::Never => lines.push("never entered".to_owned()),
            Tally::Times(times) => lines.push(format!("entered {times}×")),
        }
        lines
    }

    fn stage_id(&self, point: Point) -> Option<&str> {
        let stage: Option<StageIx> = match point {
            Point::Stage(ix) => Some(ix),
            Point::Anywhere | Point::Back => None,
        };
        stage.map(|ix| self.stage(ix).id.as_str())
    }

    /// A line for each way of a link, short and numbered where the order counts.
    fn labels(&self, link: &Link, overlay: Overlay<'_>) -> Vec<String> {
        let from = self.flow.graph.node_weight(link.from).copied().unwrap_or(Point::Back);
        let alone = self.ways(link.from).len() == 1;
        let label = |position: &usize| {
            let words = self.wording_of(from, *position).within(|text| text.chars().count() <= LABEL_CHARACTERS);
            let number = if alone { String::new() } else { format!("{}: ", position + 1) };
            match overlay.way(from, *position) {
                Tally::Untold => format!("{number}{words}"),
                tally @ (Tally::Never | Tally::Times(_)) => format!("{number}{words} ({tally})"),
            }
        };
        link.ways.iter().map(label).collect()
    }

    fn tally(&self, link: &Link, overlay: Overlay<'_>) -> Tally {
        let from = self.flow.graph.node_weight(link.from).copied().unwrap_or(Point::Back);
        link.ways.iter().fold(Tally::Untold, |tally, position| tally.and(overlay.way(from, *position)))
    }
}

/// Labels in DOT and Mermaid are not longer, but for the count.
const LABEL_CHARACTERS: usize = 50;

#[cfg(test)]
mod tests {
    use super::{Overlay, Traffic};
    use crate::playbook::{Bases, Playbook};

    const MINIMAL: &[u8] = include_bytes!("../../../tests/minimal.yaml");

    fn minimal() -> Playbook {
        Playbook::parse(MINIMAL, "minimal.yaml", &Bases::none()).unwrap().0
    }

    #[test]
    fn dot_shows_stages_exits_interrupts_and_endings() {
        assert_eq!(
            minimal().to_dot(Overlay::Nothing),
            r#"digraph {
    label="A small process"
    node [fontname="sans-serif"]
    edge [fontname="sans-serif" fontsize=10]
    0 [label="Hear them out\nhear" shape=box penwidth=3]
    1 [label="Put it right\nrepair" shape=box]
    2 [label="Get help\ncall_for_help" shape=box]
    3 [label="Done\nclosed: resolved" shape=box peripheries=2]
    4 [label="from anywhere" shape=plaintext]
    5 [label="back to where it was" shape=plaintext]
    4 -> 2 [label="threat.high" tooltip="1: threat.high"]
    0 -> 1 [label="1: calm and done.listen and grievance_known\l2: stage.turns >= 4\l" tooltip="1: calm and done.listen and grievance_known; 2: stage.turns >= 4"]
    1 -> 3 [label="satisfaction.high or done.fix >= 2" tooltip="1: satisfaction.high or done.fix >= 2"]
    2 -> 5 [label="unless threat.high" tooltip="1: unless threat.high"]
    3 -> 0 [label="anger.high" tooltip="1: anger.high"]
}
"#
        );
    }

    #[test]
    fn mermaid_shows_the_same() {
        assert_eq!(
            minimal().to_mermaid(Overlay::Nothing),
            r#"flowchart TD
    n0[["Hear them out<br>hear"]]
    n1["Put it right<br>repair"]
    n2["Get help<br>call_for_help"]
    n3(["Done<br>closed: resolved"])
    n4{{"from anywhere"}}
    n5{{"back to where it was"}}
    n4 -->|"threat.high"| n2
    n0 -->|"1: calm and done.listen and grievance_known<br>2: stage.turns #62;= 4"| n1
    n1 -->|"satisfaction.high or done.fix #62;= 2"| n3
    n2 -->|"unless threat.high"| n5
    n3 -->|"anger.high"| n0
"#
        );
    }

    #[test]
    fn what_was_never_entered_or_taken_is_marked() {
        let playbook = minimal();
        let mut traffic = Traffic::none(&playbook);
        traffic.enter(playbook.start(), 1);
        traffic.take_exit(playbook.start(), 1, 1);
        let dot = playbook.to_dot(Overlay::Traffic(&traffic));
        assert!(dot.contains(r#"[label="Hear them out\nhear\nentered 1×" shape=box penwidth=3]"#), "{dot}");
        assert!(dot.contains(r"grievance_known (never)\l2: stage.turns >= 4 (1×)\l"), "{dot}");
        assert_eq!(dot.matches("style=dashed color=red").count(), 3 + 4, "{dot}");
        let mermaid = playbook.to_mermaid(Overlay::Traffic(&traffic));
        assert!(mermaid.contains("Put it right<br>repair<br>never entered"), "{mermaid}");
        let marks: Vec<&str> = mermaid
            .lines()
            .filter_map(|line| line.trim().strip_suffix(" stroke:#c62828,stroke-dasharray:5 4"))
            .collect();
        assert_eq!(
            marks,
            ["linkStyle 0", "linkStyle 2", "linkStyle 3", "linkStyle 4", "style n1", "style n2", "style n3"]
        );
    }

    #[test]
    fn titles_can_say_anything() {
        let wild = String::from_utf8_lossy(MINIMAL).replace("title: Done", r#"title: "\"A\\\" --> <b>#1;`*&""#);
        let (playbook, _) = Playbook::parse(wild.as_bytes(), "wild.yaml", &Bases::none()).unwrap();
        assert!(playbook.to_dot(Overlay::Nothing).contains(r#"label="\"A\\\" --> <b>#1;`*&\nclosed: resolved""#));
        let escaped = "([\"#34;A#92;#34; --#62; #60;b#62;#35;1#59;#96;#42;#38;<br>closed: resolved\"])";
        assert!(playbook.to_mermaid(Overlay::Nothing).contains(escaped));
    }
}

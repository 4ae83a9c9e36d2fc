//! Which stages stand in the main line, and which beside it.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use crate::playbook::Playbook;
use crate::playbook::graph::flow::Point;

/// The order of the cards, column by column.
#[derive(Debug)]
pub(super) struct Columns {
    /// The longest way through the process in document order, from its start.
    pub(super) main: Vec<NodeIndex>,
    /// What leads in from anywhere, the stages that are entered in no other way, and the way back.
    pub(super) interrupts: Vec<NodeIndex>,
    /// All other stages.
    pub(super) beside: Vec<NodeIndex>,
}

/// The longest way from a node in document order.
#[derive(Clone, Copy, Default)]
struct Longest {
    length: usize,
    ends: bool,
    next: Option<NodeIndex>,
}

pub(super) fn columns(playbook: &Playbook) -> Columns {
    let main = main_line(playbook);
    let line: BTreeSet<NodeIndex> = main.iter().copied().collect();
    let has_interrupts = !playbook.interrupts().is_empty();
    let mut columns = Columns { main, interrupts: Vec::new(), beside: Vec::new() };
    for (node, point) in playbook.points().filter(|(node, _)| !line.contains(node)) {
        match point {
            Point::Anywhere => columns.interrupts.insert(0, node),
            Point::Stage(_) if is_entered_by_interrupts_only(playbook, node) => columns.interrupts.push(node),
            Point::Back if has_interrupts => columns.interrupts.push(node),
            Point::Stage(_) | Point::Back => columns.beside.push(node),
        }
    }
    columns
}

fn main_line(playbook: &Playbook) -> Vec<NodeIndex> {
    let start = NodeIndex::new(playbook.start.position());
    let mut stages: Vec<(NodeIndex, Point)> = playbook.points().take(playbook.parts.stages.len()).collect();
    // Wherever the start is written, everything comes after it.
    stages.sort_by_key(|(node, _)| (*node != start, *node));
    let mut longest = vec![Longest::default(); stages.len()];
    let mut known = BTreeSet::new();
    for (node, point) in stages.iter().rev() {
        let here = Longest { length: 0, ends: playbook.ending(*point).is_some(), next: None };
        let onward = playbook.ways(*node).into_iter().map(|(_, to)| to).filter(|to| known.contains(to));
        let ways = onward.filter_map(|to| longest.get(to.index()).map(|way| (to, way)));
        let best = ways.fold(here, |best, (to, way)| {
            let longer = Longest { length: way.length + 1, ends: way.ends, next: Some(to) };
            if (longer.length, longer.ends) > (best.length, best.ends) { longer } else { best }
        });
        longest.get_mut(node.index()).into_iter().for_each(|entry| *entry = best);
        known.insert(*node);
    }
    std::iter::successors(Some(start), |from| longest.get(from.index())?.next).collect()
}

fn is_entered_by_interrupts_only(playbook: &Playbook, node: NodeIndex) -> bool {
    let graph = &playbook.flow.graph;
    let mut ways_in = graph.edges_directed(node, petgraph::Direction::Incoming);
    ways_in.all(|edge| graph.node_weight(edge.source()) == Some(&Point::Anywhere))
}

#[cfg(test)]
mod tests {
    use super::columns;
    use crate::playbook::{Bases, DEFAULT, Playbook};

    #[test]
    fn the_main_line_is_the_process_and_what_interrupts_it_stands_beside() {
        let (playbook, _) = Playbook::parse(DEFAULT.as_bytes(), "default.yaml", &Bases::none()).unwrap();
        let columns = columns(&playbook);
        let ids = |nodes: &[_]| {
            let points = nodes.iter().map(|node| playbook.flow.graph[*node]);
            points.map(|point| playbook.stage_id(point).unwrap_or(playbook.name_of(point))).collect::<Vec<_>>()
        };
        let line = ["listen", "acknowledge", "identify", "confirm", "propose", "act", "follow_up", "closed"];
        assert_eq!(ids(&columns.main), line);
        let interrupts = ["from anywhere", "hold_boundary", "call_for_help", "part_ways", "back to where it was"];
        assert_eq!(ids(&columns.interrupts), interrupts);
        assert_eq!(ids(&columns.beside), ["involve_senior", "turn_over"]);
    }
}

//! Which stages stand in the main line, and which beside it.

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
    next: Option<usize>,
}

pub(super) fn columns(playbook: &Playbook) -> Columns {
    let main = main_line(playbook);
    let has_interrupts = playbook.points().any(|(_, point)| point == Point::Anywhere);
    let mut columns = Columns { main, interrupts: Vec::new(), beside: Vec::new() };
    let mut is_in_line = vec![false; playbook.flow.graph.node_count()];
    columns.main.iter().filter_map(|node| is_in_line.get_mut(node.index()).map(|is| *is = true)).for_each(drop);
    let others = playbook.points().filter(|(node, _)| !is_in_line.get(node.index()).is_some_and(|is| *is));
    for (node, point) in others {
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
    let stages = playbook.parts.stages.len();
    let mut longest = vec![Longest::default(); stages];
    for (position, (node, point)) in playbook.points().take(stages).enumerate().collect::<Vec<_>>().into_iter().rev() {
        let here = Longest { length: 0, ends: playbook.ending(point).is_some(), next: None };
        let onward = playbook.ways(node).into_iter().map(|(_, to)| to.index()).filter(|to| *to > position);
        let ways = onward.filter_map(|to| longest.get(to).map(|way| (to, way)));
        let best = ways.fold(here, |best, (to, way)| {
            let longer = Longest { length: way.length + 1, ends: way.ends, next: Some(to) };
            if (longer.length, longer.ends) > (best.length, best.ends) { longer } else { best }
        });
        if let Some(entry) = longest.get_mut(position) {
            *entry = best;
        }
    }
    let next = |from: &usize| longest.get(*from)?.next;
    std::iter::successors(Some(playbook.start.position()), next).map(NodeIndex::new).collect()
}

fn is_entered_by_interrupts_only(playbook: &Playbook, node: NodeIndex) -> bool {
    let graph = &playbook.flow.graph;
    let mut ways_in = graph.edges_directed(node, petgraph::Direction::Incoming);
    ways_in.all(|edge| graph.node_weight(edge.source()) == Some(&Point::Anywhere))
}

//! What comes before what, and what can't be said so.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// The nodes 0 to `count`, each after those that its edges lead to; and the groups of nodes that lead to each other, which are not among
/// them. Groups and their members are in ascending order.
pub(in crate::playbook) fn order(count: usize, edges: &[(usize, usize)]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut graph: DiGraph<(), (), usize> = DiGraph::with_capacity(count, edges.len());
    for _ in 0..count {
        graph.add_node(());
    }
    for (from, to) in edges.iter().filter(|(from, to)| *from < count && *to < count) {
        graph.add_edge((*from).into(), (*to).into(), ());
    }
    let (mut sorted, mut cycles) = (Vec::with_capacity(count), Vec::new());
    for component in kosaraju_scc(&graph) {
        let mut members: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
        match members.as_slice() {
            [one] if !graph.contains_edge((*one).into(), (*one).into()) => sorted.push(*one),
            _ => {
                members.sort_unstable();
                cycles.push(members);
            }
        }
    }
    cycles.sort_unstable();
    (sorted, cycles)
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn what_is_needed_comes_first() {
        let (sorted, cycles) = order(4, &[(0, 1), (1, 2), (0, 3), (3, 2)]);
        let place = |node| sorted.iter().position(|other| *other == node).unwrap();
        assert!(place(2) < place(1) && place(1) < place(0) && place(3) < place(0));
        assert!(cycles.is_empty());
    }

    #[test]
    fn cycles_are_told_apart_from_what_has_an_order() {
        let (sorted, cycles) = order(5, &[(0, 0), (2, 1), (1, 2), (3, 1)]);
        assert_eq!(cycles, [vec![0], vec![1, 2]]);
        assert_eq!(sorted.len(), 2);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_stack() {
        let edges: Vec<(usize, usize)> = (1..100_000).map(|node| (node - 1, node)).collect();
        assert_eq!(order(100_000, &edges).0.len(), 100_000);
    }
}

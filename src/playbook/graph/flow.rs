//! The stages and the ways between them, as a graph.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;

use crate::playbook::ids::StageIx;
use crate::playbook::parts::{Destination, Interrupt, Stage};

/// A node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::playbook) enum Point {
    /// A stage.
    Stage(StageIx),
    /// Wherever the conversation is: interrupts start here.
    Anywhere,
    /// Where the conversation was before an interrupt: `to: back` leads here.
    Back,
}

/// An edge: the interrupt, or the exit of its stage, at this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::playbook) struct Way(pub(in crate::playbook) usize);

/// Stages and the ways between them.
#[derive(Debug)]
pub(in crate::playbook) struct Flow {
    pub(super) graph: DiGraph<Point, Way>,
    /// The stages, by position.
    stages: Vec<NodeIndex>,
    /// There if there are interrupts.
    anywhere: Option<NodeIndex>,
}

impl Flow {
    /// The ways that `stages` and `interrupts` have.
    pub(in crate::playbook) fn of(stages: &[Stage], interrupts: &[Interrupt]) -> Self {
        let mut graph = DiGraph::with_capacity(stages.len() + 2, stages.len() * 4);
        let nodes: Vec<NodeIndex> =
            (0..stages.len()).filter_map(StageIx::new).map(|ix| graph.add_node(Point::Stage(ix))).collect();
        let anywhere = (!interrupts.is_empty()).then(|| graph.add_node(Point::Anywhere));
        let mut flow = Self { graph, stages: nodes, anywhere };
        for (position, interrupt) in interrupts.iter().enumerate() {
            flow.add(anywhere, flow.node(interrupt.to), position);
        }
        flow.add_exits(stages);
        flow
    }

    /// For each stage, by position, whether a conversation that starts at `start` can come there.
    pub(in crate::playbook) fn reached(&self, start: StageIx) -> Vec<bool> {
        let mut walk = Dfs::empty(&self.graph);
        walk.stack.extend(self.node(start).into_iter().chain(self.anywhere));
        let mut reached = vec![false; self.stages.len()];
        while let Some(node) = walk.next(&self.graph) {
            if let Some(Point::Stage(stage)) = self.graph.node_weight(node)
                && let Some(reached) = reached.get_mut(stage.position())
            {
                *reached = true;
            }
        }
        reached
    }

    fn add_exits(&mut self, stages: &[Stage]) {
        let mut back = None;
        for (stage, from) in stages.iter().zip(self.stages.clone()) {
            for (position, exit) in stage.exits.iter().enumerate() {
                let to = match exit.to {
                    Destination::Stage(to) => self.node(to),
                    Destination::Back => Some(*back.get_or_insert_with(|| self.graph.add_node(Point::Back))),
                };
                self.add(Some(from), to, position);
            }
        }
    }

    fn node(&self, stage: StageIx) -> Option<NodeIndex> {
        self.stages.get(stage.position()).copied()
    }

    fn add(&mut self, from: Option<NodeIndex>, to: Option<NodeIndex>, position: usize) {
        if let Some((from, to)) = from.zip(to) {
            self.graph.add_edge(from, to, Way(position));
        }
    }
}

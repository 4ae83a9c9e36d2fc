//! The ways between the cards: straight down in the main line, and else in lanes beside the columns, one for each card that they lead to.
//!
//! All ways to a card share a lane in a gutter, so that what many stages have in common is one line with many branches.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use super::card::{Card, Column};
use super::lane::{Lane, side_by_side};

/// The room between columns, where lanes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gutter {
    /// Left of the main line: ways back up.
    Left,
    /// Between the columns: ways to the side and from there, and ways ahead.
    Middle,
    /// Right of the side stages: ways among them.
    Right,
}

impl Gutter {
    pub(super) const ALL: [Self; 3] = [Self::Left, Self::Middle, Self::Right];
}

/// At which wall of its gutter a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wall {
    West,
    East,
}

/// Where a way touches a card.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) y: i32,
    pub(super) wall: Wall,
}

/// A way, by the row where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) card: usize,
    pub(super) row: usize,
    pub(super) end: End,
}

/// The lanes of each gutter, in the order of [`Gutter::ALL`].
pub(super) type Lanes = [Vec<Lane>; 3];

pub(super) fn lanes(cards: &[Card]) -> Lanes {
    Gutter::ALL.map(|gutter| side_by_side(through(cards, gutter), gutter))
}

/// In which gutter the way from a card to another runs; `None`: straight down.
pub(super) fn gutter(cards: &[Card], from: &Card, to: NodeIndex) -> Option<Gutter> {
    let goal = cards.get(to.index())?;
    match (from.column, goal.column) {
        (Column::Main, Column::Main) if from.next == Some(to) => None,
        (Column::Main, Column::Main) if goal.top < from.top => Some(Gutter::Left),
        (Column::Side, Column::Side) => Some(Gutter::Right),
        (Column::Main | Column::Side, Column::Main | Column::Side) => Some(Gutter::Middle),
    }
}

/// The lanes that a gutter needs, by the cards that they lead to.
fn through(cards: &[Card], gutter: Gutter) -> Vec<Lane> {
    let mut lanes: BTreeMap<NodeIndex, Lane> = BTreeMap::new();
    for (place, card) in cards.iter().enumerate() {
        for (row, way) in
            card.rows.iter().enumerate().filter(|(_, way)| self::gutter(cards, card, way.to) == Some(gutter))
        {
            let Some(goal) = cards.get(way.to.index()) else { continue };
            let start = Start { card: place, row, end: End { y: card.exit(row), wall: wall(card, gutter) } };
            let goal = End { y: goal.entry(), wall: wall(goal, gutter) };
            lanes.entry(way.to).or_insert_with(|| Lane::to(way.to, goal)).add(start);
        }
    }
    lanes.into_values().collect()
}

/// At which wall of a gutter a card stands.
pub(super) fn wall(card: &Card, gutter: Gutter) -> Wall {
    match (gutter, card.column) {
        (Gutter::Left, Column::Main | Column::Side) | (Gutter::Middle, Column::Side) => Wall::East,
        (Gutter::Right, Column::Main | Column::Side) | (Gutter::Middle, Column::Main) => Wall::West,
    }
}

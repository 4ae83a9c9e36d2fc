//! How high each card stands: the main line one below the other, side stages near the stages that lead to them.

use petgraph::graph::NodeIndex;

use super::GRID;
use super::card::{Card, Column};
use super::plan::Columns;

/// Where the first card of the main line begins.
pub(super) const TOP: i32 = 6 * GRID;
const GAP: i32 = 2 * GRID;
/// Cards at the side stand half a step lower, so that no two ways run at the same height between the columns.
const SIDE: i32 = GRID / 2;

/// Sets the tops of all cards.
pub(super) fn stack(cards: &mut [Card], columns: &Columns) {
    pile(cards, &columns.main, TOP);
    let mut side: Vec<(i32, NodeIndex)> = columns.interrupts.iter().map(|node| (TOP, *node)).collect();
    let mut beside: Vec<(i32, NodeIndex)> = columns.beside.iter().map(|node| (wish(cards, *node), *node)).collect();
    beside.sort_unstable();
    side.extend(beside);
    let lowest = columns.main.last().and_then(|last| cards.get(last.index())).map_or(TOP, Card::bottom);
    let tops = spread(cards, &side, lowest);
    for ((_, node), top) in side.iter().zip(tops) {
        cards.get_mut(node.index()).into_iter().for_each(|card| card.top = top + SIDE);
    }
}

fn pile(cards: &mut [Card], nodes: &[NodeIndex], from: i32) {
    let mut top = from;
    for node in nodes {
        if let Some(card) = cards.get_mut(node.index()) {
            card.top = top;
            top = card.bottom() + GAP;
        }
    }
}

/// In the middle of the ways that lead from and to the main line. A card with none has its wish from those that lead to it.
fn wish(cards: &[Card], node: NodeIndex) -> i32 {
    let before = || cards.iter().enumerate().filter(|(_, card)| card.rows.iter().any(|row| row.to == node));
    let theirs = || before().filter_map(|(place, _)| near_main(cards, NodeIndex::new(place))).max();
    near_main(cards, node).or_else(theirs).unwrap_or(TOP)
}

fn near_main(cards: &[Card], node: NodeIndex) -> Option<i32> {
    let main = cards.iter().filter(|card| card.column == Column::Main);
    let into = main.flat_map(|card| {
        let rows = card.rows.iter().enumerate().filter(|(_, row)| row.to == node);
        rows.map(|(place, _)| card.exit(place))
    });
    let own = cards.get(node.index());
    let out = own.into_iter().flat_map(|card| &card.rows).filter_map(|row| cards.get(row.to.index()));
    let out = out.filter(|card| card.column == Column::Main).map(Card::entry);
    let heights: Vec<i32> = into.chain(out).collect();
    let middle = heights.iter().sum::<i32>().checked_div(i32::try_from(heights.len()).ok()?)?;
    Some((middle / GRID - 1) * GRID)
}

/// Tops near the wishes, in order and without overlap, and above `lowest` where that can be.
fn spread(cards: &[Card], wishes: &[(i32, NodeIndex)], lowest: i32) -> Vec<i32> {
    let height = |node: NodeIndex| cards.get(node.index()).map_or(0, Card::height);
    let mut free = TOP;
    let mut tops: Vec<i32> = Vec::with_capacity(wishes.len());
    for (wish, node) in wishes {
        let top = free.max(*wish);
        tops.push(top);
        free = top + height(*node) + GAP;
    }
    let needed: i32 = wishes.iter().map(|(_, node)| height(*node) + GAP).sum();
    let mut limit = lowest.max(TOP + needed - GAP);
    for (top, (_, node)) in tops.iter_mut().zip(wishes).rev() {
        *top = (*top).min(limit - height(*node));
        limit = *top - GAP;
    }
    tops
}

//! Lanes in a gutter: side by side where they would run over each other, and in an order that crosses few of their branches.

use petgraph::graph::NodeIndex;

use super::route::{End, Gutter, Start, Wall};

/// Between lanes that share a track, in pixels.
const APART: i32 = 14;

/// All ways through a gutter that lead to the same card.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) to: NodeIndex,
    pub(super) goal: End,
    pub(super) starts: Vec<Start>,
    /// Its highest end and its lowest.
    span: (i32, i32),
    /// Its place in the gutter, from the west.
    pub(super) track: usize,
}

impl Lane {
    pub(super) fn to(to: NodeIndex, goal: End) -> Self {
        Self { to, goal, starts: Vec::new(), span: (goal.y, goal.y), track: 0 }
    }

    pub(super) fn add(&mut self, start: Start) {
        let (top, bottom) = self.span;
        self.span = (top.min(start.end.y), bottom.max(start.end.y));
        self.starts.push(start);
    }

    fn ends(&self) -> impl Iterator<Item = End> {
        self.starts.iter().map(|start| start.end).chain([self.goal])
    }

    fn overlaps(&self, other: &Self) -> bool {
        let ((top, bottom), (other_top, other_bottom)) = (self.span, other.span);
        top < other_bottom + APART && other_top < bottom + APART
    }

    /// How many branches cross a lane if this one is the more western of the two.
    fn crossings_west_of(&self, east: &Self) -> usize {
        let across = |ends: &Self, wall, (top, bottom): (i32, i32)| {
            ends.ends().filter(|end| end.wall == wall && (top..=bottom).contains(&end.y)).count()
        };
        across(self, Wall::East, east.span) + across(east, Wall::West, self.span)
    }
}

/// Gives each lane its track; the first lanes are the most western.
pub(super) fn side_by_side(mut lanes: Vec<Lane>, gutter: Gutter) -> Vec<Lane> {
    untangle(&mut lanes);
    match gutter {
        // The outermost tracks stay free where a gutter has room to spare.
        Gutter::Left => {
            lanes.reverse();
            pack(&mut lanes);
            let last = lanes.iter().map(|lane| lane.track).max().unwrap_or(0);
            for lane in &mut lanes {
                lane.track = last - lane.track;
            }
            lanes.reverse();
        }
        Gutter::Middle | Gutter::Right => pack(&mut lanes),
    }
    lanes
}

/// Short lanes stand inside long ones; then neighbours change places as long as that saves crossings.
fn untangle(lanes: &mut [Lane]) {
    lanes.sort_by_key(|lane| {
        let (top, bottom) = lane.span;
        (bottom - top, lane.to)
    });
    for _ in 0..lanes.len() {
        let mut changed = false;
        for place in 1..lanes.len() {
            if let Some([west, east]) = lanes.get_mut(place - 1..=place)
                && east.crossings_west_of(west) < west.crossings_west_of(east)
            {
                std::mem::swap(west, east);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}

/// Each lane on the first track on which it meets no lane before it, and behind those that it overlaps.
fn pack(lanes: &mut [Lane]) {
    for place in 0..lanes.len() {
        let (before, rest) = lanes.split_at_mut(place);
        if let Some(lane) = rest.first_mut() {
            let met = before.iter().filter(|other| other.overlaps(lane)).map(|other| other.track + 1);
            lane.track = met.max().unwrap_or(0);
        }
    }
}

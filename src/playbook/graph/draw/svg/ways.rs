//! Lines from card to card.

use super::card::{Card, Row};
use super::lane::Lane;
use super::page::{Page, Safe};
use super::route::{Gutter, Start, Wall};
use super::{GRID, Sheet, Tally};

/// How far bends are rounded.
const BEND: i32 = 7;
/// How long an arrow's tip is, and half of how broad.
const TIP: (i32, i32) = (9, 4);

/// A way as it is drawn.
struct Branch<'a> {
    from: &'a Card,
    row: &'a Row,
    path: String,
}

pub(super) fn ways(page: &mut Page, sheet: &Sheet) {
    for (gutter, lanes) in Gutter::ALL.into_iter().zip(&sheet.lanes) {
        for lane in lanes {
            draw(page, sheet, gutter, lane);
        }
    }
    for card in &sheet.cards {
        down(page, sheet, card);
    }
}

/// A lane with all its branches.
fn draw(page: &mut Page, sheet: &Sheet, gutter: Gutter, lane: &Lane) {
    let Some(goal) = sheet.cards.get(lane.to.index()) else { return };
    let track = sheet.track(gutter, lane.track);
    let branches = branches(sheet, lane, goal, track);
    page.line("<g>");
    // Where lanes cross, the later one passes over the earlier.
    for Branch { path, .. } in &branches {
        page.line(format_args!("<path class=\"halo\" d=\"{path}\"/>"));
    }
    let hue = goal.hue.unwrap_or(0);
    for Branch { from, row, path } in &branches {
        page.line(format_args!(
            "<g class=\"{}\"><path class=\"way s{hue}\" {} d=\"{path}\"><title>{}</title></path></g>",
            told(row.tally),
            way(from, row, goal),
            Safe(&row.whole)
        ));
    }
    let tally = branches.iter().fold(Tally::Untold, |tally, branch| tally.and(branch.row.tally));
    let tip = tip((edge(goal, lane.goal.wall), lane.goal.y), lane.goal.wall);
    page.line(format_args!("<g class=\"{}\"><path class=\"tip f{hue}\" d=\"{tip}\"/></g>", told(tally)));
    page.line("</g>");
}

fn branches<'a>(sheet: &'a Sheet, lane: &Lane, goal: &Card, track: i32) -> Vec<Branch<'a>> {
    let branch = |start: &Start| {
        let from = sheet.cards.get(start.card)?;
        let begin = (edge(from, start.end.wall), start.end.y);
        let tip = if lane.goal.wall == Wall::West { TIP.0 } else { -TIP.0 };
        let path = bent(begin, track, (edge(goal, lane.goal.wall) + tip, lane.goal.y));
        Some(Branch { from, row: from.rows.get(start.row)?, path })
    };
    let mut branches: Vec<Branch<'_>> = lane.starts.iter().filter_map(branch).collect();
    // What was taken is drawn over what was not, where they run together.
    branches.sort_by_key(|branch| branch.row.tally != Tally::Never);
    branches
}

/// The edge of a card that stands at that wall of a gutter.
pub(super) fn edge(card: &Card, wall: Wall) -> i32 {
    match wall {
        Wall::West => card.left + card.width,
        Wall::East => card.left,
    }
}

/// Out to a track, along it, and back.
fn bent((x, y): (i32, i32), track: i32, (to_x, to_y): (i32, i32)) -> String {
    let bend = BEND.min((to_y - y).abs() / 2);
    let down = bend * (to_y - y).signum();
    let (out, back) = (bend * (track - x).signum(), bend * (to_x - track).signum());
    format!(
        "M{x} {y}H{}Q{track} {y} {track} {}V{}Q{track} {to_y} {} {to_y}H{to_x}",
        track - out,
        y + down,
        to_y - down,
        track + back
    )
}

fn tip((x, y): (i32, i32), wall: Wall) -> String {
    let (length, half) = TIP;
    let behind = if wall == Wall::West { length } else { -length };
    format!("M{x} {y}l{behind} {half}v{}z", -2 * half)
}

/// The way to the next card of the main line.
fn down(page: &mut Page, sheet: &Sheet, card: &Card) {
    let Some((next, goal)) = card.next.and_then(|next| Some((next, sheet.cards.get(next.index())?))) else { return };
    let x = card.left + card.width / 2;
    let rows = || card.rows.iter().filter(|row| row.to == next);
    let tally = rows().fold(Tally::Untold, |tally, row| tally.and(row.tally));
    let whole: Vec<&str> = rows().map(|row| row.whole.as_str()).collect();
    let named = rows().next().map(|row| way(card, row, goal)).unwrap_or_default();
    page.line(format_args!(
        "<g class=\"{}\"><path class=\"down\" {named} d=\"M{x} {}V{}\"><title>{}</title></path>\
         <path class=\"tip down-tip\" d=\"M{x} {}l-6 -12h12z\"/></g>",
        told(tally),
        card.bottom(),
        goal.top - GRID / 2,
        Safe(&whole.join("\n")),
        goal.top
    ));
}

pub(super) fn told(tally: Tally) -> &'static str {
    match tally {
        Tally::Untold => "untold",
        Tally::Never => "never",
        Tally::Times(_) => "taken",
    }
}

/// Which way it is, for who works on with the picture.
pub(super) fn way(from: &Card, row: &Row, to: &Card) -> String {
    format!("data-from=\"{}\" data-number=\"{}\" data-to=\"{}\"", from.id, row.position + 1, to.id)
}

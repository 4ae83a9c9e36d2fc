//! A picture that needs no tool to look at: the main line of the process from top to bottom, its side stages to the right, and every
//! exit a line of words on the card of its stage.
//!
//! `plan → card → cut → stack → route → frame, ways, boxes`: what stands where is decided in whole pixels, before anything is written.

mod boxes;
mod card;
mod cut;
mod frame;
mod lane;
mod page;
mod plan;
mod route;
mod stack;
mod text;
mod ways;

use std::collections::BTreeSet;

use super::{Overlay, Tally};
use crate::playbook::Playbook;
use card::{Card, Column};
use page::Page;
use route::{Gutter, Lanes};

/// Everything stands on this grid, side cards half a step lower.
const GRID: i32 = 20;
const MARGIN: i32 = 28;
/// From the wall of a gutter to its first lane.
const SHOULDER: i32 = 24;
/// From lane to lane.
const PITCH: i32 = 14;
/// Room for the heading of a small playbook.
const LEAST_WIDTH: i32 = 560;
/// Colours that lanes take turns with.
const HUES: usize = 8;
/// Below the lowest card.
const FOOT: i32 = 70;

/// Where everything stands.
struct Sheet {
    cards: Vec<Card>,
    lanes: Lanes,
    /// The left edge of each gutter, in the order of [`Gutter::ALL`].
    gutters: [i32; 3],
    width: i32,
    height: i32,
}

impl Playbook {
    /// Its stages, exits and interrupts as an SVG picture, light or dark as the viewer is.
    #[must_use]
    pub fn to_svg(&self, overlay: Overlay<'_>) -> String {
        let sheet = Sheet::of(self, overlay);
        let mut page = Page::new();
        frame::open(&mut page, &sheet, self);
        frame::heading(&mut page, &sheet, [self.title(), &self.counts(overlay)]);
        ways::ways(&mut page, &sheet);
        boxes::boxes(&mut page, &sheet);
        frame::close(&mut page, &sheet);
        page.into_string()
    }

    /// `default, version 1: 13 stages, 44 exits, 3 interrupts`.
    fn counts(&self, overlay: Overlay<'_>) -> String {
        let (id, version) = (&self.identity().id, &self.identity().version);
        let told = match overlay {
            Overlay::Nothing => {
                let exits = self.parts.stages.iter().map(|stage| stage.exits.len()).sum();
                let counts =
                    [(self.parts.stages.len(), "stage"), (exits, "exit"), (self.interrupts().len(), "interrupt")];
                let counts = counts.into_iter().filter(|(count, _)| *count > 0);
                counts.map(|(count, what)| several(count, what)).collect::<Vec<_>>().join(", ")
            }
            Overlay::Traffic(traffic) => {
                format!("{}, by {}", traffic.summary(), several(self.tests().len(), "test"))
            }
        };
        format!("{id}, version {version}: {told}")
    }
}

fn several(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A colour for each card that a lane leads to; neighbours in the document differ.
fn colour(cards: &mut [Card], lanes: &Lanes) {
    let led_to: BTreeSet<usize> = lanes.iter().flatten().map(|lane| lane.to.index()).collect();
    for (hue, card) in led_to.into_iter().enumerate() {
        cards.get_mut(card).into_iter().for_each(|card| card.hue = Some(hue % HUES));
    }
}

impl Sheet {
    fn of(playbook: &Playbook, overlay: Overlay<'_>) -> Self {
        let columns = plan::columns(playbook);
        let mut cards = card::cards(playbook, overlay, &columns.main);
        stack::stack(&mut cards, &columns);
        let lanes = route::lanes(&cards);
        colour(&mut cards, &lanes);
        let height = cards.iter().map(Card::bottom).max().unwrap_or(0) + FOOT;
        let mut sheet = Self { cards, lanes, gutters: [0; 3], width: 0, height };
        sheet.set_side_by_side();
        sheet
    }

    /// Columns and gutters from left to right, in the middle of the page.
    fn set_side_by_side(&mut self) {
        let [left, middle, right] = [0, 1, 2].map(|gutter| self.gutter_width(gutter));
        let (main, side) = (self.column_width(Column::Main), self.column_width(Column::Side));
        let middle = if side == 0 { middle } else { middle.max(2 * SHOULDER) };
        let content = left + main + middle + side + right;
        self.width = (content + 2 * MARGIN).max(LEAST_WIDTH);
        let from = (self.width - content) / 2;
        self.gutters = [from, from + left + main, from + left + main + middle + side];
        for card in &mut self.cards {
            card.left = match card.column {
                Column::Main => from + left,
                Column::Side => from + left + main + middle,
            };
        }
    }

    /// Where the way along a track runs.
    fn track(&self, gutter: Gutter, track: usize) -> i32 {
        let [left, middle, right] = self.gutters;
        let from = match gutter {
            Gutter::Left => left,
            Gutter::Middle => middle,
            Gutter::Right => right,
        };
        from + SHOULDER + PITCH * i32::try_from(track).unwrap_or(0)
    }

    fn column_width(&self, column: Column) -> i32 {
        let in_column = self.cards.iter().filter(|card| card.column == column);
        in_column.map(|card| card.width).max().unwrap_or(0)
    }

    fn gutter_width(&self, gutter: usize) -> i32 {
        let tracks = self.lanes.get(gutter).and_then(|lanes| lanes.iter().map(|lane| lane.track).max());
        let tracks = tracks.and_then(|last| i32::try_from(last).ok());
        tracks.map_or(0, |last| 2 * SHOULDER + PITCH * last)
    }
}

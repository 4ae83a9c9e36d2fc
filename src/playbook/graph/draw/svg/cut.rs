//! The width of each column, and the texts of its cards cut to it.

use super::Tally;
use super::card::{Card, Column, Row};
use super::text::{Font, fit, width, wrap};
use crate::playbook::Playbook;

/// Room left of the conditions, for numbers.
pub(super) const INDENT: i32 = 32;
/// Room at the other edges of a card, and between its parts.
pub(super) const PADDING: i32 = 14;
const MOST_WORDS: i32 = 350;
const MOST_GOAL: i32 = 260;
const LEAST_WIDTH: i32 = 230;
const MOST_TITLE: i32 = 330;
/// Widths of texts are rounded one by one.
const ROUNDING: i32 = 2;
const MOST_LINES: usize = 2;

/// The room in a column.
#[derive(Debug, Clone, Copy)]
struct Room {
    words: i32,
    goal: i32,
    count: i32,
    card: i32,
}

/// All cards of a column are as wide as the widest needs to be.
pub(super) fn to_size(cards: &mut [Card], playbook: &Playbook) {
    for column in [Column::Main, Column::Side] {
        let room = Room::of(cards.iter().filter(|card| card.column == column));
        for card in cards.iter_mut().filter(|card| card.column == column) {
            cut(card, playbook, room);
        }
    }
}

impl Room {
    fn of<'a>(cards: impl Iterator<Item = &'a Card>) -> Self {
        let mut room = Self { words: 0, goal: 0, count: 0, card: LEAST_WIDTH };
        for card in cards {
            let title = width(&card.name, Font::TITLE).min(MOST_TITLE).max(width(&card.note, Font::NOTE));
            room.card = room.card.max(title + 2 * PADDING);
            for row in &card.rows {
                room.words = room.words.max(width(&row.words, Font::ROW).min(MOST_WORDS));
                room.goal = room.goal.max(goal_width(row).min(MOST_GOAL));
                room.count = room.count.max(count_width(row.tally));
            }
        }
        room.card = room.card.max(INDENT + room.words + 2 * PADDING + room.goal + room.count + ROUNDING);
        room
    }
}

fn count_width(tally: Tally) -> i32 {
    match tally {
        Tally::Untold => 0,
        Tally::Never | Tally::Times(_) => width(&tally.to_string(), Font::ROW) + PADDING,
    }
}

fn goal_width(row: &Row) -> i32 {
    width(&row.goal_text(), Font::ROW)
}

fn cut(card: &mut Card, playbook: &Playbook, room: Room) {
    card.width = room.card;
    card.title = wrap(&card.name, Font::TITLE, room.card - 2 * PADDING, MOST_LINES);
    card.note = fit(&card.note, Font::NOTE, room.card - 2 * PADDING);
    card.count_width = room.count;
    let row_room = room.card - INDENT - 2 * PADDING - room.count;
    for row in &mut card.rows {
        // A condition may use what the goal leaves free, and the other way round.
        let words_room = row_room - goal_width(row).min(room.goal);
        let said = playbook.wording_of(card.point, row.position);
        row.words = fit(&said.within(|text| width(text, Font::ROW) <= words_room), Font::ROW, words_room);
        let arrow = width("→ ", Font::ROW);
        row.goal = fit(&row.goal, Font::ROW, row_room - width(&row.words, Font::ROW) - arrow);
    }
}

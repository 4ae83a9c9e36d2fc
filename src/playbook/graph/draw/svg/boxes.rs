//! Cards: what stands on them, and where their ways begin.

use super::card::{Card, Look, Row};
use super::cut::{INDENT, PADDING};
use super::page::{Page, Safe};
use super::route::{gutter, wall};
use super::ways::{edge, told, way};
use super::{GRID, Sheet, Tally};

pub(super) fn boxes(page: &mut Page, sheet: &Sheet) {
    for card in &sheet.cards {
        page.line(format_args!("<g class=\"{} {}\" data-stage=\"{}\">", card.look.as_str(), told(card.tally), card.id));
        page.line(format_args!("<title>{}</title>", Safe(&card.name)));
        outline(page, card);
        caption(page, card);
        page.line("</g>");
        for (place, row) in card.rows.iter().enumerate() {
            exit(page, sheet, card, (card.exit(place), row));
        }
    }
}

fn outline(page: &mut Page, card: &Card) {
    let Card { left, top, width, .. } = card;
    let height = card.height();
    let round = match card.look {
        Look::Anywhere | Look::Back | Look::Settled | Look::Ended => 18,
        Look::Stage | Look::Start => 6,
    };
    page.line(format_args!(
        "<rect class=\"card\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
    ));
    if card.look.is_end() {
        page.line(format_args!(
            "<rect class=\"rim\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            left + 4,
            top + 4,
            width - 8,
            height - 8,
            round - 4
        ));
    }
    if card.look == Look::Start {
        let x = left + width / 2;
        page.line(format_args!("<circle class=\"dot\" cx=\"{x}\" cy=\"{}\" r=\"6\"/>", top - 28));
        page.line(format_args!("<path class=\"down\" d=\"M{x} {}V{}\"/>", top - 28, top - 10));
        page.line(format_args!("<path class=\"down-tip\" d=\"M{x} {top}l-6 -12h12z\"/>"));
    }
}

fn caption(page: &mut Page, card: &Card) {
    let x = card.left + PADDING;
    let mut y = card.top + GRID + 5;
    for line in &card.title {
        page.text((x, y), "title", line);
        y += GRID;
    }
    page.text((x, y - 2), "note", &card.note);
    if !card.rows.is_empty() {
        let (y, right) = (y + 4, card.left + card.width - PADDING);
        page.line(format_args!("<path class=\"rule\" d=\"M{x} {y}H{right}\"/>"));
    }
}

/// An exit in words, and a dot in the colour of where it leads.
fn exit(page: &mut Page, sheet: &Sheet, card: &Card, (y, row): (i32, &Row)) {
    let Some(goal) = sheet.cards.get(row.to.index()) else { return };
    let right = card.left + card.width;
    let common = if row.is_common { " common" } else { "" };
    page.line(format_args!("<g class=\"exit {}{common}\" {}>", told(row.tally), way(card, row, goal)));
    page.line(format_args!("<title>{}</title>", Safe(&row.whole)));
    if card.rows.len() > 1 {
        page.text((card.left + PADDING, y + 4), "number", &format!("{}", row.position + 1));
    }
    page.text((card.left + INDENT, y + 4), "words", &row.words);
    let begin = gutter(&sheet.cards, card, row.to).map(|gutter| edge(card, wall(card, gutter)));
    let colour = match goal.hue.filter(|_| begin.is_some()) {
        Some(hue) => format!("f{hue}"),
        None => "dot".to_owned(),
    };
    page.text((right - PADDING - card.count_width, y + 4), &format!("goal {colour}"), &row.goal_text());
    if row.tally != Tally::Untold {
        page.text((right - PADDING, y + 4), "goal", &row.tally.to_string());
    }
    if let Some(x) = begin {
        page.line(format_args!("<circle class=\"tip {colour}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>"));
    }
    page.line("</g>");
}

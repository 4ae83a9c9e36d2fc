//! What is around the picture: its name and description, its colours, heading and legend.

use super::card::{Card, Column};
use super::page::{Page, Safe};
use super::text::{Font, fit, wrap};
use super::{MARGIN, Sheet};
use crate::playbook::Playbook;

const STYLE: &str = include_str!("style.css");
const LEGEND: &str = "Exits are looked at from top to bottom, and the first that holds is taken. Where a condition is \
                      shortened, point at it to read all of it.";

pub(super) fn open(page: &mut Page, sheet: &Sheet, playbook: &Playbook) {
    let Sheet { width, height, .. } = sheet;
    page.line(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"name description\">"
    ));
    page.line(format_args!("<title id=\"name\">{}</title>", Safe(playbook.title())));
    page.line(format_args!("<desc id=\"description\">{}</desc>", Safe(&description(&sheet.cards))));
    page.line(format_args!("<style>\n{STYLE}</style>"));
    page.line(format_args!("<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>"));
}

/// The process in a sentence, for who cannot see the picture.
fn description(cards: &[Card]) -> String {
    let named = |is: &dyn Fn(&Card) -> bool| {
        let names = cards.iter().filter(|card| is(card)).map(|card| card.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let line = named(&|card| card.column == Column::Main);
    let beside = named(&|card| card.column == Column::Side && card.look.is_stage());
    let beside = if beside.is_empty() { String::new() } else { format!(" Beside it: {beside}.") };
    format!("The main line of the process: {line}.{beside}")
}

pub(super) fn heading(page: &mut Page, sheet: &Sheet, [title, counts]: [&str; 2]) {
    let room = sheet.width - 2 * MARGIN;
    page.text((MARGIN, 40), "heading", &fit(title, Font::HEADING, room));
    page.text((MARGIN, 62), "note", &fit(counts, Font::NOTE, room));
}

pub(super) fn close(page: &mut Page, sheet: &Sheet) {
    let lines = wrap(LEGEND, Font::NOTE, sheet.width - 2 * MARGIN, 3);
    for (y, line) in (sheet.height - 40..).step_by(16).zip(lines) {
        page.text((MARGIN, y), "note", &line);
    }
    page.line("</svg>");
}

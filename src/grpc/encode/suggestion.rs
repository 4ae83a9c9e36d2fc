//! What to do, what to say, and why it stands where it stands.

use crate::engine::{Phrasing, Placed, Suggestion, Term};
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::{
    cue as cue_fields, phrasing as phrasing_fields, suggestion as field, term as term_fields,
};
use crate::grpc::writer::Writer;

pub(super) fn suggestion(w: &mut Writer, suggestion: &Suggestion<'_>) {
    let Suggestion { action, placed, score, terms, phrasings, cues, delivery, sources } = suggestion;
    w.text(field::ACTION, &action.id);
    w.text(field::TITLE, &action.title);
    w.text(field::WHY, &action.why);
    w.text(field::KIND, action.kind.as_str());
    w.boolean(field::OTHERWISE, *placed == Placed::Otherwise);
    w.word(field::PLACEMENT, wire::Placement::from(*placed));
    w.double(field::SCORE, *score);
    w.messages(field::TERMS, terms, term);
    w.messages(field::PHRASINGS, phrasings, phrasing);
    w.messages(field::CUES, cues, cue);
    w.texts(field::DELIVERY, delivery.iter().map(|guide| &guide.id));
    w.texts(field::SOURCES, sources);
}

fn term(w: &mut Writer, term: &Term<'_>) {
    use term_fields as field;
    let Term { factor, because } = term;
    w.double(field::FACTOR, factor.as_f64());
    w.texts(field::BECAUSE, because);
}

fn phrasing(w: &mut Writer, phrasing: &Phrasing<'_>) {
    use phrasing_fields as field;
    let Phrasing { text, words, unfilled, locale } = phrasing;
    w.text(field::ID, &text.id);
    w.present_text(words_field(unfilled, field::TEXT, field::TEMPLATE), words);
    w.texts(field::UNFILLED, unfilled);
    w.text(field::LOCALE, locale);
}

fn cue(w: &mut Writer, cue: &Phrasing<'_>) {
    use cue_fields as field;
    let Phrasing { text, words, unfilled, locale } = cue;
    w.text(field::ID, &text.id);
    w.present_text(words_field(unfilled, field::TEXT, field::TEMPLATE), words);
    w.texts(field::UNFILLED, unfilled);
    w.text(field::LOCALE, locale);
}

fn words_field(unfilled: &[&str], text: u32, template: u32) -> u32 {
    if unfilled.is_empty() { text } else { template }
}

//! What to say: channel, locale, least used first, and never a gap in a sentence.

use std::borrow::Cow;

use super::decision::Phrasing;
use super::situation::Situation;
use crate::playbook::{ActionIx, Piece, Playbook, Text, ValueIx};

/// At most this many phrasings with a suggestion.
const MOST: usize = 3;

/// The words of an action: of those that fit, the least used, in listed order.
pub(super) fn phrasings<'a>(situation: &Situation<'a>, action: ActionIx) -> Vec<Phrasing<'a>> {
    let texts = fitting(situation, &situation.playbook.action(action).say);
    pick(situation, action, &texts).into_iter().map(|text| fill(situation, text)).collect()
}

/// The instructions to the agent that fit; they do not wear out.
pub(super) fn cues<'a>(situation: &Situation<'a>, action: ActionIx) -> Vec<Phrasing<'a>> {
    let fitting = fitting(situation, &situation.playbook.action(action).cue);
    let ready: Vec<_> = fitting.iter().copied().filter(|text| is_ready(situation, text)).collect();
    let texts = if ready.is_empty() { fitting } else { ready };
    texts.into_iter().take(MOST).map(|text| fill(situation, text)).collect()
}

/// The id of the phrasing that would stand first; empty where there is none.
pub(super) fn first_phrasing<'a>(situation: &Situation<'a>, action: ActionIx) -> &'a str {
    let texts = fitting(situation, &situation.playbook.action(action).say);
    pick(situation, action, &texts).first().map_or("", |text| text.id.as_str())
}

/// Whether the playbook speaks the language that was asked for.
pub(super) fn locale_of(playbook: &Playbook, wanted: Option<&str>) -> Option<usize> {
    let Some(wanted) = wanted else {
        return Some(0);
    };
    let locales = playbook.locales();
    let same = locales.iter().position(|locale| locale.eq_ignore_ascii_case(wanted));
    same.or_else(|| locales.iter().position(|locale| language(locale).eq_ignore_ascii_case(language(wanted))))
}

fn language(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or(locale)
}

fn fitting<'a>(situation: &Situation<'_>, texts: &'a [Text]) -> Vec<&'a Text> {
    let Some(wanted) = locale_of(situation.playbook, situation.options.locale) else {
        return Vec::new();
    };
    let fits = |text: &&Text| text.channels.contains(situation.options.channel);
    let exact: Vec<_> = texts.iter().filter(fits).filter(|text| text.locale == wanted).collect();
    if !exact.is_empty() {
        return exact;
    }
    // Another region's words of the same language are better than none; another language's are not.
    let spoken = |at: usize| situation.playbook.locales().get(at).map(|locale| language(locale));
    texts.iter().filter(fits).filter(|text| spoken(text.locale) == spoken(wanted)).collect()
}

/// Those ready to say, else those that still need a value; of these the least used.
fn pick<'a>(situation: &Situation<'_>, action: ActionIx, fitting: &[&'a Text]) -> Vec<&'a Text> {
    let any_ready = fitting.iter().any(|text| is_ready(situation, text));
    let usable = || fitting.iter().copied().filter(|text| !any_ready || is_ready(situation, text));
    let counts = situation.state.action(action).map_or([].as_slice(), |entry| &entry.phrasings);
    let used = |text: &Text| counts.iter().find(|entry| entry.id == text.id).map_or(0, |entry| entry.count);
    let least = usable().map(used).min().unwrap_or(0);
    usable().filter(|text| used(text) == least).take(MOST).collect()
}

fn is_ready(situation: &Situation<'_>, text: &Text) -> bool {
    text.pieces.iter().all(|piece| match piece {
        Piece::Words(_) => true,
        Piece::Value(value) => value_of(situation, *value).is_some(),
    })
}

fn value_of<'a>(situation: &Situation<'a>, value: ValueIx) -> Option<&'a str> {
    let text = situation.values.iter().find(|(known, _)| *known == value).map(|(_, text)| *text);
    text.filter(|text| !text.trim().is_empty())
}

fn fill<'a>(situation: &Situation<'a>, text: &'a Text) -> Phrasing<'a> {
    let locale = situation.playbook.locales().get(text.locale).map_or("", String::as_str);
    let unfilled = unfilled(situation, text);
    let has_values = text.pieces.iter().any(|piece| matches!(piece, Piece::Value(_)));
    let words = if has_values && unfilled.is_empty() {
        Cow::Owned(filled(situation, text))
    } else {
        Cow::Borrowed(text.template.as_str())
    };
    Phrasing { text, words, unfilled, locale }
}

fn filled(situation: &Situation<'_>, text: &Text) -> String {
    let mut words = String::with_capacity(text.template.len() + 16);
    for piece in &text.pieces {
        match piece {
            Piece::Words(part) => words.push_str(part),
            Piece::Value(value) => words.push_str(value_of(situation, *value).unwrap_or_default()),
        }
    }
    words
}

fn unfilled<'a>(situation: &Situation<'a>, text: &Text) -> Vec<&'a str> {
    let mut missing = Vec::new();
    for piece in &text.pieces {
        if let Piece::Value(value) = piece
            && value_of(situation, *value).is_none()
        {
            let id = situation.playbook.value(*value).id.as_str();
            if !missing.contains(&id) {
                missing.push(id);
            }
        }
    }
    missing
}

//! What to say: channel, locale, least used first, and never a gap in a sentence.

use std::borrow::Cow;

use super::decision::Phrasing;
use super::situation::Situation;
use crate::playbook::{ActionIx, Piece, Playbook, Text, ValueIx};

/// At most this many phrasings with a suggestion.
const MOST: usize = 3;

/// The words of an action: of those that fit, the least used, in listed order.
pub(super) fn phrasings<'a>(situation: &Situation<'a>, action: ActionIx) -> Vec<Phrasing<'a>> {
    let mut phrasings = Vec::with_capacity(MOST);
    phrasings.extend(least_used(situation, action).take(MOST).map(|text| fill(situation, text)));
    phrasings
}

/// The id of the phrasing that would stand first; empty where there is none.
pub(super) fn first_phrasing<'a>(situation: &Situation<'a>, action: ActionIx) -> &'a str {
    least_used(situation, action).next().map_or("", |text| text.id.as_str())
}

/// The instructions to the agent that fit; they do not wear out.
pub(super) fn cues<'a>(situation: &Situation<'a>, action: ActionIx) -> Vec<Phrasing<'a>> {
    let cues = &situation.playbook.action(action).cue;
    usable(situation, cues).take(MOST).map(|text| fill(situation, text)).collect()
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

/// Of the usable phrasings of an action those that were used least.
fn least_used<'a>(situation: &Situation<'a>, action: ActionIx) -> impl Iterator<Item = &'a Text> {
    let say = &situation.playbook.action(action).say;
    let counts = situation.state.action(action).map_or([].as_slice(), |entry| &entry.phrasings);
    let used = move |text: &Text| counts.iter().find(|entry| entry.id == text.id).map_or(0, |entry| entry.count);
    // Where nothing was said yet there is nothing to compare.
    let least = if counts.is_empty() { 0 } else { usable(situation, say).map(used).min().unwrap_or(0) };
    usable(situation, say).filter(move |text| used(text) == least)
}

/// Texts for this channel and locale: those ready to say, or, where there are none, those that still need a value.
fn usable<'a>(situation: &Situation<'a>, texts: &'a [Text]) -> impl Iterator<Item = &'a Text> {
    let fit = Fit::of(situation, texts);
    let any_ready = texts.iter().any(|text| fit.takes(situation, text) && is_ready(situation, text));
    texts.iter().filter(move |text| fit.takes(situation, text) && (!any_ready || is_ready(situation, text)))
}

/// Which locales will do.
#[derive(Clone, Copy)]
enum Fit {
    /// None.
    Nothing,
    /// The one at this position.
    Exactly(usize),
    /// Another region's words of the same language: better than none. Another language's are not.
    SameLanguage(usize),
}

impl Fit {
    fn of(situation: &Situation<'_>, texts: &[Text]) -> Self {
        let Some(wanted) = situation.locale else {
            return Self::Nothing;
        };
        let exactly = Self::Exactly(wanted);
        if texts.iter().any(|text| exactly.takes(situation, text)) { exactly } else { Self::SameLanguage(wanted) }
    }

    fn takes(self, situation: &Situation<'_>, text: &Text) -> bool {
        let spoken = |at: usize| situation.playbook.locales().get(at).map(|locale| language(locale));
        let speaks = match self {
            Self::Nothing => false,
            Self::Exactly(wanted) => text.locale == wanted,
            Self::SameLanguage(wanted) => spoken(text.locale) == spoken(wanted),
        };
        speaks && text.channels.contains(situation.options.channel)
    }
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

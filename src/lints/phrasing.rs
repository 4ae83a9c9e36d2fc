//! Wording: too long, twice, never on the screen, or nothing to say without values.

use std::collections::HashMap;

use super::screens::always_possible;
use super::{Found, on_line};
use crate::playbook::{Action, Channel, Lint, Piece, Playbook, Text, ValueIx};

/// Words that can be said in one breath and kept in mind.
const MOST_WORDS: usize = 30;
/// Phrasings, and cues, that are on the screen together.
const ON_SCREEN: usize = 3;
/// Of two phrasings that are nearly the same, a fifth of the words differ at most.
const ALIKE: usize = 5;

/// `long-phrasing`, `placeholders-only`, `never-shown` and `similar-phrasings`.
pub(super) fn found(playbook: &Playbook) -> Vec<Found> {
    let mut found = Vec::new();
    let unlimited = always_possible(playbook);
    for (ix, action) in playbook.actions() {
        let limit = action.limit.times.filter(|_| !unlimited.contains(&ix));
        found.extend(action.say.iter().filter_map(|text| long(action, text)));
        found.extend(placeholders_only(playbook, action));
        found.extend(never_shown(action, limit));
        found.extend(similar(action));
    }
    found.extend(same(playbook));
    found
}

fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '{' && c != '}').to_lowercase();
    text.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

fn long(action: &Action, text: &Text) -> Option<Found> {
    let count = words(&text.template).len();
    (count > MOST_WORDS).then(|| Found {
        lint: Lint::LongPhrasing,
        of: action.id.clone(),
        place: text.place,
        message: format!("this phrasing has {count} words"),
        help: "nobody who is upset follows more than thirty: shorten it, or make two of it",
    })
}

/// Channels for which there is something to say, and nothing without values from the caller.
fn placeholders_only(playbook: &Playbook, action: &Action) -> Option<Found> {
    let locales = 0..playbook.locales().len();
    let mut places = playbook.channels().iter().flat_map(|channel| locales.clone().map(move |at| (channel, at)));
    let mut first = None;
    places.find(|place| {
        let mut fitting = action.say.iter().filter(|text| fits(text, *place));
        first = fitting.next();
        first.is_some_and(|text| !values(text).is_empty()) && fitting.all(|text| !values(text).is_empty())
    })?;
    Some(Found {
        lint: Lint::PlaceholdersOnly,
        of: action.id.clone(),
        place: first?.place,
        message: format!("`{}` has nothing to say for some channel where the caller sends no values", action.id),
        help: "add a phrasing without placeholders",
    })
}

fn fits(text: &Text, (channel, locale): (Channel, usize)) -> bool {
    text.locale == locale && text.channels.contains(channel)
}

fn values(text: &Text) -> Vec<ValueIx> {
    let value = |piece: &Piece| match piece {
        Piece::Value(value) => Some(*value),
        Piece::Words(_) => None,
    };
    text.pieces.iter().filter_map(value).collect()
}

/// Cues keep their places; of phrasings, each use moves one out of the way.
fn never_shown(action: &Action, limit: Option<u32>) -> Vec<Found> {
    let uses = limit.and_then(|times| usize::try_from(times).ok());
    let said = uses.map(|uses| ON_SCREEN.saturating_add(uses.saturating_sub(1)));
    let cues = beyond(&action.cue, ON_SCREEN).map(|text| (text, "cue"));
    let phrasings = said.map(|places| beyond(&action.say, places)).into_iter().flatten();
    cues.chain(phrasings.map(|text| (text, "phrasing"))).map(|(text, what)| hidden(action, text, what)).collect()
}

/// Texts that have so many others before them on each of their channels, whatever values are sent.
fn beyond(texts: &[Text], places: usize) -> impl Iterator<Item = &Text> {
    let is_beyond = move |(at, text): &(usize, &Text)| {
        let own = values(text);
        let stands_before = |other: &&Text, channel| {
            fits(other, (channel, text.locale)) && values(other).iter().all(|value| own.contains(value))
        };
        let before = |channel| texts.iter().take(*at).filter(|other| stands_before(other, channel)).count();
        text.channels.iter().all(|channel| before(channel) >= places)
    };
    texts.iter().enumerate().filter(is_beyond).map(|(_, text)| text)
}

fn hidden(action: &Action, text: &Text, what: &str) -> Found {
    Found {
        lint: Lint::NeverShown,
        of: action.id.clone(),
        place: text.place,
        message: format!(
            "the {what} `{}` is never on the screen: too many stand before it on each of its channels",
            text.id
        ),
        help: "remove it or an earlier one, or say with `on` where each fits",
    }
}

/// Phrasings of one action that differ in few words.
fn similar(action: &Action) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, text) in action.say.iter().enumerate() {
        let earlier = action.say.iter().take(at).find(|other| meet(text, other) && are_alike(text, other));
        found.extend(earlier.map(|other| Found {
            lint: Lint::SimilarPhrasings,
            of: action.id.clone(),
            place: text.place,
            message: format!(
                "`{}` says nearly the same as `{}`{}",
                text.id,
                other.id,
                on_line(other.place, text.place)
            ),
            help: "say it in other words, or keep one of them",
        }));
    }
    found
}

/// Whether both can be shown to the same customer.
fn meet(one: &Text, other: &Text) -> bool {
    one.locale == other.locale && one.channels.iter().any(|channel| other.channels.contains(channel))
}

fn are_alike(one: &Text, other: &Text) -> bool {
    let (one, other) = (words(&one.template), words(&other.template));
    let longer = one.len().max(other.len());
    one.len().abs_diff(other.len()) * ALIKE <= longer && strsim::generic_levenshtein(&one, &other) * ALIKE <= longer
}

/// Phrasings of different actions that are the same, word for word.
fn same(playbook: &Playbook) -> Vec<Found> {
    let mut known: HashMap<Vec<String>, Vec<(&Action, &Text)>> = HashMap::new();
    let mut found = Vec::new();
    let texts = playbook.actions().flat_map(|(_, action)| action.say.iter().map(move |text| (action, text)));
    for (action, text) in texts {
        let others = known.entry(words(&text.template)).or_default();
        let other = others.iter().find(|(other, said)| other.id != action.id && meet(text, said));
        found.extend(other.map(|(other, _)| Found {
            lint: Lint::SimilarPhrasings,
            of: action.id.clone(),
            place: text.place,
            message: format!("`{}` says the same as `{}`, word for word", action.id, other.id),
            help: "say it in other words, so that nobody hears it twice",
        }));
        others.push((action, text));
    }
    found
}

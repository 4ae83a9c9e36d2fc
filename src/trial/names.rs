//! What a word can name in a playbook: exactly, or by its beginning where only one thing begins so.

use super::error::{Misread, shown};
use super::line::WORDS;
use crate::playbook::{Action, Fact, Playbook, Signal};

/// Something with a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'a> {
    Signal(&'a Signal),
    Fact(&'a Fact),
    Action(&'a Action),
}

impl<'a> Named<'a> {
    pub(super) fn id(self) -> &'a str {
        match self {
            Self::Signal(signal) => &signal.id,
            Self::Fact(fact) => &fact.id,
            Self::Action(action) => &action.id,
        }
    }

    fn is_action(self) -> bool {
        match self {
            Self::Action(_) => true,
            Self::Signal(_) | Self::Fact(_) => false,
        }
    }

    fn described(self) -> String {
        let sort = match self {
            Self::Signal(_) => "signal",
            Self::Fact(_) => "fact",
            Self::Action(_) => "action",
        };
        format!("the {sort} `{}`", self.id())
    }
}

/// Everything that has a name, in the playbook's order.
fn all(playbook: &Playbook) -> impl Iterator<Item = Named<'_>> {
    let signals = playbook.signals().map(|(_, signal)| Named::Signal(signal));
    let facts = playbook.facts().map(|(_, fact)| Named::Fact(fact));
    signals.chain(facts).chain(playbook.actions().map(|(_, action)| Named::Action(action)))
}

/// What `word` can name: what is called so, or else what begins so.
pub(super) fn readings<'a>(playbook: &'a Playbook, word: &str) -> Vec<Named<'a>> {
    let exact: Vec<_> = all(playbook).filter(|named| named.id() == word).collect();
    if !exact.is_empty() || word.is_empty() {
        return exact;
    }
    all(playbook).filter(|named| named.id().starts_with(word)).collect()
}

/// The signal or fact that `word` names.
pub(super) fn observed<'a>(playbook: &'a Playbook, word: &str) -> Result<Named<'a>, Misread> {
    let (actions, observed): (Vec<_>, Vec<_>) =
        readings(playbook, word).into_iter().partition(|named| named.is_action());
    match (observed.as_slice(), actions.as_slice()) {
        ([], [action]) => Err(Misread::BareAction(action.id().to_owned())),
        _ => only(playbook, word, &observed),
    }
}

/// The action that `word` names.
pub(super) fn action<'a>(playbook: &'a Playbook, word: &str) -> Result<&'a Action, Misread> {
    let actions: Vec<_> = readings(playbook, word).into_iter().filter(|named| named.is_action()).collect();
    match only(playbook, word, &actions)? {
        Named::Action(action) => Ok(action),
        Named::Signal(_) | Named::Fact(_) => Err(unknown(playbook, word)),
    }
}

/// Whether `word` goes on a list of actions; it does not where it can only be something else.
pub(super) fn continues_actions(playbook: &Playbook, word: &str) -> Result<bool, Misread> {
    let readings = readings(playbook, word);
    let actions = readings.iter().filter(|named| named.is_action()).count();
    if actions > 0 && actions < readings.len() {
        return Err(several(word, &readings));
    }
    Ok(actions > 0 && !WORDS.contains(&word))
}

/// Whether a signal or fact is called exactly so.
pub(super) fn is_observed(playbook: &Playbook, word: &str) -> bool {
    playbook.signals().any(|(_, signal)| signal.id == word) || playbook.facts().any(|(_, fact)| fact.id == word)
}

fn only<'a>(playbook: &'a Playbook, word: &str, named: &[Named<'a>]) -> Result<Named<'a>, Misread> {
    match named {
        [] => Err(unknown(playbook, word)),
        [one] => Ok(*one),
        more => Err(several(word, more)),
    }
}

fn several(word: &str, readings: &[Named<'_>]) -> Misread {
    Misread::SeveralReadings { word: shown(word), readings: readings.iter().map(|named| named.described()).collect() }
}

/// A word that names nothing, and what was probably meant.
pub(super) fn unknown(playbook: &Playbook, word: &str) -> Misread {
    let candidates = all(playbook).map(Named::id).chain(WORDS.iter().copied());
    let close = candidates.map(|id| (strsim::jaro_winkler(word, id), id)).filter(|(score, _)| *score >= 0.8);
    let nearest = close.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    let meant = nearest.map_or_else(String::new, |(_, id)| format!(", did you mean `{id}`?"));
    Misread::UnknownWord { word: shown(word), meant }
}

/// What may stand where `beginning` was typed, in the order of the alphabet.
#[must_use]
pub fn completions<'a>(playbook: &'a Playbook, beginning: &str) -> Vec<&'a str> {
    let candidates = WORDS.iter().copied().chain(all(playbook).map(Named::id));
    let mut completions: Vec<&str> = candidates.filter(|word| word.starts_with(beginning)).collect();
    completions.sort_unstable();
    completions.dedup();
    completions
}

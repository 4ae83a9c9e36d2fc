//! Whether a shorter conversation breaks a law, too: length by length, by formulas about conversations of just so many turns.
//!
//! What a turn can tell is what a test can write: anything about the customer and the case, any report of the agent, any
//! promise, at any time. If no conversation of a length is possible by the formulas, none is by the engine, for they say of
//! nothing that is possible that it is not. A shorter one that they find is played by the engine before it is believed.

mod deeds;
mod facts;
mod follow;
mod readings;
mod retell;
mod unrolled;
mod upheld;
mod walk;

use super::encoding::Ground;
use super::formula::{Answer, Lit};
use super::model::prefer;
use super::replay::{broken, conversation};
use crate::engine;
use crate::playbook::{Conversation, Law, Playbook, TurnCase};
use unrolled::{Look, Unrolled};

pub use follow::{Happened, Stray, stray};

/// Lengths that are looked at, at most: somebody waits.
pub(super) const MOST_TURNS: usize = 8;
/// Variables of a formula that one turn more is added to, at most.
const MOST_VARIABLES: usize = 400_000;
/// Conversations of a length that are played, at most.
const MOST_TRIED: usize = 12;

/// What is known of the number of turns of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// No conversation with fewer turns is one.
    Shortest,
    /// There may be a shorter one.
    NotShown,
}

impl Length {
    /// That of an example of so many turns, where none of up to `kept_for` turns is one.
    pub(super) fn of(turns: usize, kept_for: usize) -> Self {
        if turns <= kept_for + 1 { Self::Shortest } else { Self::NotShown }
    }
}

/// What came of a length.
enum Found {
    /// A conversation that breaks the law.
    Example(Vec<TurnCase>),
    /// None does.
    Nothing,
    /// That is not clear.
    Unclear,
}

/// What came of all conversations of up to so many turns.
#[derive(Debug)]
pub(super) struct Searched {
    /// The shortest conversation found that breaks the law.
    pub(super) example: Option<Vec<TurnCase>>,
    /// No conversation of so many turns breaks it.
    pub(super) kept_for: usize,
}

/// The shortest conversation of fewer than `turns` turns that breaks `law`, if one is found; with
/// [`Length::NotShown`] there may be a shorter one all the same.
#[must_use]
pub fn shorter(playbook: &Playbook, law: &Law, turns: usize) -> (Option<Conversation>, Length) {
    let Searched { example, kept_for } = search(&Ground::of(playbook), law, turns.saturating_sub(1));
    let length = Length::of(example.as_ref().map_or(turns, Vec::len), kept_for);
    (example.map(|turns| conversation(String::new(), &turns)), length)
}

/// A conversation with as few turns as possible that breaks `law`, as `example` does: that itself, or a shorter one.
pub(super) fn shortest(ground: &Ground<'_>, law: &Law, example: Vec<TurnCase>) -> (Vec<TurnCase>, Length) {
    let searched = search(ground, law, example.len().saturating_sub(1));
    let example = searched.example.unwrap_or(example);
    let length = Length::of(example.len(), searched.kept_for);
    (example, length)
}

/// Looks through all conversations of up to `most` turns, as far as anybody waits for it.
pub(super) fn search(ground: &Ground<'_>, law: &Law, most: usize) -> Searched {
    let mut kept_for = 0;
    if most == 0 || !engine::keeps_whole(ground.playbook) {
        return Searched { example: None, kept_for };
    }
    let mut unrolled = Unrolled::of(ground);
    for turns in 1..=most.min(MOST_TURNS) {
        if unrolled.encoding.formula.size() > MOST_VARIABLES {
            break;
        }
        match one_longer(&mut unrolled, law) {
            Found::Example(example) => return Searched { example: Some(example), kept_for },
            Found::Nothing if kept_for + 1 == turns => kept_for = turns,
            Found::Nothing | Found::Unclear => {}
        }
    }
    Searched { example: None, kept_for }
}

/// Looks at conversations with one turn more than before.
fn one_longer(unrolled: &mut Unrolled<'_>, law: &Law) -> Found {
    let later = if unrolled.has_news_later() {
        let (breaks, look) = unrolled.breaks_later(law);
        look_for(unrolled, law, (breaks, Some(&look)))
    } else {
        Found::Nothing
    };
    unrolled.turn();
    let breaks = unrolled.breaks(law);
    match (later, look_for(unrolled, law, (breaks, None))) {
        (Found::Example(example), _) | (_, Found::Example(example)) => Found::Example(example),
        (Found::Unclear, _) | (_, Found::Unclear) => Found::Unclear,
        (Found::Nothing, Found::Nothing) => Found::Nothing,
    }
}

/// Looks for a conversation that `breaks` the law, and that the engine confirms.
fn look_for(unrolled: &mut Unrolled<'_>, law: &Law, (breaks, look): (Lit, Option<&Look>)) -> Found {
    let preferences = unrolled.preferences(look);
    let mut wanted = vec![breaks];
    for tried in 0..MOST_TRIED {
        let formula = &mut unrolled.encoding.formula;
        match formula.search(&wanted) {
            Answer::Possible => {}
            Answer::Impossible if tried == 0 && formula.search(&[unrolled.place.cut_short]) == Answer::Impossible => {
                return Found::Nothing;
            }
            Answer::Impossible | Answer::GaveUp => return Found::Unclear,
        }
        let mut fixed = wanted.clone();
        prefer(&mut unrolled.encoding, &mut fixed, &preferences);
        // The last search may have been one too many.
        if unrolled.encoding.formula.search(&fixed) != Answer::Possible {
            return Found::Unclear;
        }
        let draft = unrolled.retold(look);
        let holds = |draft: &Vec<TurnCase>| broken(unrolled.encoding.playbook, law, draft).is_some();
        if let Some(draft) = draft.filter(holds) {
            return Found::Example(draft);
        }
        // Something plainly different next: not the same with more.
        let formula = &mut unrolled.encoding.formula;
        let told = preferences.iter().map(|lit| !*lit).filter(|lit| formula.value(*lit));
        let other: Vec<Lit> = told.map(|lit| !lit).collect();
        wanted.push(formula.or(other));
    }
    Found::Unclear
}

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
const MOST_TURNS: usize = 8;
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

/// What came of a length.
enum Found {
    /// A conversation that breaks the law.
    Example(Vec<TurnCase>),
    /// None does.
    Nothing,
    /// That is not clear.
    Unclear,
}

/// The shortest conversation of fewer than `turns` turns that breaks `law`, if one is found; with
/// [`Length::NotShown`] there may be a shorter one all the same.
#[must_use]
pub fn shorter(playbook: &Playbook, law: &Law, turns: usize) -> (Option<Conversation>, Length) {
    let (found, length) = shorter_than(&Ground::of(playbook), law, turns);
    (found.map(|turns| conversation(String::new(), &turns)), length)
}

/// A conversation with as few turns as possible that breaks `law`, as `example` does: that itself, or a shorter one.
pub(super) fn shortest(ground: &Ground<'_>, law: &Law, example: Vec<TurnCase>) -> (Vec<TurnCase>, Length) {
    let (shorter, length) = shorter_than(ground, law, example.len());
    (shorter.unwrap_or(example), length)
}

fn shorter_than(ground: &Ground<'_>, law: &Law, turns: usize) -> (Option<Vec<TurnCase>>, Length) {
    // There is no conversation without turns.
    if turns <= 1 {
        return (None, Length::Shortest);
    }
    if !engine::keeps_whole(ground.playbook) {
        return (None, Length::NotShown);
    }
    let mut unrolled = Unrolled::of(ground);
    let mut length = Length::Shortest;
    for _ in 1..turns.min(MOST_TURNS + 1) {
        match one_longer(&mut unrolled, law) {
            Found::Example(shorter) => return (Some(shorter), length),
            Found::Nothing => {}
            Found::Unclear => length = Length::NotShown,
        }
    }
    (None, if turns > MOST_TURNS + 1 { Length::NotShown } else { length })
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

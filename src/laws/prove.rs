//! Proves a law, or finds a conversation that breaks it.

use super::draft::drafts;
use super::encoding::Encoding;
use super::formula::{Answer, Lit};
use super::model::plainest;
use super::picture::{Picture, pinned};
use super::question::broken_in;
use super::replay::{broken, conversation};
use super::route::Routes;
use super::shrink::shrink;
use super::truth::{self, Moment};
use crate::playbook::{Conversation, EscalationIx, Law, Playbook, StageIx, TurnCase};

/// Situations of one stage that are tried before looking elsewhere.
const MOST_TRIED: usize = 12;

/// What came of a law.
#[derive(Debug)]
pub enum Outcome {
    /// It holds in every situation that a conversation can come to.
    Proven,
    /// It does not hold at the end of this conversation.
    Broken(Box<Conversation>),
    /// In some stages neither was shown.
    Open {
        /// Stages for which it was proven.
        proven: usize,
        /// All stages.
        of: usize,
    },
}

/// A law, and what came of it.
#[derive(Debug)]
pub struct Proof<'p> {
    /// The law.
    pub law: &'p Law,
    /// What came of it.
    pub outcome: Outcome,
}

/// Proves all laws of `playbook`, in their order.
#[must_use]
pub fn prove(playbook: &Playbook) -> Vec<Proof<'_>> {
    if playbook.laws().is_empty() {
        return Vec::new();
    }
    let mut encoding = Encoding::of(playbook);
    let mut routes = Routes::from(playbook.start());
    let mut outcome = |law| outcome(&mut encoding, &mut routes, law);
    playbook.laws().iter().map(|law| Proof { law, outcome: outcome(law) }).collect()
}

/// Proves one of the laws of `playbook`.
#[must_use]
pub fn prove_one<'p>(playbook: &'p Playbook, law: &'p Law) -> Proof<'p> {
    let outcome = outcome(&mut Encoding::of(playbook), &mut Routes::from(playbook.start()), law);
    Proof { law, outcome }
}

fn outcome(encoding: &mut Encoding<'_>, routes: &mut Routes, law: &Law) -> Outcome {
    let stages: Vec<StageIx> = encoding.playbook.stages().map(|(stage, _)| stage).collect();
    let mut open = Vec::new();
    for stage in &stages {
        let Some(wanted) = broken_in(encoding, law, *stage) else { continue };
        if encoding.formula.search(&wanted) != Answer::Impossible {
            open.push((*stage, wanted));
        }
    }
    for (stage, wanted) in &open {
        if let Some(example) = example(encoding, routes, law, (*stage, wanted)) {
            return Outcome::Broken(Box::new(example));
        }
    }
    match open.len() {
        0 => Outcome::Proven,
        some => Outcome::Open { proven: stages.len().saturating_sub(some), of: stages.len() },
    }
}

/// A conversation that ends in a situation of the stage in which all of what is wanted is true.
fn example(
    encoding: &mut Encoding<'_>,
    routes: &mut Routes,
    law: &Law,
    (stage, wanted): (StageIx, &Vec<Lit>),
) -> Option<Conversation> {
    let mut wanted = wanted.clone();
    for _ in 0..MOST_TRIED {
        let picture = plainest(encoding, stage, &wanted)?;
        // Often the situation itself leads to its stage.
        let ways = std::iter::once(Vec::new()).chain(routes.to(encoding, stage));
        for way in ways {
            let drafts = attempts(encoding, &way, &picture);
            if let Some(draft) = drafts.into_iter().find(|draft| broken(encoding.playbook, law, draft).is_some()) {
                return Some(told(encoding.playbook, law, draft));
            }
        }
        // Something plainly different next: not the same with more.
        let told = pinned(encoding, &picture).into_iter().filter(|pin| pin.is_plain());
        let other: Vec<Lit> = told.map(|pin| !pin).collect();
        wanted.push(encoding.formula.or(other));
    }
    None
}

/// Conversations that may end in `picture`.
fn attempts(encoding: &mut Encoding<'_>, way: &[TurnCase], picture: &Picture) -> Vec<Vec<TurnCase>> {
    let mut attempts = drafts(encoding.playbook, way, picture);
    let Some(rule) = picture.kept else { return attempts };
    let Some(cause) = cause(encoding, picture.stage, rule) else { return attempts };
    for way in drafts(encoding.playbook, way, &cause) {
        attempts.extend(drafts(encoding.playbook, &way, picture));
    }
    attempts
}

/// A situation in which the rule has a cause.
fn cause(encoding: &mut Encoding<'_>, stage: StageIx, rule: EscalationIx) -> Option<Picture> {
    let playbook = encoding.playbook;
    let holds = truth::condition(encoding, &playbook.escalation(rule).condition, Moment::Now).yes;
    plainest(encoding, stage, &[holds])
}

/// The example as small as it gets, and with what it should have brought.
fn told(playbook: &Playbook, law: &Law, turns: Vec<TurnCase>) -> Conversation {
    let mut turns = shrink(turns, |turns| broken(playbook, law, turns).is_some());
    let expect = broken(playbook, law, &turns).unwrap_or_default();
    if let Some(last) = turns.last_mut() {
        last.expect = expect;
    }
    conversation(format!("keeps the law on line {}", law.place.line()), &turns)
}

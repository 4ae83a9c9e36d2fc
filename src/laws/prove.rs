//! Proves a law, or finds a conversation that breaks it.

use super::draft::drafts;
use super::encoding::{Encoding, Ground};
use super::formula::{Answer, Lit};
use super::model::plainest;
use super::picture::{Picture, pinned};
use super::question::broken_in;
use super::reach::{self, Trap};
use super::replay::{broken, conversation};
use super::route::Routes;
use super::shortest::{Length, MOST_TURNS, Searched, search, shortest};
use super::shrink::shrink;
use super::truth::{self, Moment};
use crate::playbook::{Claim, Conversation, EscalationIx, Law, Playbook, StageIx, TurnCase};

/// Situations of one stage that are tried before looking elsewhere.
const MOST_TRIED: usize = 12;
/// Stages in which an example is looked for: a proof is waited for.
const MOST_STAGES: usize = 30;

/// What came of a law.
#[derive(Debug)]
pub enum Outcome {
    /// There is no way on from where this conversation leads, as far as anybody can see.
    Stuck(Box<Trap>),
    /// It holds in every situation that a conversation can come to.
    Proven,
    /// It does not hold at the end of this conversation.
    Broken(Box<Conversation>, Length),
    /// In some stages neither was shown.
    Open {
        /// Stages for which it was proven.
        proven: usize,
        /// All stages.
        of: usize,
        /// No conversation of so many turns breaks it.
        kept_for: usize,
    },
    /// From some stages no way was shown to where conversations should get, and no conversation that is stuck.
    NoWayShown {
        /// Stages from which one was.
        proven: usize,
        /// All stages.
        of: usize,
        /// What is so wherever none was, as atoms.
        whenever: Vec<String>,
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
    let ground = Ground::of(playbook);
    let mut routes = Routes::from(playbook.start());
    let open = open_stages(&ground, playbook.laws());
    let proof = |(law, open): (_, Vec<StageIx>)| Proof { law, outcome: outcome(&ground, &mut routes, law, &open) };
    playbook.laws().iter().zip(open).map(proof).collect()
}

/// Proves one of the laws of `playbook`.
#[must_use]
pub fn prove_one<'p>(playbook: &'p Playbook, law: &'p Law) -> Proof<'p> {
    let ground = Ground::of(playbook);
    let open = open_stages(&ground, std::slice::from_ref(law)).into_iter().flatten().collect::<Vec<_>>();
    Proof { law, outcome: outcome(&ground, &mut Routes::from(playbook.start()), law, &open) }
}

/// For each law, the stages for which it is not proven.
fn open_stages(ground: &Ground<'_>, laws: &[Law]) -> Vec<Vec<StageIx>> {
    let mut open = vec![Vec::new(); laws.len()];
    if laws.is_empty() {
        return open;
    }
    for (stage, _) in ground.playbook.stages() {
        let mut encoding = Encoding::on(ground);
        for (law, open) in laws.iter().zip(&mut open) {
            let wanted = broken_in(&mut encoding, law, stage);
            if encoding.formula.search(&wanted) != Answer::Impossible {
                open.push(stage);
            }
        }
    }
    open
}

fn outcome(ground: &Ground<'_>, routes: &mut Routes, law: &Law, open: &[StageIx]) -> Outcome {
    if let Claim::Reaches(goals) = &law.claim {
        return reach::outcome(ground, routes, law, goals);
    }
    if open.is_empty() {
        return Outcome::Proven;
    }
    let tried = open.iter().take(MOST_STAGES);
    let examples = tried.filter_map(|stage| example(ground, routes, law, *stage));
    if let Some(example) = examples.min_by_key(size) {
        let (turns, length) = shortest(ground, law, example.turns);
        return Outcome::Broken(Box::new(told(ground.playbook, law, turns)), length);
    }
    let Searched { example, kept_for } = search(ground, law, MOST_TURNS);
    if let Some(turns) = example {
        let length = Length::of(turns.len(), kept_for);
        return Outcome::Broken(Box::new(told(ground.playbook, law, turns)), length);
    }
    let of = ground.playbook.stages().count();
    Outcome::Open { proven: of.saturating_sub(open.len()), of, kept_for }
}

/// Turns first, then what they tell.
fn size(example: &Conversation) -> (usize, usize) {
    let told = |turn: &TurnCase| {
        let did = turn.did.as_ref().map_or(0, |did| 1 + did.len());
        let others = usize::from(turn.max.is_some()) + usize::from(turn.at.is_some());
        turn.signals.len() + turn.facts.len() + turn.exclude.len() + turn.promises.len() + did + others
    };
    (example.turns.len(), example.turns.iter().map(told).sum())
}

/// A conversation that breaks the law in `stage`.
fn example(ground: &Ground<'_>, routes: &mut Routes, law: &Law, stage: StageIx) -> Option<Conversation> {
    let mut encoding = Encoding::on(ground);
    let mut wanted = broken_in(&mut encoding, law, stage);
    for _ in 0..MOST_TRIED {
        let picture = plainest(&mut encoding, stage, &wanted)?;
        // Often the situation itself leads to its stage.
        let ways = std::iter::once(Vec::new()).chain(routes.to(ground, stage));
        for way in ways {
            let drafts = attempts(ground, &way, &picture);
            if let Some(draft) = drafts.into_iter().find(|draft| broken(ground.playbook, law, draft).is_some()) {
                return Some(told(ground.playbook, law, draft));
            }
        }
        // Something plainly different next: not the same with more.
        let told = pinned(&encoding, &picture).into_iter().filter(|pin| pin.is_plain());
        let other: Vec<Lit> = told.map(|pin| !pin).collect();
        wanted.push(encoding.formula.or(other));
    }
    None
}

/// Conversations that may end in `picture`.
fn attempts(ground: &Ground<'_>, way: &[TurnCase], picture: &Picture) -> Vec<Vec<TurnCase>> {
    let mut attempts = drafts(ground.playbook, way, picture);
    let Some(rule) = picture.kept else { return attempts };
    let Some(cause) = cause(ground, picture.stage, rule) else { return attempts };
    for way in drafts(ground.playbook, way, &cause) {
        attempts.extend(drafts(ground.playbook, &way, picture));
    }
    attempts
}

/// A situation in which the rule has a cause.
fn cause(ground: &Ground<'_>, stage: StageIx, rule: EscalationIx) -> Option<Picture> {
    let mut encoding = Encoding::on(ground);
    let holds = truth::condition(&mut encoding, &ground.playbook.escalation(rule).condition, Moment::Now).yes;
    plainest(&mut encoding, stage, &[holds])
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

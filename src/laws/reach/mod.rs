//! Laws of the form `reaches`: from wherever a conversation can be, it can be led to a stage.

mod game;
mod help;
mod room;
mod trap;

use std::collections::BTreeSet;

use super::encoding::{Encoding, Ground};
use super::formula::Lit;
use super::prove::Outcome;
use super::question::applies;
use super::route::Routes;
use super::settle::settled;
use crate::playbook::{FactIx, Law, StageIx};
use game::{Game, Position};

pub use trap::Trap;

/// Facts that are followed, at most: each makes three cases of every one.
const MOST_FOLLOWED: usize = 4;

/// Whether `goals` can be reached from everywhere where `law` applies.
pub(super) fn outcome(ground: &Ground<'_>, routes: &mut Routes, law: &Law, goals: &[StageIx]) -> Outcome {
    let mut game = Game::to(ground, goals);
    let mut followed: Vec<FactIx> = Vec::new();
    loop {
        game.follow(&followed);
        let won = game.won();
        let lost = lost(ground, &mut game, law, &won);
        if lost.is_empty() {
            return Outcome::Proven;
        }
        let more = if followed.len() < MOST_FOLLOWED { worth_following(ground, &lost, &followed) } else { None };
        let Some(fact) = more else { return open(ground, routes, (law, goals), (&mut game, &lost)) };
        followed.push(fact);
    }
}

/// A trap that the engine confirms, or how much is proven.
fn open(
    ground: &Ground<'_>,
    routes: &mut Routes,
    (law, goals): (&Law, &[StageIx]),
    (game, lost): (&mut Game<'_>, &[Position]),
) -> Outcome {
    if let Some(trap) = trap::find(ground, routes, (law, goals), (game, lost)) {
        return Outcome::Stuck(Box::new(trap));
    }
    let stages: BTreeSet<StageIx> = lost.iter().map(|(stage, _)| *stage).collect();
    let of = ground.playbook.stages().count();
    Outcome::Open { proven: of.saturating_sub(stages.len()), of }
}

/// Positions that are not won though a conversation can be there and the law applies.
fn lost(ground: &Ground<'_>, game: &mut Game<'_>, law: &Law, won: &BTreeSet<Position>) -> Vec<Position> {
    let mut lost = Vec::new();
    for (stage, _) in ground.playbook.stages() {
        let mut encoding = Encoding::on(ground);
        let wanted = beginning(&mut encoding, law, stage);
        let positions = game.positions().into_iter().filter(|position| position.0 == stage && !won.contains(position));
        for position in positions {
            if room::can_begin(&mut encoding, &wanted, &game.case(&position)) {
                lost.push(position);
            }
        }
    }
    lost
}

/// That a conversation is in `stage`, and the law applies.
fn beginning(encoding: &mut Encoding<'_>, law: &Law, stage: StageIx) -> Vec<Lit> {
    let applies = applies(encoding, law);
    vec![applies, settled(encoding, stage)]
}

/// A fact that decides where conversations go that are not known to get anywhere: one that some move forgets rather than others.
fn worth_following(ground: &Ground<'_>, lost: &[Position], followed: &[FactIx]) -> Option<FactIx> {
    let playbook = ground.playbook;
    let stages: BTreeSet<StageIx> = lost.iter().map(|(stage, _)| *stage).collect();
    let count = |fact: FactIx| stages.iter().filter(|stage| room::asked(playbook, **stage).contains(&fact)).count();
    let is_forgotten = |fact: FactIx| {
        playbook.stages().any(|(_, stage)| stage.exits.iter().any(|exit| exit.forget.facts.contains(&fact)))
    };
    let facts = playbook.facts().map(|(fact, _)| fact).filter(|fact| !followed.contains(fact) && count(*fact) > 0);
    facts.max_by_key(|fact| (is_forgotten(*fact), count(*fact), std::cmp::Reverse(*fact)))
}

//! Laws of the form `reaches`: from wherever a conversation can be, it can be led to a stage.

mod game;
mod help;
mod room;
mod trap;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::encoding::{Encoding, Ground};
use super::formula::Lit;
use super::prove::Outcome;
use super::question::applies;
use super::route::Routes;
use super::settle::settled;
use crate::engine;
use crate::playbook::{Destination, Exit, FactIx, Law, Playbook, StageIx};
use game::{Game, Position};

pub use trap::{Trap, finds_way};

/// Facts that are followed, at most: each makes three cases of every one.
const MOST_FOLLOWED: usize = 4;

/// Whether `goals` can be reached from everywhere where `law` applies.
pub(super) fn outcome(ground: &Ground<'_>, routes: &mut Routes, law: &Law, goals: &[StageIx]) -> Outcome {
    let stages = ground.playbook.stages().count();
    if !engine::keeps_whole(ground.playbook) {
        return Outcome::NoWayShown { proven: 0, of: stages, whenever: Vec::new() };
    }
    let mut game = Game::to(ground, goals);
    game.see_to_worries();
    // What the law itself asks about makes a difference.
    let mut followed: Vec<FactIx> = law.condition.facts.iter().copied().take(MOST_FOLLOWED).collect();
    loop {
        game.follow(&followed);
        let needed = needed(ground, &mut game, law);
        let won = game.won(&needed);
        let lost: Vec<Position> = needed.difference(&won).cloned().collect();
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
    let whenever = in_all(ground.playbook, game, lost);
    Outcome::NoWayShown { proven: of.saturating_sub(stages.len()), of, whenever }
}

/// What is so in all of these positions, as atoms.
fn in_all(playbook: &Playbook, game: &Game<'_>, positions: &[Position]) -> Vec<String> {
    let mut cases = positions.iter().map(|position| game.case(position));
    let Some(mut shared) = cases.next() else { return Vec::new() };
    cases.for_each(|case| shared.retain(|known| case.contains(known)));
    let atom = |(fact, value): (FactIx, Option<bool>)| {
        let reads = match value {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        format!("{reads}.{}", playbook.fact(fact).id)
    };
    shared.into_iter().map(atom).collect()
}

/// What has to be won: everything that a few calm turns lead to from where a conversation can be and the law applies.
fn needed(ground: &Ground<'_>, game: &mut Game<'_>, law: &Law) -> BTreeSet<Position> {
    let mut needed = BTreeSet::new();
    for (stage, _) in ground.playbook.stages().filter(|(stage, _)| !game.is_goal(*stage)) {
        let mut encoding = Encoding::on(ground);
        let wanted = beginning(&mut encoding, law, stage);
        for position in game.positions(stage) {
            if room::can_begin(&mut encoding, &wanted, &game.case(&position)) {
                needed.extend(game.anywhere(&position));
            }
        }
    }
    needed
}

/// That a conversation is in `stage`, and the law applies.
fn beginning(encoding: &mut Encoding<'_>, law: &Law, stage: StageIx) -> Vec<Lit> {
    let applies = applies(encoding, law);
    vec![applies, settled(encoding, stage)]
}

/// A fact that decides where conversations go that are not known to get anywhere: rather one that the last step asks about,
/// and rather one that some move forgets.
fn worth_following(ground: &Ground<'_>, lost: &[Position], followed: &[FactIx]) -> Option<FactIx> {
    let playbook = ground.playbook;
    let stages: BTreeSet<StageIx> = lost.iter().map(|(stage, _)| *stage).collect();
    let exits: Vec<&Exit> = stages.iter().flat_map(|stage| &playbook.stage(*stage).exits).collect();
    let is_last = |exit: &Exit| matches!(exit.to, Destination::Stage(to) if !stages.contains(&to));
    let asks = |fact: FactIx, exit: &Exit| exit.condition.facts.contains(&fact);
    let is_asked_last = |fact: FactIx| exits.iter().any(|exit| is_last(exit) && asks(fact, exit));
    let count = |fact: FactIx| exits.iter().filter(|exit| asks(fact, exit)).count();
    let all_exits = || playbook.stages().flat_map(|(_, stage)| &stage.exits);
    let is_forgotten = |fact: FactIx| all_exits().any(|exit| exit.forget.facts.contains(&fact));
    let facts = playbook.facts().map(|(fact, _)| fact).filter(|fact| !followed.contains(fact) && count(*fact) > 0);
    facts.max_by_key(|fact| (is_asked_last(*fact), is_forgotten(*fact), count(*fact), Reverse(*fact)))
}

//! From a situation to a conversation that may bring it about. Whether it does is for the engine to say.

use std::iter::repeat_n;

use super::picture::{Deeds, Detected, Picture, Trend};
use super::world::TREND;
use crate::playbook::{
    ActionIx, DidCase, DidResult, Expectation, Kind, Level, Limit, Playbook, ReadingCase, Signal, TurnCase,
};

/// So many suggestions are all that anybody can ask for.
const ALL_PLACES: u32 = 20;
/// Turns waited for, and reports of an action, at most: what takes longer is no example.
const MOST_REPEATED: usize = 40;
/// A promise that is missed in the turn in which it is told of was due a minute before.
const MINUTE: i64 = 60_000;
/// What a promise of the caller's own is called.
const PROMISE: &str = "promise";

/// Conversations that start with `way` and may end in `picture`, the shortest first; none where nobody would read them.
pub(super) fn drafts(playbook: &Playbook, way: &[TurnCase], picture: &Picture) -> Vec<Vec<TurnCase>> {
    let wait = usize::try_from(picture.turns.saturating_sub(1)).unwrap_or(usize::MAX);
    let gap = usize::try_from(longest_gap(playbook, picture)).unwrap_or(usize::MAX).max(wait);
    let often = picture.actions.iter().map(|(action, deeds)| wanted(*deeds, playbook.action(*action).limit)).max();
    if gap.max(often.unwrap_or(0)) > MOST_REPEATED {
        return Vec::new();
    }
    let at_once = ending(playbook, way.to_vec(), picture, wait);
    let mut earlier = way.to_vec();
    earlier.push(turn(playbook, &earlier, picture, &deeds(playbook, &earlier, picture, Which::Past)));
    let mut first = vec![quiet(deeds(playbook, &[], picture, Which::Past))];
    first.extend_from_slice(way);
    vec![at_once, ending(playbook, earlier, picture, gap), ending(playbook, first, picture, gap)]
}

/// The turns, so many more in which nothing happens, and one that ends in `picture`.
fn ending(playbook: &Playbook, mut turns: Vec<TurnCase>, picture: &Picture, wait: usize) -> Vec<TurnCase> {
    turns.extend(before(playbook, &turns, picture));
    for _ in 0..wait {
        turns.push(turn(playbook, &turns, picture, &[]));
    }
    turns.push(turn(playbook, &turns, picture, &deeds(playbook, &turns, picture, Which::All)));
    turns
}

/// Which of the deeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those that must lie back, for a gap is over.
    Past,
    /// Whatever is still to be done.
    All,
}

fn longest_gap(playbook: &Playbook, picture: &Picture) -> u32 {
    let past = picture.actions.iter().filter(|(_, deeds)| !deeds.in_gap);
    past.map(|(action, _)| playbook.action(*action).limit.gap).max().unwrap_or(0)
}

/// A turn in which nothing happens but that this is reported.
pub(super) fn quiet(did: Vec<DidCase>) -> TurnCase {
    TurnCase {
        signals: Vec::new(),
        facts: Vec::new(),
        values: Vec::new(),
        channel: None,
        did: Some(did),
        promises: Vec::new(),
        at: None,
        exclude: Vec::new(),
        max: None,
        expect: Expectation::default(),
        line: 0,
    }
}

/// What must have been detected before, so that a level rises, falls, or keeps its band.
fn before(playbook: &Playbook, so_far: &[TurnCase], picture: &Picture) -> Option<TurnCase> {
    let told = picture.signals.iter().filter(|(_, detected)| detected.trend != Trend::Steady || detected.held != 0);
    let earlier = told.map(|(signal, detected)| {
        let part = playbook.signal(*signal);
        ReadingCase { signal: part.id.clone(), level: earlier_level(part, *detected), confidence: None }
    });
    let signals: Vec<ReadingCase> = earlier.collect();
    let mut turn = turn(playbook, so_far, picture, &[]);
    let others = turn.signals.iter().filter(|case| !signals.iter().any(|earlier| earlier.signal == case.signal));
    turn.signals = others.cloned().chain(signals.iter().cloned()).collect();
    (!signals.is_empty()).then_some(turn)
}

fn earlier_level(signal: &Signal, Detected { level, held, trend }: Detected) -> Level {
    let kept = signal.bands.iter().enumerate().filter(|(at, _)| held & (1 << at) != 0);
    let from = kept.map(|(_, band)| band.from.thousandths()).max().unwrap_or(0);
    let thousandths = match trend {
        Trend::Rising if held == 0 => 0,
        Trend::Rising => level.thousandths().saturating_sub(TREND),
        Trend::Steady => from,
        Trend::Falling => from.max(level.thousandths().saturating_add(TREND)),
    };
    Level::try_from(f64::from(thousandths) / 1000.0).unwrap_or(Level::ONE)
}

/// A turn that brings about what `picture` says is known and detected, after the turns so far.
fn turn(playbook: &Playbook, so_far: &[TurnCase], picture: &Picture, did: &[DidCase]) -> TurnCase {
    let mut turn = quiet(did.to_vec());
    if so_far.is_empty() && did.is_empty() {
        turn.did = None;
    }
    let told = |(signal, detected): &(crate::playbook::SignalIx, Detected)| ReadingCase {
        signal: playbook.signal(*signal).id.clone(),
        level: detected.level,
        confidence: None,
    };
    turn.signals = picture.signals.iter().map(told).collect();
    turn.facts = picture.facts.iter().map(|(fact, value)| (playbook.fact(*fact).id.clone(), Some(*value))).collect();
    take_back(so_far, &mut turn);
    let excluded = picture.actions.iter().filter(|(_, deeds)| deeds.excluded);
    turn.exclude = excluded.map(|(action, _)| playbook.action(*action).id.clone()).collect();
    turn.max = Some(if picture.one_place { 1 } else { ALL_PLACES });
    promise(playbook, picture, &mut turn);
    turn
}

/// What was told in the turns so far, and is not so any more.
fn take_back(so_far: &[TurnCase], turn: &mut TurnCase) {
    for case in so_far.iter().flat_map(|earlier| &earlier.signals) {
        if !turn.signals.iter().any(|now| now.signal == case.signal) {
            turn.signals.push(ReadingCase { level: Level::ZERO, ..case.clone() });
        }
    }
    for (fact, _) in so_far.iter().flat_map(|earlier| &earlier.facts) {
        if !turn.facts.iter().any(|(now, _)| now == fact) {
            turn.facts.push((fact.clone(), None));
        }
    }
}

/// A promise that is due, or was missed.
fn promise(playbook: &Playbook, picture: &Picture, turn: &mut TurnCase) {
    let due = TurnCase::START.plus_millis(MINUTE);
    let action = playbook.actions().find(|(_, action)| action.kind == Kind::Promise);
    match action.filter(|_| picture.due || picture.missed) {
        Some((_, action)) => {
            let made = DidCase { action: action.id.clone(), result: DidResult::Done, phrasing: None, due: Some(due) };
            turn.did.get_or_insert_default().push(made);
        }
        None if picture.due || picture.missed => turn.promises.push((PROMISE.to_owned(), due)),
        None => {}
    }
    if picture.missed {
        turn.at = Some(TurnCase::START.plus_millis(2 * MINUTE));
    }
}

/// What is still to be reported after the turns so far.
fn deeds(playbook: &Playbook, so_far: &[TurnCase], picture: &Picture, which: Which) -> Vec<DidCase> {
    let mut did = Vec::new();
    for (action, deeds) in &picture.actions {
        let limit = playbook.action(*action).limit;
        if which == Which::Past && deeds.in_gap {
            continue;
        }
        let reported = reported(playbook, so_far, *action);
        did.extend(
            repeat_n(DidResult::Done, wanted(*deeds, limit).saturating_sub(reported)).map(|done| (*action, done)),
        );
        did.extend(deeds.dismissed.then_some((*action, DidResult::Dismissed)));
        did.extend(deeds.unavailable.then_some((*action, DidResult::Unavailable)));
    }
    let case = |(action, result): (ActionIx, DidResult)| DidCase {
        action: playbook.action(action).id.clone(),
        result,
        phrasing: None,
        due: None,
    };
    did.into_iter().map(case).collect()
}

fn wanted(deeds: Deeds, limit: Limit) -> usize {
    let spent = limit.times.filter(|_| deeds.spent).unwrap_or(0);
    usize::try_from(deeds.times.max(spent).max(u32::from(deeds.in_gap))).unwrap_or(usize::MAX)
}

fn reported(playbook: &Playbook, so_far: &[TurnCase], action: ActionIx) -> usize {
    let id = &playbook.action(action).id;
    let did = so_far.iter().flat_map(|turn| turn.did.iter().flatten());
    did.filter(|case| case.result == DidResult::Done && case.action == *id).count()
}

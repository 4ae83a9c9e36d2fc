//! From values of the variables to a situation that people can follow: as little as possible differs from the start of a
//! conversation.

use super::encoding::Encoding;
use super::formula::{Answer, Lit};
use super::picture::{Deeds, Detected, Picture, Trend};
use super::world::{ActionBits, SignalBits, TREND};
use crate::playbook::{ActionIx, EscalationIx, Level, Signal, StageIx};

/// The plainest situation of `stage` in which all of `wanted` is true, given that there is one.
pub(super) fn plainest(encoding: &mut Encoding<'_>, stage: StageIx, wanted: &[Lit]) -> Option<Picture> {
    let mut fixed = wanted.to_vec();
    // Made first: what is made after a search has no value in it.
    let preferences = preferences(encoding);
    if encoding.formula.search(&fixed) != Answer::Possible {
        return None;
    }
    prefer(encoding, &mut fixed, &preferences);
    // The last search may have been one too many.
    (encoding.formula.search(&fixed) == Answer::Possible).then(|| read(encoding, stage))
}

/// Fixes what is preferred, the earlier rather than the later: all of it if that is possible, else one half after the other.
pub(super) fn prefer(encoding: &mut Encoding<'_>, fixed: &mut Vec<Lit>, preferred: &[Lit]) {
    let before = fixed.len();
    fixed.extend(preferred);
    if encoding.formula.search(fixed) == Answer::Possible {
        return;
    }
    fixed.truncate(before);
    if preferred.len() > 1 {
        let (first, rest) = preferred.split_at(preferred.len() / 2);
        prefer(encoding, fixed, first);
        prefer(encoding, fixed, rest);
    }
}

/// What a plain situation is like, what is hardest to bring about first.
fn preferences(encoding: &mut Encoding<'_>) -> Vec<Lit> {
    let mut preferences = natural(encoding);
    let world = &encoding.world;
    let mut rather_not = |lits: &mut dyn Iterator<Item = Lit>| preferences.extend(lits.map(|lit| !lit));
    rather_not(&mut world.kept.iter().copied().chain([world.taken, world.one_place]));
    rather_not(&mut world.actions.values().flat_map(|action| [action.excluded, action.in_gap, action.spent]));
    rather_not(&mut world.signals.values().flat_map(|signal| signal.held.iter().copied()));
    rather_not(&mut world.actions.values().flat_map(|action| [action.dismissed, action.unavailable]));
    rather_not(&mut [world.promises.missed, world.promises.due].into_iter());
    rather_not(&mut world.turns.iter().rev().map(|(_, reached)| *reached));
    rather_not(&mut world.signals.values().flat_map(|signal| [signal.rising, signal.falling]));
    rather_not(
        &mut world
            .actions
            .values()
            .flat_map(|action| action.times.iter().rev().map(|(_, reached)| *reached).chain([action.done])),
    );
    rather_not(&mut world.facts.values().flat_map(|fact| [fact.no, fact.yes]));
    rather_not(&mut world.signals.values().map(|signal| signal.live));
    rather_not(&mut world.signals.values().flat_map(|signal| signal.at_least.iter().rev().map(|(_, passed)| *passed)));
    preferences
}

/// What mostly goes together: what was done is marked as done, a spent limit was spent by doing it, time stands still.
fn natural(encoding: &mut Encoding<'_>) -> Vec<Lit> {
    let Encoding { world, formula, playbook, .. } = encoding;
    let mut natural = vec![
        formula.or([!world.promises.due, world.promises_then.due]),
        formula.or([!world.promises.missed, world.promises_then.missed]),
    ];
    for (ix, bits) in &world.actions {
        let part = playbook.action(*ix);
        let once = bits.times.first().map(|(_, once)| *once);
        natural.extend(once.map(|once| formula.or([!once, bits.done])));
        natural.extend(once.map(|once| formula.or([!bits.in_gap, once])));
        let limit = bits.times.iter().find(|(times, _)| Some(*times) == part.limit.times);
        natural.extend(limit.map(|(_, reached)| formula.or([!bits.spent, *reached])));
    }
    natural
}

/// The situation of `stage` that the values found last make.
pub(super) fn read(encoding: &Encoding<'_>, stage: StageIx) -> Picture {
    let (world, is) = (&encoding.world, |lit: Lit| encoding.formula.value(lit));
    let facts = world.facts.iter().filter(|(_, bits)| is(bits.yes) || is(bits.no));
    let signals = world.signals.iter().filter(|(_, bits)| is(bits.live));
    let kept = world.kept.iter().position(|kept| is(*kept));
    Picture {
        stage,
        turns: last_passed(&world.turns, is).unwrap_or(1),
        facts: facts.map(|(ix, bits)| (*ix, is(bits.yes))).collect(),
        signals: signals.map(|(ix, bits)| (*ix, detected(encoding.playbook.signal(*ix), bits, is))).collect(),
        actions: world.actions.iter().filter_map(|(ix, bits)| deeds(*ix, bits, is)).collect(),
        due: is(world.promises.due),
        missed: is(world.promises.missed),
        kept: kept.and_then(EscalationIx::new),
        taken: is(world.taken),
        one_place: is(world.one_place),
    }
}

pub(super) fn last_passed<N: Copy>(steps: &[(N, Lit)], is: impl Fn(Lit) -> bool) -> Option<N> {
    steps.iter().rev().find(|(_, passed)| is(*passed)).map(|(step, _)| *step)
}

fn deeds(ix: ActionIx, bits: &ActionBits, is: impl Fn(Lit) -> bool) -> Option<(ActionIx, Deeds)> {
    let deeds = Deeds {
        done: is(bits.done),
        times: last_passed(&bits.times, &is).unwrap_or(0),
        spent: is(bits.spent),
        in_gap: is(bits.in_gap),
        dismissed: is(bits.dismissed),
        unavailable: is(bits.unavailable),
        excluded: is(bits.excluded),
    };
    (deeds != Deeds::default()).then_some((ix, deeds))
}

/// A reading with the lowest level that will do.
fn detected(part: &Signal, bits: &SignalBits, is: impl Fn(Lit) -> bool) -> Detected {
    let trend = match (is(bits.rising), is(bits.falling)) {
        (true, _) => Trend::Rising,
        (false, true) => Trend::Falling,
        (false, false) => Trend::Steady,
    };
    let held = bits.held.iter().enumerate().take(8).filter(|(_, held)| is(**held));
    let held = held.fold(0_u8, |bands, (at, _)| bands | 1 << at);
    let lowest = last_passed(&bits.at_least, &is).unwrap_or(0);
    // A level that keeps a band without falling out of it is just below where the band starts.
    let kept = part.bands.iter().enumerate().filter(|(at, _)| held & (1 << at) != 0);
    let near = kept.map(|(_, band)| band.from.thousandths().saturating_sub(TREND - 1)).max().unwrap_or(0);
    let least = match trend {
        Trend::Rising => lowest.max(TREND),
        Trend::Steady => lowest.max(near),
        Trend::Falling => lowest,
    };
    Detected { level: Level::try_from(f64::from(least) / 1000.0).unwrap_or(Level::ONE), held, trend }
}

//! One situation, told by what a decision depends on.

use super::encoding::Encoding;
use super::formula::Lit;
use crate::playbook::{ActionIx, EscalationIx, FactIx, Level, SignalIx, StageIx};

/// A situation. What is not told is as at the start of a conversation: unknown, without a reading, not done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combinations occur")]
pub struct Picture {
    /// The stage.
    pub stage: StageIx,
    /// This is that turn in the stage, from 1.
    pub turns: u32,
    /// What is known of the case.
    pub facts: Vec<(FactIx, bool)>,
    /// Readings that hold.
    pub signals: Vec<(SignalIx, Detected)>,
    /// What was done with actions.
    pub actions: Vec<(ActionIx, Deeds)>,
    /// Whether a promise is due.
    pub due: bool,
    /// Whether a promise was missed.
    pub missed: bool,
    /// Advice that is kept up from before and may not fall yet.
    pub kept: Option<EscalationIx>,
    /// Whether it was taken.
    pub taken: bool,
    /// Whether the caller wants a single suggestion.
    pub one_place: bool,
}

/// A reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    /// Its level.
    pub level: Level,
    /// The bands that held before, bit n for the signal's n-th.
    pub held: u8,
    /// How it compares with the one before.
    pub trend: Trend,
}

/// How a level moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// Not much.
    Steady,
    /// Up, by 0.15 or more.
    Rising,
    /// Down, by as much.
    Falling,
}

/// What was done with an action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combinations occur")]
pub struct Deeds {
    /// Whether it is marked as done.
    pub done: bool,
    /// How often it was done.
    pub times: u32,
    /// Whether its limit is spent.
    pub spent: bool,
    /// Whether its gap holds it back.
    pub in_gap: bool,
    /// Whether the agent has silenced it.
    pub dismissed: bool,
    /// Whether the agent can't do it.
    pub unavailable: bool,
    /// Whether the caller does not want to see it.
    pub excluded: bool,
}

/// What makes the variables that there are say the same as `picture`.
pub(super) fn pinned(encoding: &Encoding<'_>, picture: &Picture) -> Vec<Lit> {
    let world = &encoding.world;
    let mut pins: Vec<Lit> = Vec::new();
    let mut pin = |lit: Lit, holds: bool| pins.push(lit.so(holds));
    for (ix, bits) in &world.facts {
        let told = picture.facts.iter().find(|(fact, _)| fact == ix).map(|(_, value)| *value);
        pin(bits.yes, told == Some(true));
        pin(bits.no, told == Some(false));
    }
    for (turns, reached) in &world.turns {
        pin(*reached, picture.turns >= *turns);
    }
    for (at, kept) in world.kept.iter().enumerate() {
        pin(*kept, picture.kept.is_some_and(|rule| rule.position() == at));
    }
    pin(world.promises.due, picture.due);
    pin(world.promises.missed, picture.missed);
    pin(world.taken, picture.taken);
    pin(world.one_place, picture.one_place);
    pins.extend(readings(encoding, picture));
    pins.extend(deeds(encoding, picture));
    pins
}

fn readings(encoding: &Encoding<'_>, picture: &Picture) -> Vec<Lit> {
    let mut pins: Vec<Lit> = Vec::new();
    for (ix, bits) in &encoding.world.signals {
        let Some((_, detected)) = picture.signals.iter().find(|(signal, _)| signal == ix) else {
            pins.push(!bits.live);
            continue;
        };
        let mut pin = |lit: Lit, holds: bool| pins.push(lit.so(holds));
        pin(bits.live, true);
        pin(bits.rising, detected.trend == Trend::Rising);
        pin(bits.falling, detected.trend == Trend::Falling);
        for (threshold, passed) in &bits.at_least {
            pin(*passed, detected.level.thousandths() >= *threshold);
        }
        for (band, held) in bits.held.iter().enumerate() {
            pin(*held, detected.held & (1 << band) != 0);
        }
    }
    pins
}

fn deeds(encoding: &Encoding<'_>, picture: &Picture) -> Vec<Lit> {
    let mut pins: Vec<Lit> = Vec::new();
    for (ix, bits) in &encoding.world.actions {
        let told = picture.actions.iter().find(|(action, _)| action == ix);
        let deeds = told.map(|(_, deeds)| *deeds).unwrap_or_default();
        let mut pin = |lit: Lit, holds: bool| pins.push(lit.so(holds));
        pin(bits.done, deeds.done);
        pin(bits.spent, deeds.spent);
        pin(bits.in_gap, deeds.in_gap);
        pin(bits.dismissed, deeds.dismissed);
        pin(bits.unavailable, deeds.unavailable);
        pin(bits.excluded, deeds.excluded);
        for (times, reached) in &bits.times {
            pin(*reached, deeds.times >= *times);
        }
    }
    pins
}

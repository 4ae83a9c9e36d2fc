//! The situation: a playbook, a state and a moment, and what is true in it (Kleene's three-valued logic).

use std::cell::Cell;

use super::decision::{Move, Truth};
use super::request::Options;
use super::snapshot::{Commitment, CommitmentStatus};
use super::state::{ActionState, FactState, SignalState, State};
use crate::playbook::{
    Absent, ActionIx, Atom, AtomIx, Band, Condition, FactIx, GuardrailIx, Lasts, Level, Playbook, Signal, SignalIx,
    Time, ValueIx,
};

/// A promise is due this long before its time: ten minutes.
const DUE_AHEAD_MILLIS: i64 = 600_000;
/// A level rises or falls when it differs by this much, in thousandths, from the reading before.
const TREND: i32 = 150;

/// Where a conversation stands, by which playbook and clock, and what the caller wants to see of it.
#[derive(Debug)]
pub(super) struct Situation<'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) state: State<'a>,
    pub(super) now: Time,
    pub(super) options: Options<'a>,
    pub(super) excluded: Vec<ActionIx>,
    /// What settling did.
    pub(super) moves: Vec<Move>,
    /// Guardrails in force, in order; looked up once the conversation has settled.
    pub(super) guardrails: Vec<GuardrailIx>,
    pub(super) values: Vec<(ValueIx, &'a str)>,
    /// What is known of each atom, once the conversation has settled; empty before.
    pub(super) memo: Vec<Cell<Option<Truth>>>,
}

/// Facts that are taken to be true though nobody knows, to see what a yes would unlock.
#[derive(Debug, Clone, Copy)]
pub(super) enum Assume {
    Nothing,
    Yes(FactIx),
    AllYes,
    AllYesBut(FactIx),
}

impl Assume {
    fn takes(self, unknown: FactIx) -> bool {
        match self {
            Self::Nothing => false,
            Self::Yes(only) => only == unknown,
            Self::AllYes => true,
            Self::AllYesBut(but) => but != unknown,
        }
    }
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
            Self::False => Self::True,
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::False => 0,
            Self::Unknown => 1,
            Self::True => 2,
        }
    }

    fn and(self, other: Self) -> Self {
        if self.rank() <= other.rank() { self } else { other }
    }

    fn or(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }
}

impl Situation<'_> {
    /// Whether a condition holds.
    pub(super) fn truth(&self, condition: &Condition) -> Truth {
        self.truth_assuming(condition, Assume::Nothing)
    }

    /// Whether it is true: unknown is never a yes.
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        self.truth(condition) == Truth::True
    }

    /// Whether it would hold.
    pub(super) fn truth_assuming(&self, condition: &Condition, assume: Assume) -> Truth {
        let mut truth = Truth::True;
        for atom in &condition.when {
            truth = truth.and(self.atom_assuming(*atom, assume));
            if truth == Truth::False {
                return truth;
            }
        }
        for atom in &condition.unless {
            truth = truth.and(self.atom_assuming(*atom, assume).not());
            if truth == Truth::False {
                return truth;
            }
        }
        if condition.any.is_empty() { truth } else { truth.and(self.any(&condition.any, assume)) }
    }

    fn any(&self, atoms: &[AtomIx], assume: Assume) -> Truth {
        let mut truth = Truth::False;
        for atom in atoms {
            truth = truth.or(self.atom_assuming(*atom, assume));
            if truth == Truth::True {
                break;
            }
        }
        truth
    }

    /// Whether an atom holds.
    pub(super) fn atom(&self, atom: AtomIx) -> Truth {
        let Some(memo) = self.memo.get(atom.position()) else {
            return self.evaluate(atom, Assume::Nothing);
        };
        memo.get().unwrap_or_else(|| {
            let truth = self.evaluate(atom, Assume::Nothing);
            memo.set(Some(truth));
            truth
        })
    }

    fn atom_assuming(&self, atom: AtomIx, assume: Assume) -> Truth {
        match assume {
            Assume::Nothing => self.atom(atom),
            Assume::Yes(_) | Assume::AllYes | Assume::AllYesBut(_) => self.evaluate(atom, assume),
        }
    }

    /// From here on the state stays as it is: each atom is evaluated once.
    pub(super) fn remember(&mut self) {
        self.memo = vec![Cell::new(None); self.playbook.atom_count()];
    }

    fn evaluate(&self, atom: AtomIx, assume: Assume) -> Truth {
        match self.playbook.atom(atom).atom {
            Atom::Fact(fact) => self.fact_assuming(fact, assume),
            Atom::Flag(signal) => self.reading(signal, |_, reading| reading.level == Level::ONE),
            Atom::Band(signal, band) => self.reading(signal, |signal, reading| {
                bands_of(signal, reading.level, reading.bands_before) & (1 << band) != 0
            }),
            Atom::Rising(signal) => Truth::of(self.trend(signal) >= TREND),
            Atom::Falling(signal) => Truth::of(self.trend(signal) <= -TREND),
            Atom::AtLeast(signal, level) => self.reading(signal, |_, reading| reading.level >= level),
            Atom::Named(named) => self.truth_assuming(&self.playbook.condition(named).condition, assume),
            Atom::Done(action) => Truth::of(self.state.action(action).is_some_and(|entry| entry.done)),
            Atom::DoneTimes(action, times) => Truth::of(self.count(action) >= times),
            Atom::StageTurns(turns) => Truth::of(self.stage_turns() >= turns),
            Atom::PromiseDue => Truth::of(self.state.commitments.iter().any(|promise| is_due(promise, self.now))),
            Atom::PromiseMissed => Truth::of(self.state.commitments.iter().any(|promise| is_missed(promise, self.now))),
            Atom::SignalKnown(signal) => Truth::of(self.live(signal).is_some()),
            Atom::SignalUnknown(signal) => Truth::of(self.live(signal).is_none()),
            Atom::Yes(inner) => Truth::of(self.atom_assuming(inner, assume) == Truth::True),
            Atom::No(inner) => Truth::of(self.atom_assuming(inner, assume) == Truth::False),
            Atom::Known(inner) => Truth::of(self.atom_assuming(inner, assume) != Truth::Unknown),
            Atom::Unknown(inner) => Truth::of(self.atom_assuming(inner, assume) == Truth::Unknown),
        }
    }

    fn fact_assuming(&self, fact: FactIx, assume: Assume) -> Truth {
        let Some(value) = self.fact(fact) else {
            return if assume.takes(fact) { Truth::True } else { Truth::Unknown };
        };
        Truth::of(value)
    }

    /// What is known of a fact now.
    pub(super) fn fact(&self, fact: FactIx) -> Option<bool> {
        self.fact_value(self.state.fact(fact)?)
    }

    /// What a fact's entry says now: nothing once it was forgotten, or cleared after it was told.
    pub(super) fn fact_value(&self, entry: &FactState) -> Option<bool> {
        let cleared = || self.cleared(&self.playbook.fact(entry.fact).cleared_by, entry.turn);
        entry.value.filter(|_| !entry.forgotten && !cleared())
    }

    fn cleared(&self, by: &[ActionIx], told: u32) -> bool {
        by.iter().any(|action| self.state.action(*action).is_some_and(|entry| entry.done_turn > told))
    }

    /// The reading of a signal, while it holds.
    pub(super) fn live(&self, signal: SignalIx) -> Option<&SignalState> {
        self.state.signal(signal).filter(|reading| self.was_live(reading, self.state.turn))
    }

    /// Whether a reading held in that turn.
    pub(super) fn was_live(&self, reading: &SignalState, turn: u32) -> bool {
        let signal = self.playbook.signal(reading.signal);
        let lasts = match signal.lasts {
            Lasts::Conversation => true,
            Lasts::Turns(turns) => turn.saturating_sub(reading.turn) < turns,
        };
        lasts && !self.cleared(&signal.cleared_by, reading.turn)
    }

    fn reading(&self, signal: SignalIx, holds: impl Fn(&Signal, &SignalState) -> bool) -> Truth {
        match self.live(signal) {
            Some(reading) => Truth::of(holds(self.playbook.signal(signal), reading)),
            None => match self.playbook.signal(signal).absent {
                Absent::Zero => Truth::False,
                Absent::Unknown => Truth::Unknown,
            },
        }
    }

    fn trend(&self, signal: SignalIx) -> i32 {
        let difference = |reading: &SignalState| {
            Some(i32::from(reading.level.thousandths()) - i32::from(reading.previous?.thousandths()))
        };
        self.live(signal).and_then(difference).unwrap_or(0)
    }

    /// How often an action was done.
    pub(super) fn count(&self, action: ActionIx) -> u32 {
        self.state.action(action).map_or(0, |entry| entry.count)
    }

    fn stage_turns(&self) -> u32 {
        self.state.turn.saturating_sub(self.state.stage_since).saturating_add(1)
    }

    /// Whether an action's limit is spent.
    pub(super) fn is_spent(&self, action: ActionIx) -> bool {
        let used = self.state.action(action).map_or(0, |entry| entry.used);
        self.playbook.action(action).limit.times.is_some_and(|times| used >= times)
    }

    /// The turn from which an action's gap lets it be suggested again; 0: no gap holds it.
    pub(super) fn gap_until(&self, action: ActionIx) -> u32 {
        let until = |entry: &ActionState<'_>| entry.used_turn.saturating_add(self.playbook.action(action).limit.gap);
        let used = self.state.action(action).filter(|entry| entry.used > 0);
        used.map(until).filter(|until| *until > self.state.turn).unwrap_or(0)
    }
}

/// The bands that a level is in: it enters at `from`, and leaves below `until`.
pub(super) fn bands_of(signal: &Signal, level: Level, before: u8) -> u8 {
    let is_in = |(bit, band): (usize, &Band)| {
        let held = before & (1 << bit) != 0;
        level >= band.from || (held && level >= band.until)
    };
    signal.bands.iter().enumerate().take(8).fold(0, |bands, band| bands | u8::from(is_in(band)) << band.0)
}

/// Whether a promise is open, and late or due within ten minutes.
pub(super) fn is_due(promise: &Commitment<'_>, now: Time) -> bool {
    is_open(promise) && now >= due_from(promise)
}

/// Whether a promise is open and its time has passed.
pub(super) fn is_missed(promise: &Commitment<'_>, now: Time) -> bool {
    promise.status == CommitmentStatus::Missed || (promise.status == CommitmentStatus::Open && now > promise.due)
}

/// Whether the customer still waits.
pub(super) fn is_open(promise: &Commitment<'_>) -> bool {
    match promise.status {
        CommitmentStatus::Open | CommitmentStatus::Missed => true,
        CommitmentStatus::Kept | CommitmentStatus::Withdrawn => false,
    }
}

/// When the situation changes by time alone: the next promise falls due, or is missed.
pub(super) fn next_check(promises: &[Commitment<'_>], now: Time) -> Option<Time> {
    let open = promises.iter().filter(|promise| promise.status == CommitmentStatus::Open);
    let moments = open.flat_map(|promise| [due_from(promise), promise.due.plus_millis(1)]);
    moments.filter(|moment| *moment > now).min()
}

fn due_from(promise: &Commitment<'_>) -> Time {
    promise.due.plus_millis(-DUE_AHEAD_MILLIS)
}

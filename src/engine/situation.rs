//! The situation: a playbook, a state and a moment, and what can be read off them directly.

use super::request::Options;
use super::snapshot::{Commitment, CommitmentStatus};
use super::state::{ActionState, FactState, SignalState, State};
use super::truth::Known;
use crate::playbook::{ActionIx, Band, GuardrailIx, Lasts, Level, Playbook, Signal, SignalIx, Time, ValueIx};

/// A promise is due this long before its time: ten minutes.
const DUE_AHEAD_MILLIS: i64 = 600_000;

/// Where a conversation stands, by which playbook and clock, and what the caller wants to see of it.
#[derive(Debug)]
pub(super) struct Situation<'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) state: State<'a>,
    pub(super) now: Time,
    pub(super) options: Options<'a>,
    /// The position of the locale to speak; `None`: the playbook does not speak the language.
    pub(super) locale: Option<usize>,
    pub(super) excluded: Vec<ActionIx>,
    /// Guardrails in force, in order; looked up once the conversation has settled.
    pub(super) guardrails: Vec<GuardrailIx>,
    pub(super) values: Vec<(ValueIx, &'a str)>,
    /// What was found out about it.
    pub(super) known: Known,
}

impl Situation<'_> {
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

    /// How often an action was done.
    pub(super) fn count(&self, action: ActionIx) -> u32 {
        self.state.action(action).map_or(0, |entry| entry.count)
    }

    pub(super) fn stage_turns(&self) -> u32 {
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

/// Whether a promise is open, and late or due within ten minutes. One that the caller calls missed is late.
pub(super) fn is_due(promise: &Commitment<'_>, now: Time) -> bool {
    is_open(promise) && (promise.status == CommitmentStatus::Missed || now >= due_from(promise))
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

//! The state of a conversation with its names resolved.

use super::snapshot::{ActionEntry, Commitment, FactEntry, PhrasingEntry, SignalEntry};
use crate::playbook::{ActionIx, EscalationIx, EscalationLevel, FactIx, Level, Playbook, SignalIx, StageIx, Time};

/// A reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignalState {
    pub(super) signal: SignalIx,
    pub(super) level: Level,
    pub(super) turn: u32,
    pub(super) previous: Option<Level>,
    pub(super) bands_before: u8,
}

/// A fact as told last, and whether it still counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactState {
    pub(super) fact: FactIx,
    pub(super) value: Option<bool>,
    pub(super) turn: u32,
    pub(super) forgotten: bool,
    pub(super) asked: u32,
    pub(super) asked_turn: u32,
}

/// What was done with an action.
#[derive(Debug, Clone)]
pub(super) struct ActionState<'a> {
    pub(super) action: ActionIx,
    pub(super) done: bool,
    pub(super) count: u32,
    pub(super) used: u32,
    pub(super) used_turn: u32,
    pub(super) done_turn: u32,
    pub(super) assumed: bool,
    pub(super) dismissed_until: u32,
    pub(super) unavailable: bool,
    pub(super) phrasings: Vec<PhrasingEntry<'a>>,
}

impl ActionState<'_> {
    /// An action with which nothing was done.
    pub(super) fn untouched(action: ActionIx) -> Self {
        Self {
            action,
            done: false,
            count: 0,
            used: 0,
            used_turn: 0,
            done_turn: 0,
            assumed: false,
            dismissed_until: 0,
            unavailable: false,
            phrasings: Vec::new(),
        }
    }
}

/// Advice in force.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) rule: EscalationIx,
    pub(super) level: EscalationLevel,
    pub(super) since_turn: u32,
    pub(super) cause_turn: u32,
}

/// Entries of ids that this playbook does not know: kept, so that another version finds them.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried<'a> {
    pub(super) signals: Vec<SignalEntry<'a>>,
    pub(super) facts: Vec<FactEntry<'a>>,
    pub(super) actions: Vec<ActionEntry<'a>>,
}

/// Where a conversation stands. Lists are sorted by index, without repeats.
#[derive(Debug, Clone)]
pub(super) struct State<'a> {
    pub(super) revision: u32,
    pub(super) turn: u32,
    pub(super) stage: StageIx,
    pub(super) stage_since: u32,
    pub(super) return_stage: Option<StageIx>,
    pub(super) path: Vec<StageIx>,
    pub(super) signals: Vec<SignalState>,
    pub(super) facts: Vec<FactState>,
    pub(super) actions: Vec<ActionState<'a>>,
    pub(super) commitments: Vec<Commitment<'a>>,
    pub(super) first_action: Option<ActionIx>,
    pub(super) first_phrasing: &'a str,
    pub(super) reported: bool,
    pub(super) assumed_before: Option<ActionState<'a>>,
    pub(super) answer_digest: u64,
    pub(super) escalation: Option<Held>,
    pub(super) update_time: Time,
    pub(super) carried: Carried<'a>,
}

impl<'a> State<'a> {
    /// The state of a conversation that has not begun.
    pub(super) fn fresh(playbook: &Playbook) -> Self {
        Self {
            revision: 0,
            turn: 0,
            stage: playbook.start(),
            stage_since: 0,
            return_stage: None,
            path: Vec::new(),
            signals: Vec::new(),
            facts: Vec::new(),
            actions: Vec::new(),
            commitments: Vec::new(),
            first_action: None,
            first_phrasing: "",
            reported: false,
            assumed_before: None,
            answer_digest: 0,
            escalation: None,
            update_time: Time::from_millis(i64::MIN),
            carried: Carried::default(),
        }
    }

    /// What is kept of a signal.
    pub(super) fn signal(&self, signal: SignalIx) -> Option<&SignalState> {
        let at = self.signals.binary_search_by_key(&signal, |entry| entry.signal).ok()?;
        self.signals.get(at)
    }

    /// What is kept of a fact.
    pub(super) fn fact(&self, fact: FactIx) -> Option<&FactState> {
        let at = self.facts.binary_search_by_key(&fact, |entry| entry.fact).ok()?;
        self.facts.get(at)
    }

    /// What is kept of an action.
    pub(super) fn action(&self, action: ActionIx) -> Option<&ActionState<'a>> {
        let at = self.actions.binary_search_by_key(&action, |entry| entry.action).ok()?;
        self.actions.get(at)
    }

    /// The entry of a fact, made where there is none.
    pub(super) fn fact_mut(&mut self, fact: FactIx) -> Option<&mut FactState> {
        let at = match self.facts.binary_search_by_key(&fact, |entry| entry.fact) {
            Ok(at) => at,
            Err(at) => {
                let unknown = FactState { fact, value: None, turn: 0, forgotten: false, asked: 0, asked_turn: 0 };
                self.facts.insert(at, unknown);
                at
            }
        };
        self.facts.get_mut(at)
    }

    /// The entry of an action, made where there is none.
    pub(super) fn action_mut(&mut self, action: ActionIx) -> Option<&mut ActionState<'a>> {
        let at = match self.actions.binary_search_by_key(&action, |entry| entry.action) {
            Ok(at) => at,
            Err(at) => {
                self.actions.insert(at, ActionState::untouched(action));
                at
            }
        };
        self.actions.get_mut(at)
    }

    /// Puts a reading in its place.
    pub(super) fn set_signal(&mut self, reading: SignalState) {
        match self.signals.binary_search_by_key(&reading.signal, |entry| entry.signal) {
            Ok(at) => {
                if let Some(entry) = self.signals.get_mut(at) {
                    *entry = reading;
                }
            }
            Err(at) => self.signals.insert(at, reading),
        }
    }

    /// Puts the entry of an action back to what it was.
    pub(super) fn restore_action(&mut self, before: ActionState<'a>) {
        if let Some(entry) = self.action_mut(before.action) {
            *entry = before;
        }
    }
}

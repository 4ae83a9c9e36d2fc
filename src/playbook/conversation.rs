//! The conversations that a playbook must get right: its own tests, checked like the rest of it.
//!
//! Names are those of the playbook and exist. Playing them is `rehearsal`'s matter.

use super::units::{Level, Time};
use super::vocabulary::Channel;

/// A conversation and what is expected of it.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// What it shows.
    pub it: String,
    /// Row ids that it shows at work.
    pub proves: Vec<String>,
    /// Where it takes place.
    pub channel: Option<Channel>,
    /// Its locale.
    pub locale: Option<String>,
    /// Turn by turn.
    pub turns: Vec<TurnCase>,
    /// Line in the file, from 1.
    pub line: usize,
}

/// A turn of it.
#[derive(Debug, Clone, Default)]
pub struct TurnCase {
    /// What was detected.
    pub signals: Vec<ReadingCase>,
    /// What is known now; `None` is unknown.
    pub facts: Vec<(String, Option<bool>)>,
    /// Texts for placeholders.
    pub values: Vec<(String, String)>,
    /// Another channel from here on.
    pub channel: Option<Channel>,
    /// What the agent did before; `None`: nobody said.
    pub did: Option<Vec<DidCase>>,
    /// Promises of the caller's own, and when they fall due.
    pub promises: Vec<(String, Time)>,
    /// When, after [`TurnCase::START`].
    pub at: Option<Time>,
    /// Actions not to suggest.
    pub exclude: Vec<String>,
    /// How many suggestions.
    pub max: Option<u32>,
    /// What is expected.
    pub expect: Expectation,
    /// Line in the file, from 1.
    pub line: usize,
}

impl TurnCase {
    /// When every conversation starts: 2026-01-01 00:00 UTC.
    pub const START: Time = Time::from_millis(1_767_225_600_000);
}

/// A reading.
#[derive(Debug, Clone)]
pub struct ReadingCase {
    /// The signal.
    pub signal: String,
    /// Its level; a flag that is up is 1, down 0.
    pub level: Level,
    /// How sure the detector was.
    pub confidence: Option<Level>,
}

/// What the agent did.
#[derive(Debug, Clone)]
pub struct DidCase {
    /// The action.
    pub action: String,
    /// How it went: `done`, `dismissed` or `unavailable`.
    pub result: DidResult,
    /// The phrasing used.
    pub phrasing: Option<String>,
    /// Promised for then.
    pub due: Option<Time>,
}

/// How an action went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DidResult {
    /// The agent did it.
    Done,
    /// The agent did not want to.
    Dismissed,
    /// The agent can't.
    Unavailable,
}

/// What a turn must bring; what is `None` or empty is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// The stage.
    pub stage: Option<String>,
    /// Stages passed in this turn.
    pub path: Option<Vec<String>>,
    /// The first suggestion.
    pub first: Option<String>,
    /// The first suggestions, in order.
    pub top: Vec<String>,
    /// Among the suggestions.
    pub includes: Vec<String>,
    /// Not among the suggestions: actions, or `kind.…`.
    pub never: Vec<String>,
    /// The level of escalation, by its word.
    pub escalation: Option<String>,
    /// Its target, by its word.
    pub target: Option<String>,
    /// Its urgency, by its word.
    pub urgency: Option<String>,
    /// Its action.
    pub call: Option<String>,
    /// The outcome, by its word.
    pub outcome: Option<String>,
    /// Guardrails in force.
    pub guardrails: Vec<String>,
    /// Guardrails not in force.
    pub lifted: Vec<String>,
    /// Facts asked for.
    pub missing: Vec<String>,
    /// Actions held back, and the reason's word.
    pub suppressed: Vec<(String, String)>,
    /// The stage that comes next.
    pub up_next: Option<String>,
    /// Delivery guides of the first suggestion.
    pub delivery: Vec<String>,
    /// Actions that the hand-off brief tells as tried.
    pub brief_tried: Vec<String>,
    /// Guardrails that it hands over.
    pub brief_avoid: Vec<String>,
    /// How many promises it tells of.
    pub brief_commitments: Option<usize>,
    /// Promises by status word.
    pub promises: Vec<(String, usize)>,
    /// The first suggestion's first phrasing is one of these.
    pub says_one_of: Vec<String>,
    /// Whether the answer is as before.
    pub unchanged: Option<bool>,
}

//! What is asked of the engine, by name, as it arrives: shapes and ranges are checked, names are not yet.

use super::snapshot::{Commitment, Snapshot};
use crate::playbook::{Channel, Level, Time};

/// One question: what should the agent do next?
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where the conversation stands; `None`: it begins.
    pub snapshot: Option<Snapshot<'a>>,
    /// What is new.
    pub observation: Observation<'a>,
    /// Texts for placeholders, by value id. Never kept.
    pub values: Vec<(&'a str, &'a str)>,
    /// What the answer should be like.
    pub options: Options<'a>,
    /// The moment of the decision. Never taken to be before the snapshot's.
    pub now: Time,
}

/// What is new since the last answer.
#[derive(Debug, Clone, Default)]
pub struct Observation<'a> {
    /// The customer's turn, from 1; `None`: one more than the snapshot's, where anything was observed.
    pub turn: Option<u32>,
    /// What was detected.
    pub signals: Vec<Reading<'a>>,
    /// What is known now.
    pub facts: Vec<(&'a str, bool)>,
    /// What is not known any more.
    pub unknown_facts: Vec<&'a str>,
    /// What the agent did; `None`: nobody said, `Some` and empty: nothing.
    pub report: Option<Vec<ActionReport<'a>>>,
    /// Promises that the caller keeps track of itself.
    pub commitments: Vec<Commitment<'a>>,
}

/// A detection.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The signal.
    pub name: &'a str,
    /// Its level; `None`: a flag that is up.
    pub level: Option<Level>,
    /// How sure the detector is; `None`: sure.
    pub confidence: Option<Level>,
}

/// What became of an action.
#[derive(Debug, Clone, Copy)]
pub struct ActionReport<'a> {
    /// The action.
    pub action: &'a str,
    /// The phrasing that was used; empty: not told.
    pub phrasing: &'a str,
    /// How it went.
    pub result: ActionResult,
    /// What was promised, if it was a promise: when.
    pub due: Option<Time>,
    /// The promise it made; empty: named after the action and the turn.
    pub commitment_id: &'a str,
}

/// How an action went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionResult {
    /// The agent did it.
    Done,
    /// The agent would rather not: silent for its gap, three turns at least.
    Dismissed,
    /// The agent can't: silent for the conversation.
    Unavailable,
}

/// What the answer should be like.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Where it will be said.
    pub channel: Channel,
    /// In which locale, a BCP 47 tag; `None`: the playbook's first.
    pub locale: Option<&'a str>,
    /// How many suggestions, 1 to 20.
    pub max_suggestions: usize,
    /// How much to explain.
    pub explain: Explain,
    /// Actions that the caller does not want to see.
    pub excluded: Vec<&'a str>,
    /// Whether a name that the playbook does not know is an error.
    pub strict: bool,
}

impl Options<'_> {
    /// Three suggestions, in chat, with a summary of the reasons.
    pub const DEFAULT_SUGGESTIONS: usize = 3;
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            channel: Channel::Chat,
            locale: None,
            max_suggestions: Self::DEFAULT_SUGGESTIONS,
            explain: Explain::Summary,
            excluded: Vec::new(),
            strict: false,
        }
    }
}

/// How much to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// No terms, no suppressed actions.
    None,
    /// The terms of each score, and what is held back and why.
    Summary,
    /// Also every rule that was looked at, and every reading as it stands.
    Full,
}

/// Something in a request that makes it unanswerable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, as a path: `signals[1].level`.
    pub field: String,
    /// What is wrong and what to do.
    pub description: String,
}

/// Something in a request that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which sort.
    pub code: WarningCode,
    /// Where, as a path.
    pub field: String,
    /// What was done instead, and what was probably meant.
    pub message: String,
}

/// Sorts of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningCode {
    /// The playbook has no such signal.
    UnknownSignal,
    /// The playbook has no such fact.
    UnknownFact,
    /// The playbook has no such action.
    UnknownAction,
    /// The action has no such phrasing.
    UnknownPhrasing,
    /// The playbook has no such value.
    UnknownValue,
    /// A reading below the signal's confidence was ignored.
    LowConfidence,
    /// A turn before the state's was ignored.
    TurnInThePast,
    /// A second report for the same turn was ignored.
    ReportRepeated,
    /// A time before the state's was raised to it.
    TimeInThePast,
    /// The playbook was changed since the state was written, or the stage of the state is not in it any more.
    PlaybookChanged,
    /// The state was written by a newer version: keep it.
    StateNewer,
    /// Entries were dropped at a cap.
    StateFull,
    /// A due time came with an action that promises nothing.
    NotAPromise,
    /// The playbook has no words in this language.
    LocaleNotSpoken,
    /// What happened before can't be read.
    PastUnknown,
    /// This was asked before, and counted then.
    RequestRepeated,
}

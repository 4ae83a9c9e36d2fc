//! Rehearsal: plays the conversations in a playbook's own `tests` and says what came out differently, and why.
//!
//! Every turn goes through the engine as a request would, and the state travels from turn to turn by name, as it does with a caller.
//! Nothing here knows how a decision is made: it looks at answers only.
//!
//! Pure: no I/O, no clock. A conversation takes place at [`TurnCase::START`](crate::playbook::TurnCase::START) and after.

mod compare;
mod coverage;
mod expect;
mod play;
mod why;
mod write;

use crate::engine::{Decision, Request, Suggestion, Violation};
use crate::playbook::{Conversation, Playbook};

pub use compare::{Change, Told, changes};
pub use coverage::{Case, Coverage, Item, Sort, Tally};
pub use write::{as_test, fields};

/// A conversation that was played.
#[derive(Debug)]
pub struct Played<'a> {
    /// The conversation.
    pub conversation: &'a Conversation,
    /// What came out differently, in order; empty: it passed.
    pub failures: Vec<Failure>,
}

impl Played<'_> {
    /// Whether everything came out as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// One expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The turn, from 1.
    pub turn: usize,
    /// Its line in the file, from 1.
    pub line: usize,
    /// What was expected, as the playbook writes it: `first: keep_listening`.
    pub expected: String,
    /// What there was instead.
    pub found: String,
    /// Why: a sentence each.
    pub because: Vec<String>,
}

/// The request of the last turn of `conversation`, once the turns before it were played; `None` where one of those makes
/// no sense, or there are no turns.
#[must_use]
pub fn last_request<'a>(playbook: &'a Playbook, conversation: &'a Conversation) -> Option<Request<'a>> {
    play::last_request(playbook, conversation)
}

/// Plays all conversations of `playbook`, in the order of the file.
#[must_use]
pub fn rehearse(playbook: &Playbook) -> Vec<Played<'_>> {
    let mut coverage = Coverage::none(playbook);
    playbook.tests().iter().map(|conversation| play(playbook, conversation, &mut coverage)).collect()
}

/// Plays one of the conversations of `playbook`, and notes in `coverage` what it exercises.
#[must_use]
pub fn play<'a>(playbook: &'a Playbook, conversation: &'a Conversation, coverage: &mut Coverage<'a>) -> Played<'a> {
    coverage.begin();
    let failures = play::failures(playbook, conversation, |decision, trace| coverage.note(decision, trace));
    Played { conversation, failures }
}

/// The answer to each turn of `conversation`, which need not be one of the playbook's own.
///
/// # Errors
///
/// What makes no sense in the first turn that can't be answered.
pub fn answers<'a>(
    playbook: &'a Playbook,
    conversation: &'a Conversation,
) -> Result<Vec<Decision<'a>>, Vec<Violation>> {
    play::answers(playbook, conversation)
}

/// Why the conversation is in its stage: a sentence each.
#[must_use]
pub fn why_here(decision: &Decision<'_>) -> Vec<String> {
    why::stayed(decision)
}

/// Why `suggestion`, one of `decision`, stands where it stands, in a sentence.
#[must_use]
pub fn why_placed(decision: &Decision<'_>, suggestion: &Suggestion<'_>) -> String {
    why::placed(decision, suggestion)
}

/// Why `action` is not on the screen of `decision`, or is where it is, in a sentence.
#[must_use]
pub fn why_not(playbook: &Playbook, decision: &Decision<'_>, action: &str) -> String {
    why::missing(expect::Answer { playbook, decision }, action)
}

/// Why there is the advice of `decision`, in a sentence, if there is any.
#[must_use]
pub fn why_advised(decision: &Decision<'_>) -> Option<String> {
    decision.escalation.as_ref().map(why::advised)
}

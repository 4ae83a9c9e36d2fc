//! Rehearsal: plays the conversations in a playbook's own `tests` and says what came out differently, and why.
//!
//! Every turn goes through the engine as a request would, and the state travels from turn to turn by name, as it does with a caller.
//! Nothing here knows how a decision is made: it looks at answers only.
//!
//! Pure: no I/O, no clock. A conversation takes place at [`TurnCase::START`](crate::playbook::TurnCase::START) and after.

mod coverage;
mod expect;
mod play;
mod why;

use crate::engine::Request;
use crate::playbook::{Conversation, Playbook};

pub use coverage::{Case, Coverage, Item, Sort, Tally};

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

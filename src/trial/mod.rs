//! A conversation that somebody types: lines of a short form become turns, and each turn an answer.
//!
//! A line is understood as a whole or not at all. The conversation is nothing but its turns: taking one back and playing the
//! rest again gives the answer that there was before.
//!
//! Pure: no terminal, no files, no clock. It knows nothing of how an answer is shown, or of how it comes about.

mod error;
mod line;
mod names;
mod observe;
mod words;

use crate::engine::{Decision, Violation};
use crate::playbook::{Channel, Conversation, Playbook, TurnCase};
use crate::rehearsal;

pub use error::Misread;
pub use line::{Command, Question};
pub use names::completions;

/// Every answer is found by playing all turns, so there is an end to them.
const MOST_TURNS: usize = 200;

/// A conversation that is being tried out.
#[derive(Debug)]
pub struct Trial<'a> {
    playbook: &'a Playbook,
    /// With one turn in which nothing happens: what the screen shows before anybody spoke.
    opening: Conversation,
    conversation: Conversation,
}

impl<'a> Trial<'a> {
    /// A conversation that has not begun, on `channel` (the playbook's usual one) and in `locale` (its first).
    #[must_use]
    pub fn new(playbook: &'a Playbook, channel: Option<Channel>, locale: Option<String>) -> Self {
        let conversation = Conversation { channel, locale, ..Conversation::default() };
        let opening = Conversation { turns: vec![TurnCase::default()], ..conversation.clone() };
        Self { playbook, opening, conversation }
    }

    /// What is on the screen now.
    ///
    /// # Errors
    ///
    /// The playbook does not take these turns; not after [`Trial::take`] has let them in.
    pub fn answer(&self) -> Result<Decision<'_>, Misread> {
        let conversation = if self.conversation.turns.is_empty() { &self.opening } else { &self.conversation };
        last_answer(self.playbook, conversation)
    }

    /// What `line` says.
    ///
    /// # Errors
    ///
    /// It can't be understood, or in more than one way.
    pub fn read(&self, line: &str) -> Result<Command, Misread> {
        let decision = self.answer()?;
        line::command(
            observe::Moment { playbook: self.playbook, decision: &decision, last: self.conversation.turns.last() },
            line,
        )
    }

    /// Adds a turn.
    ///
    /// # Errors
    ///
    /// The playbook does not take it; then nothing is added.
    pub fn take(&mut self, case: TurnCase) -> Result<(), Misread> {
        if self.conversation.turns.len() >= MOST_TURNS {
            return Err(Misread::TooManyTurns(MOST_TURNS));
        }
        self.conversation.turns.push(case);
        let refused = last_answer(self.playbook, &self.conversation).err();
        if refused.is_some() {
            self.conversation.turns.pop();
        }
        refused.map_or(Ok(()), Err)
    }

    /// Why `action` is not on the screen of `decision`, or is where it is.
    #[must_use]
    pub fn why_not(&self, decision: &Decision<'_>, action: &str) -> String {
        rehearsal::why_not(self.playbook, decision, action)
    }

    /// Takes the last turn back.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn undo(&mut self) -> Result<(), Misread> {
        self.conversation.turns.pop().map(|_| ()).ok_or(Misread::NothingToUndo)
    }

    /// The turns so far as a test with the name `it`, which expects the stages and first suggestions that there were.
    ///
    /// # Errors
    ///
    /// There are no turns.
    pub fn as_test(&self, it: &str) -> Result<String, Misread> {
        if self.conversation.turns.is_empty() {
            return Err(Misread::NothingToSave);
        }
        let test = Conversation { it: it.to_owned(), ..self.conversation.clone() };
        rehearsal::as_test(self.playbook, &test).map_err(|all| refused(&all))
    }
}

fn last_answer<'s>(playbook: &'s Playbook, conversation: &'s Conversation) -> Result<Decision<'s>, Misread> {
    let mut answers = rehearsal::answers(playbook, conversation).map_err(|all| refused(&all))?;
    answers.pop().ok_or(Misread::NothingToSave)
}

fn refused(violations: &[Violation]) -> Misread {
    Misread::Refused(violations.iter().map(|violation| violation.description.clone()).collect())
}

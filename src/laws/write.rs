//! A conversation that breaks a law, as it is written in the `tests` of a playbook.

use std::fmt::Write;

use crate::playbook::{Conversation, Expectation, Playbook};
use crate::rehearsal;

/// An entry for the list `tests`. Every turn is on a line of its own.
pub(super) fn yaml(playbook: &Playbook, conversation: &Conversation) -> String {
    let mut text = format!("- it: {}\n  turns:", conversation.it);
    for turn in &conversation.turns {
        let mut fields = rehearsal::fields(playbook, turn);
        fields.extend(expected(&turn.expect).map(|expected| format!("expect: {{{expected}}}")));
        // Writing to a string does not fail.
        let _ = write!(text, "\n    - {{{}}}", fields.join(", "));
    }
    text
}

/// The expectations that laws lead to.
fn expected(expect: &Expectation) -> Option<String> {
    let never = (!expect.never.is_empty()).then(|| format!("never: [{}]", expect.never.join(", ")));
    let first = expect.first.as_ref().map(|first| format!("first: {first}"));
    let level = expect.escalation.as_ref().map(|level| format!("escalation: {level}"));
    let stage = expect.stage.as_ref().map(|stage| format!("stage: {stage}"));
    let all: Vec<String> = stage.into_iter().chain(never).chain(first).chain(level).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

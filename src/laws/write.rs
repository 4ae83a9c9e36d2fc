//! A conversation as it is written in the `tests` of a playbook.

use std::fmt::Write;

use crate::playbook::{Conversation, DidCase, DidResult, Expectation, Level, Playbook, ReadingCase, Time, TurnCase};

/// An entry for the list `tests`. Every turn is on a line of its own.
pub(super) fn yaml(playbook: &Playbook, conversation: &Conversation) -> String {
    let mut text = format!("- it: {}\n  turns:", conversation.it);
    for turn in &conversation.turns {
        // Writing to a string does not fail.
        let _ = write!(text, "\n    - {{{}}}", turn_fields(playbook, turn).join(", "));
    }
    text
}

fn turn_fields(playbook: &Playbook, turn: &TurnCase) -> Vec<String> {
    let mut fields = Vec::new();
    if !turn.signals.is_empty() {
        fields.push(format!("signals: {{{}}}", list(&turn.signals, |case| reading(playbook, case))));
    }
    if !turn.facts.is_empty() {
        fields.push(format!("facts: {{{}}}", list(&turn.facts, fact)));
    }
    fields.extend(turn.did.as_ref().map(|did| format!("did: [{}]", list(did, done))));
    fields.extend(turn.at.map(|at| format!("at: {}", since_start(at))));
    if !turn.exclude.is_empty() {
        fields.push(format!("exclude: [{}]", turn.exclude.join(", ")));
    }
    fields.extend(turn.max.map(|max| format!("max: {max}")));
    fields.extend(expected(&turn.expect).map(|expected| format!("expect: {{{expected}}}")));
    fields
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    items.iter().map(write).collect::<Vec<_>>().join(", ")
}

fn reading(playbook: &Playbook, case: &ReadingCase) -> String {
    let is_flag = playbook.find_signal(&case.signal).is_some_and(|signal| playbook.signal(signal).flag);
    if is_flag {
        format!("{}: {}", case.signal, case.level == Level::ONE)
    } else {
        format!("{}: {}", case.signal, case.level.as_f64())
    }
}

fn fact((name, value): &(String, Option<bool>)) -> String {
    format!("{name}: {}", value.map_or_else(|| "unknown".to_owned(), |value| value.to_string()))
}

fn done(case: &DidCase) -> String {
    let result = match case.result {
        DidResult::Done => "",
        DidResult::Dismissed => ", result: dismissed",
        DidResult::Unavailable => ", result: unavailable",
    };
    let due = case.due.map(|due| format!(", due: {}", since_start(due))).unwrap_or_default();
    if result.is_empty() && due.is_empty() {
        return case.action.clone();
    }
    format!("{{action: {}{result}{due}}}", case.action)
}

fn since_start(at: Time) -> String {
    let seconds = at.millis().saturating_sub(TurnCase::START.millis()) / 1000;
    if seconds % 60 == 0 { format!("{}m", seconds / 60) } else { format!("{seconds}s") }
}

/// The expectations that laws lead to.
fn expected(expect: &Expectation) -> Option<String> {
    let never = (!expect.never.is_empty()).then(|| format!("never: [{}]", expect.never.join(", ")));
    let first = expect.first.as_ref().map(|first| format!("first: {first}"));
    let level = expect.escalation.as_ref().map(|level| format!("escalation: {level}"));
    let all: Vec<String> = never.into_iter().chain(first).chain(level).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

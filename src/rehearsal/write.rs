//! A conversation as it is written in the `tests` of a playbook.

use crate::engine::{Decision, Violation};
use crate::playbook::{Conversation, DidCase, DidResult, Level, Playbook, ReadingCase, Stretch, Time, TurnCase};

/// An entry for the list `tests`, each turn on a line of its own: expected are the stage and the first suggestion that there are.
///
/// # Errors
///
/// What makes no sense in the first turn that can't be answered.
pub fn as_test(playbook: &Playbook, conversation: &Conversation) -> Result<String, Vec<Violation>> {
    let decisions = super::answers(playbook, conversation)?;
    let mut lines = vec![format!("  - it: {}", quoted(&conversation.it))];
    lines.extend(conversation.channel.map(|channel| format!("    channel: {}", channel.as_str())));
    lines.extend(conversation.locale.as_ref().map(|locale| format!("    locale: {locale}")));
    lines.push("    turns:".to_owned());
    let turns = conversation.turns.iter().zip(&decisions);
    lines.extend(turns.map(|(case, decision)| format!("      - {{{}}}", turn(playbook, case, decision))));
    Ok(lines.join("\n") + "\n")
}

fn turn(playbook: &Playbook, case: &TurnCase, decision: &Decision<'_>) -> String {
    let mut fields = fields(playbook, case);
    fields.push(expected(decision));
    fields.join(", ")
}

/// What a turn brings, as the fields of its entry; nothing of what is expected of it.
#[must_use]
pub fn fields(playbook: &Playbook, case: &TurnCase) -> Vec<String> {
    let signals = listed(&case.signals, |case| reading(playbook, case));
    let facts = listed(&case.facts, |(fact, value)| format!("{fact}: {}", truth(*value)));
    let values = listed(&case.values, |(value, text)| format!("{value}: {}", quoted(text)));
    let promises = listed(&case.promises, |(id, due)| format!("{id}: {}", since_start(*due)));
    let parts = [
        signals.map(|signals| format!("signals: {{{signals}}}")),
        facts.map(|facts| format!("facts: {{{facts}}}")),
        values.map(|values| format!("values: {{{values}}}")),
        case.channel.map(|channel| format!("channel: {}", channel.as_str())),
        case.did.as_ref().map(|all| format!("did: [{}]", listed(all, did).unwrap_or_default())),
        promises.map(|promises| format!("promises: {{{promises}}}")),
        case.at.map(|at| format!("at: {}", since_start(at))),
        listed(&case.exclude, String::clone).map(|actions| format!("exclude: [{actions}]")),
        case.max.map(|max| format!("max: {max}")),
    ];
    parts.into_iter().flatten().collect()
}

/// All of `items`, with commas between; `None`: there are none.
fn listed<T>(items: &[T], write: impl Fn(&T) -> String) -> Option<String> {
    (!items.is_empty()).then(|| items.iter().map(write).collect::<Vec<_>>().join(", "))
}

fn reading(playbook: &Playbook, case: &ReadingCase) -> String {
    let is_flag = playbook.find_signal(&case.signal).is_some_and(|signal| playbook.signal(signal).flag);
    let level = if is_flag { (case.level == Level::ONE).to_string() } else { case.level.as_f64().to_string() };
    match case.confidence {
        Some(sure) => format!("{}: {{level: {}, confidence: {}}}", case.signal, case.level.as_f64(), sure.as_f64()),
        None => format!("{}: {level}", case.signal),
    }
}

fn truth(value: Option<bool>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

fn did(case: &DidCase) -> String {
    let result = match case.result {
        DidResult::Done => None,
        DidResult::Dismissed => Some("result: dismissed".to_owned()),
        DidResult::Unavailable => Some("result: unavailable".to_owned()),
    };
    let phrasing = case.phrasing.as_ref().map(|phrasing| format!("phrasing: {phrasing}"));
    let due = case.due.map(|due| format!("due: {}", since_start(due)));
    let more: Vec<String> = [result, phrasing, due].into_iter().flatten().collect();
    if more.is_empty() { case.action.clone() } else { format!("{{action: {}, {}}}", case.action, more.join(", ")) }
}

fn since_start(time: Time) -> Stretch {
    Stretch::between(TurnCase::START, time)
}

fn expected(decision: &Decision<'_>) -> String {
    let first = decision.suggestions.first().map(|first| format!(", first: {}", first.action.id));
    format!("expect: {{stage: {}{}}}", decision.stage.id, first.unwrap_or_default())
}

/// In double quotes, as YAML reads them; what can't be seen is written as its number.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => quoted.extend(format!("\\u{:04X}", u32::from(character)).chars()),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

//! A digest of an answer, by which the next one knows whether anything changed. Wording is left out where it comes from
//! values: those are personal, and a digest of them would be kept.

use xxhash_rust::xxh3::xxh3_64;

use super::decision::{Decision, Placed};
use super::snapshot::Commitment;

/// The digest of a decision; its state and explanation do not count.
pub(super) fn digest(decision: &Decision<'_>) -> u64 {
    let mut bytes = Vec::with_capacity(2048);
    let mut add = |text: &str| {
        // The length keeps neighbours from running together.
        bytes.extend_from_slice(&text.len().to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    };
    add(&decision.playbook.digest);
    add(&decision.stage.id);
    for suggestion in &decision.suggestions {
        add(&suggestion.action.id);
        add(placement(suggestion.placed));
        for phrasing in suggestion.phrasings.iter().chain(&suggestion.cues) {
            add(&phrasing.text.id);
            phrasing.unfilled.iter().for_each(|value| add(value));
        }
    }
    add("up next");
    if let Some(next) = &decision.up_next {
        add(&next.stage.id);
        next.blocked_by.iter().for_each(|atom| add(atom));
    }
    add("escalation");
    if let Some(escalation) = &decision.escalation {
        add(&escalation.rule.id);
        add(escalation.level.as_str());
        add(escalation.action.map_or("", |action| &action.id));
    }
    add("guardrails");
    decision.guardrails.iter().for_each(|guardrail| add(&guardrail.id));
    add("suppressed");
    for suppressed in &decision.suppressed {
        add(&suppressed.action.id);
        add(suppressed.reason.as_str());
    }
    add("missing");
    decision.missing.iter().for_each(|missing| add(missing.fact));
    add("commitments");
    for Commitment { id, status, due, turn: _ } in &decision.commitments {
        add(id);
        add(status.as_str());
        add(&due.millis().to_string());
    }
    xxh3_64(&bytes)
}

fn placement(placed: Placed) -> &'static str {
    match placed {
        Placed::First => "first",
        Placed::Escalation => "escalation",
        Placed::Score => "score",
        Placed::Otherwise => "otherwise",
    }
}

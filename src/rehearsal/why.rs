//! Why an answer is as it is, in words, out of what the answer says itself.

use super::expect::Answer;
use crate::engine::{Decision, Escalation, Placed, Suggestion, Suppressed};

/// Why the conversation is where it is.
pub(super) fn stayed(decision: &Decision<'_>) -> Vec<String> {
    let path: Vec<&str> = decision.path.iter().map(|stage| stage.id.as_str()).collect();
    let came = match path.as_slice() {
        [] => format!("it stayed in `{}`", decision.stage.id),
        path => format!("it went to {}", path.join(", then ")),
    };
    let ahead = decision.up_next.as_ref().map(|next| match next.blocked_by.as_slice() {
        [] => format!("`{}` comes next", next.stage.id),
        blocks => format!("`{}` comes next, and waits because {}", next.stage.id, blocks.join(", ")),
    });
    std::iter::once(came).chain(ahead).collect()
}

/// Why `suggestion` stands where it stands.
pub(super) fn placed(suggestion: &Suggestion<'_>) -> String {
    let reason = match suggestion.placed {
        Placed::First => "placed by a `first` rule".to_owned(),
        Placed::Escalation => "placed by the escalation".to_owned(),
        Placed::Otherwise => "placed because nothing else was left".to_owned(),
        Placed::Score => score(suggestion),
    };
    format!("`{}` is {reason}", suggestion.action.id)
}

fn score(suggestion: &Suggestion<'_>) -> String {
    let terms: Vec<String> = suggestion
        .terms
        .iter()
        .map(|term| match term.because.as_slice() {
            [] => term.factor.as_f64().to_string(),
            because => format!("{} as {}", term.factor.as_f64(), because.join(", ")),
        })
        .collect();
    format!("ranked by its score, {} = {}", suggestion.score, terms.join(" × "))
}

/// Why `action` is not where it was expected.
pub(super) fn missing(answer: Answer<'_, '_>, action: &str) -> String {
    let Answer { playbook, decision } = answer;
    if let Some(suppressed) = decision.suppressed.iter().find(|suppressed| suppressed.action.id == action) {
        return held_back(suppressed);
    }
    if let Some(suggestion) = decision.suggestions.iter().find(|suggestion| suggestion.action.id == action) {
        return placed(suggestion);
    }
    let listed = decision.stage.candidates.iter().any(|candidate| playbook.action(candidate.action).id == action);
    if listed {
        format!("`{action}` is free to be shown, and others come before it")
    } else {
        format!("`{action}` is not an action of stage `{}`", decision.stage.id)
    }
}

fn held_back(suppressed: &Suppressed<'_>) -> String {
    let (id, reason) = (&suppressed.action.id, suppressed.reason.as_str());
    let because = match suppressed.because.as_slice() {
        [] => String::new(),
        because => format!(": {}", because.join(", ")),
    };
    let until = match suppressed.until_turn {
        0 => String::new(),
        turn => format!(", until turn {turn}"),
    };
    format!("`{id}` is held back ({reason}{because}{until})")
}

/// Why there is this advice.
pub(super) fn advised(advice: &Escalation<'_>) -> String {
    let because: Vec<&str> = advice.reasons.iter().flat_map(|reason| reason.because.iter().copied()).collect();
    match because.as_slice() {
        [] => format!("`{}` is in force, and nothing calls for it any more", advice.rule.id),
        because => format!("`{}` is in force: {}", advice.rule.id, because.join(", ")),
    }
}

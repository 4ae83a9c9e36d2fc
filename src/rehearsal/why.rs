//! Why an answer is as it is, in words, out of what the answer says itself.

use super::expect::Answer;
use crate::engine::{Decision, Escalation, NextState, Placed, RuleCheck, RuleSort, Suggestion, Suppressed, Truth};
use crate::playbook::{Escalation as Rule, Expectation, Playbook};

/// Rules told of at most, where several would have brought what was expected.
const MOST_RULES: usize = 3;

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

/// What keeps the conversation from going to the stage `wanted`, where that is not what comes next.
pub(super) fn not_in(decision: &Decision<'_>, wanted: &str) -> Vec<String> {
    if decision.up_next.as_ref().is_some_and(|next| next.stage.id == wanted) {
        return Vec::new();
    }
    let ways = checks(decision, wanted).filter_map(|check| match check.rule {
        RuleSort::Exit => Some(waiting("the exit to", check)),
        RuleSort::Interrupt => Some(waiting("the interrupt to", check)),
        RuleSort::First | RuleSort::Action | RuleSort::Guardrail | RuleSort::Escalation => None,
    });
    let ways: Vec<String> = ways.collect();
    if ways.is_empty() { vec![format!("no exit of `{}` leads to `{wanted}`", decision.stage.id)] } else { ways }
}

fn checks<'d, 'a>(decision: &'d Decision<'a>, id: &'d str) -> impl Iterator<Item = &'d RuleCheck<'a>> {
    decision.explanation.iter().flat_map(|explanation| &explanation.rules).filter(move |check| check.id == id)
}

/// ``the exit to `help` waits because grievance_known is unknown``.
fn waiting(what: &str, check: &RuleCheck<'_>) -> String {
    let RuleCheck { id, truth, because, .. } = check;
    match truth {
        Truth::True => format!("{what} `{id}` holds{}", told(because)),
        Truth::False | Truth::Unknown => format!("{what} `{id}` waits because {}", because.join(", ")),
    }
}

/// `: this, that`, or nothing.
fn told(because: &[&str]) -> String {
    if because.is_empty() { String::new() } else { format!(": {}", because.join(", ")) }
}

/// Why the guardrail `id` is in force or not.
pub(super) fn guarded(decision: &Decision<'_>, id: &str) -> Option<String> {
    let check = checks(decision, id).find(|check| check.rule == RuleSort::Guardrail)?;
    let stands = if check.truth == Truth::False { "lifted" } else { "in force" };
    Some(match check.because.as_slice() {
        [] => format!("`{id}` is {stands}, always"),
        because => format!("`{id}` is {stands}: {}", because.join(", ")),
    })
}

/// Why the fact is not asked for.
pub(super) fn not_asked(decision: &Decision<'_>, fact: &str) -> String {
    let known = match &decision.state {
        NextState::New(snapshot) => snapshot.facts.iter().find(|entry| entry.name == fact && !entry.forgotten),
        NextState::Same | NextState::Withheld => None,
    };
    match known.and_then(|entry| entry.value) {
        Some(value) => format!("`{fact}` was told to be {value}"),
        None => format!("nothing that can come now waits for `{fact}`, or others have been asked for less often"),
    }
}

/// How the promises stand.
pub(super) fn promised(decision: &Decision<'_>) -> Vec<String> {
    let promises = decision.commitments.iter();
    promises.map(|promise| format!("the promise `{}` is {}", promise.id, promise.status.as_str())).collect()
}

/// What there is to say with `suggestion`.
pub(super) fn worded(suggestion: &Suggestion<'_>) -> String {
    let ids: Vec<&str> = suggestion.phrasings.iter().map(|phrasing| phrasing.text.id.as_str()).collect();
    format!("`{}` offers [{}]", suggestion.action.id, ids.join(", "))
}

/// Why `suggestion` stands where it stands.
pub(super) fn placed(decision: &Decision<'_>, suggestion: &Suggestion<'_>) -> String {
    let reason = match suggestion.placed {
        Placed::First => {
            let mut rules = checks(decision, &suggestion.action.id).filter(|check| check.rule == RuleSort::First);
            let rule = rules.find(|check| check.truth == Truth::True);
            format!("placed by a `first` rule{}", told(rule.map_or(&[], |rule| &rule.because)))
        }
        Placed::Escalation => {
            let rule = decision.escalation.as_ref().map_or("", |advice| &advice.rule.id);
            format!("placed by the escalation `{rule}`")
        }
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
        return placed(decision, suggestion);
    }
    let listed = decision.stage.candidates.iter().any(|candidate| playbook.action(candidate.action).id == action);
    if listed {
        return format!("`{action}` is free to be shown, and others come before it");
    }
    let firsts = checks(decision, action).filter(|check| check.rule == RuleSort::First);
    let firsts: Vec<String> = firsts.map(|check| format!(", and {}", first_rule(check))).collect();
    format!("`{action}` is not an action of stage `{}`{}", decision.stage.id, firsts.concat())
}

/// A rule that holds for an action that is not shown.
fn first_rule(check: &RuleCheck<'_>) -> String {
    let waits = waiting("the `first` rule for", check);
    match check.truth {
        Truth::True => format!("{waits}, but the action's own gates hold it back"),
        Truth::False | Truth::Unknown => waits,
    }
}

fn held_back(suppressed: &Suppressed<'_>) -> String {
    let (id, reason) = (&suppressed.action.id, suppressed.reason.as_str());
    let because = told(&suppressed.because);
    let until = match suppressed.until_turn {
        0 => String::new(),
        turn => format!(", until turn {turn}"),
    };
    format!("`{id}` is held back ({reason}{because}{until})")
}

/// Why there is this advice, or none, and what keeps back the rules that would have given what was expected.
pub(super) fn advice(answer: Answer<'_, '_>, expectation: &Expectation) -> Vec<String> {
    let Answer { playbook, decision } = answer;
    let given = decision.escalation.as_ref();
    let is_given = |rule: &Rule| given.is_some_and(|advice| advice.rule.id == rule.id);
    let others = playbook.escalations().map(|(_, rule)| rule).filter(|rule| !is_given(rule));
    let fitting = others.filter(|rule| would_give(playbook, rule, expectation));
    let checks = fitting.flat_map(|rule| checks(decision, &rule.id).filter(|check| check.rule == RuleSort::Escalation));
    let waiting = checks.take(MOST_RULES).map(|check| waiting("the escalation", check));
    given.map(advised).into_iter().chain(waiting).collect()
}

/// Whether `rule` is what `expectation` wants of an escalation; no rule is the one to give none.
fn would_give(playbook: &Playbook, rule: &Rule, expectation: &Expectation) -> bool {
    let Expectation { escalation, target, urgency, call, .. } = expectation;
    let action = rule.action.map_or("", |action| playbook.action(action).id.as_str());
    let words = [
        (escalation, rule.level.as_str()),
        (target, rule.target.as_str()),
        (urgency, rule.urgency.as_str()),
        (call, action),
    ];
    words.into_iter().all(|(wanted, word)| wanted.as_deref().is_none_or(|wanted| wanted == word))
}

/// Why `advice` is given.
pub(super) fn advised(advice: &Escalation<'_>) -> String {
    let because: Vec<&str> = advice.reasons.iter().flat_map(|reason| reason.because.iter().copied()).collect();
    match because.as_slice() {
        [] => format!("`{}` is in force, and nothing calls for it any more", advice.rule.id),
        because => format!("`{}` is in force: {}", advice.rule.id, because.join(", ")),
    }
}

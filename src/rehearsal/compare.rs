//! What is different between two answers to one request.

use super::{why_advised, why_here, why_not, why_placed};
use crate::engine::{Decision, RuleSort};
use crate::playbook::{EscalationLevel, Playbook};

/// Something that is different, and why it now is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What: `stage`, `first`, `screen`, `escalation`, or `guardrail` and its id.
    pub what: String,
    /// As it was.
    pub from: String,
    /// As it is.
    pub to: String,
    /// Why, a sentence each, as the answer after tells.
    pub because: Vec<String>,
}

/// An answer, and the playbook that gave it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'d, 'a> {
    /// The playbook.
    pub playbook: &'d Playbook,
    /// The answer; for the reasons of guardrails with its explanation in full.
    pub decision: &'d Decision<'a>,
}

/// What is different in `after`. Where the first suggestion is, the rest of the screen is not told of.
#[must_use]
pub fn changes(before: &Decision<'_>, after: Told<'_, '_>) -> Vec<Change> {
    let Told { decision, .. } = after;
    let (was, is) = (ids(before), ids(decision));
    let mut changes = Vec::new();
    changes.extend(change("stage", &before.stage.id, &decision.stage.id, || why_here(decision)));
    if was.first() == is.first() {
        changes.extend(change("screen", &listed(&was), &listed(&is), || why_on_screen(&was, after)));
    } else {
        let first = |ids: &[&str]| ids.first().copied().unwrap_or("no suggestion").to_owned();
        changes.extend(change("first", &first(&was), &first(&is), || why_first(&was, after)));
    }
    let (was, is) = (level(before), level(decision));
    changes.extend(change("escalation", was, is, || why_advised(decision).into_iter().collect()));
    changes.extend(guardrails(before, decision));
    changes
}

fn change(what: &str, from: &str, to: &str, because: impl FnOnce() -> Vec<String>) -> Option<Change> {
    let new = || Change { what: what.to_owned(), from: from.to_owned(), to: to.to_owned(), because: because() };
    (from != to).then(new)
}

fn ids<'a>(decision: &Decision<'a>) -> Vec<&'a str> {
    decision.suggestions.iter().map(|suggestion| suggestion.action.id.as_str()).collect()
}

fn listed(ids: &[&str]) -> String {
    format!("[{}]", ids.join(", "))
}

fn level(decision: &Decision<'_>) -> &'static str {
    decision.escalation.as_ref().map_or(EscalationLevel::None, |advice| advice.level).as_str()
}

/// Why the first suggestion is first, and the former one is not.
fn why_first(was: &[&str], after: Told<'_, '_>) -> Vec<String> {
    let Told { playbook, decision } = after;
    let now = decision.suggestions.first().map(|first| why_placed(decision, first));
    let former = was.first().map(|former| why_not(playbook, decision, former));
    now.into_iter().chain(former).collect()
}

/// Why what has come is there, and what has gone is not.
fn why_on_screen(was: &[&str], after: Told<'_, '_>) -> Vec<String> {
    let Told { playbook, decision } = after;
    let new = decision.suggestions.iter().filter(|shown| !was.contains(&shown.action.id.as_str()));
    let come = new.map(|shown| why_placed(decision, shown));
    let is = ids(decision);
    let gone = was.iter().filter(|former| !is.contains(former)).map(|former| why_not(playbook, decision, former));
    come.chain(gone).collect()
}

fn guardrails(before: &Decision<'_>, after: &Decision<'_>) -> Vec<Change> {
    let holds = |decision: &Decision<'_>, id: &str| decision.guardrails.iter().any(|rule| rule.id == id);
    let word = |holds: bool| if holds { "in force" } else { "not in force" };
    let both = before.guardrails.iter().chain(after.guardrails.iter().filter(|rule| !holds(before, &rule.id)));
    both.filter_map(|rule| {
        let (was, is) = (holds(before, &rule.id), holds(after, &rule.id));
        change(&format!("guardrail {}", rule.id), word(was), word(is), || why_in_force(after, &rule.id))
    })
    .collect()
}

/// What decides on a guardrail, where it was looked at.
fn why_in_force(decision: &Decision<'_>, id: &str) -> Vec<String> {
    let rules = decision.explanation.iter().flat_map(|explanation| &explanation.rules);
    let checks = rules.filter(|check| check.rule == RuleSort::Guardrail && check.id == id);
    checks.flat_map(|check| &check.because).map(|because| (*because).to_owned()).collect()
}

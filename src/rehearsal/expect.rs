//! What a turn must bring, against what it brought.

use super::why;
use crate::engine::{Decision, Escalation, Suggestion};
use crate::playbook::{EscalationLevel, Expectation, Playbook};

/// An answer, and the playbook that gave it.
#[derive(Clone, Copy)]
pub(super) struct Answer<'d, 'a> {
    pub(super) playbook: &'d Playbook,
    pub(super) decision: &'d Decision<'a>,
}

/// An expectation that was not met.
pub(super) struct Miss {
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) because: Vec<String>,
}

impl Miss {
    fn new(key: &str, wanted: &str, found: impl Into<String>) -> Self {
        Self { expected: format!("{key}: {wanted}"), found: found.into(), because: Vec::new() }
    }

    fn because(mut self, reasons: impl IntoIterator<Item = String>) -> Self {
        self.because.extend(reasons);
        self
    }
}

/// All of `expectation` that `answer` does not meet.
pub(super) fn misses(answer: Answer<'_, '_>, expectation: &Expectation) -> Vec<Miss> {
    let Answer { decision, .. } = answer;
    let mut misses = whereabouts(decision, expectation);
    misses.extend(suggestions(answer, expectation));
    misses.extend(advice(answer, expectation));
    misses.extend(surroundings(answer, expectation));
    misses.extend(brief(decision, expectation));
    misses
}

/// Where the conversation is.
fn whereabouts(decision: &Decision<'_>, expectation: &Expectation) -> Vec<Miss> {
    let next = decision.up_next.as_ref().map_or("nothing", |next| next.stage.id.as_str());
    let unchanged = expectation.unchanged.map(|unchanged| unchanged.to_string());
    let stage = word("stage", expectation.stage.as_deref(), &decision.stage.id);
    let outcome = word("outcome", expectation.outcome.as_deref(), decision.outcome.as_str());
    let up_next = word("up_next", expectation.up_next.as_deref(), next);
    [
        stage.map(|miss| {
            let wanted = expectation.stage.iter().flat_map(|wanted| why::not_in(decision, wanted));
            miss.because(why::stayed(decision)).because(wanted)
        }),
        expectation.path.as_ref().and_then(|path| came_by(decision, path)),
        outcome.map(|miss| miss.because(why::stayed(decision))),
        up_next.map(|miss| miss.because(why::stayed(decision))),
        word("unchanged", unchanged.as_deref(), if decision.unchanged { "true" } else { "false" }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn came_by(decision: &Decision<'_>, wanted: &[String]) -> Option<Miss> {
    let path: Vec<&str> = decision.path.iter().map(|stage| stage.id.as_str()).collect();
    (path != wanted).then(|| Miss::new("path", &bracketed(wanted), bracketed(&path)).because(why::stayed(decision)))
}

/// What is on the screen.
fn suggestions(answer: Answer<'_, '_>, expectation: &Expectation) -> Vec<Miss> {
    let Answer { decision, .. } = answer;
    let shown: Vec<&str> = decision.suggestions.iter().map(|suggestion| suggestion.action.id.as_str()).collect();
    let first = shown.first().copied().unwrap_or("no suggestion");
    let first_miss = word("first", expectation.first.as_deref(), first);
    let first_miss = first_miss.map(|miss| {
        miss.because(decision.suggestions.first().map(|first| why::placed(decision, first)))
            .because(expectation.first.iter().map(|wanted| why::missing(answer, wanted)))
    });
    let absent = expectation.includes.iter().filter(|wanted| !shown.contains(&wanted.as_str()));
    let absent =
        absent.map(|wanted| Miss::new("includes", wanted, bracketed(&shown)).because([why::missing(answer, wanted)]));
    let mut misses: Vec<Miss> = first_miss.into_iter().chain(top(answer, &expectation.top)).chain(absent).collect();
    misses.extend(expectation.never.iter().flat_map(|unwanted| never(decision, unwanted)));
    misses.extend(of_the_first(decision, expectation));
    misses
}

fn top(answer: Answer<'_, '_>, wanted: &[String]) -> Option<Miss> {
    let Answer { decision, .. } = answer;
    let shown: Vec<&str> = decision.suggestions.iter().map(|suggestion| suggestion.action.id.as_str()).collect();
    let wrong = (0..).zip(wanted).find(|(place, id)| shown.get(*place) != Some(&id.as_str()));
    wrong.map(|(place, id)| {
        Miss::new("top", &bracketed(wanted), bracketed(&shown))
            .because(decision.suggestions.get(place).map(|shown| why::placed(decision, shown)))
            .because([why::missing(answer, id)])
    })
}

fn never(decision: &Decision<'_>, unwanted: &str) -> Vec<Miss> {
    let is_unwanted = |suggestion: &Suggestion<'_>| match unwanted.strip_prefix("kind.") {
        Some(kind) => suggestion.action.kind.as_str() == kind,
        None => suggestion.action.id == unwanted,
    };
    (1..)
        .zip(&decision.suggestions)
        .filter(|(_, suggestion)| is_unwanted(suggestion))
        .map(|(place, suggestion): (usize, _)| {
            let found = format!("{} in place {place}", suggestion.action.id);
            Miss::new("never", unwanted, found).because([why::placed(decision, suggestion)])
        })
        .collect()
}

/// How the first suggestion is said and carried.
fn of_the_first(decision: &Decision<'_>, expectation: &Expectation) -> Vec<Miss> {
    let first = decision.suggestions.first();
    let guides: Vec<&str> = first.iter().flat_map(|first| &first.delivery).map(|guide| guide.id.as_str()).collect();
    let said = first.and_then(|first| first.phrasings.first()).map(|phrasing| phrasing.text.id.as_str());
    let place = || first.map(|first| why::placed(decision, first));
    let mut misses: Vec<Miss> =
        all_in("delivery", &expectation.delivery, &guides).into_iter().map(|miss| miss.because(place())).collect();
    let says_one_of = &expectation.says_one_of;
    if !says_one_of.is_empty() && !said.is_some_and(|said| says_one_of.iter().any(|id| id == said)) {
        let miss = Miss::new("says_one_of", &bracketed(says_one_of), said.unwrap_or("no phrasing"));
        misses.push(miss.because(place()).because(first.map(why::worded)));
    }
    misses
}

/// Whom to bring in.
fn advice(answer: Answer<'_, '_>, expectation: &Expectation) -> Vec<Miss> {
    let advice = answer.decision.escalation.as_ref();
    let level = advice.map_or(EscalationLevel::None, |advice| advice.level).as_str();
    let target = advice.map_or("no escalation", |advice| advice.rule.target.as_str());
    let urgency = advice.map_or("no escalation", |advice| advice.rule.urgency.as_str());
    let call = advice.and_then(|advice| advice.action).map_or("no action", |action| action.id.as_str());
    [
        word("escalation", expectation.escalation.as_deref(), level),
        word("target", expectation.target.as_deref(), target),
        word("urgency", expectation.urgency.as_deref(), urgency),
        word("call", expectation.call.as_deref(), call),
    ]
    .into_iter()
    .flatten()
    .map(|miss| miss.because(why::advice(answer, expectation)))
    .collect()
}

/// What holds beside the suggestions.
fn surroundings(answer: Answer<'_, '_>, expectation: &Expectation) -> Vec<Miss> {
    let Answer { decision, .. } = answer;
    let in_force: Vec<&str> = decision.guardrails.iter().map(|guardrail| guardrail.id.as_str()).collect();
    let asked: Vec<&str> = decision.missing.iter().map(|missing| missing.fact).collect();
    let still = expectation.lifted.iter().filter(|id| in_force.contains(&id.as_str()));
    let mut misses = each_in("guardrails", &expectation.guardrails, &in_force, |id| why::guarded(decision, id));
    misses.extend(still.map(|id| Miss::new("lifted", id, "in force").because(why::guarded(decision, id))));
    misses.extend(each_in("missing", &expectation.missing, &asked, |fact| Some(why::not_asked(decision, fact))));
    misses.extend(expectation.suppressed.iter().filter_map(|(action, reason)| held(answer, action, reason)));
    misses.extend(expectation.promises.iter().filter_map(|(status, count)| promised(decision, status, *count)));
    misses
}

fn held(answer: Answer<'_, '_>, action: &str, reason: &str) -> Option<Miss> {
    let suppressed = answer.decision.suppressed.iter().find(|suppressed| suppressed.action.id == action);
    let found = suppressed.map_or("not held back", |suppressed| suppressed.reason.as_str());
    (found != reason)
        .then(|| Miss::new("suppressed", &format!("{action}: {reason}"), found).because([why::missing(answer, action)]))
}

fn promised(decision: &Decision<'_>, status: &str, wanted: usize) -> Option<Miss> {
    let found = decision.commitments.iter().filter(|promise| promise.status.as_str() == status).count();
    (found != wanted).then(|| {
        Miss::new("promises", &format!("{status}: {wanted}"), found.to_string()).because(why::promised(decision))
    })
}

/// The story that is handed over.
fn brief(decision: &Decision<'_>, expectation: &Expectation) -> Vec<Miss> {
    let brief = decision.escalation.as_ref().map(|Escalation { brief, .. }| brief);
    let tried: Vec<&str> = brief.iter().flat_map(|brief| &brief.tried).map(|tried| tried.action.id.as_str()).collect();
    let avoid: Vec<&str> = brief.iter().flat_map(|brief| &brief.avoid).map(|rule| rule.id.as_str()).collect();
    let promises = brief.map_or_else(|| "no escalation".to_owned(), |brief| brief.commitments.len().to_string());
    let wanted = expectation.brief_commitments.map(|count| count.to_string());
    let not_done = |id: &str| brief.map(|_| format!("`{id}` has not been done"));
    let mut misses = each_in("brief.tried", &expectation.brief_tried, &tried, not_done);
    misses.extend(each_in("brief.avoid", &expectation.brief_avoid, &avoid, |id| why::guarded(decision, id)));
    misses.extend(word("brief.commitments", wanted.as_deref(), &promises));
    let no_brief =
        decision.escalation.is_none().then(|| "there is no escalation, so nothing is handed over".to_owned());
    misses.into_iter().map(|miss| miss.because(no_brief.clone())).collect()
}

fn word(key: &str, wanted: Option<&str>, found: &str) -> Option<Miss> {
    wanted.filter(|wanted| *wanted != found).map(|wanted| Miss::new(key, wanted, found))
}

fn all_in(key: &str, wanted: &[String], found: &[&str]) -> Vec<Miss> {
    each_in(key, wanted, found, |_| None)
}

/// The same, with the reason why each is not there.
fn each_in(key: &str, wanted: &[String], found: &[&str], why: impl Fn(&str) -> Option<String>) -> Vec<Miss> {
    let absent = wanted.iter().filter(|id| !found.contains(&id.as_str()));
    absent.map(|id| Miss::new(key, id, bracketed(found)).because(why(id))).collect()
}

fn bracketed<S: AsRef<str>>(ids: &[S]) -> String {
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    format!("[{}]", ids.join(", "))
}

//! An answer, as an agent would see it.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style as Look};

use super::output;
use crate::engine::{Decision, Escalation, Outcome, Phrasing, Suggestion, UpNext};
use crate::playbook::Style;
use crate::rehearsal;
use crate::trial::{Misread, Question, Trial};

const STRONG: Look = Look::new().bold();
const FAINT: Look = Look::new().dimmed();
const ALARM: Look = AnsiColor::Red.on_default().bold();

/// What is on the screen now.
pub(super) fn answer(trial: &Trial<'_>) -> Result<String, Misread> {
    let decision = trial.answer()?;
    let mut lines = vec![headline(&decision)];
    lines.extend(decision.warnings.iter().map(|warning| format!("  note: {}", warning.message)));
    lines.extend(decision.escalation.as_ref().map(advice));
    for (place, shown) in (1..).zip(&decision.suggestions) {
        lines.extend(suggestion(place, shown));
    }
    lines.extend(surroundings(&decision));
    Ok(lines.join("\n"))
}

/// Why it is so.
pub(super) fn why(trial: &Trial<'_>, question: &Question) -> Result<String, Misread> {
    let decision = trial.answer()?;
    let sentences = match question {
        Question::Here => rehearsal::why_here(&decision).into_iter().chain(rehearsal::why_advised(&decision)).collect(),
        Question::Action(action) => {
            let shown = decision.suggestions.iter().find(|shown| shown.action.id == *action);
            let reason = trial.why_not(&decision, action);
            std::iter::once(reason).chain(shown.map(|shown| shown.action.why.clone())).collect::<Vec<_>>()
        }
    };
    Ok(sentences.iter().map(|sentence| format!("  {sentence}")).collect::<Vec<_>>().join("\n"))
}

fn headline(decision: &Decision<'_>) -> String {
    let stage = painted(STRONG, &decision.stage.id);
    let ended = match decision.outcome {
        Outcome::Open => String::new(),
        Outcome::Resolved | Outcome::ResolvedAfterHandoff | Outcome::Parted | Outcome::Abandoned => {
            format!(" ({})", decision.outcome.as_str())
        }
    };
    format!("turn {}: {stage}: {}{ended}", decision.turn, decision.stage.title)
}

fn advice(advice: &Escalation<'_>) -> String {
    let Escalation { level, rule, action, reasons, .. } = advice;
    let because: Vec<&str> = reasons.iter().take(1).flat_map(|reason| reason.because.iter().copied()).collect();
    let because = if because.is_empty() { String::new() } else { format!(" ({})", because.join(", ")) };
    let action = action.map(|action| format!(", by `{}`", action.id)).unwrap_or_default();
    let (level, target, urgency) = (level.as_str(), rule.target.as_str(), rule.urgency.as_str());
    format!("  {} {target}, {urgency}{action}: {}{because}", painted(ALARM, &format!("escalation: {level}")), rule.why)
}

fn suggestion(place: usize, shown: &Suggestion<'_>) -> Vec<String> {
    let action = shown.action;
    let mut lines = vec![
        format!("  {place} {}: {} ({})", painted(STRONG, &action.id), action.title, action.kind.as_str()),
        format!("      {}", painted(FAINT, &action.why)),
    ];
    lines.extend(('a'..='z').zip(&shown.phrasings).map(|(letter, phrasing)| said(letter, phrasing)));
    lines.extend(shown.cues.iter().map(|cue| format!("      * {}", cue.words)));
    lines
}

fn said(letter: char, phrasing: &Phrasing<'_>) -> String {
    let needs = match phrasing.unfilled.as_slice() {
        [] => String::new(),
        unfilled => format!(" (needs {})", unfilled.join(", ")),
    };
    format!("      {letter} \"{}\"{needs}", phrasing.words)
}

fn surroundings(decision: &Decision<'_>) -> Vec<String> {
    let ahead = decision.up_next.as_ref().map(|UpNext { stage, blocked_by }| match blocked_by.as_slice() {
        [] => format!("  up next: {}", stage.id),
        blocked => format!("  up next: {}; it waits: {}", stage.id, blocked.join(", ")),
    });
    let asked = decision.missing.iter().map(|missing| format!("  find out: {}: {}", missing.fact, missing.question));
    // Guardrails that are always in force say nothing about this turn.
    let now = decision.guardrails.iter().filter(|guardrail| !guardrail.condition.is_empty());
    let promises =
        decision.commitments.iter().map(|promise| format!("  promise {}: {}", promise.id, promise.status.as_str()));
    ahead.into_iter().chain(asked).chain(promises).chain(now.map(|rule| format!("  now: {}", rule.tell))).collect()
}

fn painted(look: Look, text: &str) -> Cow<'_, str> {
    match output::style() {
        Style::Plain => Cow::Borrowed(text),
        Style::Coloured => Cow::Owned(format!("{look}{text}{look:#}")),
    }
}

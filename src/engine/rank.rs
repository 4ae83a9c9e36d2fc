//! Ranks what passed its gates: rules above scores, scores above listed order. A total order, the same everywhere.

use super::decision::{Placed, Term};
use super::escalate::Advice;
use super::explain;
use super::gate::{Held, Leave, gate};
use super::situation::Situation;
use crate::playbook::{ActionIx, Candidate, Condition, Course, EscalationLevel, Weight};

/// An action in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked<'a> {
    pub(super) action: ActionIx,
    pub(super) placed: Placed,
    pub(super) score: f64,
    /// Row ids of the rule that placed it.
    pub(super) rule_sources: &'a [String],
}

/// What is on the screen, best first, and which of the stage's actions were held back.
#[derive(Debug, Default)]
pub(super) struct Ranking<'a> {
    pub(super) shown: Vec<Ranked<'a>>,
    pub(super) held: Vec<Held<'a>>,
}

/// Ranks. A stage that is not final always shows something; a final one shows nothing.
pub(super) fn rank<'a>(situation: &Situation<'a>, advice: Option<Advice>) -> Ranking<'a> {
    rank_among(situation, &situation.playbook.stage(situation.state.stage).candidates, advice)
}

/// Ranks no more of the stage's actions than `among`.
pub(super) fn rank_among<'a>(situation: &Situation<'a>, among: &'a [Candidate], advice: Option<Advice>) -> Ranking<'a> {
    let stage = situation.playbook.stage(situation.state.stage);
    let Course::Open { otherwise } = stage.course else {
        return Ranking::default();
    };
    let (mut scored, mut held) = candidates(situation, among);
    scored.sort_by(|(a, at), (b, bt)| b.score.total_cmp(&a.score).then(at.cmp(bt)));
    let scored = scored.into_iter().map(|(ranked, _)| ranked);
    let mut shown = ruled(situation);
    let firsts = shown.len();
    for ranked in scored {
        if !shown.iter().any(|above| above.action == ranked.action) {
            shown.push(ranked);
        }
    }
    let advice = advice.filter(|advice| advice.usable);
    // An offer is never the only thing on the screen.
    let stands_alone = advice.is_some_and(|advice| advice.held.level > EscalationLevel::Offer);
    if shown.is_empty() && !stands_alone {
        shown.push(ranked(situation, otherwise, Placed::Otherwise));
    }
    if let Some(advice) = advice {
        place(situation, advice, firsts, &mut shown);
    }
    if shown.is_empty() {
        shown.push(ranked(situation, otherwise, Placed::Otherwise));
    }
    // A stage may list an action twice, under different conditions; what is shown is not held back.
    held.retain(|held| !shown.iter().any(|ranked| ranked.action == held.action));
    shown.truncate(situation.options.max_suggestions);
    Ranking { shown, held }
}

type Scored<'a> = Vec<(Ranked<'a>, usize)>;

fn candidates<'a>(situation: &Situation<'a>, candidates: &'a [Candidate]) -> (Scored<'a>, Vec<Held<'a>>) {
    let mut scored = Vec::with_capacity(candidates.len());
    let mut held: Vec<Held<'a>> = Vec::with_capacity(candidates.len());
    for (at, candidate) in candidates.iter().enumerate() {
        match gate(situation, candidate.action, Some(&candidate.condition), Leave::None) {
            Ok(()) => scored.push((ranked(situation, candidate.action, Placed::Score), at)),
            Err(_) if held.iter().any(|known| known.action == candidate.action) => {}
            Err(reason) => held.push(reason),
        }
    }
    (scored, held)
}

/// What the `first` rules put on top, in their order; each action still passes its own gates.
fn ruled<'a>(situation: &Situation<'a>) -> Vec<Ranked<'a>> {
    let mut shown: Vec<Ranked<'a>> = Vec::new();
    for rule in situation.playbook.first_rules() {
        let is_new = !shown.iter().any(|above| above.action == rule.action);
        if is_new && situation.holds(&rule.condition) && gate(situation, rule.action, None, Leave::None).is_ok() {
            let rule_sources = rule.source.as_slice();
            shown.push(Ranked { rule_sources, ..ranked(situation, rule.action, Placed::First) });
        }
    }
    shown
}

/// Puts the action that the advice names in its place.
fn place<'a>(situation: &Situation<'a>, advice: Advice, firsts: usize, shown: &mut Vec<Ranked<'a>>) {
    let Some(action) = advice.action else {
        return;
    };
    let Some(wanted) = place_of(situation, advice.held.level, action, firsts) else {
        return;
    };
    let now = shown.iter().position(|ranked| ranked.action == action);
    if now.is_some_and(|now| now <= wanted) {
        return;
    }
    if let Some(now) = now {
        shown.remove(now);
    }
    let rule_sources = situation.playbook.escalation(advice.held.rule).source.as_slice();
    let ranked = Ranked { rule_sources, ..ranked(situation, action, Placed::Escalation) };
    shown.insert(wanted.min(shown.len()), ranked);
}

/// On top, below the `first` rules, or in the last visible place; `None` where it would push out all else: the advice
/// names it all the same.
fn place_of(situation: &Situation<'_>, level: EscalationLevel, action: ActionIx, firsts: usize) -> Option<usize> {
    let last = situation.options.max_suggestions.saturating_sub(1);
    // What was shown long enough steps aside for the rest of the process, but stays in sight.
    let is_worn = situation.is_spent(action) || situation.gap_until(action) > situation.state.turn;
    match level {
        EscalationLevel::Require => Some(0),
        EscalationLevel::Recommend if !is_worn && firsts <= last => Some(firsts),
        EscalationLevel::Recommend | EscalationLevel::Offer | EscalationLevel::None => {
            Some(last).filter(|last| *last > 0)
        }
    }
}

/// An action with its score: value times the factors that hold.
fn ranked<'a>(situation: &Situation<'a>, action: ActionIx, placed: Placed) -> Ranked<'a> {
    let score = factors(situation, action).map(|(factor, _)| factor.as_f64()).product();
    Ranked { action, placed, score, rule_sources: &[] }
}

/// The terms of an action's score, its own value first.
pub(super) fn terms<'a>(situation: &Situation<'a>, action: ActionIx) -> Vec<Term<'a>> {
    let because = |condition: Option<&'a Condition>| {
        condition.map_or_else(Vec::new, |condition| explain::supporting(situation, condition))
    };
    factors(situation, action).map(|(factor, condition)| Term { factor, because: because(condition) }).collect()
}

fn factors<'a>(situation: &Situation<'a>, action: ActionIx) -> impl Iterator<Item = (Weight, Option<&'a Condition>)> {
    let part = situation.playbook.action(action);
    let holding = part.prefer.iter().filter(|preference| situation.holds(&preference.condition));
    let preferred = holding.map(|preference| (preference.by, Some(&preference.condition)));
    std::iter::once((part.value, None)).chain(preferred)
}

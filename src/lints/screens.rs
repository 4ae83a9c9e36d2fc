//! What never comes to the screen, and what always stands above what is listed before it.

use std::collections::HashSet;

use super::Found;
use crate::laws::Situations;
use crate::playbook::{Action, ActionIx, Candidate, Course, Lint, Playbook, Stage, StageIx};

/// `never-suggested`: in no stage, or not in one that lists it.
pub(super) fn never_suggested(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let nowhere = suggested_nowhere(playbook, situations);
    let mut found: Vec<Found> = nowhere.iter().map(|action| suggested_never(playbook.action(*action))).collect();
    for (ix, stage) in playbook.stages() {
        for (position, candidate) in stage.candidates.iter().enumerate() {
            if !nowhere.contains(&candidate.action) && !situations.can_pass(ix, position) {
                found.push(not_here(playbook, stage, candidate));
            }
        }
    }
    found
}

/// Actions that something could bring up, and nothing does.
pub(super) fn suggested_nowhere(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<ActionIx> {
    let used = used(playbook);
    let actions = playbook.actions().map(|(ix, _)| ix).filter(|action| used.contains(action));
    actions.filter(|action| !is_suggested(playbook, situations, *action)).collect()
}

fn is_suggested(playbook: &Playbook, situations: &mut Situations<'_>, action: ActionIx) -> bool {
    let lists = |stage: &Stage| stage.candidates.iter().any(|candidate| candidate.action == action);
    let (likely, others): (Vec<_>, Vec<_>) = playbook.stages().partition(|(_, stage)| lists(stage));
    likely.into_iter().chain(others).any(|(stage, _)| situations.can_show(stage, action))
}

/// What nothing brings up at all, the compiler warns of.
fn used(playbook: &Playbook) -> HashSet<ActionIx> {
    let listed = playbook.stages().flat_map(|(_, stage)| stage.candidates.iter().map(|candidate| candidate.action));
    let ruled = playbook.first_rules().iter().map(|rule| rule.action);
    listed.chain(ruled).chain(always_possible(playbook)).collect()
}

/// Actions that a limit does not hold back: those of advice, and what is shown where nothing else is left.
pub(super) fn always_possible(playbook: &Playbook) -> HashSet<ActionIx> {
    let last = playbook.stages().filter_map(|(_, stage)| match stage.course {
        Course::Open { otherwise } => Some(otherwise),
        Course::Final(_) => None,
    });
    let advised = playbook.escalations().flat_map(|(_, rule)| [rule.action, rule.else_action]).flatten();
    last.chain(advised).collect()
}

fn suggested_never(action: &Action) -> Found {
    Found {
        lint: Lint::NeverSuggested,
        of: action.id.clone(),
        place: action.place,
        message: format!("`{}` is suggested in no situation", action.id),
        help: "look at its condition, at what has to come before it, and at the guardrails that forbid it",
    }
}

fn not_here(playbook: &Playbook, stage: &Stage, candidate: &Candidate) -> Found {
    let id = &playbook.action(candidate.action).id;
    Found {
        lint: Lint::NeverSuggested,
        of: id.clone(),
        place: candidate.place,
        message: format!(
            "`{id}` is never suggested in `{}`: whenever it could be, the conversation is elsewhere",
            stage.id
        ),
        help: "take it out of this stage, or look at the ways that lead out before it can be suggested",
    }
}

/// `outranked`: what is listed later always scores higher.
pub(super) fn outranked(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (ix, stage) in playbook.stages() {
        for (later, candidate) in stage.candidates.iter().enumerate() {
            let beaten = beaten(playbook, situations, (ix, stage), later);
            found.extend(beaten.map(|rival| always_above(playbook, stage, candidate, rival)));
        }
    }
    found
}

/// The first action before `later` that it always stands above.
fn beaten<'p>(
    playbook: &'p Playbook,
    situations: &mut Situations<'_>,
    (ix, stage): (StageIx, &'p Stage),
    later: usize,
) -> Option<&'p Action> {
    let best = best(playbook.action(stage.candidates.get(later)?.action));
    let mut earlier = stage.candidates.iter().enumerate().take(later);
    let beaten = earlier.find(|(position, candidate)| {
        let rival = playbook.action(candidate.action);
        best > least(rival) && !situations.keeps_order(ix, *position, later)
    });
    beaten.map(|(_, candidate)| playbook.action(candidate.action))
}

fn best(action: &Action) -> f64 {
    let factors = action.prefer.iter().map(|prefer| prefer.by.as_f64().max(1.0));
    action.value.as_f64() * factors.product::<f64>()
}

fn least(action: &Action) -> f64 {
    let factors = action.prefer.iter().map(|prefer| prefer.by.as_f64().min(1.0));
    action.value.as_f64() * factors.product::<f64>()
}

fn always_above(playbook: &Playbook, stage: &Stage, candidate: &Candidate, rival: &Action) -> Found {
    let id = &playbook.action(candidate.action).id;
    Found {
        lint: Lint::Outranked,
        of: id.clone(),
        place: candidate.place,
        message: format!("`{id}` always stands above `{}`, which `{}` lists before it", rival.id, stage.id),
        help: "list it first, or look at its `value` and `prefer`",
    }
}

/// `never-advised`: an escalation that is not the advice in any situation.
pub(super) fn never_advised(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (ix, rule) in playbook.escalations() {
        if !playbook.stages().any(|(stage, _)| situations.can_advise(stage, ix)) {
            let message = format!("`{}` is advised in no situation", rule.id);
            let help = "look at its condition, and at the rules that are stricter, or as strict and listed before it";
            found.push(Found { lint: Lint::NeverAdvised, of: rule.id.clone(), place: rule.place, message, help });
        }
    }
    found
}

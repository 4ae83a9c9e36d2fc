//! Gates and advice, as formulas.

use std::cmp::Reverse;

use super::encoding::Encoding;
use super::formula::Lit;
use super::truth::{self, Moment};
use super::world::ActionBits;
use crate::playbook::{ActionIx, Condition, EscalationIx, EscalationLevel, StageIx};

/// What an action may be excused from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Nothing.
    None,
    /// Limit, gap and dismissal, as the action of advice is.
    Advice,
}

/// Whether an action may be shown. `here` is the condition of its entry in the stage.
pub(super) fn passes(encoding: &mut Encoding<'_>, action: ActionIx, here: Option<&Condition>, leave: Leave) -> Lit {
    let admitted = admitted(encoding, action, here);
    let bits = bits(encoding, action);
    let mut needs = vec![admitted, !bits.unavailable, !bits.excluded];
    if leave == Leave::None {
        needs.extend([!bits.spent, !bits.in_gap, !bits.dismissed]);
    }
    encoding.formula.and(needs)
}

/// Whether the rules admit an action, whatever its own past, the agent and the caller say.
pub(super) fn admitted(encoding: &mut Encoding<'_>, action: ActionIx, here: Option<&Condition>) -> Lit {
    let playbook = encoding.playbook;
    let part = playbook.action(action);
    let own = truth::condition(encoding, &part.condition, Moment::Now).yes;
    let here = here.map(|here| truth::condition(encoding, here, Moment::Now).yes);
    let mut needs: Vec<Lit> = here.into_iter().chain([own]).collect();
    for before in &part.after {
        let ActionBits { done, spent, .. } = *bits(encoding, *before);
        needs.push(encoding.formula.or([done, spent]));
    }
    for guardrail in playbook.forbidden_by(action) {
        needs.push(truth::condition(encoding, &playbook.guardrail(*guardrail).condition, Moment::Now).no);
    }
    encoding.formula.and(needs)
}

/// The variables of an action.
pub(super) fn bits<'e>(encoding: &'e mut Encoding<'_>, action: ActionIx) -> &'e ActionBits {
    let Encoding { world, ground, formula, .. } = encoding;
    world.action(action, ground, formula)
}

/// The advice in a stage.
pub(super) struct Advice {
    /// For each rule: its level, and whether it is the one in force.
    pub(super) rules: Vec<(EscalationLevel, Lit)>,
    /// For each rule, whether it is kept up from before, and nothing as strict has a cause.
    pub(super) stays: Vec<Lit>,
    /// What it calls for.
    pub(super) calls: Vec<Call>,
}

/// An action that advice calls for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) action: ActionIx,
    pub(super) level: EscalationLevel,
    /// Whether it does, and the action can be shown.
    pub(super) calls: Lit,
    /// Whether it does although its cause is gone.
    pub(super) outlives: Lit,
    /// Whether the rule of the action, or of which it is the `else_action`, is in force.
    pub(super) lifts: Lit,
}

/// The advice in `stage`: the strictest rule that holds, or a stricter one that may not fall yet.
pub(super) fn advice(encoding: &mut Encoding<'_>, stage: StageIx) -> Advice {
    let causes = causes(encoding, stage);
    let formula = &mut encoding.formula;
    let mut none_from = |level: &EscalationLevel| {
        formula.and(causes.iter().filter(|(other, _)| other >= level).map(|(_, holds)| !*holds))
    };
    let none_from: Vec<Lit> = EscalationLevel::ALL.iter().map(&mut none_from).collect();
    let mut stays = Vec::with_capacity(causes.len());
    for ((level, _), kept) in causes.iter().zip(&encoding.world.kept) {
        let at = EscalationLevel::ALL.iter().position(|other| other == level);
        let none_as_strict = at.and_then(|at| none_from.get(at)).copied();
        stays.push(formula.and(none_as_strict.into_iter().chain([*kept])));
    }
    let mut none_above = formula.and(stays.iter().map(|stays| !*stays));
    let mut rules: Vec<(EscalationLevel, Lit)> = causes.iter().map(|(level, _)| (*level, formula.no())).collect();
    let mut strictest_first: Vec<usize> = (0..causes.len()).collect();
    strictest_first.sort_by_key(|at| Reverse(causes.get(*at).map(|(level, _)| *level)));
    for at in strictest_first {
        let (Some((_, holds)), Some(stays), Some(rule)) = (causes.get(at), stays.get(at), rules.get_mut(at)) else {
            continue;
        };
        let raised = formula.and([none_above, *holds]);
        rule.1 = formula.or([raised, *stays]);
        none_above = formula.and([none_above, !*holds]);
    }
    let calls = calls(encoding, &rules, &stays);
    Advice { rules, stays, calls }
}

/// For each rule: its level, and whether it has a cause now.
fn causes(encoding: &mut Encoding<'_>, stage: StageIx) -> Vec<(EscalationLevel, Lit)> {
    let playbook = encoding.playbook;
    let by_stage = playbook.stage(stage).escalate;
    let mut holds = |(ix, rule): (EscalationIx, &crate::playbook::Escalation)| {
        let holds = match (by_stage == Some(ix), rule.condition.is_empty()) {
            (true, _) => encoding.formula.yes(),
            (false, true) => encoding.formula.no(),
            (false, false) => truth::condition(encoding, &rule.condition, Moment::Now).yes,
        };
        (rule.level, holds)
    };
    playbook.escalations().map(&mut holds).collect()
}

fn calls(encoding: &mut Encoding<'_>, rules: &[(EscalationLevel, Lit)], stays: &[Lit]) -> Vec<Call> {
    let playbook = encoding.playbook;
    let mut calls = Vec::new();
    for (((_, rule), (level, in_force)), stays) in playbook.escalations().zip(rules).zip(stays) {
        // Advice below a requirement that was taken asks for nothing any more.
        let met = if *level < EscalationLevel::Require {
            encoding.formula.and([*stays, encoding.world.taken])
        } else {
            encoding.formula.no()
        };
        let mut instead = encoding.formula.and([*in_force, !met]);
        for action in [rule.action, rule.else_action].into_iter().flatten() {
            let usable = passes(encoding, action, None, Leave::Advice);
            let called = encoding.formula.and([instead, usable]);
            let outlives = encoding.formula.and([called, *stays]);
            calls.push(Call { action, level: *level, calls: called, outlives, lifts: *in_force });
            instead = encoding.formula.and([instead, !usable]);
        }
    }
    calls
}

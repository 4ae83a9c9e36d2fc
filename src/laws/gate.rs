//! Gates and advice, as formulas.

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
    let playbook = encoding.playbook;
    let part = playbook.action(action);
    let own = truth::condition(encoding, &part.condition, Moment::Now).yes;
    let here = here.map(|here| truth::condition(encoding, here, Moment::Now).yes);
    let mut needs: Vec<Lit> = here.into_iter().chain([own]).collect();
    for before in &part.after {
        let (done, spent) = bits(encoding, *before).map_or_else(|| both_no(encoding), |bits| (bits.done, bits.spent));
        needs.push(encoding.formula.or([done, spent]));
    }
    for guardrail in playbook.forbidden_by(action) {
        needs.push(truth::condition(encoding, &playbook.guardrail(*guardrail).condition, Moment::Now).no);
    }
    if let Some(bits) = bits(encoding, action) {
        needs.extend([!bits.unavailable, !bits.excluded]);
        if leave == Leave::None {
            needs.extend([!bits.spent, !bits.in_gap, !bits.dismissed]);
        }
    }
    encoding.formula.and(needs)
}

/// The variables of an action.
pub(super) fn bits<'e>(encoding: &'e Encoding<'_>, action: ActionIx) -> Option<&'e ActionBits> {
    encoding.world.actions.get(action.position())
}

fn both_no(encoding: &Encoding<'_>) -> (Lit, Lit) {
    (encoding.formula.no(), encoding.formula.no())
}

/// The advice in a stage.
pub(super) struct Advice {
    /// For each rule: its level, and whether it is the one in force.
    pub(super) rules: Vec<(EscalationLevel, Lit)>,
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
    let in_force: Vec<(EscalationLevel, Lit)> = in_force(encoding, stage);
    let formula = &mut encoding.formula;
    let mut stays = Vec::with_capacity(in_force.len());
    for ((level, _), kept) in in_force.iter().zip(&encoding.world.kept) {
        let raised = in_force.iter().filter(|(other, _)| other >= level).map(|(_, holds)| !*holds);
        stays.push(formula.and(raised.chain([*kept])));
    }
    let none_stays = formula.and(stays.iter().map(|stays| !*stays));
    let mut rules = Vec::with_capacity(in_force.len());
    for (position, (level, holds)) in in_force.iter().enumerate() {
        let beaten_by = |(at, (other, beats)): (usize, &(EscalationLevel, Lit))| {
            (other > level || (other == level && at < position)).then_some(!*beats)
        };
        let strictest = in_force.iter().enumerate().filter_map(beaten_by);
        let raised = formula.and(strictest.chain([*holds, none_stays]));
        let stays = stays.get(position).copied().unwrap_or(raised);
        rules.push((*level, formula.or([raised, stays])));
    }
    let calls = calls(encoding, &rules, &stays);
    Advice { rules, calls }
}

/// For each rule: its level, and whether it has a cause now.
fn in_force(encoding: &mut Encoding<'_>, stage: StageIx) -> Vec<(EscalationLevel, Lit)> {
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

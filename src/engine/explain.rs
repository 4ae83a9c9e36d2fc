//! Why: the atoms behind a truth, what comes next, and what is held back.

use super::decision::{Explanation, ReadingNow, RuleCheck, RuleSort, Suppressed, SuppressionReason, Truth, UpNext};
use super::gate::{Held, Leave, forbidding, gate, waited_for};
use super::rank::Ranking;
use super::settle::{destination, interrupt};
use super::situation::{Situation, bands_of};
use crate::playbook::{ActionIx, AtomIx, Condition, Exit, SignalIx, StageIx};

/// At most this many actions of other stages are told to be held back.
const MOST_ELSEWHERE: usize = 10;
/// At most this many are looked at for that: cost follows the case, not the playbook.
const MOST_LOOKED_AT: usize = 64;

/// The atoms that decide: what holds where the condition is true, what stands in its way where it is not.
pub(super) fn standing<'a>(situation: &Situation<'a>, condition: &'a Condition) -> Vec<&'a str> {
    if situation.holds(condition) { supporting(situation, condition) } else { blocking(situation, condition) }
}

/// What holds: all of `when`, the true ones of `any`; where there are none of these, what is ruled out.
pub(super) fn supporting<'a>(situation: &Situation<'a>, condition: &'a Condition) -> Vec<&'a str> {
    let is_true = |atom: &&AtomIx| situation.atom(**atom) == Truth::True;
    let mut reasons = Vec::with_capacity(condition.when.len() + condition.any.len() + condition.unless.len());
    let holds = condition.when.iter().chain(condition.any.iter().filter(is_true));
    holds.for_each(|atom| reasons.push(reads(situation, *atom)));
    if reasons.is_empty() {
        condition.unless.iter().for_each(|atom| reasons.push(reads(situation, *atom)));
    }
    reasons
}

/// What is not as the condition wants it.
pub(super) fn blocking<'a>(situation: &Situation<'a>, condition: &Condition) -> Vec<&'a str> {
    let mut reasons = Vec::with_capacity(condition.when.len() + condition.any.len() + condition.unless.len());
    block(situation, condition, &mut reasons);
    reasons
}

fn block<'a>(situation: &Situation<'a>, condition: &Condition, reasons: &mut Vec<&'a str>) {
    let not_true = |atom: &&AtomIx| situation.atom(**atom) != Truth::True;
    let not_false = |atom: &&AtomIx| situation.atom(**atom) != Truth::False;
    let mut add = |atom: &AtomIx| reasons.push(reads(situation, *atom));
    condition.when.iter().filter(not_true).for_each(&mut add);
    if condition.any.iter().all(|atom| not_true(&atom)) {
        condition.any.iter().for_each(&mut add);
    }
    condition.unless.iter().filter(not_false).for_each(add);
}

fn reads<'a>(situation: &Situation<'a>, atom: AtomIx) -> &'a str {
    let entry = situation.playbook.atom(atom);
    match situation.atom(atom) {
        Truth::True => &entry.is_true,
        Truth::False => &entry.is_false,
        Truth::Unknown => &entry.is_unknown,
    }
}

/// The exits to later stages, the nearest first.
pub(super) fn exits_onward<'a>(situation: &Situation<'a>) -> Vec<(&'a Exit, StageIx)> {
    let here = situation.state.stage;
    let exits = situation.playbook.stage(here).exits.iter();
    let mut onward: Vec<_> =
        exits.map(|exit| (exit, destination(situation, exit))).filter(|(_, to)| *to > here).collect();
    onward.sort_by_key(|(_, to)| *to);
    onward
}

/// The stage that comes next, the first of `onward`, and what stands in the way.
pub(super) fn up_next<'a>(situation: &Situation<'a>, onward: &[(&'a Exit, StageIx)]) -> Option<UpNext<'a>> {
    let (exit, to) = *onward.first()?;
    let mut blocked_by = blocking(situation, &exit.condition);
    if blocked_by.is_empty()
        && let Some(interrupt) = interrupt(situation)
    {
        blocked_by = supporting(situation, &interrupt.condition);
    }
    Some(UpNext { stage: situation.playbook.stage(to), blocked_by })
}

/// Why not the others: the stage's own actions that were held back, and, of any stage, those that the case speaks for
/// and only a guardrail or an order holds back.
pub(super) fn suppressed<'a>(situation: &Situation<'a>, ranking: &Ranking<'a>) -> Vec<Suppressed<'a>> {
    let mut suppressed = Vec::with_capacity(ranking.held.len() + MOST_ELSEWHERE);
    suppressed.extend(ranking.held.iter().map(|held| tell(situation, held)));
    suppressed.extend(held_elsewhere(situation, ranking).map(|held| tell(situation, &held)));
    suppressed
}

fn tell<'a>(situation: &Situation<'a>, held: &Held<'a>) -> Suppressed<'a> {
    let Held { action, here: _, reason, until_turn } = *held;
    Suppressed { action: situation.playbook.action(action), reason, because: because(situation, held), until_turn }
}

fn because<'a>(situation: &Situation<'a>, held: &Held<'a>) -> Vec<&'a str> {
    let playbook = situation.playbook;
    match held.reason {
        SuppressionReason::Condition | SuppressionReason::Unknown => {
            let mut because = Vec::with_capacity(4);
            block(situation, &playbook.action(held.action).condition, &mut because);
            held.here.iter().for_each(|here| block(situation, here, &mut because));
            because
        }
        SuppressionReason::Order => {
            waited_for(situation, held.action).map(|before| playbook.action(before).id.as_str()).collect()
        }
        SuppressionReason::Guardrail => {
            let mut because = Vec::with_capacity(4);
            if let Some(guardrail) = forbidding(situation, held.action) {
                because.push(guardrail.id.as_str());
                because.append(&mut standing(situation, &guardrail.condition));
            }
            because
        }
        SuppressionReason::Limit
        | SuppressionReason::Gap
        | SuppressionReason::Dismissed
        | SuppressionReason::Unavailable
        | SuppressionReason::Excluded => Vec::new(),
    }
}

fn held_elsewhere<'a>(situation: &Situation<'a>, ranking: &Ranking<'a>) -> impl Iterator<Item = Held<'a>> {
    let here = &situation.playbook.stage(situation.state.stage).candidates;
    let is_here = |action: ActionIx| here.iter().any(|candidate| candidate.action == action);
    let is_shown = |action: ActionIx| ranking.shown.iter().any(|ranked| ranked.action == action);
    let spoken_for = SpokenFor::new(situation).take(MOST_LOOKED_AT);
    let elsewhere = spoken_for.filter(move |action| !is_here(*action) && !is_shown(*action));
    let held = elsewhere.filter_map(|action| gate(situation, action, None, Leave::None).err());
    held.filter(|held| matches!(held.reason, SuppressionReason::Guardrail | SuppressionReason::Order))
        .take(MOST_ELSEWHERE)
}

/// Actions whose condition reads something that the case holds, in the playbook's order, each once.
struct SpokenFor<'a>(Vec<&'a [ActionIx]>);

impl<'a> SpokenFor<'a> {
    fn new(situation: &Situation<'a>) -> Self {
        let playbook = situation.playbook;
        let facts = situation.state.facts.iter().filter(|entry| situation.fact_value(entry).is_some());
        let by_fact = facts.map(|entry| playbook.actions_asking_fact(entry.fact));
        let signals = situation.state.signals.iter().filter(|entry| situation.live(entry.signal).is_some());
        let by_signal = signals.map(|entry| playbook.actions_asking_signal(entry.signal));
        Self(by_fact.chain(by_signal).filter(|actions| !actions.is_empty()).collect())
    }
}

impl Iterator for SpokenFor<'_> {
    type Item = ActionIx;

    fn next(&mut self) -> Option<ActionIx> {
        let next = self.0.iter().filter_map(|actions| actions.first().copied()).min()?;
        for actions in &mut self.0 {
            if let Some((_, rest)) = actions.split_first().filter(|(first, _)| **first == next) {
                *actions = rest;
            }
        }
        Some(next)
    }
}

/// Everything that was looked at, in order.
pub(super) fn explanation<'a>(situation: &Situation<'a>) -> Explanation<'a> {
    let readings = situation.state.signals.iter().map(|entry| reading(situation, entry.signal)).collect();
    Explanation { rules: rules(situation), readings }
}

fn rules<'a>(situation: &Situation<'a>) -> Vec<RuleCheck<'a>> {
    let playbook = situation.playbook;
    let stage = playbook.stage(situation.state.stage);
    let mut rules = Vec::new();
    let mut add = |rule, id: &'a str, condition: &'a Condition| {
        rules.push(RuleCheck { rule, id, truth: situation.truth(condition), because: standing(situation, condition) });
    };
    for interrupt in playbook.interrupts() {
        add(RuleSort::Interrupt, &playbook.stage(interrupt.to).id, &interrupt.condition);
    }
    for exit in &stage.exits {
        add(RuleSort::Exit, &playbook.stage(destination(situation, exit)).id, &exit.condition);
    }
    for rule in playbook.first_rules() {
        add(RuleSort::First, &playbook.action(rule.action).id, &rule.condition);
    }
    for candidate in &stage.candidates {
        let action = playbook.action(candidate.action);
        add(RuleSort::Action, &action.id, &action.condition);
        if !candidate.condition.is_empty() {
            add(RuleSort::Action, &action.id, &candidate.condition);
        }
    }
    for (_, guardrail) in playbook.guardrails() {
        add(RuleSort::Guardrail, &guardrail.id, &guardrail.condition);
    }
    for (_, rule) in playbook.escalations().filter(|(_, rule)| !rule.condition.is_empty()) {
        add(RuleSort::Escalation, &rule.id, &rule.condition);
    }
    rules
}

fn reading<'a>(situation: &Situation<'a>, signal: SignalIx) -> ReadingNow<'a> {
    let part = situation.playbook.signal(signal);
    let live = situation.live(signal);
    let bands = live.map_or(0, |reading| bands_of(part, reading.level, reading.bands_before));
    let names = part.bands.iter().enumerate().filter(|(bit, _)| bands & (1 << bit) != 0);
    ReadingNow {
        signal: &part.id,
        level: live.map(|reading| reading.level.as_f64()),
        bands: names.map(|(_, band)| band.id.as_str()).collect(),
        turn: situation.state.signal(signal).map_or(0, |reading| reading.turn),
    }
}

//! Advice that outlives its cause, turn by turn.

use std::collections::BTreeMap;

use super::unrolled::Unrolled;
use crate::laws::formula::{Formula, Lit};
use crate::laws::gate;
use crate::playbook::{ActionIx, Escalation, EscalationIx, EscalationLevel, Playbook, StageIx};

/// Advice falls after so many turns without cause, as in the engine.
const FALLS_AFTER: usize = 2;
/// A requirement that was not taken falls after so many.
const REQUIRE_FALLS_AFTER: usize = 5;

/// The advice of the turn before.
#[derive(Debug, Clone)]
pub(super) struct Upheld {
    /// For each rule: whether it was in force, and had its last cause so many turns before.
    in_force: Vec<Vec<Lit>>,
    /// Whether an action was done since the level came into force.
    acted: BTreeMap<ActionIx, Lit>,
}

impl Upheld {
    /// None.
    pub(super) fn none(playbook: &Playbook) -> Self {
        let in_force = playbook.escalations().map(|_| Vec::new()).collect();
        Self { in_force, acted: BTreeMap::new() }
    }

    /// For each rule, whether it may not fall yet in the next turn, in which some things are `done`; and whether the rule in
    /// force was taken.
    pub(super) fn next_turn(
        &self,
        playbook: &Playbook,
        done: &BTreeMap<ActionIx, Lit>,
        formula: &mut Formula,
    ) -> (Vec<Lit>, Lit) {
        let (mut kept, mut was_taken) = (Vec::new(), Vec::new());
        for ((_, rule), ages) in playbook.escalations().zip(&self.in_force) {
            let taken = self.is_taken(rule, done, formula);
            let fresh = FALLS_AFTER - 1;
            let older = if rule.level == EscalationLevel::Require { REQUIRE_FALLS_AFTER - FALLS_AFTER } else { 0 };
            let required = formula.or(ages.iter().skip(fresh).take(older).copied());
            let required = formula.and([required, !taken]);
            kept.push(formula.or(ages.iter().take(fresh).copied().chain([required])));
            let in_force = formula.or(ages.iter().copied());
            was_taken.push(formula.and([in_force, taken]));
        }
        (kept, formula.or(was_taken))
    }

    /// The same while nothing is observed: what was in force a moment ago is. What had a cause then asks for its action still.
    pub(super) fn same_turn(&self, playbook: &Playbook, formula: &mut Formula) -> (Vec<Lit>, Lit) {
        let kept: Vec<Lit> = self.in_force.iter().map(|ages| formula.or(ages.iter().copied())).collect();
        let mut was_taken = Vec::with_capacity(kept.len());
        for ((_, rule), ages) in playbook.escalations().zip(&self.in_force) {
            let without_cause = formula.or(ages.iter().skip(1).copied());
            let taken = self.is_taken(rule, &BTreeMap::new(), formula);
            was_taken.push(formula.and([without_cause, taken]));
        }
        (kept, formula.or(was_taken))
    }

    fn is_taken(&self, rule: &Escalation, done: &BTreeMap<ActionIx, Lit>, formula: &mut Formula) -> Lit {
        let actions = [rule.action, rule.else_action].into_iter().flatten();
        formula.or(actions.flat_map(|action| [self.acted.get(&action), done.get(&action)]).flatten().copied())
    }

    fn levels(&self, playbook: &Playbook, formula: &mut Formula) -> Vec<Lit> {
        let mut levels = Vec::with_capacity(EscalationLevel::ALL.len());
        for level in EscalationLevel::ALL {
            let rules = playbook.escalations().zip(&self.in_force).filter(|((_, rule), _)| rule.level == *level);
            levels.push(formula.or(rules.flat_map(|(_, ages)| ages.iter().copied())));
        }
        levels
    }
}

impl Unrolled<'_> {
    /// What of the advice in this turn, in which some things are `done`, the next one needs to know.
    pub(super) fn uphold(&mut self, done: &BTreeMap<ActionIx, Lit>) {
        let playbook = self.encoding.playbook;
        let before = self.upheld.levels(playbook, &mut self.encoding.formula);
        let advice = self.advice();
        let formula = &mut self.encoding.formula;
        for (ages, (in_force, stays)) in self.upheld.in_force.iter_mut().zip(advice) {
            for earlier in ages.iter_mut() {
                *earlier = formula.and([*earlier, stays]);
            }
            ages.insert(0, formula.and([in_force, !stays]));
            ages.truncate(REQUIRE_FALLS_AFTER);
        }
        let now = self.upheld.levels(playbook, formula);
        let mut same = Vec::with_capacity(now.len());
        for (before, now) in before.iter().zip(&now) {
            same.push(formula.and([*before, *now]));
        }
        let same = formula.or(same);
        for (_, rule) in playbook.escalations() {
            for action in [rule.action, rule.else_action].into_iter().flatten() {
                let acted = self.upheld.acted.get(&action).copied().unwrap_or(formula.no());
                let acted = formula.or([acted].into_iter().chain(done.get(&action).copied()));
                self.upheld.acted.insert(action, formula.and([same, acted]));
            }
        }
    }

    /// For each rule, whether it is in force, and whether it only stays so. Stages differ in the rule that they call for.
    fn advice(&mut self) -> Vec<(Lit, Lit)> {
        let playbook = self.encoding.playbook;
        let mut groups: BTreeMap<Option<EscalationIx>, (StageIx, Vec<Lit>)> = BTreeMap::new();
        for (stage, there) in &self.place.at {
            groups.entry(playbook.stage(*stage).escalate).or_insert((*stage, Vec::new())).1.push(*there);
        }
        let mut all = vec![(Vec::new(), Vec::new()); playbook.escalations().count()];
        for (stage, there) in groups.into_values() {
            let there = self.encoding.formula.or(there);
            let advice = gate::advice(&mut self.encoding, stage);
            for ((in_force, stays), ((_, rule), kept)) in all.iter_mut().zip(advice.rules.iter().zip(&advice.stays)) {
                in_force.push(self.encoding.formula.and([there, *rule]));
                stays.push(self.encoding.formula.and([there, *kept]));
            }
        }
        let formula = &mut self.encoding.formula;
        all.into_iter().map(|(in_force, stays)| (formula.or(in_force), formula.or(stays))).collect()
    }
}

//! What is done with actions, turn by turn.

use crate::laws::formula::{Formula, Lit};
use crate::laws::world::{ActionBits, steps};
use crate::playbook::Action;

/// A dismissed action is silent for so many turns at least, as in the engine.
const DISMISSED_TURNS: u32 = 3;
/// Uses are counted one by one as far as that.
const COUNTED: u32 = 12;

/// What is kept of an action beside what conditions read.
#[derive(Debug, Clone)]
pub(super) struct ActionMemory {
    /// Whether it was used at least so often. What has to be confirmed is used up by being shown first.
    used: Vec<(u32, Lit)>,
    /// Whether it was used in each turn, the latest first.
    used_in: Vec<Lit>,
    /// Whether it was dismissed so many turns ago, and not done since, the latest first.
    dismissed_in: Vec<Lit>,
}

/// What a turn tells of an action.
#[derive(Debug, Clone)]
pub(super) struct ActionNews {
    /// Whether the agent did it, once or more often.
    pub(super) done: Lit,
    /// Whether it is used up although nobody said what the agent did.
    pub(super) assumed: Lit,
    /// Whether the agent dismissed it, after doing it if they did.
    pub(super) dismissed: Lit,
    /// Whether they can't do it, after doing it if they did.
    pub(super) unavailable: Lit,
    /// Whether the caller does not want to see it.
    pub(super) excluded: Lit,
    /// How often it was done by then, and used.
    pub(super) counts: [Vec<(u32, Lit)>; 2],
}

/// What is said of the agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    /// Whether nobody says what they did.
    pub(super) missing: Lit,
    /// Whether nobody does, and this action was first, and needs to be confirmed.
    pub(super) assumed: Lit,
}

impl ActionMemory {
    /// Nothing was done.
    pub(super) fn blank(part: &Action, formula: &Formula) -> Self {
        let most = part.limit.times.filter(|_| part.confirm).unwrap_or(0);
        let mut counted: Vec<u32> = (1..=most.min(COUNTED)).chain(part.limit.times.filter(|_| part.confirm)).collect();
        counted.dedup();
        let used = counted.into_iter().map(|count| (count, formula.no())).collect();
        Self { used, used_in: Vec::new(), dismissed_in: Vec::new() }
    }

    /// A turn in which anything may have been done with the action.
    pub(super) fn act(
        &mut self,
        part: &Action,
        bits: &mut ActionBits,
        (report, formula): (Report, &mut Formula),
    ) -> ActionNews {
        let (done, dismissed, unavailable) = (formula.variable(), formula.variable(), formula.variable());
        for told in [done, dismissed, unavailable] {
            formula.require([!told, !report.missing]);
        }
        bits.done = formula.or([bits.done, done]);
        bits.times = grown(&bits.times, (done, done), formula);
        let used = formula.or([done, report.assumed]);
        self.used = grown(&self.used, (used, done), formula);
        not_less(&self.used, &bits.times, formula);
        bits.spent = spent(part, if part.confirm { &self.used } else { &bits.times }, formula);
        self.used_in.insert(0, used);
        bits.in_gap = formula.or(since(&self.used_in, part.limit.gap));
        self.dismissed_in.iter_mut().for_each(|earlier| *earlier = formula.and([*earlier, !dismissed, !done]));
        self.dismissed_in.insert(0, dismissed);
        bits.dismissed = formula.or(since(&self.dismissed_in, part.limit.gap.max(DISMISSED_TURNS)));
        let still = formula.and([bits.unavailable, !done]);
        bits.unavailable = formula.or([unavailable, still]);
        bits.excluded = formula.variable();
        let counts = [bits.times.clone(), self.used.clone()];
        ActionNews { done, assumed: report.assumed, dismissed, unavailable, excluded: bits.excluded, counts }
    }
}

fn since(turns: &[Lit], count: u32) -> impl Iterator<Item = Lit> {
    turns.iter().copied().take(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A count after a turn that adds at least `one` to it, or `many`. Where not every number is counted, more may be possible
/// here than is.
fn grown(counted: &[(u32, Lit)], (one, many): (Lit, Lit), formula: &mut Formula) -> Vec<(u32, Lit)> {
    let jumps = steps(counted.iter().map(|(count, _)| *count).collect(), formula);
    let mut below = (0, formula.yes());
    let mut grown = Vec::with_capacity(counted.len());
    for ((count, reached), (_, jump)) in counted.iter().zip(jumps) {
        let is_next = *count == below.0 + 1;
        let next = formula.and([one, below.1].into_iter().chain((!is_next).then_some(jump)));
        let jumped = formula.and([many, jump]);
        grown.push((*count, formula.or([*reached, next, jumped])));
        below = (*count, *reached);
    }
    grown
}

/// What was done was used.
fn not_less(used: &[(u32, Lit)], done: &[(u32, Lit)], formula: &mut Formula) {
    for (count, reached) in done {
        if let Some((_, used)) = used.iter().find(|(other, _)| other == count) {
            formula.require([!*reached, *used]);
        }
    }
}

fn spent(part: &Action, counted: &[(u32, Lit)], formula: &Formula) -> Lit {
    let reached = counted.iter().find(|(count, _)| Some(*count) == part.limit.times);
    reached.map_or(formula.no(), |(_, reached)| *reached)
}

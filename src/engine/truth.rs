//! What is true in a situation: Kleene's three-valued logic over the playbook's atoms. Nothing here knows what a truth is for.

use std::cell::Cell;

use super::decision::Truth;
use super::situation::{Situation, bands_of, is_due, is_missed};
use super::state::SignalState;
use crate::playbook::{Absent, Atom, AtomIx, Condition, FactIx, Level, Signal, SignalIx};

/// A level rises or falls when it differs by this much, in thousandths, from the reading before.
const TREND: i32 = 150;

/// What was found out about a situation, so that nothing is found out twice. Empty: nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By fact.
    facts: Vec<Option<bool>>,
    /// By atom, as far as it was asked for.
    atoms: Vec<Cell<Option<Truth>>>,
}

/// What would be true under many assumptions at once: a bit for each. Where neither bit is set, it would be unknown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Would {
    yes: u64,
    no: u64,
}

impl Would {
    fn whatever(truth: Truth) -> Self {
        match truth {
            Truth::True => Self { yes: u64::MAX, no: 0 },
            Truth::Unknown => Self { yes: 0, no: 0 },
            Truth::False => Self { yes: 0, no: u64::MAX },
        }
    }

    /// Never unknown.
    fn where_it_is(yes: u64) -> Self {
        Self { yes, no: !yes }
    }

    fn not(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    fn and(self, other: Self) -> Self {
        Self { yes: self.yes & other.yes, no: self.no | other.no }
    }

    fn or(self, other: Self) -> Self {
        Self { yes: self.yes | other.yes, no: self.no & other.no }
    }

    /// Whether it would be false whatever is assumed.
    fn never(self) -> bool {
        self.no == u64::MAX
    }

    /// Under which assumptions it would be `wanted`.
    pub(super) fn be(self, wanted: Truth) -> u64 {
        match wanted {
            Truth::True => self.yes,
            Truth::Unknown => !(self.yes | self.no),
            Truth::False => self.no,
        }
    }
}

/// Assumptions, each a bit: that all facts that nobody knows are true, and for each of these facts that it alone is true, and that all
/// others are. What is known of one stands against every assumption.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assumed<'f>(pub(super) &'f [FactIx]);

impl Assumed<'_> {
    /// So many facts have bits of their own.
    pub(super) const MOST: usize = 31;
    /// All facts.
    pub(super) const ALL: u64 = 1;
    /// All facts, or all but one.
    const MANY: u64 = 0x5555_5555_5555_5555;

    /// The fact at a position alone.
    pub(super) fn alone(at: usize) -> u64 {
        Self::ALL << (2 * at + 1)
    }

    /// All but the fact at a position.
    pub(super) fn all_but(at: usize) -> u64 {
        Self::ALL << (2 * at + 2)
    }

    /// The assumptions under which a fact is true.
    fn take(self, fact: FactIx) -> u64 {
        match self.0.iter().position(|known| *known == fact) {
            Some(at) => Self::MANY & !Self::all_but(at) | Self::alone(at),
            None => Self::MANY,
        }
    }
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
            Self::False => Self::True,
        }
    }
}

/// All of `when`, none of `unless`, one of `any` if there is one.
pub(super) fn truth(condition: &Condition, atom: impl Fn(AtomIx) -> Truth) -> Truth {
    let mut truth = Truth::True;
    for required in &condition.when {
        truth = truth.min(atom(*required));
        if truth == Truth::False {
            return truth;
        }
    }
    for ruled_out in &condition.unless {
        truth = truth.min(atom(*ruled_out).not());
        if truth == Truth::False {
            return truth;
        }
    }
    if condition.any.is_empty() { truth } else { truth.min(any(&condition.any, atom)) }
}

fn any(atoms: &[AtomIx], atom: impl Fn(AtomIx) -> Truth) -> Truth {
    let mut truth = Truth::False;
    for one in atoms {
        truth = truth.max(atom(*one));
        if truth == Truth::True {
            break;
        }
    }
    truth
}

fn any_would(atoms: impl Iterator<Item = Would>) -> Would {
    let mut would = Would::whatever(Truth::False);
    for one in atoms {
        would = would.or(one);
        if would.not().never() {
            break;
        }
    }
    would
}

impl Situation<'_> {
    /// From here on each atom is evaluated once. To be called again whenever the state has changed.
    pub(super) fn remember(&mut self) {
        let mut known = std::mem::take(&mut self.known);
        known.facts.clear();
        known.facts.resize(self.playbook.fact_count(), None);
        for entry in &self.state.facts {
            if let Some(fact) = known.facts.get_mut(entry.fact.position()) {
                *fact = self.fact_value(entry);
            }
        }
        known.atoms.clear();
        known.atoms.resize(self.playbook.atom_count(), Cell::new(None));
        self.known = known;
    }

    /// Whether a condition holds.
    pub(super) fn truth(&self, condition: &Condition) -> Truth {
        truth(condition, |atom| self.atom(atom))
    }

    /// Whether it is true: unknown is never a yes.
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        self.truth(condition) == Truth::True
    }

    /// What a condition would be.
    pub(super) fn would(&self, condition: &Condition, assumed: Assumed<'_>) -> Would {
        let each = |atom: &AtomIx| self.atom_would(*atom, assumed);
        let mut would = Would::whatever(Truth::True);
        for one in condition.when.iter().map(each).chain(condition.unless.iter().map(|atom| each(atom).not())) {
            would = would.and(one);
            if would.never() {
                return would;
            }
        }
        if condition.any.is_empty() { would } else { would.and(any_would(condition.any.iter().map(each))) }
    }

    /// Whether an atom holds.
    pub(super) fn atom(&self, atom: AtomIx) -> Truth {
        let Some(known) = self.known.atoms.get(atom.position()) else {
            return self.evaluate(atom);
        };
        known.get().unwrap_or_else(|| {
            let truth = self.evaluate(atom);
            known.set(Some(truth));
            truth
        })
    }

    /// What is known of a fact now.
    pub(super) fn fact(&self, fact: FactIx) -> Option<bool> {
        match self.known.facts.get(fact.position()) {
            Some(known) => *known,
            None => self.fact_value(self.state.fact(fact)?),
        }
    }

    fn evaluate(&self, atom: AtomIx) -> Truth {
        match self.playbook.atom(atom).atom {
            Atom::Fact(fact) => self.fact(fact).map_or(Truth::Unknown, Truth::of),
            Atom::Flag(signal) => self.reading(signal, |_, reading| reading.level == Level::ONE),
            Atom::Band(signal, band) => self.reading(signal, |signal, reading| {
                bands_of(signal, reading.level, reading.bands_before) & (1 << band) != 0
            }),
            Atom::Rising(signal) => Truth::of(self.trend(signal) >= TREND),
            Atom::Falling(signal) => Truth::of(self.trend(signal) <= -TREND),
            Atom::AtLeast(signal, level) => self.reading(signal, |_, reading| reading.level >= level),
            Atom::Named(named) => self.truth(&self.playbook.condition(named).condition),
            Atom::Done(action) => Truth::of(self.state.action(action).is_some_and(|entry| entry.done)),
            Atom::DoneTimes(action, times) => Truth::of(self.count(action) >= times),
            Atom::StageTurns(turns) => Truth::of(self.stage_turns() >= turns),
            Atom::PromiseDue => Truth::of(self.state.commitments.iter().any(|promise| is_due(promise, self.now))),
            Atom::PromiseMissed => Truth::of(self.state.commitments.iter().any(|promise| is_missed(promise, self.now))),
            Atom::SignalKnown(signal) => Truth::of(self.live(signal).is_some()),
            Atom::SignalUnknown(signal) => Truth::of(self.live(signal).is_none()),
            Atom::Yes(inner) => Truth::of(self.atom(inner) == Truth::True),
            Atom::No(inner) => Truth::of(self.atom(inner) == Truth::False),
            Atom::Known(inner) => Truth::of(self.atom(inner) != Truth::Unknown),
            Atom::Unknown(inner) => Truth::of(self.atom(inner) == Truth::Unknown),
        }
    }

    /// Only what asks about facts can come out differently.
    fn atom_would(&self, atom: AtomIx, assumed: Assumed<'_>) -> Would {
        let inner = |inner| self.atom_would(inner, assumed);
        match self.playbook.atom(atom).atom {
            Atom::Fact(fact) => match self.fact(fact) {
                Some(told) => Would::whatever(Truth::of(told)),
                None => Would { yes: assumed.take(fact), no: 0 },
            },
            Atom::Named(named) => {
                let condition = &self.playbook.condition(named).condition;
                if self.is_settled(condition) {
                    Would::whatever(self.atom(atom))
                } else {
                    self.would(condition, assumed)
                }
            }
            Atom::Yes(of) => Would::where_it_is(inner(of).yes),
            Atom::No(of) => Would::where_it_is(inner(of).no),
            Atom::Known(of) => Would::where_it_is(!inner(of).be(Truth::Unknown)),
            Atom::Unknown(of) => Would::where_it_is(inner(of).be(Truth::Unknown)),
            Atom::Flag(_)
            | Atom::Band(..)
            | Atom::Rising(_)
            | Atom::Falling(_)
            | Atom::AtLeast(..)
            | Atom::Done(_)
            | Atom::DoneTimes(..)
            | Atom::StageTurns(_)
            | Atom::PromiseDue
            | Atom::PromiseMissed
            | Atom::SignalKnown(_)
            | Atom::SignalUnknown(_) => Would::whatever(self.atom(atom)),
        }
    }

    /// Whether every fact that a condition asks about is known.
    pub(super) fn is_settled(&self, condition: &Condition) -> bool {
        condition.facts.iter().all(|fact| self.fact(*fact).is_some())
    }

    fn reading(&self, signal: SignalIx, holds: impl Fn(&Signal, &SignalState) -> bool) -> Truth {
        match self.live(signal) {
            Some(reading) => Truth::of(holds(self.playbook.signal(signal), reading)),
            None => match self.playbook.signal(signal).absent {
                Absent::Zero => Truth::False,
                Absent::Unknown => Truth::Unknown,
            },
        }
    }

    fn trend(&self, signal: SignalIx) -> i32 {
        let difference = |reading: &SignalState| {
            Some(i32::from(reading.level.thousandths()) - i32::from(reading.previous?.thousandths()))
        };
        self.live(signal).and_then(difference).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fold::fold;
    use crate::engine::{Input, Observation, Options, Request, resolve, truth};
    use crate::playbook::{Bases, NamedCondition, Playbook, Time};

    const MINIMAL: &str = include_str!("../../tests/minimal.yaml");
    const FACTS: &str = "
facts:
  a: Is a?
  b: Is b?
  c: Is c?
  d: Is d?
";
    const CONDITIONS: &str = "
conditions:
  all: {when: [a, b, c]}
  some: {any: [a, b, done.listen]}
  none: {unless: [a, b]}
  mixed: {when: [a], any: [b, no.c], unless: [d]}
  told: {when: [known.a, b]}
  untold: {any: [unknown.b, c], unless: [yes.a]}
  named: {when: [some], unless: [mixed]}
  asked: {any: [no.some, unknown.mixed], when: [yes.b]}
  certain: {when: [done.listen], any: [a, b]}
";

    const NAMES: [&str; 4] = ["a", "b", "c", "d"];

    fn playbook() -> Playbook {
        let text = MINIMAL.replace("\nfacts:\n", FACTS).replace("\nconditions:\n", CONDITIONS);
        Playbook::parse(text.as_bytes(), "conditions.yaml", &Bases::none()).unwrap().0
    }

    /// A conversation that begins with these facts.
    fn told<'a>(playbook: &'a Playbook, facts: &[(&'a str, bool)]) -> Input<'a> {
        let observation = Observation { facts: facts.to_vec(), ..Observation::default() };
        let now = Time::from_millis(0);
        let request = Request { snapshot: None, observation, values: Vec::new(), options: Options::default(), now };
        let (input, violations) = resolve(playbook, request);
        assert_eq!(violations, []);
        input
    }

    fn situation<'a>(playbook: &'a Playbook, facts: &[(&'a str, bool)]) -> Situation<'a> {
        let Input { mut situation, news, .. } = told(playbook, facts);
        fold(&mut situation, news, &mut Vec::new());
        situation.remember();
        situation
    }

    /// Whatever is known of the facts, each assumption gives what is true once it is told.
    #[test]
    fn what_would_be_true_is_true_once_it_is_told() {
        let playbook = playbook();
        let facts: Vec<_> = NAMES.iter().filter_map(|name| playbook.find_fact(name)).collect();
        // In the last places, and where some have none.
        let other = playbook.find_fact("grievance_known").into_iter();
        let last: Vec<_> = other.cycle().take(Assumed::MOST - facts.len()).chain(facts.iter().copied()).collect();
        let assumed = [(0, Assumed(&facts)), (0, Assumed(&facts[..2])), (Assumed::MOST - facts.len(), Assumed(&last))];
        for number in 0..81_usize {
            let value = |place| [None, Some(true), Some(false)][number / place % 3];
            let known = NAMES.into_iter().zip([1, 3, 9, 27].map(value));
            let with = |assumed: &dyn Fn(usize) -> bool| {
                let known = known.clone().enumerate();
                let facts = known.map(|(at, (name, told))| (name, told.or(assumed(at).then_some(true))));
                facts.filter_map(|(name, told)| Some((name, told?))).collect::<Vec<_>>()
            };
            let now = situation(&playbook, &with(&|_| false));
            for (_, NamedCondition { id, condition, .. }) in playbook.conditions() {
                for (first, assumed) in assumed {
                    let would = now.would(condition, assumed);
                    let check = |assumption, facts: &[(&str, bool)]| {
                        let is = truth(told(&playbook, facts), condition);
                        assert!(would.be(is) & assumption != 0, "{id} is {is:?} with {facts:?}, beside {would:?}");
                    };
                    check(Assumed::ALL, &with(&|_| true));
                    for at in first..assumed.0.len() {
                        check(Assumed::alone(at), &with(&|other| other == at - first));
                        check(Assumed::all_but(at), &with(&|other| other != at - first));
                    }
                }
            }
        }
    }
}

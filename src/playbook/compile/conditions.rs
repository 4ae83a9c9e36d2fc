//! Conditions: lists of atoms, and the facts that they ask about.

use std::collections::HashSet;

use super::Compiler;
use super::atoms::{Atoms, Reader};
use super::possible::Possible;
use crate::playbook::condition::{Atom, Condition};
use crate::playbook::document::{self, Name};
use crate::playbook::finding::{Finding, listed, ticked};
use crate::playbook::graph::order;
use crate::playbook::ids::{AtomIx, FactIx, SignalIx};
use crate::playbook::parts::{NamedCondition, Place};

/// Atoms that a condition may read, through named ones too. It bounds the time of every decision, and how deep names can nest.
const MOST_ATOMS: usize = 256;

/// What is known of the named conditions, by position.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    known: Vec<Named>,
}

/// What is known of a named condition.
#[derive(Debug, Clone)]
struct Named {
    facts: Box<[FactIx]>,
    signals: Box<[SignalIx]>,
    size: usize,
    possible: Possible,
}

impl Default for Named {
    fn default() -> Self {
        Self { facts: Box::default(), signals: Box::default(), size: 0, possible: Possible::ANYTHING }
    }
}

impl Conditions {
    /// What the condition can be while no fact is known.
    pub(super) fn possible(&self, position: usize) -> Possible {
        self.known.get(position).map_or(Possible::ANYTHING, |named| named.possible)
    }
}

/// The named conditions, in order.
pub(super) fn named(compiler: &mut Compiler<'_, '_>) -> Vec<NamedCondition> {
    let written = &compiler.document.conditions;
    let mut lowered: Vec<Condition> = written.iter().map(|named| lists(compiler, &named.condition)).collect();
    compiler.conditions.known = vec![Named::default(); lowered.len()];
    for position in sorted(compiler, &lowered) {
        let Some(condition) = lowered.get_mut(position) else { continue };
        let place = written.get(position).map(|named| named.name.span).unwrap_or_default();
        let named = finish(compiler, condition, place);
        if let Some(known) = compiler.conditions.known.get_mut(position) {
            *known = named;
        }
    }
    let names = written.iter().map(|named| named.name);
    let whole = |(name, condition): (Name<'_>, _)| NamedCondition {
        id: name.text.to_owned(),
        condition,
        place: Place::of(name.span),
    };
    names.zip(lowered).map(whole).collect()
}

/// Any other condition.
pub(super) fn condition<'t>(compiler: &mut Compiler<'t, '_>, written: &document::Condition<'t>) -> Condition {
    let mut condition = lists(compiler, written);
    if !condition.is_empty() {
        finish(compiler, &mut condition, written.place);
    }
    condition
}

/// The positions of the named conditions, each after those that it reads. Cycles are reported and left out.
fn sorted(compiler: &mut Compiler<'_, '_>, lowered: &[Condition]) -> Vec<usize> {
    let mut edges = Vec::new();
    for (position, condition) in lowered.iter().enumerate() {
        let named = all_atoms(condition).filter_map(|ix| named_in(&compiler.atoms, ix));
        edges.extend(named.map(|target| (position, target)));
    }
    let (sorted, cycles) = order(lowered.len(), &edges);
    for cycle in cycles {
        let names: Vec<Name<'_>> =
            cycle.iter().filter_map(|position| compiler.scope.conditions.names().get(*position)).copied().collect();
        if let Some(first) = names.first() {
            let list = listed(names.iter().map(|name| name.text));
            let message = match names.len() {
                1 => format!("the condition {list} is made of itself"),
                _ => format!("the conditions {list} are made of each other"),
            };
            compiler
                .findings
                .add(Finding::error("cycle", first.span, message).mend("say one of them without the others"));
        }
    }
    sorted
}

/// The named condition that an atom reads, if it does.
fn named_in(atoms: &Atoms<'_>, ix: AtomIx) -> Option<usize> {
    match atoms.get(ix)? {
        Atom::Named(condition) => Some(condition.position()),
        Atom::Yes(inner) | Atom::No(inner) | Atom::Known(inner) | Atom::Unknown(inner) => match atoms.get(inner)? {
            Atom::Named(condition) => Some(condition.position()),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn all_atoms(condition: &Condition) -> impl Iterator<Item = AtomIx> {
    condition.when.iter().chain(&condition.any).chain(&condition.unless).copied()
}

fn lists<'t>(compiler: &mut Compiler<'t, '_>, written: &document::Condition<'t>) -> Condition {
    let mut condition = Condition::default();
    if written.given {
        condition.when = atoms(compiler, &written.when);
        condition.any = atoms(compiler, &written.any);
        condition.unless = atoms(compiler, &written.unless);
        check_sense(compiler, written);
    }
    condition
}

fn atoms<'t>(compiler: &mut Compiler<'t, '_>, names: &[Name<'t>]) -> Box<[AtomIx]> {
    let Compiler { document, scope, atoms, findings, .. } = compiler;
    let mut reader = Reader { document, scope, findings };
    names.iter().filter_map(|name| atoms.intern(*name, &mut reader)).collect()
}

/// An atom that must be and must not be, or that stands twice in a list.
fn check_sense(compiler: &mut Compiler<'_, '_>, written: &document::Condition<'_>) {
    let when: HashSet<&str> = written.when.iter().map(|name| name.text).collect();
    if let Some(name) = written.unless.iter().find(|name| when.contains(name.text)) {
        let message = format!("{} stands under `when` and under `unless`, so this never holds", ticked(name.text));
        compiler.findings.add(Finding::error("never-holds", name.span, message).mend("keep one of them"));
    }
    for list in [&written.when, &written.any, &written.unless] {
        let mut seen = HashSet::new();
        for name in list.iter().filter(|name| !seen.insert(name.text)) {
            let message = format!("{} stands here twice", ticked(name.text));
            compiler.findings.add(Finding::warning("duplicate-entry", name.span, message).mend("keep one of them"));
        }
    }
}

/// Fills in what follows from the atoms.
fn finish(compiler: &mut Compiler<'_, '_>, condition: &mut Condition, place: crate::playbook::yaml::Span) -> Named {
    let mut gathered = Gathered::default();
    for ix in all_atoms(condition) {
        gathered.atom(compiler, ix);
    }
    if gathered.size > MOST_ATOMS {
        let message = format!("this condition reads more than {MOST_ATOMS} atoms, those of named ones included");
        compiler.findings.add(Finding::error("too-many", place, message).mend("say it with fewer"));
        // What follows from a condition that is far too big would be far too big as well.
        gathered = Gathered::default();
    }
    condition.facts = gathered.facts.into();
    condition.signals = gathered.signals.into();
    Named {
        facts: condition.facts.clone(),
        signals: condition.signals.clone(),
        size: gathered.size,
        possible: Possible::of_condition(condition, |ix| super::possible::of_atom(compiler, ix)),
    }
}

#[derive(Default)]
struct Gathered {
    facts: Vec<FactIx>,
    signals: Vec<SignalIx>,
    seen_facts: HashSet<FactIx>,
    seen_signals: HashSet<SignalIx>,
    size: usize,
}

impl Gathered {
    fn atom(&mut self, compiler: &Compiler<'_, '_>, ix: AtomIx) {
        self.size = self.size.saturating_add(1);
        match compiler.atoms.get(ix) {
            Some(Atom::Fact(fact)) => self.fact(fact),
            Some(
                Atom::Flag(signal)
                | Atom::Band(signal, _)
                | Atom::Rising(signal)
                | Atom::Falling(signal)
                | Atom::AtLeast(signal, _)
                | Atom::SignalKnown(signal)
                | Atom::SignalUnknown(signal),
            ) => self.signal(signal),
            Some(Atom::Named(named)) => self.named(compiler, named.position()),
            // What it is about is never two-valued itself, so this goes one level down and no further.
            Some(Atom::Yes(inner) | Atom::No(inner) | Atom::Known(inner) | Atom::Unknown(inner)) => {
                self.atom(compiler, inner);
            }
            Some(
                Atom::Done(_) | Atom::DoneTimes(..) | Atom::StageTurns(_) | Atom::PromiseDue | Atom::PromiseMissed,
            )
            | None => {}
        }
    }

    fn named(&mut self, compiler: &Compiler<'_, '_>, position: usize) {
        if let Some(named) = compiler.conditions.known.get(position) {
            self.size = self.size.saturating_add(named.size);
            named.facts.iter().for_each(|fact| self.fact(*fact));
            named.signals.iter().for_each(|signal| self.signal(*signal));
        }
    }

    fn fact(&mut self, fact: FactIx) {
        if self.seen_facts.insert(fact) {
            self.facts.push(fact);
        }
    }

    fn signal(&mut self, signal: SignalIx) {
        if self.seen_signals.insert(signal) {
            self.signals.push(signal);
        }
    }
}

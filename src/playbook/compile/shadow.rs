//! Ways that are never taken, because another one that is looked at first holds whenever they do.

use std::collections::HashSet;

use super::Compiler;
use crate::playbook::condition::Condition;
use crate::playbook::finding::Finding;
use crate::playbook::graph::Parts;
use crate::playbook::ids::AtomIx;
use crate::playbook::yaml::{Origin, Span};

/// Ways compared with each other in one place; beyond that, nobody reads them in order anyway.
const MOST_COMPARED: usize = 50;

/// Warns of exits and interrupts that are never taken. A playbook with errors is not asked: a condition may lack an atom that is wrong.
pub(super) fn check(compiler: &mut Compiler<'_, '_>, parts: &Parts) {
    if compiler.findings.failed() {
        return;
    }
    let document = compiler.document;
    for (written, stage) in document.stages.iter().zip(&parts.stages) {
        let places = written.exits.iter().map(|exit| exit.condition.place);
        let ways = stage.exits.iter().map(|exit| &exit.condition);
        warn(compiler, &places.zip(ways).collect::<Vec<_>>(), "exit");
    }
    let places = document.interrupts.iter().map(|interrupt| interrupt.condition.place);
    let ways = parts.interrupts.iter().map(|interrupt| &interrupt.condition);
    warn(compiler, &places.zip(ways).collect::<Vec<_>>(), "interrupt");
}

fn warn(compiler: &mut Compiler<'_, '_>, ways: &[(Span, &Condition)], what: &str) {
    for (position, (place, condition)) in ways.iter().enumerate().take(MOST_COMPARED) {
        let earlier = ways.iter().take(position).find(|(_, other)| follows(condition, other));
        if let Some((other, _)) = earlier {
            let (which, mend) = match (place.origin(), other.origin()) {
                (Origin::This, Origin::Base) => {
                    ("an inherited one".to_owned(), "drop the inherited one, or remove this")
                }
                _ => (format!("the one on line {}", other.line()), "put the narrower one first"),
            };
            let message = format!("this {what} is never taken: {which} holds whenever it does");
            compiler.findings.add(Finding::warning("never-holds", *place, message).mend(mend));
        }
    }
}

/// Whether `other` holds whenever `condition` does, as far as the lists show.
fn follows(condition: &Condition, other: &Condition) -> bool {
    let when: HashSet<AtomIx> = condition.when.iter().copied().collect();
    let unless: HashSet<AtomIx> = condition.unless.iter().copied().collect();
    let one_of = |atoms: &[AtomIx]| {
        let any: HashSet<AtomIx> = atoms.iter().copied().collect();
        let always = !condition.any.is_empty() && condition.any.iter().all(|atom| any.contains(atom));
        always || any.iter().any(|atom| when.contains(atom))
    };
    other.when.iter().all(|atom| when.contains(atom))
        && other.unless.iter().all(|atom| unless.contains(atom))
        && (other.any.is_empty() || one_of(&other.any))
}

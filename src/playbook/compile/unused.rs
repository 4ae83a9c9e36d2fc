//! What is declared and never used: mostly a slip, so its author hears of it.

use std::collections::HashSet;

use super::Compiler;
use crate::playbook::condition::Atom;
use crate::playbook::document::Name;
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::graph::Parts;
use crate::playbook::ids::ActionIx;
use crate::playbook::parts::{Action, Course, Piece};
use crate::playbook::yaml::Origin;

/// Positions of the parts that something uses.
#[derive(Default)]
struct Used {
    values: HashSet<usize>,
    signals: HashSet<usize>,
    facts: HashSet<usize>,
    conditions: HashSet<usize>,
    delivery: HashSet<usize>,
    actions: HashSet<usize>,
}

/// Warns of parts that nothing uses. A playbook with errors is not asked: what uses a part may be what is wrong.
pub(super) fn check(compiler: &mut Compiler<'_, '_>, parts: &Parts) {
    if compiler.findings.failed() {
        return;
    }
    let used = Used::by(parts);
    warn(compiler, compiler.scope.values.names().to_vec(), &used.values, "no phrasing or cue has the placeholder");
    warn(compiler, compiler.scope.signals.names().to_vec(), &used.signals, "no condition reads the signal");
    warn(compiler, compiler.scope.facts.names().to_vec(), &used.facts, "no condition reads the fact");
    warn(compiler, compiler.scope.conditions.names().to_vec(), &used.conditions, "nothing uses the condition");
    warn(compiler, compiler.scope.delivery.names().to_vec(), &used.delivery, "no action has the delivery guide");
    warn(
        compiler,
        compiler.scope.actions.names().to_vec(),
        &used.actions,
        "no stage, `first` rule or escalation has the action",
    );
}

fn warn(compiler: &mut Compiler<'_, '_>, names: Vec<Name<'_>>, used: &HashSet<usize>, why: &str) {
    // What is inherited is a stock to choose from.
    let own = |name: &Name<'_>| name.span.origin() == Origin::This;
    for (_, name) in names.into_iter().enumerate().filter(|(position, name)| !used.contains(position) && own(name)) {
        let message = format!("{why} {}", ticked(name.text));
        compiler.findings.add(Finding::warning("unused", name.span, message).mend("use it, or remove it"));
    }
}

impl Used {
    fn by(parts: &Parts) -> Self {
        let mut used = Self::default();
        for entry in &parts.atoms {
            used.atom(entry.atom);
        }
        for action in &parts.actions {
            used.delivery.extend(action.delivery.iter().map(|guide| guide.position()));
            used.values_of(action);
        }
        for stage in &parts.stages {
            used.actions.extend(stage.candidates.iter().map(|candidate| candidate.action.position()));
            if let Course::Open { otherwise } = stage.course {
                used.actions.insert(otherwise.position());
            }
        }
        used.actions.extend(parts.first.iter().map(|rule| rule.action.position()));
        let advised = parts.escalations.iter().flat_map(|rule| [rule.action, rule.else_action]).flatten();
        used.actions.extend(advised.map(ActionIx::position));
        used
    }

    fn atom(&mut self, atom: Atom) {
        match atom {
            Atom::Fact(fact) => {
                self.facts.insert(fact.position());
            }
            Atom::Flag(signal)
            | Atom::Band(signal, _)
            | Atom::Rising(signal)
            | Atom::Falling(signal)
            | Atom::AtLeast(signal, _)
            | Atom::SignalKnown(signal)
            | Atom::SignalUnknown(signal) => {
                self.signals.insert(signal.position());
            }
            Atom::Named(condition) => {
                self.conditions.insert(condition.position());
            }
            // What these are about is an atom of its own.
            Atom::Yes(_)
            | Atom::No(_)
            | Atom::Known(_)
            | Atom::Unknown(_)
            | Atom::Done(_)
            | Atom::DoneTimes(..)
            | Atom::StageTurns(_)
            | Atom::PromiseDue
            | Atom::PromiseMissed => {}
        }
    }

    fn values_of(&mut self, action: &Action) {
        for piece in action.say.iter().chain(&action.cue).flat_map(|text| &text.pieces) {
            if let Piece::Value(value) = piece {
                self.values.insert(value.position());
            }
        }
    }
}

//! Laws: what they speak of must exist. Whether they hold is not a matter of the playbook alone.

use std::collections::HashSet;

use super::Compiler;
use super::advice::{Kinds, forbidden};
use crate::playbook::document::{self, FINAL, Name};
use crate::playbook::ids::StageIx;
use crate::playbook::law::{Claim, Law};
use crate::playbook::parts::Place;

/// The laws, in order.
pub(super) fn laws(compiler: &mut Compiler<'_, '_>, kinds: &Kinds) -> Vec<Law> {
    compiler.document.laws.iter().map(|written| law(compiler, written, kinds)).collect()
}

fn law<'t>(compiler: &mut Compiler<'t, '_>, written: &document::Law<'t>, kinds: &Kinds) -> Law {
    let condition = compiler.condition(&written.condition);
    let source = compiler.rows(&written.source);
    let claim = match &written.claim {
        document::Claim::Never { actions, before } => Claim::Never {
            actions: forbidden(compiler, actions, kinds),
            before: compiler.scope.actions.resolve_all(before, compiler.findings),
        },
        document::Claim::First(actions) => Claim::First(compiler.scope.actions.resolve_all(actions, compiler.findings)),
        document::Claim::Escalation(level) => Claim::Escalation(*level),
        document::Claim::Reaches(goal) => Claim::Reaches(goals(compiler, *goal)),
    };
    let place = Place::of(written.place);
    let names = names(&written.claim);
    Law { it: written.it.to_owned(), claim, names, condition, source, place }
}

/// The stage, or all that are final.
fn goals(compiler: &mut Compiler<'_, '_>, goal: Name<'_>) -> Vec<StageIx> {
    if goal.text != FINAL {
        return compiler.scope.stages.resolve(goal, compiler.findings).into_iter().collect();
    }
    let stages = compiler.document.stages.iter().enumerate();
    stages.filter(|(_, stage)| stage.final_at.is_some()).filter_map(|(at, _)| StageIx::new(at)).collect()
}

/// What the claim names, as its author wrote it, each once.
fn names(claim: &document::Claim<'_>) -> Vec<String> {
    let mut seen = HashSet::new();
    let written: &[Name<'_>] = match claim {
        document::Claim::Never { actions, before: _ } | document::Claim::First(actions) => actions,
        document::Claim::Reaches(goal) => std::slice::from_ref(goal),
        document::Claim::Escalation(_) => &[],
    };
    written.iter().filter(|name| seen.insert(name.text)).map(|name| name.text.to_owned()).collect()
}

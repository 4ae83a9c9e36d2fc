//! Laws: what they speak of must exist. Whether they hold is not a matter of the playbook alone.

use std::collections::HashSet;

use super::Compiler;
use super::advice::{Kinds, forbidden};
use crate::playbook::document::{self, Name};
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::parts::{Claim, Goal, Law, Place};

/// The word for every stage that ends a conversation.
const FINAL: &str = "final";

/// The laws, in order.
pub(super) fn laws(compiler: &mut Compiler<'_, '_>, kinds: &Kinds) -> Vec<Law> {
    compiler.document.laws.iter().filter_map(|written| law(compiler, written, kinds)).collect()
}

fn law<'t>(compiler: &mut Compiler<'t, '_>, written: &document::Law<'t>, kinds: &Kinds) -> Option<Law> {
    let condition = compiler.condition(&written.condition);
    let source = compiler.rows(&written.source);
    let claim = match &written.claim {
        document::Claim::Never { actions, before } => Claim::Never {
            actions: forbidden(compiler, actions, kinds),
            before: compiler.scope.actions.resolve_all(before, compiler.findings),
        },
        document::Claim::First(actions) => Claim::First(compiler.scope.actions.resolve_all(actions, compiler.findings)),
        document::Claim::Escalation(level) => Claim::Escalation(*level),
        document::Claim::AlwaysReaches(goal) => Claim::AlwaysReaches(self::goal(compiler, *goal)?),
    };
    let place = Place::of(written.place);
    let names = names(&written.claim);
    Some(Law { it: written.it.to_owned(), claim, names, condition, source, place })
}

/// What the claim names, as its author wrote it, each once.
fn names(claim: &document::Claim<'_>) -> Vec<String> {
    let mut seen = HashSet::new();
    let written: &[Name<'_>] = match claim {
        document::Claim::Never { actions, before: _ } | document::Claim::First(actions) => actions,
        document::Claim::Escalation(_) | document::Claim::AlwaysReaches(_) => &[],
    };
    written.iter().filter(|name| seen.insert(name.text)).map(|name| name.text.to_owned()).collect()
}

fn goal(compiler: &mut Compiler<'_, '_>, name: Name<'_>) -> Option<Goal> {
    if name.text != FINAL {
        return compiler.scope.stages.resolve(name, compiler.findings).map(Goal::Stage);
    }
    if compiler.document.stages.iter().all(|stage| stage.final_at.is_none()) {
        let message = format!("no stage is {}, so none can be reached", ticked(FINAL));
        compiler.findings.add(Finding::error("never-holds", name.span, message).mend("name a stage, or end one"));
    }
    Some(Goal::Final)
}

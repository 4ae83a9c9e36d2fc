//! Laws: what they speak of must exist. Whether they hold is not a matter of the playbook alone.

use std::collections::HashSet;

use super::Compiler;
use super::advice::{Kinds, forbidden};
use crate::playbook::document::{self, Name};
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
    };
    let place = Place::of(written.place);
    let names = names(&written.claim);
    Law { it: written.it.to_owned(), claim, names, condition, source, place }
}

/// What the claim names, as its author wrote it, each once.
fn names(claim: &document::Claim<'_>) -> Vec<String> {
    let mut seen = HashSet::new();
    let written: &[Name<'_>] = match claim {
        document::Claim::Never { actions, before: _ } | document::Claim::First(actions) => actions,
        document::Claim::Escalation(_) => &[],
    };
    written.iter().filter(|name| seen.insert(name.text)).map(|name| name.text.to_owned()).collect()
}

//! What lints are to say nothing of. Whether they would say anything is not a matter of the playbook alone.

use std::collections::HashSet;

use super::Compiler;
use crate::playbook::document;
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::lint::Allowance;
use crate::playbook::parts::Place;

/// The allowances, in order.
pub(super) fn allowances(compiler: &mut Compiler<'_, '_>) -> Vec<Allowance> {
    let document = compiler.document;
    let mut seen = HashSet::new();
    for written in document.lints.iter().filter(|written| !seen.insert((written.lint, written.of.text))) {
        let message = format!("{} is allowed here twice of {}", ticked(written.lint.as_str()), ticked(written.of.text));
        compiler.findings.add(Finding::error("duplicate-entry", written.place, message).mend("keep one of them"));
    }
    document.lints.iter().map(lowered).collect()
}

fn lowered(written: &document::Allowance<'_>) -> Allowance {
    Allowance {
        lint: written.lint,
        of: written.of.text.to_owned(),
        because: written.because.to_owned(),
        place: Place::of(written.place),
    }
}

//! What the author of a playbook means, and says why.

use super::Found;
use crate::playbook::{Allowance, Place, Playbook, Remark, Severity};

/// Whether the playbook allows it.
pub(super) fn is_allowed(playbook: &Playbook, found: &Found) -> bool {
    playbook.allowances().iter().any(|allowance| allows(allowance, found))
}

/// What to say of allowances without which nothing more would be said.
pub(super) fn idle(playbook: &Playbook, found: &[Found]) -> Vec<(Place, Remark)> {
    // What is inherited may be meant for others.
    let own = playbook.allowances().iter().filter(|allowance| !allowance.place.is_inherited());
    let idle = own.filter(|allowance| !found.iter().any(|found| allows(allowance, found)));
    idle.map(|allowance| (allowance.place, remark(allowance))).collect()
}

fn allows(allowance: &Allowance, found: &Found) -> bool {
    allowance.lint == found.lint && allowance.of == found.of
}

fn remark(allowance: &Allowance) -> Remark {
    let message = format!("`{}` finds nothing about `{}` that could be allowed", allowance.lint.as_str(), allowance.of);
    let help = "remove it, or write the name as in the finding".to_owned();
    Remark { severity: Severity::Warning, code: "nothing-allowed", message, help }
}

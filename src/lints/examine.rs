//! What the lints add to the report on a playbook.

use super::{Found, allow, conditions, phrasing, reading, screens, ways};
use crate::laws::{self, Situations};
use crate::playbook::{Playbook, Remark, Report, Severity, Whole};

/// What the compiler calls a way that another one, looked at first, always beats.
const SHADOWED: &str = "never-holds";

/// Adds what the lints find in `playbook`, the content of `whole`, to `report`, which is about it.
#[must_use]
pub fn examine(whole: &Whole<'_>, playbook: &Playbook, mut report: Report) -> Report {
    let found = found(playbook);
    let unused = allow::idle(playbook, &found);
    let told: Vec<&Found> = found.iter().filter(|found| !allow::is_allowed(playbook, found)).collect();
    for Found { lint, of: _, place, message, help } in told {
        // What the compiler said of a place need not be said again.
        let is_known = report.diagnostics().iter().any(|known| known.line == place.line() && known.code == SHADOWED);
        if !is_known || place.is_inherited() {
            let (message, help) = (message.clone(), (*help).to_owned());
            whole.add(&mut report, *place, Remark { severity: Severity::Warning, code: lint.as_str(), message, help });
        }
    }
    for (place, remark) in unused {
        whole.add(&mut report, place, remark);
    }
    report
}

/// All that there is, allowed or not.
fn found(playbook: &Playbook) -> Vec<Found> {
    laws::look(playbook, |situations| found_in(playbook, situations))
}

fn found_in(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    ways::assume_usual(playbook, situations);
    [
        conditions::found(playbook, situations),
        screens::never_suggested(playbook, situations),
        screens::outranked(playbook, situations),
        screens::never_advised(playbook, situations),
        ways::never_taken(playbook, situations),
        ways::back_and_forth(playbook, situations),
        ways::closes_on_anger(playbook, situations),
        reading::bands(playbook),
        reading::questions(playbook),
        phrasing::found(playbook),
    ]
    .into_iter()
    .flatten()
    .collect()
}

//! A playbook file that a command works with.

use std::path::Path;

use super::files::{self, Verdict};
use super::output;
use crate::playbook::Playbook;

/// Hands the playbook in the file at `path` to `work`; one that has errors is told of instead.
pub(super) fn with_playbook(path: &Path, work: impl FnOnce(&Playbook) -> Verdict) -> Verdict {
    files::look_at(path, |source, name, bases| match Playbook::parse(source, name, bases) {
        Ok((playbook, _)) => work(&playbook),
        Err(report) => {
            output::complaint(report.render(output::style_of_complaints()));
            output::complaint(format_args!("\nerror: `{name}` can't be used, for it has errors"));
            Verdict::Findings
        }
    })
}

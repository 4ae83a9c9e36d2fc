//! A playbook file that a command works with.

use std::path::PathBuf;

use super::files::{self, Verdict};
use super::output;
use crate::playbook::Playbook;

/// Hands the playbook in the file at `path` to `work`; one that has errors is told of instead.
pub(super) fn with_playbook(path: &PathBuf, mut work: impl FnMut(&Playbook, &str) -> Verdict) -> Verdict {
    files::look_at_each(std::slice::from_ref(path), |source, name| match Playbook::parse(source, name) {
        Ok((playbook, _)) => work(&playbook, name),
        Err(report) => {
            output::complaint(report.render(output::style_of_complaints()));
            output::complaint(format_args!("\nerror: `{name}` can't be used, for it has errors"));
            Verdict::Findings
        }
    })
}

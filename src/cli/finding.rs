//! What is wrong with a playbook, as data.

use serde::Serialize;

use super::output;
use crate::playbook::{Diagnostic, Report};

/// One thing that is wrong.
#[derive(Debug, Serialize)]
pub(super) struct Finding<'r> {
    file: &'r str,
    line: usize,
    column: usize,
    end: Place,
    severity: &'static str,
    code: &'static str,
    message: &'r str,
    help: &'r str,
}

/// Where something ends: the column is the one after its last character.
#[derive(Debug, Serialize)]
struct Place {
    line: usize,
    column: usize,
}

/// The findings of `report`.
pub(super) fn findings(report: &Report) -> Vec<Finding<'_>> {
    report.diagnostics().iter().map(finding).collect()
}

fn finding(diagnostic: &Diagnostic) -> Finding<'_> {
    Finding {
        file: &diagnostic.file,
        line: diagnostic.line,
        column: diagnostic.column,
        end: Place { line: diagnostic.end_line, column: diagnostic.end_column },
        severity: diagnostic.severity.as_str(),
        code: diagnostic.code,
        message: &diagnostic.message,
        help: &diagnostic.help,
    }
}

/// Says on standard error where there are more than a report keeps.
pub(super) fn note_omitted(report: &Report) {
    if report.omitted() > 0 {
        output::complaint(format_args!("note: {} more findings in `{}` are left out", report.omitted(), report.file()));
    }
}

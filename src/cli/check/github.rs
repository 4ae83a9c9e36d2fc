//! Workflow commands: lines by which GitHub shows findings beside the lines of the file.

use crate::cli::output;
use crate::playbook::{Diagnostic, Report};

/// Writes a command for each finding.
pub(super) fn tell(report: &Report) {
    for diagnostic in report.diagnostics() {
        output::line(command(diagnostic));
    }
}

fn command(diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, severity, code, message, help, line, column, end_line, end_column, .. } = diagnostic;
    // Columns of two different lines would not be understood.
    let end =
        if line == end_line { format!("col={column},endColumn={end_column}") } else { format!("endLine={end_line}") };
    let help = if help.is_empty() { String::new() } else { format!("\nhelp: {help}") };
    let (file, text) = (property(file), data(&format!("{message}{help}")));
    format!("::{} file={file},line={line},{end},title={}::{text}", severity.as_str(), property(code))
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text between commas.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

//! `composure check`: everything that is wrong with playbook files.

use std::path::PathBuf;
use std::process::ExitCode;

use super::files::{self, Verdict};
use super::{EXIT_CODES, output};
use crate::playbook::{Bases, Report, Severity, Whole};

/// What to check.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  composure check playbooks/default.yaml

Warnings are shown and do not fail.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Says what is wrong with each file.
pub(super) fn run(args: &Args) -> ExitCode {
    files::look_at_each(&args.files, check).into()
}

fn check(source: &[u8], name: &str, bases: &Bases) -> Verdict {
    let (report, verdict) = match Whole::read(source, name, bases) {
        Ok((_, warnings)) => (warnings, Verdict::Fine),
        Err(report) => (report, Verdict::Findings),
    };
    if !report.is_empty() {
        output::line(format_args!("{}\n", report.render(output::style())));
    }
    output::line(format_args!("{name}: {}", summary(&report)));
    verdict
}

/// `2 errors, 1 warning`, or `ok`.
fn summary(report: &Report) -> String {
    let counts = [(report.count(Severity::Error), "error"), (report.count(Severity::Warning), "warning")];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if parts.is_empty() { "ok".to_owned() } else { parts.join(", ") }
}

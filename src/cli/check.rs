//! `composure check`: everything that is wrong with playbook files, what its laws and lints say included.

mod github;
mod sarif;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::files::{self, Verdict};
use super::finding::{findings, note_omitted};
use super::{EXIT_CODES, output};
use crate::laws::Examined;
use crate::library::{Known, examine};
use crate::playbook::{Report, Severity};

/// What to check, and how to tell.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure check playbooks/default.yaml
  composure check --deny warnings --format sarif playbooks > findings.sarif

A folder stands for the `*.yaml` and `*.yml` files below it, in the order of their names. Hidden files, and files without a
key `playbook`, are passed over. Warnings are shown and do not fail, unless denied.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook files, and folders of them
    #[arg(value_name = "FILE|DIR", required = true)]
    paths: Vec<PathBuf>,
    /// How to tell
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    /// Fail on these beside errors
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Vec<Denied>,
}

/// How to tell what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// An array of findings
    Json,
    /// Workflow commands, which GitHub shows beside the lines
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// What fails beside errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Denied {
    /// Warnings
    Warnings,
}

/// Says what is wrong with each file.
pub(super) fn run(args: &Args) -> ExitCode {
    let mut known = Known::default();
    let mut checked = Vec::new();
    let verdict = files::look_at_each(&args.paths, |source, name, bases| {
        let examined = match known.read(source, name, bases) {
            Ok((whole, warnings)) => examine(&whole, warnings),
            Err(report) => Examined { report, proven: 0 },
        };
        let verdict = verdict(&examined.report, &args.deny);
        checked.push(examined);
        verdict
    });
    tell(args.format, &checked);
    verdict.into()
}

fn verdict(report: &Report, denied: &[Denied]) -> Verdict {
    let is_denied = |severity| match severity {
        Severity::Error => true,
        Severity::Warning => denied.contains(&Denied::Warnings),
    };
    let fails = report.diagnostics().iter().any(|diagnostic| is_denied(diagnostic.severity));
    if fails { Verdict::Findings } else { Verdict::Fine }
}

fn tell(format: Format, checked: &[Examined]) {
    let reports = || checked.iter().map(|examined| &examined.report);
    match format {
        Format::Text => return checked.iter().for_each(text),
        Format::Json => output::json(&reports().flat_map(findings).collect::<Vec<_>>()),
        Format::Github => reports().for_each(github::tell),
        Format::Sarif => output::json(&sarif::log(reports())),
    }
    reports().for_each(note_omitted);
}

fn text(Examined { report, proven }: &Examined) {
    if !report.is_empty() {
        output::line(format_args!("{}\n", report.render(output::style())));
    }
    output::line(format_args!("{}: {}{}", report.file(), summary(report), tally(*proven)));
}

/// `, 3 laws proven`, where there are any.
fn tally(proven: usize) -> String {
    match proven {
        0 => String::new(),
        1 => ", 1 law proven".to_owned(),
        some => format!(", {some} laws proven"),
    }
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

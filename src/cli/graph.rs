//! `composure graph`: a playbook's process as a picture.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::files::{self, Verdict};
use super::{EXIT_CODES, output};
use crate::playbook::{Overlay, Playbook};
use crate::rehearsal;

/// What to draw.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure graph playbooks/default.yaml > default.svg
  composure graph --coverage playbooks/default.yaml > covered.svg
  composure graph --format dot playbooks/default.yaml | dot -Tpdf > default.pdf

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to draw it as
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
    /// Mark what the playbook's own tests visit and take, with counts, and what never
    #[arg(long)]
    coverage: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture that any browser shows
    Svg,
    /// The language of Graphviz
    Dot,
    /// A flowchart for Markdown pages
    Mermaid,
}

/// Draws the file.
pub(super) fn run(args: &Args) -> ExitCode {
    let files = std::slice::from_ref(&args.file);
    files::look_at_each(files, |source, name| draw(args, source, name)).into()
}

fn draw(args: &Args, source: &[u8], name: &str) -> Verdict {
    let playbook = match Playbook::parse(source, name) {
        Ok((playbook, _)) => playbook,
        Err(report) => {
            // Standard output is the picture's, also where there is none.
            output::complaint(report.render(output::complaint_style()));
            output::complaint(format_args!("\n{name}: not drawn, for it has errors"));
            return Verdict::Findings;
        }
    };
    let coverage = args.coverage.then(|| rehearsal::coverage(&playbook));
    let overlay = coverage.as_ref().map_or(Overlay::Nothing, Overlay::Coverage);
    output::text(match args.format {
        Format::Svg => playbook.to_svg(overlay),
        Format::Dot => playbook.to_dot(overlay),
        Format::Mermaid => playbook.to_mermaid(overlay),
    });
    Verdict::Fine
}

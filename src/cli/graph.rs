//! `composure graph`: a playbook's process as a picture.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::files::{self, Verdict};
use super::{EXIT_CODES, output};
use crate::playbook::{Bases, Content, Overlay, Playbook, Traffic, Whole};
use crate::rehearsal::{self, Coverage};

/// What to draw.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure graph playbooks/default.yaml > default.svg
  composure graph --coverage playbooks/default.yaml > covered.svg
  composure graph --format dot playbooks/default.yaml | dot -Tpdf > default.pdf

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook file; what it extends is looked for beside it and in the program
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to draw it as
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
    /// Mark which stages and exits the playbook's own tests reach, with counts, and which never
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
    if args.file.is_dir() {
        output::complaint(format_args!("error: `{}` is a folder; name one playbook file", args.file.display()));
        return Verdict::Unusable.into();
    }
    let files = std::slice::from_ref(&args.file);
    files::look_at_each(files, |source, name, bases| draw(args, (source, name), bases)).into()
}

fn draw(args: &Args, (source, name): (&[u8], &str), bases: &Bases) -> Verdict {
    // Standard output is the picture's, also where there is none.
    let playbook = match Whole::read(source, name, bases) {
        Ok((Whole { content: Content::Playbook(playbook), .. }, _)) => playbook,
        Ok((Whole { content: Content::Fragment(_), .. }, _)) => {
            output::complaint(format_args!("error: `{name}` is a fragment; draw a playbook that extends it"));
            return Verdict::Unusable;
        }
        Err(report) => {
            output::complaint(format_args!("{report}\n{name}: not drawn, for it has errors"));
            return Verdict::Findings;
        }
    };
    let traffic = args.coverage.then(|| traffic(&playbook));
    let overlay = traffic.as_ref().map_or(Overlay::Nothing, Overlay::Traffic);
    output::text(match args.format {
        Format::Svg => playbook.to_svg(overlay),
        Format::Dot => playbook.to_dot(overlay),
        Format::Mermaid => playbook.to_mermaid(overlay),
    });
    Verdict::Fine
}

/// What the playbook's own conversations reach.
fn traffic(playbook: &Playbook) -> Traffic {
    let mut coverage = Coverage::none(playbook);
    for conversation in playbook.tests() {
        // Whether they come out as expected does not matter to a picture.
        drop(rehearsal::play(playbook, conversation, &mut coverage));
    }
    coverage.traffic()
}

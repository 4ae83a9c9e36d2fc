//! `composure test`: plays the conversations in the tests of playbook files.

use std::path::PathBuf;
use std::process::ExitCode;

use super::files::{self, Verdict};
use super::{EXIT_CODES, output};
use crate::playbook::{Bases, Content, Whole};
use crate::rehearsal::{self, Played};

/// What to play.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  composure test playbooks/default.yaml

Each line names the file, the line of the turn, what was expected there and what came instead; indented below stands why.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// How many conversations came out as expected, and how many did not.
#[derive(Default)]
struct Score {
    passed: usize,
    failed: usize,
}

/// Plays each file's conversations.
pub(super) fn run(args: &Args) -> ExitCode {
    let mut score = Score::default();
    let verdict = files::look_at_each(&args.files, |source, name, bases| play(source, (name, bases), &mut score));
    output::line(format_args!("{} passed, {} failed", score.passed, score.failed));
    verdict.into()
}

fn play(source: &[u8], (name, bases): (&str, &Bases), score: &mut Score) -> Verdict {
    let playbook = match Whole::read(source, name, bases) {
        Ok((Whole { content: Content::Playbook(playbook), .. }, _)) => playbook,
        Ok((Whole { content: Content::Fragment(_), .. }, _)) => {
            output::line(format_args!("{name}: a fragment, played in the playbooks that extend it"));
            return Verdict::Fine;
        }
        Err(report) => {
            output::line(report.render(output::style()));
            output::line(format_args!("\n{name}: not played, for it has errors"));
            return Verdict::Findings;
        }
    };
    let played = rehearsal::rehearse(&playbook);
    if played.is_empty() {
        output::line(format_args!("{name}: no tests"));
    }
    for conversation in &played {
        tell(name, conversation);
    }
    let passed = played.iter().filter(|conversation| conversation.passed()).count();
    score.passed += passed;
    score.failed += played.len() - passed;
    if passed == played.len() { Verdict::Fine } else { Verdict::Findings }
}

fn tell(name: &str, Played { conversation, failures }: &Played<'_>) {
    for failure in failures {
        output::line(format_args!(
            "{name}:{}: {}: turn {}: expected {}, found {}",
            failure.line, conversation.it, failure.turn, failure.expected, failure.found
        ));
        for reason in &failure.because {
            output::line(format_args!("    {reason}"));
        }
    }
}

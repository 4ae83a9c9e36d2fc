//! `composure test`: plays the conversations in the tests of playbook files.

mod coverage;
mod filter;
mod json;
mod junit;
mod results;
mod text;
mod threshold;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::files::{self, Verdict};
use super::{EXIT_CODES, output};
use crate::library::Known;
use crate::playbook::{Content, Playbook};
use crate::rehearsal::{self, Coverage};
use filter::{Filter, Near};
use results::{Conversation, Played, Tested};
use threshold::Threshold;

/// What to play, and how to tell.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure test playbooks/default.yaml
  composure test --filter manager --coverage playbooks
  composure test --junit results.xml --min-coverage stages=100 --min-coverage 80 playbooks

Each line names the file, the line of the turn, what was expected there and what came instead; indented below stands why.

A folder stands for the `*.yaml` and `*.yml` files below it, in the order of their names. Hidden files, and files without a
key `playbook`, are passed over.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook files, and folders of them
    #[arg(value_name = "FILE|DIR", required = true)]
    paths: Vec<PathBuf>,
    /// Play only conversations whose name contains this, in upper or lower case
    #[arg(long, value_name = "TEXT", default_value_t, hide_default_value = true)]
    filter: Filter,
    /// How to tell
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[arg(long, value_name = "FILE", help = "Also write the results to this file, as JUnit XML")]
    junit: Option<PathBuf>,
    /// Also tell what of each playbook was exercised, and what never
    #[arg(long)]
    coverage: bool,
    /// Fail where less of a playbook is exercised; SORT as the coverage names it, such as `exits`; may be given several times
    #[arg(long, value_name = "[SORT=]PERCENT")]
    min_coverage: Vec<Threshold>,
}

/// How to tell how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How much to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// What came out differently.
    Results,
    /// Also what was exercised.
    Coverage,
}

impl Args {
    fn detail(&self) -> Detail {
        if self.coverage { Detail::Coverage } else { Detail::Results }
    }
}

/// Plays each file's conversations.
pub(super) fn run(args: &Args) -> ExitCode {
    let (mut known, mut all) = (Known::default(), Vec::new());
    let mut near = Near::to(&args.filter);
    let looked = files::look_at_each(&args.paths, |source, name, bases| {
        let file = name.to_owned();
        let tested = match known.read(source, name, bases) {
            Ok((whole, report)) => match &whole.content {
                Content::Fragment(_) => {
                    output::complaint(format_args!(
                        "note: `{name}` is a fragment, played in the playbooks that extend it"
                    ));
                    return Verdict::Fine;
                }
                Content::Playbook(playbook) => {
                    near.consider(playbook);
                    let extended = whole.extended_file().map(str::to_owned);
                    Tested { file, report, played: Some(Played { extended, ..play(playbook, &args.filter) }) }
                }
            },
            Err(report) => Tested { file, report, played: None },
        };
        let verdict = verdict(&tested, &args.min_coverage);
        all.push(tested);
        verdict
    });
    if looked < Verdict::Unusable && !args.filter.is_empty() && all.iter().all(Tested::has_nothing_chosen) {
        output::complaint(format_args!("error: {near}"));
        return Verdict::Unusable.into();
    }
    looked.max(tell(args, &all)).into()
}

fn play(playbook: &Playbook, filter: &Filter) -> Played {
    let mut coverage = Coverage::none(playbook);
    let chosen = playbook.tests().iter().filter(|conversation| filter.lets_through(&conversation.it));
    let conversations = chosen
        .map(|conversation| Conversation {
            name: conversation.it.clone(),
            line: conversation.line,
            failures: rehearsal::play(playbook, conversation, &mut coverage).failures,
        })
        .collect();
    let has_tests = !playbook.tests().is_empty();
    let playbook = playbook.identity().clone();
    Played { playbook, has_tests, conversations, coverage: coverage.items(), extended: None }
}

fn verdict(tested: &Tested, thresholds: &[Threshold]) -> Verdict {
    let Some(played) = &tested.played else { return Verdict::Findings };
    let all_passed = played.conversations.iter().all(Conversation::passed);
    let covered = thresholds.iter().all(|threshold| threshold.is_met(&played.coverage));
    if all_passed && covered { Verdict::Fine } else { Verdict::Findings }
}

fn tell(args: &Args, all: &[Tested]) -> Verdict {
    match args.format {
        Format::Text => text::tell(all, args.detail()),
        Format::Json => output::json(&json::results(all, args.detail())),
    }
    for Tested { file, played, .. } in all {
        let played =
            played.iter().flat_map(|played| args.min_coverage.iter().map(|threshold| (threshold, &played.coverage)));
        for (threshold, items) in played.filter(|(threshold, items)| !threshold.is_met(items)) {
            output::complaint(format_args!("{file}: {}", threshold.missed_by(items)));
        }
    }
    args.junit.iter().map(|path| write_junit(path, all)).max().unwrap_or(Verdict::Fine)
}

fn write_junit(path: &PathBuf, all: &[Tested]) -> Verdict {
    let written = junit::xml(all).map_err(|error| error.to_string());
    match written.and_then(|xml| fs::write(path, xml).map_err(|error| error.to_string())) {
        Ok(()) => Verdict::Fine,
        Err(error) => {
            output::complaint(format_args!("error: cannot write `{}`: {error}", path.display()));
            Verdict::Unusable
        }
    }
}

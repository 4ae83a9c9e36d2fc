//! `composure replay`: what another playbook would have answered.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::files::Verdict;
use super::output::Format;
use super::{EXIT_CODES, open, output};
use crate::engine::{Decision, Explain};
use crate::grpc::{Recorded, Recording, Unreadable};
use crate::playbook::Playbook;
use crate::rehearsal::{self, Change, Told};
use crate::service::{self, Playbooks, Question, ServiceError};

/// What to replay.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  composure replay requests.jsonl --playbook new.yaml --baseline old.yaml

Each line of the file is a request as sent to Recommend, in the JSON form of protobuf:
  {{\"signals\": [{{\"name\": \"anger\", \"level\": 0.8}}], \"facts\": {{\"grievance_known\": true}}}}

Every request is answered twice from the state that it holds, by the baseline and by the new playbook, whatever playbook
and version it names; without --baseline, by the one in the program that it names. A request without `evaluationTime` is
answered for the time at which its state was written. Told are changes of the stage, of the first suggestion (or, where
that is the same, of the screen), of the level of escalation, and of the guardrails: how often, and for the first of them
the line and the reasons. Lines that are no requests are told on standard error, and the rest goes on.

A request with a `conversationId` and without `state` was answered from what the server held of that conversation. Without it
there is no telling what the answer would be, so it is not answered, and counted apart: put the `state` of the answer before
it into it. Where the conversation began with it, leave its `conversationId` out.

The exit code is 1 if anything changed, a line could not be replayed, or a request was without its state.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Recorded requests, one JSON object a line
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The playbook file to try
    #[arg(long, value_name = "NEW")]
    playbook: PathBuf,
    /// The playbook file to compare with [default: what the program comes with and the request names]
    #[arg(long, value_name = "OLD")]
    baseline: Option<PathBuf>,
    /// For people, or for programs
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
}

/// By what requests are answered first.
#[derive(Clone, Copy)]
enum Baseline<'p> {
    /// By this one.
    Playbook(&'p Playbook),
    /// By the one of these that the request means.
    Shipped(&'p Playbooks),
}

/// What came out.
#[derive(Debug, Default, Serialize)]
struct Outcome {
    requests: usize,
    changed: usize,
    changes: Vec<Group>,
    not_replayed: Vec<Bad>,
    without_state: WithoutState,
}

/// Requests that went on from what the server held.
#[derive(Debug, Default, Serialize)]
struct WithoutState {
    count: usize,
    /// The first line.
    line: Option<usize>,
}

/// Changes by what they are, as they were and as they are.
type Groups = BTreeMap<(String, String, String), Group>;

/// The same change in several requests.
#[derive(Debug, Serialize)]
struct Group {
    what: String,
    from: String,
    to: String,
    count: usize,
    /// The first line.
    line: usize,
    /// Why, in that line.
    because: Vec<String>,
}

/// A line that could not be replayed.
#[derive(Debug, Serialize)]
struct Bad {
    line: usize,
    column: usize,
    message: String,
}

/// Answers every request twice, and says what is different.
pub(super) fn run(args: &Args) -> ExitCode {
    open::with_playbook(&args.playbook, |new| match &args.baseline {
        Some(old) => open::with_playbook(old, |old| against(Baseline::Playbook(old), new, args)),
        None => match Playbooks::shipped() {
            Ok(shipped) => against(Baseline::Shipped(&shipped), new, args),
            Err(report) => {
                output::complaint(format_args!("error: the playbook in the program is broken:\n{report}"));
                Verdict::Findings
            }
        },
    })
    .into()
}

fn against(baseline: Baseline<'_>, new: &Playbook, args: &Args) -> Verdict {
    let outcome = match replay(baseline, new, args) {
        Ok(outcome) => outcome,
        Err(error) => {
            output::complaint(format_args!("error: cannot read `{}`: {error}", args.file.display()));
            return Verdict::Unusable;
        }
    };
    for Bad { line, column, message } in &outcome.not_replayed {
        output::complaint(format_args!("{}:{line}:{column}: {message}", args.file.display()));
    }
    match args.format {
        Format::Text => output::line(text(&outcome)),
        Format::Json => output::json(&outcome),
    }
    if outcome.is_fine() { Verdict::Fine } else { Verdict::Findings }
}

impl Outcome {
    /// Whether all was replayed, and nothing changed.
    fn is_fine(&self) -> bool {
        self.changed == 0 && self.not_replayed.is_empty() && self.without_state.count == 0
    }

    fn lacks_a_state(&mut self, line: usize) {
        self.without_state.count += 1;
        self.without_state.line.get_or_insert(line);
    }
}

fn replay(baseline: Baseline<'_>, new: &Playbook, args: &Args) -> io::Result<Outcome> {
    let recording = Recording::new().map_err(io::Error::other)?;
    let (mut outcome, mut groups) = (Outcome::default(), Groups::new());
    for (number, line) in (1..).zip(BufReader::new(File::open(&args.file)?).split(b'\n')) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        outcome.requests += 1;
        match read(&recording, &line).and_then(|request| compare(baseline, new, &request)) {
            Ok(Compared::Both(changes)) => {
                outcome.changed += usize::from(!changes.is_empty());
                note(changes, number, &mut groups);
            }
            Ok(Compared::WithoutState) => outcome.lacks_a_state(number),
            Err(Unreadable { column, message }) => {
                outcome.not_replayed.push(Bad { line: number, column, message });
            }
        }
    }
    outcome.changes = most_frequent_first(groups);
    Ok(outcome)
}

fn read(recording: &Recording, line: &[u8]) -> Result<Recorded, Unreadable> {
    let text = std::str::from_utf8(line)
        .map_err(|error| Unreadable { column: error.valid_up_to() + 1, message: "the line is not UTF-8".to_owned() })?;
    recording.read(text)
}

/// What came of a request.
enum Compared {
    /// Both answers, and what is different.
    Both(Vec<Change>),
    /// What it goes on from is not in it.
    WithoutState,
}

fn compare(baseline: Baseline<'_>, new: &Playbook, request: &Recorded) -> Result<Compared, Unreadable> {
    // Answered as the beginning of a conversation, it would show changes that nobody saw, and hide others.
    if request.lacks_its_state() {
        return Ok(Compared::WithoutState);
    }
    let question = || {
        let mut question = request.question();
        // Whatever was asked for then, reasons are needed now.
        question.request.options.explain = Explain::Full;
        question
    };
    let before = answer(baseline, question());
    let after = service::recommend_by(new, question());
    let changes = match (before, after) {
        (Ok(before), Ok(after)) => rehearsal::changes(&before, Told { playbook: new, decision: &after }),
        (Ok(_), Err(refusal)) => vec![turned("given", "refused", &refusal)],
        (Err(ServiceError::Invalid(_)), Ok(_)) => vec![answered()],
        (Err(refusal), _) => return Err(Unreadable { column: 1, message: told(&refusal).join("; ") }),
    };
    Ok(Compared::Both(changes))
}

fn answer<'a>(baseline: Baseline<'a>, question: Question<'a>) -> Result<Decision<'a>, ServiceError> {
    match baseline {
        Baseline::Playbook(playbook) => service::recommend_by(playbook, question),
        Baseline::Shipped(playbooks) => service::recommend(playbooks, question),
    }
}

fn turned(from: &str, to: &str, refusal: &ServiceError) -> Change {
    Change { what: "answer".to_owned(), from: from.to_owned(), to: to.to_owned(), because: told(refusal) }
}

fn answered() -> Change {
    let because = vec!["the new playbook knows every name in it".to_owned()];
    Change { what: "answer".to_owned(), from: "refused".to_owned(), to: "given".to_owned(), because }
}

fn told(refusal: &ServiceError) -> Vec<String> {
    match refusal {
        ServiceError::Invalid(violations) => {
            violations.iter().map(|violation| format!("{}: {}", violation.field, violation.description)).collect()
        }
        ServiceError::UnknownPlaybook { .. } | ServiceError::UnknownVersion { .. } => {
            vec![format!("{refusal}; name the file of the old one with `--baseline`")]
        }
    }
}

fn note(changes: Vec<Change>, line: usize, groups: &mut Groups) {
    for Change { what, from, to, because } in changes {
        let key = (what.clone(), from.clone(), to.clone());
        groups.entry(key).or_insert(Group { what, from, to, count: 0, line, because }).count += 1;
    }
}

fn most_frequent_first(groups: Groups) -> Vec<Group> {
    let mut changes: Vec<Group> = groups.into_values().collect();
    changes.sort_by(|a, b| b.count.cmp(&a.count).then(a.line.cmp(&b.line)));
    changes
}

fn text(outcome: &Outcome) -> String {
    let Outcome { requests, changed, changes, not_replayed, without_state } = outcome;
    let mut lines = vec![format!("{requests} requests: {changed} changed, {} not replayed", not_replayed.len())];
    if let WithoutState { count, line: Some(line) } = without_state {
        lines.push(format!(
            "{count} without their state, so not answered (first in line {line}): they name a conversation that the server held"
        ));
    }
    for Group { what, from, to, count, line, because } in changes {
        let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
        lines.push(format!("\n{what}: {from} -> {to} ({times}, first in line {line})"));
        lines.extend(because.iter().map(|reason| format!("    {reason}")));
    }
    lines.join("\n")
}

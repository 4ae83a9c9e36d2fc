//! `composure simulate`: invented customers talk to a playbook.

use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::files::Verdict;
use super::output::Format;
use super::{EXIT_CODES, open, output};
use crate::playbook::Playbook;
use crate::rehearsal;
use crate::simulation::{self, Calm, DeadEnd, Endings, LawCount, Tally, TemperCount};

const NOTE: &str = "a model, not evidence: the customers are invented, and so is how they answer";

/// What to simulate.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure simulate playbooks/default.yaml
  composure simulate playbooks/default.yaml --customers 10000 --seed 7 --format json

Customers of six tempers (even, hurt, loud, hurried, wary, explosive) talk to an agent who mostly follows the first
suggestion. Being heard takes anger off; a solution before they feel heard, the same words again and waiting put it on; at
the height of their anger they leave after some turns. None of this was measured: it shows where a playbook leads, not how
real customers fare. The same file, seed and number of customers give the same result, on any machine.

Signals and facts are known by the ids that the shipped playbooks use; others are never detected, or mostly found out to be
so. Laws are looked at in every answer, where the playbook has what they speak of. A dead end is the same first suggestion
in the same stage for eight turns. The worst conversations can be pasted into the `tests` of the playbook. The exit code is
1 if a law was broken or a conversation came to no end.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many customers come
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    customers: u32,
    /// Which customers come
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many of the worst conversations to show
    #[arg(long, value_name = "N", default_value_t = 3)]
    worst: usize,
    /// For people, or for programs
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
}

/// What came out, as data.
#[derive(Debug, Serialize)]
struct Summary<'t> {
    note: &'static str,
    playbook: &'t str,
    version: &'t str,
    digest: &'t str,
    seed: u64,
    conversations: u32,
    endings: &'t Endings,
    tempers: &'t [TemperCount],
    calm: Calm,
    laws: &'t [LawCount],
    dead_ends: Vec<DeadEnd>,
    /// Entries for the list `tests`.
    worst: Vec<String>,
}

/// Lets the customers talk, and says what came of it.
pub(super) fn run(args: &Args) -> ExitCode {
    open::with_playbook(&args.file, |playbook| {
        let tally = simulate(playbook, args);
        let summary = summary(playbook, args.seed, &tally);
        match args.format {
            Format::Text => output::line(text(&summary)),
            Format::Json => output::json(&summary),
        }
        if tally.has_findings() { Verdict::Findings } else { Verdict::Fine }
    })
    .into()
}

fn simulate(playbook: &Playbook, args: &Args) -> Tally {
    let bar = progress(u64::from(args.customers));
    let mut tally = Tally::new(args.worst);
    for number in 1..=args.customers {
        tally.add(simulation::converse(playbook, args.seed, number));
        bar.inc(1);
    }
    bar.finish_and_clear();
    tally
}

/// A bar on standard error, which shows itself on a terminal only.
fn progress(length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(10));
    match ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} conversations, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn summary<'t>(playbook: &'t Playbook, seed: u64, tally: &'t Tally) -> Summary<'t> {
    let identity = playbook.identity();
    // A conversation that took place can be played again.
    let worst = tally.worst().iter().filter_map(|talk| rehearsal::as_test(playbook, &talk.conversation).ok());
    Summary {
        note: NOTE,
        playbook: &identity.id,
        version: &identity.version,
        digest: &identity.digest,
        seed,
        conversations: tally.conversations(),
        endings: tally.endings(),
        tempers: tally.tempers(),
        calm: tally.calm(),
        laws: tally.laws(),
        dead_ends: tally.dead_ends(),
        worst: worst.collect(),
    }
}

fn text(summary: &Summary<'_>) -> String {
    let Summary { note, playbook, version, seed, conversations, .. } = summary;
    let mut lines = vec![format!("This is {note}.\n")];
    lines.push(format!("{conversations} conversations with `{playbook}` version {version}, seed {seed}\n"));
    lines.extend(endings(summary));
    lines.extend(calm(&summary.calm));
    lines.extend(laws(summary.laws));
    lines.push("\ndead ends".to_owned());
    lines.extend(summary.dead_ends.iter().map(|dead_end| {
        format!("  {} in stage {}: {} conversations", dead_end.first, dead_end.stage, dead_end.conversations)
    }));
    if summary.dead_ends.is_empty() {
        lines.push("  none".to_owned());
    }
    if !summary.worst.is_empty() {
        lines.push("\nthe worst conversations, as tests".to_owned());
        lines.extend(summary.worst.iter().map(|test| test.trim_end().to_owned()));
    }
    lines.join("\n")
}

/// A row for each way to end, a column for each sort of customer.
fn endings(summary: &Summary<'_>) -> Vec<String> {
    let names = summary.tempers.iter().map(|each| format!("{:>11}", each.temper)).collect::<Vec<_>>().concat();
    let mut lines = vec![format!("{:24}{:>9}{names}", "how they ended", "all")];
    let share = |count: u32, of: u32| format!("{:.1}%", 100.0 * f64::from(count) / f64::from(of.max(1)));
    for (ended, count) in summary.endings {
        let each = summary.tempers.iter().map(|temper| {
            let count = temper.endings.get(ended).copied().unwrap_or(0);
            format!("{:>11}", share(count, temper.conversations))
        });
        let all = share(*count, summary.conversations);
        lines.push(format!("  {ended:22}{all:>9}{}", each.collect::<Vec<_>>().concat()));
    }
    lines
}

fn calm(calm: &Calm) -> Vec<String> {
    let by = |turn: Option<u32>| turn.map_or_else(|| "never".to_owned(), |turn| format!("turn {turn}"));
    vec![
        "\nturns to calm".to_owned(),
        format!("  half of those who became calm by {}, nine in ten by {}", by(calm.median), by(calm.nine_in_ten)),
        format!("  {} were upset, {} of them never became calm", calm.upset, calm.never),
    ]
}

fn laws(laws: &[LawCount]) -> Vec<String> {
    let mut lines = vec![format!("\n{:60}{:>10}{:>8}", "laws, by answers", "held", "broken")];
    lines.extend(laws.iter().map(|LawCount { law, says, held, broken }| match held + broken {
        0 => format!("  {law:>2} {says:55}{:>20}", "did not come up"),
        _ => format!("  {law:>2} {says:55}{held:>10}{broken:>8}"),
    }));
    lines
}

//! What the laws add to the report on a playbook.

use super::prove::{Outcome, Proof, prove};
use super::reach::Trap;
use super::shortest::Length;
use super::write::yaml;
use crate::playbook::{Conversation, Playbook, Remark, Report, Severity, Whole};

/// A report with what came of the laws.
#[derive(Debug)]
pub struct Examined {
    /// Everything that is to be said.
    pub report: Report,
    /// How many laws are proven.
    pub proven: usize,
}

/// Proves the laws of `playbook`, the content of `whole`, which `report` is about.
#[must_use]
pub fn examine(whole: &Whole<'_>, playbook: &Playbook, mut report: Report) -> Examined {
    let mut proven = 0;
    for Proof { law, outcome } in prove(playbook) {
        let remark = match outcome {
            Outcome::Proven => {
                proven += 1;
                continue;
            }
            Outcome::Broken(example, length) => broken(playbook, &example, length),
            Outcome::Stuck(trap) => stuck(playbook, &trap),
            Outcome::Open { proven, of, kept_for } => open((proven, of), kept_for),
            Outcome::NoWayShown { proven, of, whenever } => no_way_shown((proven, of), &whenever),
        };
        whole.add(&mut report, law.place, remark);
    }
    Examined { report, proven }
}

fn broken(playbook: &Playbook, example: &Conversation, length: Length) -> Remark {
    let breaks = match length {
        Length::Shortest => "this conversation breaks it, and no shorter one does",
        Length::NotShown => "this conversation breaks it, which is not shown to be the shortest",
    };
    let help = format!("{breaks}; among the `tests` it fails:\n{}", yaml(playbook, example));
    Remark { severity: Severity::Error, code: "law-broken", message: "this law does not hold".to_owned(), help }
}

fn stuck(playbook: &Playbook, trap: &Trap) -> Remark {
    let Trap { conversation, turns, tried } = trap;
    let message =
        format!("this law does not hold: stuck for {turns} turns with every continuation tried, {tried} of them");
    let help = format!(
        "from here no way on was found (not shown to be the shortest way there); with a calm customer, and an agent who does all that is suggested, it fails among the `tests`:\n{}",
        yaml(playbook, conversation)
    );
    Remark { severity: Severity::Error, code: "law-broken", message, help }
}

fn open((proven, of): (usize, usize), kept_for: usize) -> Remark {
    let turns = match kept_for {
        0 => String::new(),
        1 => " and in every conversation of one turn".to_owned(),
        turns => format!(" and in every conversation of up to {turns} turns"),
    };
    let help = "say it with a narrower condition, or make the rules that should keep it stricter".to_owned();
    not_proven(&format!("it holds in {proven} of {of} stages{turns}"), help)
}

fn no_way_shown((proven, of): (usize, usize), whenever: &[String]) -> Remark {
    let atoms: Vec<String> = whenever.iter().map(|atom| format!("`{atom}`")).collect();
    let missing = if atoms.is_empty() {
        "say under `unless` what a talk can't end with".to_owned()
    } else {
        let (one, atoms) = (if atoms.len() > 1 { "one of these" } else { "that" }, atoms.join(" and "));
        format!("a way is missing only with {atoms}: if a talk can't end with {one}, say it under `unless`")
    };
    let help = format!(
        "{missing}; what was done is not kept in mind from stage to stage: going round until it was done often enough counts as going round for good"
    );
    not_proven(&format!("it holds in {proven} of {of} stages"), help)
}

fn not_proven(as_far: &str, help: String) -> Remark {
    let message = format!("this law is not proven: {as_far}, and no conversation that breaks it was found");
    Remark { severity: Severity::Warning, code: "law-not-proven", message, help }
}

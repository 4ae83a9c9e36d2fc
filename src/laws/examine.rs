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
            Outcome::Open { proven, of } => open(proven, of),
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

fn open(proven: usize, of: usize) -> Remark {
    let message = format!(
        "this law is not proven: it holds in {proven} of {of} stages, and no conversation that breaks it was found"
    );
    let help = "say it with a narrower condition, or make the rules that should keep it stricter".to_owned();
    Remark { severity: Severity::Warning, code: "law-not-proven", message, help }
}

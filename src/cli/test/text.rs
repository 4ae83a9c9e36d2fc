//! How it went, for people.

use super::results::{Conversation, Played, Tested, score};
use super::{Detail, coverage};
use crate::cli::output;
use crate::rehearsal::Failure;

/// Writes what came out differently, file by file, and how many conversations passed.
pub(super) fn tell(all: &[Tested], detail: Detail) {
    for tested in all {
        match &tested.played {
            Some(played) => tell_played(&tested.file, played),
            None => tell_broken(tested),
        }
    }
    let covered = all.iter().filter(|_| detail == Detail::Coverage);
    for (tested, played) in covered.filter_map(|tested| Some((tested, tested.played.as_ref()?))) {
        coverage::tell(tested, &played.coverage);
    }
    let (passed, failed) = score(all);
    output::line(format_args!("{passed} passed, {failed} failed"));
}

fn tell_broken(tested: &Tested) {
    output::line(tested.report.render(output::style()));
    output::line(format_args!("\n{}: not played, for it has errors", tested.file));
}

fn tell_played(file: &str, played: &Played) {
    if !played.has_tests {
        output::line(format_args!("{file}: no tests"));
    }
    for Conversation { name, failures, .. } in &played.conversations {
        for failure in failures {
            output::line(format_args!("{file}:{}: {name}: {}", failure.line, failure_text(failure)));
        }
    }
}

/// What was expected and what came, and indented below it why.
pub(super) fn failure_text(failure: &Failure) -> String {
    let Failure { turn, expected, found, because, line: _ } = failure;
    let reasons: String = because.iter().flat_map(|reason| ["\n    ", reason]).collect();
    format!("turn {turn}: expected {expected}, found {found}{reasons}")
}

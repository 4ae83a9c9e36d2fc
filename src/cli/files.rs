//! Playbook files as named on the command line, one after the other.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::output;
use crate::library::{self, Sources, Unreadable};
use crate::playbook::Bases;

/// How it went with a file; of several files the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// All is well.
    Fine,
    /// Something is wrong in it.
    Findings,
    /// It can't be read, or what is asked of it makes no sense.
    Unusable,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Fine => 0,
            Verdict::Findings => 1,
            Verdict::Unusable => 2,
        })
    }
}

/// Looks at every file, by its content, its name and what it may extend: those named and those in folders, each once.
pub(super) fn look_at_each(paths: &[PathBuf], mut look: impl FnMut(&[u8], &str, &Bases) -> Verdict) -> Verdict {
    let Sources { found, skipped } = library::read_each(paths);
    for other in skipped {
        output::complaint(format_args!("note: `{}` is skipped: it has no key `playbook`", other.display()));
    }
    let given = library::given(found.iter().flatten());
    let mut worst = Verdict::Fine;
    for found in &found {
        let verdict = match found {
            Ok(source) => {
                let bases = library::for_file(&source.path, &source.bytes, &given);
                look(&source.bytes, &source.name(), &bases)
            }
            Err(unreadable) => complain(unreadable),
        };
        worst = worst.max(verdict);
    }
    worst
}

/// Looks at one file; a folder is none.
pub(super) fn look_at(path: &Path, look: impl FnOnce(&[u8], &str, &Bases) -> Verdict) -> Verdict {
    match library::read(path) {
        Ok(source) => {
            let bases = library::for_file(path, &source.bytes, &Bases::none());
            look(&source.bytes, &source.name(), &bases)
        }
        Err(unreadable) => complain(&unreadable),
    }
}

fn complain(unreadable: &Unreadable) -> Verdict {
    output::complaint(format_args!("error: {unreadable}"));
    Verdict::Unusable
}

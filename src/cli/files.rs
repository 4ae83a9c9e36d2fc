//! Playbook files as named on the command line, one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::output;

/// How it went with a file; of several files the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// All is well.
    Fine,
    /// Something is wrong in it.
    Findings,
    /// It can't be read.
    Unreadable,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Fine => 0,
            Verdict::Findings => 1,
            Verdict::Unreadable => 2,
        })
    }
}

/// Looks at every file, by its content and its name.
pub(super) fn look_at_each(paths: &[PathBuf], mut look: impl FnMut(&[u8], &str) -> Verdict) -> Verdict {
    let mut worst = Verdict::Fine;
    for path in paths {
        let verdict = match read(path) {
            Ok(source) => look(&source, &path.display().to_string()),
            Err(complaint) => {
                output::complaint(complaint);
                Verdict::Unreadable
            }
        };
        worst = worst.max(verdict);
    }
    worst
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("error: cannot read `{}`: {error}", path.display()))
}

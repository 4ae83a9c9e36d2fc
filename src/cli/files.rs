//! Playbook files as named on the command line, one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{bases, output};
use crate::playbook::Bases;

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

/// Looks at every file, by its content, its name and what it may extend.
pub(super) fn look_at_each(paths: &[PathBuf], mut look: impl FnMut(&[u8], &str, &Bases) -> Verdict) -> Verdict {
    let mut worst = Verdict::Fine;
    let read: Vec<_> = paths.iter().map(|path| (path, read(path))).collect();
    let given = bases::given(read.iter().filter_map(|(path, source)| Some((path.as_path(), source.as_deref().ok()?))));
    for (path, source) in &read {
        let verdict = match source {
            Ok(source) => look(source, &path.display().to_string(), &bases::for_file(path, source, &given)),
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

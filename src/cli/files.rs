//! Playbook files as named on the command line, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{folders, output};
use crate::playbook::{Playbook, Report};

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

/// Looks at every file, by its content and its name: those named and those in folders, each once.
pub(super) fn look_at_each(paths: &[PathBuf], mut look: impl FnMut(&[u8], &str) -> Verdict) -> Verdict {
    let mut worst = Verdict::Fine;
    let mut seen = BTreeSet::new();
    for file in paths.iter().flat_map(|path| files(path)) {
        let source = file.and_then(|file| Ok((read(&file)?, file)));
        let verdict = match source {
            Ok((_, file)) if !seen.insert(fs::canonicalize(&file).unwrap_or_else(|_| file.clone())) => Verdict::Fine,
            Ok((source, file)) => look(&source, &file.display().to_string()),
            Err(complaint) => {
                output::complaint(complaint);
                Verdict::Unusable
            }
        };
        worst = worst.max(verdict);
    }
    worst
}

/// The file that `path` names, or the playbooks in the folder that it names.
fn files(path: &Path) -> Vec<Result<PathBuf, String>> {
    if !path.is_dir() {
        return vec![Ok(path.to_owned())];
    }
    match folders::playbooks(path) {
        Ok(files) => files.into_iter().map(Ok).collect(),
        Err(complaint) => vec![Err(complaint)],
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("error: cannot read `{}`: {error}", path.display()))
}

/// Playbooks that were read, by id and version, with the file that holds each.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<(String, String), String>);

impl Known {
    /// The playbook in `source`, unless another file holds the same.
    pub(super) fn parse(&mut self, source: &[u8], name: &str) -> Result<(Playbook, Report), Report> {
        let (playbook, report) = Playbook::parse(source, name)?;
        let identity = playbook.identity();
        let key = (identity.id.clone(), identity.version.clone());
        if let Some(first) = self.0.get(&key) {
            return Err(report.and(Report::held_twice(source, name, first)));
        }
        self.0.insert(key, name.to_owned());
        Ok((playbook, report))
    }
}

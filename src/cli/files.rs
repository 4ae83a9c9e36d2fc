//! Playbook files as named on the command line, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{bases, folders, output};
use crate::playbook::{Bases, Report, Whole, called};

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
    let read = read_each(paths);
    let given = bases::given(read.iter().flatten().map(|(file, source)| (file.as_path(), source.as_slice())));
    let mut worst = Verdict::Fine;
    for found in &read {
        let verdict = match found {
            Ok((file, source)) => look(source, &file.display().to_string(), &bases::for_file(file, source, &given)),
            Err(complaint) => {
                output::complaint(complaint);
                Verdict::Unusable
            }
        };
        worst = worst.max(verdict);
    }
    worst
}

/// Looks at one file; a folder is none.
pub(super) fn look_at(path: &Path, look: impl FnOnce(&[u8], &str, &Bases) -> Verdict) -> Verdict {
    match read(path) {
        Ok(source) => look(&source, &path.display().to_string(), &bases::for_file(path, &source, &Bases::none())),
        Err(complaint) => {
            output::complaint(complaint);
            Verdict::Unusable
        }
    }
}

/// Every file with its content, or what is in the way.
fn read_each(paths: &[PathBuf]) -> Vec<Result<(PathBuf, Vec<u8>), String>> {
    let mut seen = BTreeSet::new();
    let files = paths.iter().flat_map(|path| files(path));
    let read = files.map(|file| file.and_then(|file| Ok((read(&file)?, file))));
    let mut is_new = |file: &Path| seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()));
    read.filter_map(|found| match found {
        Ok((source, file)) => is_new(&file).then_some(Ok((file, source))),
        Err(complaint) => Some(Err(complaint)),
    })
    .collect()
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

/// Playbooks and fragments that were read, by `id@version`, with the file that holds each.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<String, String>);

impl Known {
    /// What `source` holds, unless another file holds the same.
    pub(super) fn read<'s>(
        &mut self,
        source: &'s [u8],
        name: &'s str,
        bases: &'s Bases,
    ) -> Result<(Whole<'s>, Report), Report> {
        let (whole, report) = Whole::read(source, name, bases)?;
        let called = called(source).unwrap_or_default();
        if let Some(first) = self.0.get(&called) {
            return Err(report.and(Report::held_twice(source, name, first)));
        }
        self.0.insert(called, name.to_owned());
        Ok((whole, report))
    }
}

//! The environment: what it says of each key, and every variable in it that seems to be meant for us and is not known.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::keys::{KEYS, Key, PREFIX};
use super::kind::Flaw;
use super::links::is_link;
use super::problems::Outside;
use crate::playbook::finding::{Findings, ticked};

/// The variable that names the file.
pub(super) const FILE: &str = "COMPOSURE_CONFIG";

/// The variables whose names start with ours.
#[derive(Default)]
pub(super) struct Environment {
    ours: BTreeMap<String, OsString>,
}

impl Environment {
    pub(super) fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let ours = variables.into_iter().filter_map(|(name, value)| {
            let name = name.to_string_lossy().into_owned();
            let start = name.get(..PREFIX.len())?;
            start.eq_ignore_ascii_case(PREFIX).then_some((name, value))
        });
        Self { ours: ours.collect() }
    }

    /// The file that it names.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.ours.get(FILE).map(PathBuf::from)
    }

    /// What it says of `key`.
    pub(super) fn of_key(&self, key: &Key) -> Option<Result<String, Flaw>> {
        let value = self.ours.get(&key.variable())?;
        Some(value.to_str().map(str::to_owned).ok_or_else(not_utf_8))
    }

    /// Variables that nobody reads: a slip in a name must not pass for a choice.
    pub(super) fn strangers(&self) -> Vec<Outside> {
        let known: Vec<String> = KEYS.iter().map(Key::variable).chain([FILE.to_owned()]).collect();
        let strangers =
            self.ours.iter().filter(|(name, value)| !known.contains(name) && !is_ours_by_chance(name, value));
        let mut findings = Findings::none();
        strangers.map(|(name, _)| stranger(name, &known, &mut findings)).collect()
    }
}

fn is_ours_by_chance(name: &str, value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| is_link(name, value))
}

fn stranger(name: &str, known: &[String], findings: &mut Findings) -> Outside {
    let meant = findings.meant(&name.to_ascii_uppercase(), known.iter().map(String::as_str));
    let mend = meant.unwrap_or_else(|| format!("unset it: variables that start with `{PREFIX}` choose what is served"));
    let message = format!("the configuration has no variable {}", ticked(name));
    let place: String = name.chars().flat_map(char::escape_default).take(100).collect();
    Outside { place, flaw: Flaw { code: "unknown-variable", message, mend } }
}

fn not_utf_8() -> Flaw {
    let mend = "write it in UTF-8".to_owned();
    Flaw { code: "not-utf-8", message: "this is not UTF-8".to_owned(), mend }
}

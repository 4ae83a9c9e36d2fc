//! Row ids: where a piece of advice comes from.

use std::collections::{HashMap, HashSet};

use super::scope::report_twice;
use crate::playbook::document::{Document, Name, whole};
use crate::playbook::finding::{Finding, Findings, ticked};

/// The rows of the sources.
#[derive(Debug)]
pub(super) struct Rows<'t> {
    sources: HashMap<&'t str, Points>,
}

#[derive(Debug)]
enum Points {
    /// Those.
    Listed(Vec<u32>),
    /// Whatever a row says.
    Any,
}

impl<'t> Rows<'t> {
    /// The rows that `document` declares.
    pub(super) fn of(document: &'t Document<'t>) -> Self {
        let points = |source: &crate::playbook::document::Source<'_>| {
            let listed = source.lists_points.then(|| source.points.iter().map(|(number, _)| *number).collect());
            listed.map_or(Points::Any, Points::Listed)
        };
        Self { sources: document.sources.iter().map(|source| (source.name.text, points(source))).collect() }
    }

    /// The row ids, reported where there is no such row.
    pub(super) fn check(&self, written: &[Name<'_>], findings: &mut Findings) -> Vec<String> {
        let mut seen = HashSet::new();
        for name in written {
            if !seen.insert(name.text) {
                report_twice(*name, findings);
            }
            if let Some(mend) = self.mend(name.text) {
                let message = format!("unknown row {}", ticked(name.text));
                findings.add(Finding::error("unknown-row", name.span, message).mend(mend));
            }
        }
        written.iter().map(|name| name.text.to_owned()).collect()
    }

    /// How to mend it where it is wrong.
    fn mend(&self, text: &str) -> Option<String> {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = text.strip_suffix(digits).unwrap_or_default();
        let Some(number) = whole(digits).filter(|_| !digits.starts_with('0')) else {
            return Some("a row id is the letters of a source and the number of a point, such as `K2`".to_owned());
        };
        match self.sources.get(letters) {
            None => Some(format!("declare {} under `sources`, or name a source that is declared", ticked(letters))),
            Some(Points::Any) => None,
            Some(Points::Listed(points)) if points.binary_search(&number).is_ok() => None,
            Some(Points::Listed(points)) => Some(match (points.first(), points.last()) {
                (Some(least), Some(most)) => format!("the points of `{letters}` go from {least} to {most}"),
                _ => format!("`{letters}` lists no points"),
            }),
        }
    }
}

//! Which conversations to play, by their names.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::playbook::Playbook;

/// Names shown that are near what was asked for.
const MOST_SHOWN: usize = 3;
/// How much of a name must agree to be near, from 0 to 1.
const NEAR: f64 = 0.5;

/// A part of a conversation's name, in lower case; empty: all conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter(String);

impl Filter {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn lets_through(&self, name: &str) -> bool {
        name.to_lowercase().contains(&self.0)
    }
}

impl FromStr for Filter {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_lowercase()))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The names that come nearest to a filter which lets none through.
#[derive(Debug)]
pub(super) struct Near<'f> {
    filter: &'f Filter,
    names: Vec<(f64, String)>,
}

impl<'f> Near<'f> {
    pub(super) fn to(filter: &'f Filter) -> Self {
        Self { filter, names: Vec::new() }
    }

    pub(super) fn consider(&mut self, playbook: &Playbook) {
        if self.filter.is_empty() {
            return;
        }
        let rated = playbook.tests().iter().map(|test| (likeness(&self.filter.0, &test.it), test.it.clone()));
        self.names.extend(rated.filter(|(likeness, _)| *likeness >= NEAR));
        self.names.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        self.names.truncate(MOST_SHOWN);
    }
}

impl fmt::Display for Near<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no conversation has a name that contains `{}`", self.filter)?;
        let names: Vec<String> = self.names.iter().map(|(_, name)| format!("`{name}`")).collect();
        if names.is_empty() { Ok(()) } else { write!(f, ", did you mean one of {}?", names.join(", ")) }
    }
}

/// How well `text` agrees with the words of `name` that it resembles most.
fn likeness(text: &str, name: &str) -> f64 {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split_whitespace().collect();
    let length = text.split_whitespace().count().clamp(1, words.len().max(1));
    let parts = words.windows(length).map(|part| strsim::normalized_damerau_levenshtein(text, &part.join(" ")));
    parts.fold(0.0, f64::max)
}

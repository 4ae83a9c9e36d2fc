//! What came of reading again.

use std::fmt;

/// Where credentials are known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The file of API keys.
    ApiKeys,
    /// The issuer's key set.
    Jwks,
}

impl Source {
    /// For metrics, in `snake_case`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKeys => "api_keys",
            Self::Jwks => "jwks",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A source was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reload {
    /// Which one.
    pub source: Source,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of reading a source again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It says what it said before.
    Unchanged,
    /// It is new, and counts from now on.
    Loaded {
        /// Keys in it that can be used.
        keys: usize,
    },
    /// It can't be used: what was good before stays.
    Refused(Problems),
}

/// What is wrong with a source or with the settings: all of it.
///
/// It names files, lines and fields, and never what stands in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Problems(Vec<String>);

impl Problems {
    /// `None` where there are none.
    pub(super) fn of(problems: Vec<String>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }

    pub(super) fn one(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    /// One line each.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

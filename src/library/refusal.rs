//! Why a set of playbooks was not loaded.

use std::fmt;

/// Why a set of playbooks was not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// In one line.
    pub summary: String,
    /// Everything that is wrong, with files, lines and mends.
    pub report: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { summary, report } = self;
        if report.is_empty() { f.write_str(summary) } else { write!(f, "{summary}\n\n{report}") }
    }
}

impl std::error::Error for Refusal {}

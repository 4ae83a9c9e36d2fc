//! Why something can't be answered.

use crate::engine::Violation;

/// What went wrong, in terms of the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Fields are wrong: all of them, at least one.
    #[error("the request is wrong in {} place{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Invalid(Vec<Violation>),
    /// There is no such playbook.
    #[error("playbook `{playbook}` is not loaded; loaded: {}", .loaded.join(", "))]
    UnknownPlaybook {
        /// What was asked for.
        playbook: String,
        /// Ids of those that are.
        loaded: Vec<String>,
    },
    /// There is such a playbook, but not in this version.
    #[error("playbook `{playbook}` is not loaded in version `{version}`; loaded: {}", .loaded.join(", "))]
    UnknownVersion {
        /// The playbook.
        playbook: String,
        /// What was asked for.
        version: String,
        /// Versions that are.
        loaded: Vec<String>,
    },
}

//! What is wrong with a document? Nothing is loaded.

use crate::playbook::{Identity, Playbook, Report};

/// A document that may be a playbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it says.
    pub text: String,
    /// What to call it.
    pub file_name: String,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which playbook it is; `None`: it can't be loaded.
    pub identity: Option<Identity>,
    /// Everything that is to be said about it.
    pub report: Report,
}

/// Checks `document` as loading it would.
#[must_use]
pub fn check(document: &Document) -> Checked {
    match Playbook::parse(document.text.as_bytes(), &document.file_name) {
        Ok((playbook, report)) => Checked { identity: Some(playbook.identity().clone()), report },
        Err(report) => Checked { identity: None, report },
    }
}

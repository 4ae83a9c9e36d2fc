//! What is wrong with a document? Nothing is loaded.

use crate::playbook::{Bases, Content, Identity, Report, Whole};

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
    /// Which playbook it is; `None`: it can't be loaded, for it has errors or is a fragment.
    pub identity: Option<Identity>,
    /// Everything that is to be said about it.
    pub report: Report,
}

/// Checks `document`, which may extend what is in `bases`, as loading it would.
#[must_use]
pub fn check(document: &Document, bases: &Bases) -> Checked {
    match Whole::read(document.text.as_bytes(), &document.file_name, bases) {
        Ok((whole, report)) => Checked { identity: identity(&whole.content), report },
        Err(report) => Checked { identity: None, report },
    }
}

fn identity(content: &Content) -> Option<Identity> {
    match content {
        Content::Playbook(playbook) => Some(playbook.identity().clone()),
        Content::Fragment(_) => None,
    }
}

//! Where the parts of a document come from.

use crate::playbook::yaml::{Content, Node, Origin};

/// The files that a part comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provenance {
    /// The one that was read.
    This,
    /// The one that it extends.
    Base,
    /// Some of it from the one, some from the other.
    Both,
}

/// What the files are called.
#[derive(Debug)]
pub(super) struct Origins {
    /// The one that is extended, as `id@version`; `None`: there is none.
    pub(super) base: Option<String>,
}

impl Origins {
    /// What to say of a part.
    pub(super) fn word(&self, from: Provenance) -> String {
        let base = self.base.as_deref().unwrap_or_default();
        match from {
            Provenance::This => "this file".to_owned(),
            Provenance::Base => base.to_owned(),
            Provenance::Both => format!("{base} and this file"),
        }
    }
}

impl Provenance {
    /// Where `node` comes from.
    pub(super) fn of(node: &Node<'_>) -> Self {
        let parts = match &node.content {
            Content::Mapping(entries) => entries.iter().map(|entry| Self::of(&entry.value)).reduce(Self::and),
            Content::Sequence(nodes) => nodes.iter().map(Self::of).reduce(Self::and),
            Content::Scalar(_) | Content::Refused => None,
        };
        parts.unwrap_or(match node.span.origin() {
            Origin::This => Self::This,
            Origin::Base => Self::Base,
        })
    }

    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

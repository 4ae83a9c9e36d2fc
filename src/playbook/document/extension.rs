//! What a file says of the one that it extends. It is read before all else, for the rest is read together with what is inherited.

use super::fields::{Fields, Shape};
use super::read::{Name, name};
use crate::playbook::finding::Findings;
use crate::playbook::yaml::{Content, Node, Span};

/// A name that outlives the tree that it stands in.
#[derive(Debug, Clone)]
pub(in crate::playbook) struct Owned {
    pub(in crate::playbook) text: String,
    pub(in crate::playbook) span: Span,
}

/// What a file says of the one that it extends.
#[derive(Debug, Default)]
pub(in crate::playbook) struct Extension {
    /// Which one it is.
    pub(in crate::playbook) extends: Option<Owned>,
    /// The key `extends`, be its value good or not.
    pub(in crate::playbook) extends_at: Option<Span>,
    /// Stages whose inherited interrupts are dropped.
    pub(in crate::playbook) drop_interrupts: Vec<Owned>,
    /// Actions whose inherited `first` rules are dropped.
    pub(in crate::playbook) drop_first: Vec<Owned>,
    /// The key `drop`.
    pub(in crate::playbook) drop_at: Option<Span>,
    /// The key `fragment`, where the document is one.
    pub(in crate::playbook) fragment_at: Option<Span>,
    /// Its own id and version, as far as they can be read.
    pub(in crate::playbook) id: String,
    /// See `id`.
    pub(in crate::playbook) version: String,
}

const DROP: Shape = Shape { what: "a `drop`", keys: &["interrupts", "first"] };

/// What `root` says.
pub(in crate::playbook) fn extension(root: &Node<'_>, findings: &mut Findings) -> Extension {
    let Content::Mapping(entries) = &root.content else { return Extension::default() };
    let mut extension = Extension::default();
    for entry in entries {
        match entry.key.text.as_ref() {
            "extends" => {
                extension.extends_at = Some(entry.key.span);
                extension.extends = name(&entry.value, findings).map(owned);
            }
            "drop" => {
                extension.drop_at = Some(entry.key.span);
                drops(&mut extension, &entry.value, findings);
            }
            "fragment" => extension.fragment_at = (text(&entry.value) == "true").then_some(entry.key.span),
            "playbook" => extension.id = text(&entry.value),
            "version" => extension.version = text(&entry.value),
            _ => {}
        }
    }
    extension
}

fn drops(extension: &mut Extension, node: &Node<'_>, findings: &mut Findings) {
    if let Some(fields) = Fields::open(node, DROP, findings) {
        extension.drop_interrupts = fields.names("interrupts", "stages", findings).into_iter().map(owned).collect();
        extension.drop_first = fields.names("first", "actions", findings).into_iter().map(owned).collect();
    }
}

/// The value of `key` in a mapping that nobody has looked at yet.
pub(in crate::playbook) fn value_of<'n, 's>(node: &'n Node<'s>, key: &str) -> Option<&'n Node<'s>> {
    let Content::Mapping(entries) = &node.content else { return None };
    entries.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value)
}

fn owned(name: Name<'_>) -> Owned {
    Owned { text: name.text.to_owned(), span: name.span }
}

fn text(node: &Node<'_>) -> String {
    match &node.content {
        Content::Scalar(scalar) => scalar.text.as_ref().to_owned(),
        Content::Mapping(_) | Content::Sequence(_) | Content::Refused => String::new(),
    }
}

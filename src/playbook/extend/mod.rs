//! A document together with the one that it extends, as one tree: what is not said in the file stays as it is there.
//!
//! It works on trees, before anything is decoded, so that whoever decodes and compiles sees one document. Every part keeps the place where
//! it was written.

mod drop;
mod find;
mod merge;

use super::bases::BaseName;
use super::diagnostic::File;
use super::document::{self, Extension};
use super::finding::{Finding, Findings, ticked};
use super::yaml::{self, Content, Node, Origin, Span, Tree};

pub(super) use find::base;

/// One document, whole.
#[derive(Debug)]
pub(super) struct Extended<'s> {
    /// All of it.
    pub(super) root: Node<'s>,
    /// What a part of it comes from.
    pub(super) base: Option<Inherited<'s>>,
}

/// What a document inherits from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inherited<'s> {
    /// The file.
    pub(super) file: File<'s>,
    /// What it is called.
    pub(super) name: &'s BaseName,
    /// Where the document says that it extends it.
    pub(super) extends_at: Span,
}

/// `tree` with what it inherits from `base`, or `None` and the reasons in `findings`.
pub(super) fn extend<'s>(
    tree: Tree<'s>,
    extension: &Extension,
    base: Inherited<'s>,
    findings: &mut Findings,
) -> Option<Extended<'s>> {
    let inherited = yaml::parse(base.file.text, Origin::Base, findings)?;
    refuse_nulls(inherited.nulls, findings);
    if let Some(next) = extended_in_turn(&inherited.root) {
        let message = format!("{} itself extends {}", ticked(&base.name.to_string()), ticked(next));
        let mend = format!("extend {}, or write out here what is meant", ticked(next));
        findings.add(Finding::error("extends-twice", base.extends_at, message).mend(mend));
        return None;
    }
    let mut inherited = inherited.root;
    drop::drop_rules(&mut inherited, extension, findings);
    let root = merge::merged(tree, inherited, findings);
    Some(Extended { root, base: Some(base) })
}

/// `tree` as it is: it extends nothing.
pub(super) fn alone<'s>(tree: Tree<'s>, extension: &Extension, findings: &mut Findings) -> Extended<'s> {
    refuse_nulls(tree.nulls, findings);
    if let Some(span) = extension.drop_at {
        let message = "this playbook inherits nothing that could be dropped";
        findings.add(Finding::error("nothing-to-remove", span, message).mend("remove it, or say what it `extends`"));
    }
    Extended { root: tree.root, base: None }
}

/// Where nothing is inherited, `null` takes nothing away.
fn refuse_nulls(nulls: Vec<Span>, findings: &mut Findings) {
    for span in nulls {
        yaml::refuse_null(span, findings);
    }
}

/// What `root` extends.
fn extended_in_turn<'t>(root: &'t Node<'_>) -> Option<&'t str> {
    match &document::value_of(root, "extends")?.content {
        Content::Scalar(scalar) => Some(&scalar.text),
        Content::Mapping(_) | Content::Sequence(_) | Content::Refused => None,
    }
}

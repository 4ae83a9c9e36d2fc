//! The fields of a mapping that has a known shape.

use super::read::{Name, Prose, Wanted, check_id, flag, key, name, names, prose, wrong_type};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::yaml::{Content, Entry, Node, Span};

/// What a mapping is, with its article, and the keys that it may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) what: &'static str,
    pub(super) keys: &'static [&'static str],
}

/// A mapping of a known shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'t> {
    entries: &'t [Entry<'t>],
    what: &'static str,
    /// The last key that seems to be there under a misspelt name: it is not missing, too.
    misspelt: Option<&'static str>,
    /// Where something is missing, if it is.
    pub(super) place: Span,
}

impl<'t> Fields<'t> {
    /// The fields of `node`; keys that `shape` does not have are reported. What is no mapping has none.
    pub(super) fn open(node: &'t Node<'t>, shape: Shape, findings: &mut Findings) -> Option<Self> {
        let mut fields = Self::open_with_others(node, shape, findings)?;
        for entry in fields.others(shape).filter(|entry| !matches!(entry.value.content, Content::Refused)) {
            fields.misspelt = unknown_field(key(&entry.key), shape, findings);
        }
        Some(fields)
    }

    /// The same where keys beyond those of `shape` are names.
    pub(super) fn open_with_others(node: &'t Node<'t>, shape: Shape, findings: &mut Findings) -> Option<Self> {
        if let Content::Mapping(entries) = &node.content {
            return Some(Self { entries, what: shape.what, misspelt: None, place: node.span });
        }
        wrong_type(node, Wanted::Mapping(shape.what), findings);
        None
    }

    /// Whether one of `keys` seems to be there under a misspelt name.
    pub(super) fn misspells(&self, keys: &[&str]) -> bool {
        self.misspelt.is_some_and(|misspelt| keys.contains(&misspelt))
    }

    /// The same with missing fields reported at `place`.
    pub(super) fn at(self, place: Span) -> Self {
        Self { place, ..self }
    }

    /// The entries whose key `shape` does not have.
    pub(super) fn others(&self, shape: Shape) -> impl Iterator<Item = &'t Entry<'t>> + use<'t> {
        self.entries.iter().filter(move |entry| !shape.keys.contains(&entry.key.text.as_ref()))
    }

    /// The value of `key`, unless it was refused.
    pub(super) fn get(&self, key: &str) -> Option<&'t Node<'t>> {
        let entry = self.entries.iter().find(|entry| entry.key.text == key)?;
        (!matches!(entry.value.content, Content::Refused)).then_some(&entry.value)
    }

    /// Where `key` stands, if it is there.
    pub(super) fn key_span(&self, key: &str) -> Option<Span> {
        self.entries.iter().find(|entry| entry.key.text == key).map(|entry| entry.key.span)
    }

    /// The value of `key`, which must be there.
    pub(super) fn need(&self, key: &str, findings: &mut Findings) -> Option<&'t Node<'t>> {
        if self.key_span(key).is_none() && self.misspelt != Some(key) {
            let message = format!("{} needs `{key}`", self.what);
            let mend = findings.meant_at(self.place).unwrap_or_else(|| format!("add `{key}: …`"));
            findings.add(Finding::error("missing-field", self.place, message).mend(mend));
        }
        self.get(key)
    }

    /// The text of `key`, which must be there.
    pub(super) fn need_prose(&self, key: &str, findings: &mut Findings) -> Option<Prose<'t>> {
        self.need(key, findings).and_then(|node| prose(node, findings))
    }

    /// The same for those who only want the words.
    pub(super) fn need_text(&self, key: &str, findings: &mut Findings) -> &'t str {
        self.need_prose(key, findings).map(|prose| prose.text).unwrap_or_default()
    }

    /// The text of `key`, or nothing.
    pub(super) fn text(&self, key: &str, findings: &mut Findings) -> &'t str {
        self.get(key).and_then(|node| prose(node, findings)).map(|prose| prose.text).unwrap_or_default()
    }

    /// The word of `key`.
    pub(super) fn name(&self, key: &str, findings: &mut Findings) -> Option<Name<'t>> {
        self.get(key).and_then(|node| name(node, findings))
    }

    /// The word of `key`, which must be there.
    pub(super) fn need_name(&self, key: &str, findings: &mut Findings) -> Option<Name<'t>> {
        self.need(key, findings).and_then(|node| name(node, findings))
    }

    /// The id of something new, which must be there.
    pub(super) fn need_id(&self, key: &str, findings: &mut Findings) -> Option<Name<'t>> {
        let name = self.need_name(key, findings)?;
        check_id(name, findings);
        Some(name)
    }

    /// The list of words of `key`; none where it is not there.
    pub(super) fn names(&self, key: &str, of: &str, findings: &mut Findings) -> Vec<Name<'t>> {
        self.get(key).map(|node| names(node, of, findings)).unwrap_or_default()
    }

    /// Whether `key` is `true`.
    pub(super) fn flag(&self, key: &str, findings: &mut Findings) -> bool {
        self.get(key).and_then(|node| flag(node, findings)).unwrap_or_default()
    }
}

/// Reports a field that is none, and gives the one that was probably meant.
fn unknown_field(name: Name<'_>, shape: Shape, findings: &mut Findings) -> Option<&'static str> {
    let Shape { what, keys } = shape;
    let meant = findings.nearest(name.text, keys.iter().copied());
    let all = || format!("it may have {}", keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" "));
    let mend = meant.map_or_else(all, |key| format!("did you mean `{key}`?"));
    let message = format!("{what} has no field {}", ticked(name.text));
    findings.add(Finding::error("unknown-field", name.span, message).mend(mend));
    meant
}

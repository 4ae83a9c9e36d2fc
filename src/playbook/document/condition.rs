//! Conditions: lists of atoms, not yet understood.

use super::fields::Fields;
use super::read::Name;
use crate::playbook::finding::{Finding, Findings};
use crate::playbook::yaml::Span;

/// The three keys of a condition.
#[derive(Debug, Clone, Default)]
pub(in crate::playbook) struct Condition<'t> {
    pub(in crate::playbook) when: Vec<Name<'t>>,
    pub(in crate::playbook) any: Vec<Name<'t>>,
    pub(in crate::playbook) unless: Vec<Name<'t>>,
    /// Whether one of the keys is there, be its value good or not.
    pub(in crate::playbook) given: bool,
    /// What has this condition.
    pub(in crate::playbook) place: Span,
}

/// The keys of a condition among `fields`.
pub(super) fn condition<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Condition<'t> {
    Condition {
        when: atoms(fields, "when", findings),
        any: atoms(fields, "any", findings),
        unless: atoms(fields, "unless", findings),
        given: ["when", "any", "unless"].iter().any(|key| fields.key_span(key).is_some()),
        place: fields.place,
    }
}

fn atoms<'t>(fields: &Fields<'t>, key: &str, findings: &mut Findings) -> Vec<Name<'t>> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    if let crate::playbook::yaml::Content::Sequence(nodes) = &node.content
        && nodes.is_empty()
    {
        // An empty condition would hold always, which nobody means who writes one.
        let message = format!("`{key}` names nothing");
        findings.add(Finding::error("empty-condition", node.span, message).mend("name an atom, or leave the key out"));
    }
    super::read::names(node, "atoms", findings)
}

//! What lints are to say nothing of, as written.

use super::fields::{Fields, Shape};
use super::read::{Name, word};
use crate::playbook::finding::Findings;
use crate::playbook::lint::Lint;
use crate::playbook::yaml::{Node, Span};

/// An entry of `lints`.
#[derive(Debug)]
pub(in crate::playbook) struct Allowance<'t> {
    pub(in crate::playbook) lint: Lint,
    pub(in crate::playbook) of: Name<'t>,
    pub(in crate::playbook) because: &'t str,
    pub(in crate::playbook) place: Span,
}

const ALLOWANCE: Shape = Shape { what: "an entry of `lints`", keys: &["allow", "of", "because"] };

pub(super) fn allowance<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Allowance<'t>> {
    let fields = Fields::open(node, ALLOWANCE, findings)?;
    let lint = fields.need("allow", findings).and_then(|node| word(node, "a lint", findings));
    let of = fields.need_name("of", findings);
    let because = fields.need_text("because", findings);
    Some(Allowance { lint: lint?, of: of?, because, place: node.span })
}

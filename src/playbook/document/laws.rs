//! Statements about the playbook that are to be proven, as written.

use super::advice::advised_level;
use super::condition::{Condition, condition};
use super::fields::{Fields, Shape};
use super::read::{Name, name, names};
use crate::playbook::finding::{Finding, Findings};
use crate::playbook::vocabulary::EscalationLevel;
use crate::playbook::yaml::{Content, Node, Span};

/// A law.
#[derive(Debug)]
pub(in crate::playbook) struct Law<'t> {
    pub(in crate::playbook) it: &'t str,
    pub(in crate::playbook) claim: Claim<'t>,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
    pub(in crate::playbook) place: Span,
}

/// What it claims.
#[derive(Debug)]
pub(in crate::playbook) enum Claim<'t> {
    /// None of `actions`, while none of `before` was done.
    Never { actions: Vec<Name<'t>>, before: Vec<Name<'t>> },
    /// One of these on top, the earlier one rather.
    First(Vec<Name<'t>>),
    /// Advice of this level at least.
    Escalation(EscalationLevel),
    /// A way to this stage, or to one that is final.
    Reaches(Name<'t>),
}

/// Not the name of a stage: any that is final.
pub(in crate::playbook) const FINAL: &str = "final";

const LAW: Shape = Shape {
    what: "a law",
    keys: &["it", "never", "before", "first", "escalation", "reaches", "when", "any", "unless", "source"],
};
const CLAIMS: [&str; 4] = ["never", "first", "escalation", "reaches"];

pub(super) fn law<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Law<'t>> {
    let fields = Fields::open(node, LAW, findings)?;
    let it = if fields.key_span("it").is_some() { fields.need_text("it", findings) } else { "" };
    let condition = condition(&fields, findings);
    let source = fields.names("source", "row ids", findings);
    let claim = one_claim(&fields, node.span, findings).and_then(|key| claim(&fields, key, findings))?;
    Some(Law { it, claim, condition, source, place: node.span })
}

/// The key of what is claimed; there is one of them.
fn one_claim(fields: &Fields<'_>, place: Span, findings: &mut Findings) -> Option<&'static str> {
    let mut claims = CLAIMS.into_iter().filter(|key| fields.key_span(key).is_some());
    match (claims.next(), claims.next()) {
        (Some(key), None) => Some(key),
        (Some(key), Some(other)) => {
            let message = format!("a law claims one thing, and this one has `{key}` and `{other}`");
            let at = fields.key_span(other).unwrap_or(place);
            findings.add(Finding::error("two-claims", at, message).mend("write two laws"));
            None
        }
        (None, _) if fields.misspells(&CLAIMS) => None,
        (None, _) => {
            let message = "this law claims nothing";
            let mend = "add `never`, `first`, `escalation` or `reaches`";
            findings.add(Finding::error("missing-field", place, message).mend(mend));
            None
        }
    }
}

fn claim<'t>(fields: &Fields<'t>, key: &str, findings: &mut Findings) -> Option<Claim<'t>> {
    if let Some(span) = fields.key_span("before").filter(|_| key != "never") {
        let message = "`before` says what must come before a `never`, and there is none";
        findings.add(Finding::error("never-used", span, message).mend("remove it, or write `never`"));
    }
    match key {
        "never" => {
            let (actions, before) = (some(fields, "never", findings), some(fields, "before", findings));
            let before = if fields.key_span("before").is_some() { before? } else { Vec::new() };
            Some(Claim::Never { actions: actions?, before })
        }
        "first" => first(fields, findings),
        "reaches" => fields.name("reaches", findings).map(Claim::Reaches),
        _ => advised_level(fields, "escalation", findings).map(Claim::Escalation),
    }
}

/// The names under `key`, one at least.
fn some<'t>(fields: &Fields<'t>, key: &str, findings: &mut Findings) -> Option<Vec<Name<'t>>> {
    let node = fields.get(key)?;
    let found = names(node, if key == "never" { "actions and kinds" } else { "actions" }, findings);
    name_something(node, key, &found, findings)
}

/// One action, or several.
fn first<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Option<Claim<'t>> {
    let node = fields.get("first")?;
    let found = match &node.content {
        Content::Scalar(_) => vec![name(node, findings)?],
        Content::Mapping(_) | Content::Sequence(_) | Content::Refused => names(node, "actions", findings),
    };
    name_something(node, "first", &found, findings).map(Claim::First)
}

fn name_something<'t>(
    node: &Node<'_>,
    key: &str,
    found: &[Name<'t>],
    findings: &mut Findings,
) -> Option<Vec<Name<'t>>> {
    if found.is_empty()
        && let Content::Sequence(_) = &node.content
    {
        let message = format!("`{key}` names no action");
        findings.add(Finding::error("empty-claim", node.span, message).mend("name one, or remove the law"));
    }
    (!found.is_empty()).then(|| found.to_vec())
}

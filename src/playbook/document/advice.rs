//! How to carry oneself, what never to do, and when to bring in whom.

use super::condition::{Condition, condition};
use super::fields::{Fields, Shape};
use super::read::{Name, Prose, list, new_id, prose, word};
use crate::playbook::finding::Findings;
use crate::playbook::vocabulary::{ChannelSet, EscalationLevel, EscalationTarget, Urgency, Word};
use crate::playbook::yaml::{Entry, Node};

/// A delivery guide.
#[derive(Debug)]
pub(in crate::playbook) struct Delivery<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) tell: &'t str,
    /// `None`: all.
    pub(in crate::playbook) on: Option<ChannelSet>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

/// A guardrail.
#[derive(Debug)]
pub(in crate::playbook) struct Guardrail<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) tell: &'t str,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) forbids: Vec<Name<'t>>,
    pub(in crate::playbook) avoid: Vec<Prose<'t>>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

/// An escalation rule.
#[derive(Debug)]
pub(in crate::playbook) struct Escalation<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) level: Option<EscalationLevel>,
    pub(in crate::playbook) target: Option<EscalationTarget>,
    pub(in crate::playbook) urgency: Option<Urgency>,
    pub(in crate::playbook) why: &'t str,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) action: Option<Name<'t>>,
    /// Whether there is the key `action`, be its value good or not.
    pub(in crate::playbook) acts: bool,
    pub(in crate::playbook) else_action: Option<Name<'t>>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

const DELIVERY: Shape = Shape { what: "a delivery guide", keys: &["tell", "on", "source"] };

pub(super) fn delivery<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Delivery<'t> {
    let name = new_id(&entry.key, findings);
    let mut delivery = Delivery { name, tell: "", on: None, source: Vec::new() };
    if let Some(fields) = Fields::open(&entry.value, DELIVERY, findings).map(|fields| fields.at(name.span)) {
        delivery.tell = fields.need_text("tell", findings);
        delivery.on = fields.get("on").map(|node| super::header::channel_set(node, findings));
        delivery.source = fields.names("source", "row ids", findings);
    }
    delivery
}

const GUARDRAIL: Shape =
    Shape { what: "a guardrail", keys: &["tell", "when", "any", "unless", "forbids", "avoid", "source"] };

pub(super) fn guardrail<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Guardrail<'t> {
    let name = new_id(&entry.key, findings);
    let mut guardrail = Guardrail {
        name,
        tell: "",
        condition: Condition::default(),
        forbids: Vec::new(),
        avoid: Vec::new(),
        source: Vec::new(),
    };
    if let Some(fields) = Fields::open(&entry.value, GUARDRAIL, findings).map(|fields| fields.at(name.span)) {
        guardrail.tell = fields.need_text("tell", findings);
        guardrail.condition = condition(&fields, findings);
        guardrail.forbids = fields.names("forbids", "actions and kinds", findings);
        guardrail.avoid = fields.get("avoid").map(|node| words(node, findings)).unwrap_or_default();
        guardrail.source = fields.names("source", "row ids", findings);
    }
    guardrail
}

fn words<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Vec<Prose<'t>> {
    list(node, "words", findings).iter().filter_map(|entry| prose(entry, findings)).collect()
}

const ESCALATION: Shape = Shape {
    what: "an escalation",
    keys: &["level", "target", "urgency", "why", "when", "any", "unless", "action", "else_action", "source"],
};

pub(super) fn escalation<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Escalation<'t> {
    let name = new_id(&entry.key, findings);
    let mut rule = Escalation {
        name,
        level: None,
        target: None,
        urgency: None,
        why: "",
        condition: Condition::default(),
        action: None,
        acts: true,
        else_action: None,
        source: Vec::new(),
    };
    if let Some(fields) = Fields::open(&entry.value, ESCALATION, findings).map(|fields| fields.at(name.span)) {
        rule.level = advised_level(&fields, "level", findings);
        rule.target = need_word(&fields, "target", "somebody to bring in", findings);
        rule.urgency = need_word(&fields, "urgency", "how fast", findings);
        rule.why = fields.need_text("why", findings);
        rule.condition = condition(&fields, findings);
        rule.action = fields.name("action", findings);
        rule.acts = fields.key_span("action").is_some();
        rule.else_action = fields.name("else_action", findings);
        rule.source = fields.names("source", "row ids", findings);
    }
    rule
}

fn need_word<W: Word>(fields: &Fields<'_>, key: &str, what: &str, findings: &mut Findings) -> Option<W> {
    fields.need(key, findings).and_then(|node| word(node, what, findings))
}

/// Advice to do nothing is no advice.
pub(in crate::playbook) const ADVISED_LEVELS: [&str; 3] = ["offer", "recommend", "require"];

/// One of these levels.
pub(super) fn advised_level(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Option<EscalationLevel> {
    fields.need(key, findings)?;
    let name = fields.name(key, findings)?;
    super::read::one_of(name, "a level of escalation", &ADVISED_LEVELS, findings)?;
    EscalationLevel::from_word(name.text)
}

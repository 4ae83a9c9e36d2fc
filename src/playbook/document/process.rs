//! The process: stages, the ways between them, and what goes above everything.

use super::condition::{Condition, condition};
use super::fields::{Fields, Shape};
use super::read::{Name, Wanted, list, name, new_id, word, wrong_type};
use crate::playbook::finding::Findings;
use crate::playbook::vocabulary::Ending;
use crate::playbook::yaml::{Content, Entry, Node, Span};

/// A way into a stage from anywhere.
#[derive(Debug)]
pub(in crate::playbook) struct Interrupt<'t> {
    pub(in crate::playbook) to: Option<Name<'t>>,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

/// What goes above every score.
#[derive(Debug)]
pub(in crate::playbook) struct FirstRule<'t> {
    pub(in crate::playbook) action: Option<Name<'t>>,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

/// A stage.
#[derive(Debug)]
pub(in crate::playbook) struct Stage<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) title: &'t str,
    pub(in crate::playbook) forget: Forget<'t>,
    pub(in crate::playbook) candidates: Vec<Candidate<'t>>,
    pub(in crate::playbook) otherwise: Option<Name<'t>>,
    /// The key `otherwise`, be its value good or not.
    pub(in crate::playbook) otherwise_at: Option<Span>,
    /// The key `actions`.
    pub(in crate::playbook) actions_at: Option<Span>,
    pub(in crate::playbook) ending: Option<Ending>,
    /// The key `final`.
    pub(in crate::playbook) final_at: Option<Span>,
    pub(in crate::playbook) escalate: Option<Name<'t>>,
    pub(in crate::playbook) exits: Vec<Exit<'t>>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
    /// Whether it could be read at all.
    pub(in crate::playbook) readable: bool,
}

/// Facts and actions, by name.
#[derive(Debug, Default)]
pub(in crate::playbook) struct Forget<'t>(pub(in crate::playbook) Vec<Name<'t>>);

/// An action as a stage lists it.
#[derive(Debug)]
pub(in crate::playbook) struct Candidate<'t> {
    pub(in crate::playbook) action: Name<'t>,
    pub(in crate::playbook) condition: Condition<'t>,
}

/// A way out.
#[derive(Debug)]
pub(in crate::playbook) struct Exit<'t> {
    pub(in crate::playbook) to: Option<Name<'t>>,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) forget: Forget<'t>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

const INTERRUPT: Shape = Shape { what: "an interrupt", keys: &["to", "when", "any", "unless", "source"] };

pub(super) fn interrupt<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Interrupt<'t>> {
    let fields = Fields::open(node, INTERRUPT, findings)?;
    Some(Interrupt {
        to: fields.need_name("to", findings),
        condition: condition(&fields, findings),
        source: fields.names("source", "row ids", findings),
    })
}

const FIRST: Shape = Shape { what: "a `first` rule", keys: &["action", "when", "any", "unless", "source"] };

pub(super) fn first_rule<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<FirstRule<'t>> {
    let fields = Fields::open(node, FIRST, findings)?;
    Some(FirstRule {
        action: fields.need_name("action", findings),
        condition: condition(&fields, findings),
        source: fields.names("source", "row ids", findings),
    })
}

const STAGE: Shape = Shape {
    what: "a stage",
    keys: &["title", "forget", "actions", "otherwise", "final", "escalate", "exits", "source"],
};

pub(super) fn stage<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Stage<'t> {
    let name = new_id(&entry.key, findings);
    let fields = Fields::open(&entry.value, STAGE, findings).map(|fields| fields.at(name.span));
    fields.map_or_else(|| unreadable(name), |fields| readable(name, &fields, findings))
}

fn unreadable(name: Name<'_>) -> Stage<'_> {
    Stage {
        name,
        title: "",
        forget: Forget::default(),
        candidates: Vec::new(),
        otherwise: None,
        otherwise_at: None,
        actions_at: None,
        ending: None,
        final_at: None,
        escalate: None,
        exits: Vec::new(),
        source: Vec::new(),
        readable: false,
    }
}

fn readable<'t>(name: Name<'t>, fields: &Fields<'t>, findings: &mut Findings) -> Stage<'t> {
    Stage {
        title: fields.need_text("title", findings),
        forget: forget(fields, findings),
        candidates: candidates(fields, findings),
        otherwise: fields.name("otherwise", findings),
        otherwise_at: fields.key_span("otherwise"),
        actions_at: fields.key_span("actions"),
        ending: fields.get("final").and_then(|node| word(node, "how a conversation ends", findings)),
        final_at: fields.key_span("final"),
        escalate: fields.name("escalate", findings),
        exits: exits(fields, findings),
        source: fields.names("source", "row ids", findings),
        readable: true,
        ..unreadable(name)
    }
}

fn forget<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Forget<'t> {
    Forget(fields.names("forget", "facts and actions", findings))
}

fn candidates<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Vec<Candidate<'t>> {
    let Some(node) = fields.get("actions") else { return Vec::new() };
    list(node, "actions", findings).iter().filter_map(|entry| candidate(entry, findings)).collect()
}

const CANDIDATE: Shape = Shape { what: "an action of a stage", keys: &["action", "when", "any", "unless"] };

fn candidate<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Candidate<'t>> {
    match &node.content {
        Content::Scalar(_) => Some(Candidate {
            action: name(node, findings)?,
            condition: Condition { place: node.span, ..Condition::default() },
        }),
        Content::Mapping(_) => {
            let fields = Fields::open(node, CANDIDATE, findings)?;
            let condition = condition(&fields, findings);
            Some(Candidate { action: fields.need_name("action", findings)?, condition })
        }
        Content::Sequence(_) | Content::Refused => {
            wrong_type(node, Wanted::Either("an action or `{action: …, when: […]}`"), findings);
            None
        }
    }
}

const EXIT: Shape = Shape { what: "an exit", keys: &["to", "when", "any", "unless", "forget", "source"] };

fn exits<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Vec<Exit<'t>> {
    let Some(node) = fields.get("exits") else { return Vec::new() };
    list(node, "exits", findings).iter().filter_map(|entry| exit(entry, findings)).collect()
}

fn exit<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Exit<'t>> {
    let fields = Fields::open(node, EXIT, findings)?;
    Some(Exit {
        to: fields.need_name("to", findings),
        condition: condition(&fields, findings),
        forget: forget(&fields, findings),
        source: fields.names("source", "row ids", findings),
    })
}

//! The document that a playbook is written as: typed, complete, and still untrusted.
//!
//! It knows the fields of each section and the closed sets; whether names lead anywhere is `compile`'s matter. What can't be read is
//! reported and left out, or stands at its default, so that everything else can be looked at too.

mod actions;
mod advice;
mod condition;
mod conversations;
mod extension;
mod fields;
mod header;
mod laws;
mod lints;
mod process;
mod read;
mod situation;

use super::finding::Findings;
use super::vocabulary::ChannelSet;
use super::yaml::{Node, Span};
use fields::{Fields, Shape};
use read::entries;

pub(super) use actions::{Action, Prefer, Text};
pub(super) use advice::{ADVISED_LEVELS, Delivery, Escalation, Guardrail};
pub(super) use condition::Condition;
pub(super) use conversations::{Conversation, Did, Expectation, OUTCOMES, PROMISES, REASONS, Reading, Strength, Turn};
pub(super) use extension::{Extension, Owned, extension, value_of};
pub(super) use header::{Rename, Source, Value};
pub(super) use laws::{Claim, FINAL, Law};
pub(super) use lints::Allowance;
pub(super) use process::{Exit, FirstRule, Forget, Interrupt, Stage};
pub(super) use read::{LONGEST_TEXT, Name, Prose, decimal, is_id, whole};
pub(super) use situation::{Band, Fact, MOST_BANDS, NamedCondition, Signal};

/// Everything that a playbook's file says.
#[derive(Debug)]
pub(super) struct Document<'t> {
    pub(super) id: &'t str,
    pub(super) version: &'t str,
    pub(super) title: &'t str,
    /// The key `fragment`, where it is one: a document only for extending, and perhaps not whole.
    pub(super) fragment_at: Option<Span>,
    /// The stage where a conversation starts; `None`: the first.
    pub(super) start: Option<Name<'t>>,
    pub(super) channels: ChannelSet,
    pub(super) locales: Vec<Name<'t>>,
    pub(super) sources: Vec<Source<'t>>,
    pub(super) values: Vec<Value<'t>>,
    pub(super) renamed: Vec<Rename<'t>>,
    pub(super) signals: Vec<Signal<'t>>,
    pub(super) facts: Vec<Fact<'t>>,
    pub(super) conditions: Vec<NamedCondition<'t>>,
    pub(super) interrupts: Vec<Interrupt<'t>>,
    pub(super) first: Vec<FirstRule<'t>>,
    pub(super) stages: Vec<Stage<'t>>,
    pub(super) actions: Vec<Action<'t>>,
    pub(super) delivery: Vec<Delivery<'t>>,
    pub(super) guardrails: Vec<Guardrail<'t>>,
    pub(super) escalations: Vec<Escalation<'t>>,
    pub(super) laws: Vec<Law<'t>>,
    pub(super) lints: Vec<Allowance<'t>>,
    pub(super) tests: Vec<Conversation<'t>>,
    /// The key `stages`.
    pub(super) stages_at: Span,
}

const PLAYBOOK: Shape = Shape {
    what: "a playbook",
    keys: &[
        "playbook",
        "version",
        "title",
        "extends",
        "fragment",
        "drop",
        "start",
        "sources",
        "channels",
        "locales",
        "values",
        "renamed",
        "signals",
        "facts",
        "conditions",
        "interrupts",
        "first",
        "stages",
        "actions",
        "delivery",
        "guardrails",
        "escalations",
        "laws",
        "lints",
        "tests",
    ],
};

/// Reads all of it; `None` where the file is something else altogether.
pub(super) fn read<'t>(root: &'t Node<'t>, findings: &mut Findings) -> Option<Document<'t>> {
    let fields = Fields::open(root, PLAYBOOK, findings)?;
    let fragment_at = header::fragment(&fields, findings);
    if fragment_at.is_none() {
        fields.need("stages", findings);
        fields.need("actions", findings);
    }
    Some(Document {
        id: header::id(&fields, findings),
        version: header::version(&fields, findings),
        title: fields.need_text("title", findings),
        fragment_at,
        start: fields.name("start", findings),
        channels: header::channels(&fields, findings),
        locales: header::locales(&fields, findings),
        sources: section(&fields, "sources", findings, header::source),
        values: section(&fields, "values", findings, header::value),
        renamed: section(&fields, "renamed", findings, header::rename),
        signals: section(&fields, "signals", findings, situation::signal),
        facts: section(&fields, "facts", findings, situation::fact),
        conditions: section(&fields, "conditions", findings, situation::named_condition),
        interrupts: series(&fields, "interrupts", findings, process::interrupt),
        first: series(&fields, "first", findings, process::first_rule),
        stages: section(&fields, "stages", findings, process::stage),
        actions: section(&fields, "actions", findings, actions::action),
        delivery: section(&fields, "delivery", findings, advice::delivery),
        guardrails: section(&fields, "guardrails", findings, advice::guardrail),
        escalations: section(&fields, "escalations", findings, advice::escalation),
        laws: series(&fields, "laws", findings, laws::law),
        lints: series(&fields, "lints", findings, lints::allowance),
        tests: series(&fields, "tests", findings, conversations::conversation),
        stages_at: fields.key_span("stages").unwrap_or(fields.place),
    })
}

/// The entries of a section, which is a mapping by name.
fn section<'t, T>(
    fields: &Fields<'t>,
    key: &str,
    findings: &mut Findings,
    read: fn(&'t super::yaml::Entry<'t>, &mut Findings) -> T,
) -> Vec<T> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    entries(node, "a mapping of names", findings).iter().map(|entry| read(entry, findings)).collect()
}

/// The entries of a section, which is a list.
fn series<'t, T>(
    fields: &Fields<'t>,
    key: &str,
    findings: &mut Findings,
    read: fn(&'t Node<'t>, &mut Findings) -> Option<T>,
) -> Vec<T> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    read::list(node, "entries", findings).iter().filter_map(|entry| read(entry, findings)).collect()
}

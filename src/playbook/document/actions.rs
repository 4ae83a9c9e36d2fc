//! What the agent can do.

use super::condition::{Condition, condition};
use super::fields::{Fields, Shape};
use super::read::{Name, Prose, count, in_range, list, new_id, number, one_of, prose, word};
use crate::playbook::finding::{Finding, Findings};
use crate::playbook::parts::Limit;
use crate::playbook::units::Weight;
use crate::playbook::vocabulary::{ChannelSet, Kind};
use crate::playbook::yaml::{Content, Entry, Node, Span};

/// Phrasings or cues of an action.
const MOST_TEXTS: usize = 256;

/// An action.
#[derive(Debug)]
pub(in crate::playbook) struct Action<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) title: &'t str,
    pub(in crate::playbook) kind: Option<Kind>,
    pub(in crate::playbook) why: &'t str,
    pub(in crate::playbook) condition: Condition<'t>,
    pub(in crate::playbook) after: Vec<Name<'t>>,
    pub(in crate::playbook) limit: Limit,
    pub(in crate::playbook) confirm: bool,
    pub(in crate::playbook) keeps_promise: bool,
    pub(in crate::playbook) value: Weight,
    pub(in crate::playbook) prefer: Vec<Prefer<'t>>,
    pub(in crate::playbook) delivery: Vec<Name<'t>>,
    pub(in crate::playbook) say: Vec<Text<'t>>,
    pub(in crate::playbook) cue: Vec<Text<'t>>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
    /// Whether all of its phrasings and cues could be read.
    pub(in crate::playbook) worded: bool,
}

/// A factor on its value.
#[derive(Debug)]
pub(in crate::playbook) struct Prefer<'t> {
    pub(in crate::playbook) by: Weight,
    pub(in crate::playbook) condition: Condition<'t>,
}

/// A phrasing or cue.
#[derive(Debug)]
pub(in crate::playbook) struct Text<'t> {
    /// `None`: by its place.
    pub(in crate::playbook) id: Option<Name<'t>>,
    pub(in crate::playbook) words: Prose<'t>,
    /// `None`: all.
    pub(in crate::playbook) on: Option<(ChannelSet, Span)>,
    /// `None`: the first.
    pub(in crate::playbook) locale: Option<Name<'t>>,
}

const ACTION: Shape = Shape {
    what: "an action",
    keys: &[
        "title", "kind", "why", "when", "any", "unless", "after", "limit", "confirm", "keeps", "value", "prefer",
        "delivery", "say", "cue", "source",
    ],
};

pub(super) fn action<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Action<'t> {
    let name = new_id(&entry.key, findings);
    let fields = Fields::open(&entry.value, ACTION, findings).map(|fields| fields.at(name.span));
    fields.map_or_else(|| unreadable(name), |fields| readable(name, &fields, findings))
}

fn unreadable(name: Name<'_>) -> Action<'_> {
    Action {
        name,
        title: "",
        kind: None,
        why: "",
        condition: Condition::default(),
        after: Vec::new(),
        limit: Limit::default(),
        confirm: false,
        keeps_promise: false,
        value: Weight::ONE,
        prefer: Vec::new(),
        delivery: Vec::new(),
        say: Vec::new(),
        cue: Vec::new(),
        source: Vec::new(),
        worded: false,
    }
}

fn readable<'t>(name: Name<'t>, fields: &Fields<'t>, findings: &mut Findings) -> Action<'t> {
    let (say, all_said) = texts(fields, "say", findings);
    let (cue, all_cued) = texts(fields, "cue", findings);
    Action {
        title: fields.need_text("title", findings),
        kind: fields.need("kind", findings).and_then(|node| word(node, "a kind of action", findings)),
        why: fields.need_text("why", findings),
        condition: condition(fields, findings),
        after: fields.names("after", "actions", findings),
        limit: fields.get("limit").and_then(|node| limit(node, findings)).unwrap_or_default(),
        confirm: confirm(fields, findings),
        keeps_promise: keeps_promise(fields, findings),
        value: fields.get("value").and_then(|node| weight(node, findings)).unwrap_or(Weight::ONE),
        prefer: prefer(fields, findings),
        delivery: fields.names("delivery", "delivery guides", findings),
        say,
        cue,
        source: fields.names("source", "row ids", findings),
        worded: all_said && all_cued,
        ..unreadable(name)
    }
}

fn weight(node: &Node<'_>, findings: &mut Findings) -> Option<Weight> {
    in_range(Weight::try_from(number(node, findings)?), node, findings)
}

const LIMIT: Shape = Shape { what: "a limit", keys: &["times", "gap"] };

fn limit(node: &Node<'_>, findings: &mut Findings) -> Option<Limit> {
    let fields = Fields::open(node, LIMIT, findings)?;
    if fields.key_span("times").is_none() && fields.key_span("gap").is_none() {
        let mend = "write `{times: 3}`, `{gap: 2}` or both, or leave it out";
        findings.add(Finding::error("empty-limit", node.span, "this limit limits nothing").mend(mend));
    }
    Some(Limit {
        times: fields.get("times").and_then(|node| count(node, 1, findings)),
        gap: fields.get("gap").and_then(|node| count(node, 0, findings)).unwrap_or_default(),
    })
}

/// What counts as done only when reported would be shown for ever to a caller who never reports: it needs a limit.
fn confirm(fields: &Fields<'_>, findings: &mut Findings) -> bool {
    let confirm = fields.flag("confirm", findings);
    if let Some(span) = fields.key_span("confirm").filter(|_| confirm && fields.key_span("limit").is_none()) {
        let message = "an action with `confirm: true` needs a `limit`";
        let mend = "add `limit: {times: 1}`, so that it steps aside where nobody reports it";
        findings.add(Finding::error("confirm-without-limit", span, message).mend(mend));
    }
    confirm
}

fn keeps_promise(fields: &Fields<'_>, findings: &mut Findings) -> bool {
    let kept = fields.name("keeps", findings);
    kept.is_some_and(|name| one_of(name, "something that an action can keep", &["promise"], findings).is_some())
}

const PREFER: Shape = Shape { what: "a preference", keys: &["by", "when", "any", "unless"] };

fn prefer<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Vec<Prefer<'t>> {
    let Some(node) = fields.get("prefer") else { return Vec::new() };
    list(node, "preferences", findings).iter().filter_map(|entry| preference(entry, findings)).collect()
}

fn preference<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Prefer<'t>> {
    let fields = Fields::open(node, PREFER, findings)?;
    let by = fields.need("by", findings).and_then(|node| weight(node, findings)).unwrap_or(Weight::ONE);
    let condition = condition(&fields, findings);
    if !condition.given {
        let message = "this preference holds always";
        findings.add(Finding::error("no-condition", fields.place, message).mend("add `when`, or use `value`"));
    }
    Some(Prefer { by, condition })
}

/// The texts that could be read, and whether those are all.
fn texts<'t>(fields: &Fields<'t>, key: &str, findings: &mut Findings) -> (Vec<Text<'t>>, bool) {
    let Some(node) = fields.get(key) else { return (Vec::new(), fields.key_span(key).is_none()) };
    let nodes = list(node, "texts", findings);
    if let Some(node) = nodes.get(MOST_TEXTS) {
        let message = format!("there are more than {MOST_TEXTS} texts in this list");
        findings.add(Finding::error("too-many", node.span, message).mend("keep the best: nobody hears that many"));
    }
    let nodes = nodes.get(..MOST_TEXTS).unwrap_or(nodes);
    let texts: Vec<Text<'t>> = nodes.iter().filter_map(|entry| text(entry, findings)).collect();
    let all = texts.len() == nodes.len() && matches!(node.content, Content::Sequence(_));
    (texts, all)
}

const TEXT: Shape = Shape { what: "a text", keys: &["id", "text", "on", "locale"] };

fn text<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Text<'t>> {
    if let Content::Scalar(_) = &node.content {
        return Some(Text { id: None, words: prose(node, findings)?, on: None, locale: None });
    }
    let fields = Fields::open(node, TEXT, findings)?;
    let id = fields.need_id("id", findings);
    let on = fields.get("on").map(|node| (super::header::channel_set(node, findings), node.span));
    let locale = fields.name("locale", findings);
    Some(Text { id, words: fields.need_prose("text", findings)?, on, locale })
}

//! The conversations that a playbook must get right, as written.

use super::fields::{Fields, Shape};
use super::read::{Name, Wanted, count, entries, flag, key, level, list, name, names, one_of, prose, word, wrong_type};
use crate::playbook::conversation::{DidResult, TurnCase};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::units::{Level, Stretch, Time};
use crate::playbook::vocabulary::{Channel, EscalationLevel, EscalationTarget, Urgency, Word};
use crate::playbook::yaml::{Content, Entry, Node, Span};

/// A conversation.
#[derive(Debug)]
pub(in crate::playbook) struct Conversation<'t> {
    pub(in crate::playbook) it: &'t str,
    pub(in crate::playbook) proves: Vec<Name<'t>>,
    pub(in crate::playbook) channel: Option<(Channel, Span)>,
    pub(in crate::playbook) locale: Option<Name<'t>>,
    pub(in crate::playbook) turns: Vec<Turn<'t>>,
    pub(in crate::playbook) line: usize,
}

/// A turn of it.
#[derive(Debug)]
pub(in crate::playbook) struct Turn<'t> {
    pub(in crate::playbook) signals: Vec<Reading<'t>>,
    pub(in crate::playbook) facts: Vec<(Name<'t>, Option<bool>)>,
    pub(in crate::playbook) values: Vec<(Name<'t>, &'t str)>,
    pub(in crate::playbook) channel: Option<(Channel, Span)>,
    pub(in crate::playbook) did: Option<Vec<Did<'t>>>,
    pub(in crate::playbook) at: Option<Time>,
    pub(in crate::playbook) promises: Vec<(Name<'t>, Time)>,
    pub(in crate::playbook) exclude: Vec<Name<'t>>,
    pub(in crate::playbook) max: Option<u32>,
    pub(in crate::playbook) expect: Expectation<'t>,
    pub(in crate::playbook) place: Span,
}

/// A reading.
#[derive(Debug)]
pub(in crate::playbook) struct Reading<'t> {
    pub(in crate::playbook) signal: Name<'t>,
    pub(in crate::playbook) strength: Option<Strength>,
    pub(in crate::playbook) at: Span,
    pub(in crate::playbook) confidence: Option<Level>,
}

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::playbook) enum Strength {
    /// So much.
    Level(Level),
    /// Up or down.
    Flag(bool),
}

/// What the agent did.
#[derive(Debug)]
pub(in crate::playbook) struct Did<'t> {
    pub(in crate::playbook) action: Name<'t>,
    pub(in crate::playbook) result: DidResult,
    pub(in crate::playbook) phrasing: Option<Name<'t>>,
    pub(in crate::playbook) due: Option<Time>,
}

/// What a turn must bring.
#[derive(Debug, Default)]
pub(in crate::playbook) struct Expectation<'t> {
    pub(in crate::playbook) stage: Option<Name<'t>>,
    pub(in crate::playbook) path: Option<Vec<Name<'t>>>,
    pub(in crate::playbook) first: Option<Name<'t>>,
    pub(in crate::playbook) top: Vec<Name<'t>>,
    pub(in crate::playbook) includes: Vec<Name<'t>>,
    pub(in crate::playbook) never: Vec<Name<'t>>,
    pub(in crate::playbook) escalation: Option<String>,
    pub(in crate::playbook) target: Option<String>,
    pub(in crate::playbook) urgency: Option<String>,
    pub(in crate::playbook) call: Option<Name<'t>>,
    pub(in crate::playbook) outcome: Option<String>,
    pub(in crate::playbook) guardrails: Vec<Name<'t>>,
    pub(in crate::playbook) lifted: Vec<Name<'t>>,
    pub(in crate::playbook) missing: Vec<Name<'t>>,
    pub(in crate::playbook) suppressed: Vec<(Name<'t>, String)>,
    pub(in crate::playbook) up_next: Option<Name<'t>>,
    pub(in crate::playbook) delivery: Vec<Name<'t>>,
    pub(in crate::playbook) tried: Vec<Name<'t>>,
    pub(in crate::playbook) avoid: Vec<Name<'t>>,
    pub(in crate::playbook) commitments: Option<u32>,
    pub(in crate::playbook) promises: Vec<(String, u32)>,
    pub(in crate::playbook) says_one_of: Vec<Name<'t>>,
    pub(in crate::playbook) unchanged: Option<bool>,
}

const CONVERSATION: Shape = Shape { what: "a test", keys: &["it", "proves", "channel", "locale", "turns"] };

pub(super) fn conversation<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Conversation<'t>> {
    let fields = Fields::open(node, CONVERSATION, findings)?;
    let it = fields.need_text("it", findings);
    let turns = fields.need("turns", findings).map(|node| turns(node, findings)).unwrap_or_default();
    Some(Conversation {
        it,
        proves: fields.names("proves", "row ids", findings),
        channel: channel(&fields, findings),
        locale: fields.name("locale", findings),
        turns,
        line: node.span.line(),
    })
}

fn turns<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Vec<Turn<'t>> {
    let nodes = list(node, "turns", findings);
    if nodes.is_empty() && matches!(node.content, Content::Sequence(_)) {
        findings
            .add(Finding::error("empty-test", node.span, "this conversation has no turn").mend("write at least one"));
    }
    nodes.iter().filter_map(|node| turn(node, findings)).collect()
}

fn channel(fields: &Fields<'_>, findings: &mut Findings) -> Option<(Channel, Span)> {
    let node = fields.get("channel")?;
    Some((word(node, "a channel", findings)?, node.span))
}

const TURN: Shape = Shape {
    what: "a turn",
    keys: &["signals", "facts", "values", "channel", "did", "promises", "at", "exclude", "max", "expect"],
};

fn turn<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Turn<'t>> {
    let fields = Fields::open(node, TURN, findings)?;
    Some(Turn {
        signals: mapping(&fields, "signals", findings, reading),
        facts: mapping(&fields, "facts", findings, fact),
        values: mapping(&fields, "values", findings, value),
        channel: channel(&fields, findings),
        did: fields.get("did").map(|node| all_done(node, findings)),
        promises: mapping(&fields, "promises", findings, promised).into_iter().flatten().collect(),
        at: fields.get("at").and_then(|node| time(node, findings)),
        exclude: fields.names("exclude", "actions", findings),
        max: fields.get("max").and_then(|node| count(node, 1, findings)),
        expect: fields.get("expect").and_then(|node| expectation(node, findings)).unwrap_or_default(),
        place: node.span,
    })
}

fn mapping<'t, T>(
    fields: &Fields<'t>,
    key: &str,
    findings: &mut Findings,
    read: fn(&'t Entry<'t>, &mut Findings) -> T,
) -> Vec<T> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    entries(node, "a mapping", findings).iter().map(|entry| read(entry, findings)).collect()
}

const READING: Shape = Shape { what: "a reading", keys: &["level", "confidence"] };

fn reading<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Reading<'t> {
    let (signal, at) = (key(&entry.key), entry.value.span);
    if let Content::Mapping(_) = &entry.value.content {
        let fields = Fields::open(&entry.value, READING, findings).map(|fields| fields.at(signal.span));
        let strength =
            fields.and_then(|fields| fields.need("level", findings)).and_then(|node| strength(node, findings));
        let confidence = fields.and_then(|fields| fields.get("confidence")).and_then(|node| level(node, findings));
        return Reading { signal, strength, at, confidence };
    }
    Reading { signal, strength: strength(&entry.value, findings), at, confidence: None }
}

fn strength(node: &Node<'_>, findings: &mut Findings) -> Option<Strength> {
    match &node.content {
        Content::Scalar(scalar) if scalar.plain && matches!(scalar.text.as_ref(), "true" | "false") => {
            flag(node, findings).map(Strength::Flag)
        }
        Content::Scalar(_) | Content::Mapping(_) | Content::Sequence(_) | Content::Refused => {
            level(node, findings).map(Strength::Level)
        }
    }
}

fn fact<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> (Name<'t>, Option<bool>) {
    let known = match &entry.value.content {
        Content::Scalar(scalar) if scalar.text == "true" => Some(true),
        Content::Scalar(scalar) if scalar.text == "false" => Some(false),
        Content::Scalar(scalar) if scalar.text == "unknown" => None,
        Content::Scalar(_) | Content::Mapping(_) | Content::Sequence(_) | Content::Refused => {
            wrong_type(&entry.value, Wanted::Either("`true`, `false` or `unknown`"), findings);
            None
        }
    };
    (key(&entry.key), known)
}

fn value<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> (Name<'t>, &'t str) {
    (key(&entry.key), prose(&entry.value, findings).map(|prose| prose.text).unwrap_or_default())
}

const DID: Shape = Shape { what: "what the agent did", keys: &["action", "result", "phrasing", "due"] };

fn all_done<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Vec<Did<'t>> {
    list(node, "actions", findings).iter().filter_map(|node| done(node, findings)).collect()
}

fn done<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Did<'t>> {
    if let Content::Scalar(_) = &node.content {
        return Some(Did { action: name(node, findings)?, result: DidResult::Done, phrasing: None, due: None });
    }
    let fields = Fields::open(node, DID, findings)?;
    let result = fields.get("result").and_then(|node| word(node, "a result", findings)).unwrap_or(DidResult::Done);
    let phrasing = fields.name("phrasing", findings);
    let due = fields.get("due").and_then(|node| time(node, findings));
    Some(Did { action: fields.need_name("action", findings)?, result, phrasing, due })
}

impl Word for DidResult {
    const ALL: &'static [Self] = &[Self::Done, Self::Dismissed, Self::Unavailable];

    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Dismissed => "dismissed",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Time since the start, such as `90s`.
fn time(node: &Node<'_>, findings: &mut Findings) -> Option<Time> {
    let name = name(node, findings)?;
    let found = Stretch::from_word(name.text);
    if found.is_none() {
        let message = format!("expected a time since the start, found {}", ticked(name.text));
        findings.add(Finding::error("wrong-type", node.span, message).mend("write `90s`, `5m`, `2h` or `1d`"));
    }
    found.map(|stretch| TurnCase::START.plus_millis(stretch.millis()))
}

const EXPECTATION: Shape = Shape {
    what: "an expectation",
    keys: &[
        "stage",
        "path",
        "first",
        "top",
        "includes",
        "never",
        "escalation",
        "target",
        "urgency",
        "call",
        "outcome",
        "guardrails",
        "lifted",
        "missing",
        "suppressed",
        "up_next",
        "delivery",
        "brief",
        "promises",
        "says_one_of",
        "unchanged",
    ],
};

pub(in crate::playbook) const OUTCOMES: &[&str] =
    &["open", "resolved", "resolved_after_handoff", "parted", "abandoned"];
pub(in crate::playbook) const REASONS: &[&str] =
    &["condition", "unknown", "order", "limit", "gap", "guardrail", "dismissed", "unavailable", "excluded"];
pub(in crate::playbook) const PROMISES: &[&str] = &["open", "kept", "missed", "withdrawn"];

fn expectation<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Option<Expectation<'t>> {
    let fields = Fields::open(node, EXPECTATION, findings)?;
    let outcome = fields.name("outcome", findings);
    let expectation = Expectation {
        stage: fields.name("stage", findings),
        path: fields.get("path").map(|node| names(node, "stages", findings)),
        first: fields.name("first", findings),
        top: fields.names("top", "actions", findings),
        includes: fields.names("includes", "actions", findings),
        never: fields.names("never", "actions and kinds", findings),
        escalation: expected_word::<EscalationLevel>(&fields, "escalation", findings),
        target: expected_word::<EscalationTarget>(&fields, "target", findings),
        urgency: expected_word::<Urgency>(&fields, "urgency", findings),
        call: fields.name("call", findings),
        outcome: outcome.and_then(|name| one_of(name, "an outcome", OUTCOMES, findings)),
        guardrails: fields.names("guardrails", "guardrails", findings),
        lifted: fields.names("lifted", "guardrails", findings),
        missing: fields.names("missing", "facts", findings),
        suppressed: mapping(&fields, "suppressed", findings, suppressed).into_iter().flatten().collect(),
        up_next: fields.name("up_next", findings),
        delivery: fields.names("delivery", "delivery guides", findings),
        promises: mapping(&fields, "promises", findings, promises).into_iter().flatten().collect(),
        says_one_of: fields.names("says_one_of", "phrasings", findings),
        unchanged: fields.get("unchanged").and_then(|node| flag(node, findings)),
        ..Expectation::default()
    };
    Some(with_brief(expectation, &fields, findings))
}

fn expected_word<W: Word>(fields: &Fields<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let found: W = fields.get(key).and_then(|node| word(node, &format!("a word for `{key}`"), findings))?;
    Some(found.word().to_owned())
}

const BRIEF: Shape = Shape { what: "a brief", keys: &["tried", "avoid", "commitments"] };

fn with_brief<'t>(expectation: Expectation<'t>, fields: &Fields<'t>, findings: &mut Findings) -> Expectation<'t> {
    let Some(brief) = fields.get("brief").and_then(|node| Fields::open(node, BRIEF, findings)) else {
        return expectation;
    };
    Expectation {
        tried: brief.names("tried", "actions", findings),
        avoid: brief.names("avoid", "guardrails", findings),
        commitments: brief.get("commitments").and_then(|node| count(node, 0, findings)),
        ..expectation
    }
}

fn suppressed<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Option<(Name<'t>, String)> {
    let reason = name(&entry.value, findings)?;
    Some((key(&entry.key), one_of(reason, "a reason to hold an action back", REASONS, findings)?))
}

fn promised<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Option<(Name<'t>, Time)> {
    Some((key(&entry.key), time(&entry.value, findings)?))
}

fn promises(entry: &Entry<'_>, findings: &mut Findings) -> Option<(String, u32)> {
    let status = one_of(key(&entry.key), "a status of promises", PROMISES, findings);
    Some((status?, count(&entry.value, 0, findings)?))
}

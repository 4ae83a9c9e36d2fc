//! What is detected and known: signals, facts, named conditions.

use super::condition::{Condition, condition};
use super::fields::{Fields, Shape};
use super::read::{Name, Wanted, count, level, name, new_id, prose, wrong_type};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::parts::{Absent, Lasts};
use crate::playbook::units::Level;
use crate::playbook::yaml::{Content, Entry, Node};

/// A signal.
#[derive(Debug)]
pub(in crate::playbook) struct Signal<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) title: &'t str,
    pub(in crate::playbook) flag: bool,
    pub(in crate::playbook) bands: Vec<Band<'t>>,
    pub(in crate::playbook) lasts: Lasts,
    pub(in crate::playbook) cleared_by: Vec<Name<'t>>,
    pub(in crate::playbook) min_confidence: Level,
    pub(in crate::playbook) absent: Absent,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

/// A band of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::playbook) struct Band<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) from: Level,
    pub(in crate::playbook) until: Level,
}

/// A fact.
#[derive(Debug)]
pub(in crate::playbook) struct Fact<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) question: &'t str,
    pub(in crate::playbook) cleared_by: Vec<Name<'t>>,
    pub(in crate::playbook) source: Vec<Name<'t>>,
}

/// A condition with a name.
#[derive(Debug)]
pub(in crate::playbook) struct NamedCondition<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) condition: Condition<'t>,
}

const SIGNAL: Shape =
    Shape { what: "a signal", keys: &["flag", "lasts", "cleared_by", "min_confidence", "absent", "title", "source"] };

/// What a state can hold of a signal.
pub(in crate::playbook) const MOST_BANDS: usize = 8;
/// Turns for which a reading holds.
const USUALLY_LASTS: Lasts = Lasts::Turns(3);

pub(super) fn signal<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Signal<'t> {
    let name = new_id(&entry.key, findings);
    let mut signal = Signal {
        name,
        title: "",
        flag: false,
        bands: Vec::new(),
        lasts: USUALLY_LASTS,
        cleared_by: Vec::new(),
        min_confidence: Level::HALF,
        absent: Absent::Zero,
        source: Vec::new(),
    };
    if let Some(fields) = Fields::open_with_others(&entry.value, SIGNAL, findings) {
        signal.title = fields.text("title", findings);
        signal.flag = fields.flag("flag", findings);
        // One too many is enough to say so.
        signal.bands = fields.others(SIGNAL).filter_map(|entry| band(entry, findings)).take(MOST_BANDS + 1).collect();
        signal.lasts = fields.get("lasts").map_or(USUALLY_LASTS, |node| lasts(node, findings));
        signal.cleared_by = fields.names("cleared_by", "actions", findings);
        let min_confidence = fields.get("min_confidence").and_then(|node| level(node, findings));
        signal.min_confidence = min_confidence.unwrap_or(Level::HALF);
        signal.absent = fields.get("absent").map_or(Absent::Zero, |node| absent(node, findings));
        signal.source = fields.names("source", "row ids", findings);
    }
    signal
}

const BAND: Shape = Shape { what: "a band", keys: &["from", "until"] };

/// A key that is no field names a band, unless what it holds can't be one: then it was meant to be a field.
fn band<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Option<Band<'t>> {
    match &entry.value.content {
        Content::Refused => return None,
        Content::Mapping(_) => {}
        Content::Scalar(_) | Content::Sequence(_) => {
            unknown_field(entry, findings);
            return None;
        }
    }
    let name = new_id(&entry.key, findings);
    let fields = Fields::open(&entry.value, BAND, findings)?.at(name.span);
    let from = fields.need("from", findings).and_then(|node| level(node, findings));
    let until = fields.need("until", findings).and_then(|node| level(node, findings));
    // A band that is wrong still has a name, and what speaks of it is right.
    let (from, until) = from.zip(until).unwrap_or_default();
    Some(Band { name, from, until })
}

fn unknown_field(entry: &Entry<'_>, findings: &mut Findings) {
    let mend = findings
        .meant(&entry.key.text, SIGNAL.keys.iter().copied())
        .unwrap_or_else(|| format!("a band is written `{}: {{from: 0.65, until: 0.45}}`", entry.key.text));
    let message = format!("{} is neither a field of a signal nor a band", ticked(&entry.key.text));
    findings.add(Finding::error("unknown-field", entry.key.span, message).mend(mend));
}

fn lasts(node: &Node<'_>, findings: &mut Findings) -> Lasts {
    match &node.content {
        Content::Scalar(scalar) if scalar.text == "conversation" => Lasts::Conversation,
        Content::Scalar(scalar) if scalar.plain && super::read::whole(&scalar.text).is_some() => {
            count(node, 1, findings).map_or(USUALLY_LASTS, Lasts::Turns)
        }
        Content::Scalar(_) | Content::Mapping(_) | Content::Sequence(_) | Content::Refused => {
            wrong_type(node, Wanted::Either("a number of turns or `conversation`"), findings);
            USUALLY_LASTS
        }
    }
}

fn absent(node: &Node<'_>, findings: &mut Findings) -> Absent {
    let word = name(node, findings);
    if let Some(name) = word.filter(|name| name.text != "unknown") {
        super::read::unknown_word(name, "what a signal without a reading can be", &["unknown"], findings);
    }
    Absent::Unknown
}

const FACT: Shape = Shape { what: "a fact", keys: &["ask", "cleared_by", "source"] };

pub(super) fn fact<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Fact<'t> {
    let name = new_id(&entry.key, findings);
    let mut fact = Fact { name, question: "", cleared_by: Vec::new(), source: Vec::new() };
    if let Content::Mapping(_) = &entry.value.content {
        if let Some(fields) = Fields::open(&entry.value, FACT, findings).map(|fields| fields.at(name.span)) {
            fact.question = fields.need_text("ask", findings);
            fact.cleared_by = fields.names("cleared_by", "actions", findings);
            fact.source = fields.names("source", "row ids", findings);
        }
    } else {
        fact.question = prose(&entry.value, findings).map(|prose| prose.text).unwrap_or_default();
    }
    fact
}

const NAMED_CONDITION: Shape = Shape { what: "a condition", keys: &["when", "any", "unless"] };

pub(super) fn named_condition<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> NamedCondition<'t> {
    let name = new_id(&entry.key, findings);
    let fields = Fields::open(&entry.value, NAMED_CONDITION, findings).map(|fields| fields.at(name.span));
    let condition = fields.map(|fields| condition(&fields, findings)).unwrap_or_default();
    if fields.is_some() && !condition.given {
        let message = format!("the condition {} says nothing", ticked(name.text));
        findings.add(Finding::error("empty-condition", name.span, message).mend("give it `when`, `any` or `unless`"));
    }
    NamedCondition { name, condition }
}

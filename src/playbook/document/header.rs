//! What a playbook is: name, channels, locales, sources, values, old names.

use super::fields::{Fields, Shape};
use super::read::{Name, check_id, flag, key, label, list, name, names, new_id, prose, unknown_word, whole};
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::vocabulary::{Channel, ChannelSet};
use crate::playbook::yaml::{Entry, Node, Span};

/// A document that the playbook follows.
#[derive(Debug)]
pub(in crate::playbook) struct Source<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) title: &'t str,
    pub(in crate::playbook) author: &'t str,
    pub(in crate::playbook) points: Vec<(u32, &'t str)>,
    /// Whether it lists its points, be they good or not.
    pub(in crate::playbook) lists_points: bool,
}

/// A text that fills placeholders.
#[derive(Debug)]
pub(in crate::playbook) struct Value<'t> {
    pub(in crate::playbook) name: Name<'t>,
    pub(in crate::playbook) title: &'t str,
}

/// An old name and its new one.
#[derive(Debug)]
pub(in crate::playbook) struct Rename<'t> {
    pub(in crate::playbook) old: Name<'t>,
    pub(in crate::playbook) new: Option<Name<'t>>,
}

/// Enough for a playbook that people can keep in step.
const MOST_LOCALES: usize = 64;

pub(super) fn id<'t>(fields: &Fields<'t>, findings: &mut Findings) -> &'t str {
    fields.need_id("playbook", findings).map(|name| name.text).unwrap_or_default()
}

pub(super) fn version<'t>(fields: &Fields<'t>, findings: &mut Findings) -> &'t str {
    let node = fields.need("version", findings);
    node.and_then(|node| label(node, findings)).unwrap_or_default()
}

/// The key `fragment` where it is one.
pub(super) fn fragment(fields: &Fields<'_>, findings: &mut Findings) -> Option<Span> {
    let node = fields.get("fragment")?;
    // One that perhaps is a fragment is not asked for what only a playbook needs.
    let span = fields.key_span("fragment").filter(|_| flag(node, findings) != Some(false))?;
    if let Some(tests) = fields.key_span("tests") {
        let message = "a fragment is not played, so its tests prove nothing";
        let mend = "move them into the playbooks that extend it";
        findings.add(Finding::error("never-used", tests, message).mend(mend));
    }
    Some(span)
}

pub(super) fn channels(fields: &Fields<'_>, findings: &mut Findings) -> ChannelSet {
    fields.get("channels").map_or(ChannelSet::ALL, |node| channel_set(node, findings))
}

/// A list of channels and groups of them; all where it says nothing usable.
pub(super) fn channel_set(node: &Node<'_>, findings: &mut Findings) -> ChannelSet {
    let mut set = ChannelSet::NONE;
    let nodes = list(node, "channels", findings);
    for word in nodes.iter().filter_map(|entry| name(entry, findings)).collect::<Vec<_>>() {
        match ChannelSet::from_word(word.text) {
            Some(some) => set = some.iter().fold(set, ChannelSet::with),
            None => unknown_channel(word, findings),
        }
    }
    if nodes.is_empty() && matches!(node.content, crate::playbook::yaml::Content::Sequence(_)) {
        let message = "this names no channel";
        findings.add(Finding::error("out-of-range", node.span, message).mend("name one, or leave the key out for all"));
    }
    if set == ChannelSet::NONE { ChannelSet::ALL } else { set }
}

fn unknown_channel(word: Name<'_>, findings: &mut Findings) {
    let words: Vec<&str> = Channel::ALL.iter().map(|channel| channel.as_str()).chain(["spoken", "written"]).collect();
    unknown_word(word, "a channel", &words, findings);
}

pub(super) fn locales<'t>(fields: &Fields<'t>, findings: &mut Findings) -> Vec<Name<'t>> {
    let Some(node) = fields.get("locales") else { return Vec::new() };
    let tags = names(node, "locales", findings);
    if tags.is_empty() {
        let message = "there is no locale in this list";
        findings.add(Finding::error("out-of-range", node.span, message).mend("write at least one, such as `[en]`"));
    }
    if let Some(tag) = tags.get(MOST_LOCALES) {
        let message = format!("a playbook has at most {MOST_LOCALES} locales");
        findings.add(Finding::error("too-many", tag.span, message).mend("split the playbook by language"));
    }
    for (position, tag) in tags.iter().take(MOST_LOCALES).enumerate() {
        if !is_tag(tag.text) {
            let message = format!("{} is not a locale", ticked(tag.text));
            findings.add(
                Finding::error("malformed-id", tag.span, message).mend("write a BCP 47 tag, such as `en` or `de-AT`"),
            );
        }
        if tags.iter().take(position).any(|other| other.text.eq_ignore_ascii_case(tag.text)) {
            let message = format!("the locale {} stands here twice", ticked(tag.text));
            findings.add(Finding::error("duplicate-entry", tag.span, message).mend("keep one of them"));
        }
    }
    tags.into_iter().take(MOST_LOCALES).collect()
}

fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts
        .next()
        .is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    language && text.len() <= 35 && parts.all(subtag)
}

const SOURCE: Shape = Shape { what: "a source", keys: &["title", "author", "points"] };

pub(super) fn source<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Source<'t> {
    let name = key(&entry.key);
    if name.text.is_empty() || name.text.len() > 8 || !name.text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let message = format!("{} can't name a source", ticked(name.text));
        findings.add(Finding::error("malformed-id", name.span, message).mend("use one to eight letters, such as `K`"));
    }
    let fields = Fields::open(&entry.value, SOURCE, findings).map(|fields| fields.at(name.span));
    let mut source = Source { name, title: "", author: "", points: Vec::new(), lists_points: true };
    if let Some(fields) = fields {
        source.title = fields.need_text("title", findings);
        source.author = fields.need_text("author", findings);
        source.points = fields.get("points").map(|node| points(node, findings)).unwrap_or_default();
        source.lists_points = fields.key_span("points").is_some();
    }
    source
}

fn points<'t>(node: &'t Node<'t>, findings: &mut Findings) -> Vec<(u32, &'t str)> {
    let entries = super::read::entries(node, "a mapping of points by number", findings);
    let mut points: Vec<(u32, &str)> = entries.iter().filter_map(|entry| point(entry, findings)).collect();
    points.sort_by_key(|(number, _)| *number);
    points
}

fn point<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Option<(u32, &'t str)> {
    let name = key(&entry.key);
    let text = prose(&entry.value, findings).map(|prose| prose.text).unwrap_or_default();
    let number = whole(name.text).filter(|number| *number > 0 && !name.text.starts_with('0'));
    if number.is_none() {
        let message = format!("expected the number of a point, found {}", ticked(name.text));
        findings.add(Finding::error("wrong-type", name.span, message).mend("number the points 1, 2, 3 …"));
    }
    Some((number?, text))
}

pub(super) fn value<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Value<'t> {
    let name = new_id(&entry.key, findings);
    let title = prose(&entry.value, findings).map(|prose| prose.text).unwrap_or_default();
    Value { name, title }
}

pub(super) fn rename<'t>(entry: &'t Entry<'t>, findings: &mut Findings) -> Rename<'t> {
    let old = key(&entry.key);
    check_id(old, findings);
    Rename { old, new: name(&entry.value, findings) }
}

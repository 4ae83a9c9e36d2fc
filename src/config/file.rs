//! The file: from a tree to what it says of each key, and every key in it that is none.

use super::keys::{KEYS, Key};
use super::mask;
use crate::playbook::finding::{Finding, Findings, ticked};
use crate::playbook::yaml::{self, Content, Entry, Format, Node, Origin, Span};

/// Files beyond this are no configuration.
const MOST_BYTES: usize = 1024 * 1024;

const CONFIGURATION: Format = Format {
    one: "a configuration",
    several: "configurations",
    start: "write `listen: 127.0.0.1:50051`, or name no file",
    instead_of_tag: "",
};

/// A file, as its reader knows it.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What to call it.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) given: Vec<Given>,
    /// Its text, without what must not be shown.
    pub(super) text: String,
    /// Whether what it does not say it leaves out on purpose: else it could not be read to its end.
    pub(super) whole: bool,
}

/// What a file says of a key.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) key: &'static Key,
    pub(super) text: String,
    pub(super) span: Span,
}

/// Reads all of it.
pub(super) fn read(bytes: &[u8], findings: &mut Findings) -> Contents {
    if bytes.len() > MOST_BYTES {
        let message = format!("the file has {} bytes, more than the 1 MiB that a configuration may have", bytes.len());
        findings.add(Finding::error("too-large", Span::START, message).mend("name the file that you mean"));
        return Contents::default();
    }
    let Some(text) = yaml::text_of(bytes, Origin::This, findings) else { return Contents::default() };
    if says_nothing(text) {
        return Contents { whole: true, ..Contents::default() };
    }
    let mut walk = Walk { given: Vec::new(), hidden: Vec::new(), findings };
    let whole = walk.document(text);
    let Walk { given, hidden, .. } = walk;
    Contents { given, text: mask::masked(text, &hidden), whole }
}

/// Nothing but comments: whoever writes such a file chooses nothing.
fn says_nothing(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#') || line == "---")
}

struct Walk<'f> {
    given: Vec<Given>,
    /// What must not be shown.
    hidden: Vec<Span>,
    findings: &'f mut Findings,
}

impl Walk<'_> {
    /// Whether there is a document.
    fn document(&mut self, text: &str) -> bool {
        let Some(tree) = yaml::parse_as(text, &CONFIGURATION, self.findings) else { return false };
        for span in tree.nulls {
            yaml::refuse_null(span, self.findings);
        }
        self.section(&tree.root, "");
        true
    }

    /// The mapping at `node`, whose keys come after `prefix`.
    fn section(&mut self, node: &Node<'_>, prefix: &str) {
        let Content::Mapping(entries) = &node.content else { return self.no_section(node, prefix) };
        for entry in entries {
            self.entry(entry, prefix);
        }
    }

    fn entry(&mut self, Entry { key, value }: &Entry<'_>, prefix: &str) {
        let path = format!("{prefix}{}", key.text);
        let nested = format!("{path}.");
        let simple = !key.text.contains('.');
        if let Some(known) = KEYS.iter().find(|known| simple && known.path == path) {
            self.value(known, value);
        } else if simple && KEYS.iter().any(|known| known.path.starts_with(&nested)) {
            self.section(value, &nested);
        } else {
            self.unknown(&key.text, key.span, prefix);
            self.hide(value);
        }
    }

    fn value(&mut self, key: &'static Key, node: &Node<'_>) {
        if key.is_hidden() {
            self.hidden.push(node.span);
        }
        if let Some(text) = text(key, node) {
            if key.kind.is_indiscreet(&text) {
                self.hide_each(node);
            }
            return self.given.push(Given { key, text, span: node.span });
        }
        let found = match &node.content {
            Content::Scalar(_) => "text",
            Content::Refused => return,
            Content::Mapping(_) => "a mapping",
            Content::Sequence(_) => "a list",
        };
        let message = format!("expected one value for `{}`, found {found}", key.path);
        self.findings.add(Finding::error("wrong-type", node.span, message).mend("write it after the `:`"));
    }

    fn no_section(&mut self, node: &Node<'_>, prefix: &str) {
        let what = if prefix.is_empty() { "keys and values".to_owned() } else { format!("keys of {}", called(prefix)) };
        let found = match &node.content {
            Content::Refused | Content::Mapping(_) => return,
            Content::Sequence(_) => "a list",
            Content::Scalar(_) => "text",
        };
        self.hide(node);
        let finding = Finding::error("wrong-type", node.span, format!("expected {what}, found {found}"));
        self.findings.add(finding.mend("write `key: value`, each on a line of its own"));
    }

    /// Keeps `node` from being shown: who knows what somebody meant to write there.
    fn hide(&mut self, node: &Node<'_>) {
        match node.content {
            // It stands on lines of its own, or its span covers it.
            Content::Sequence(_) if node.span.end() - node.span.start() <= 1 => {}
            Content::Sequence(_) | Content::Mapping(_) | Content::Scalar(_) | Content::Refused => {
                self.hidden.push(node.span);
            }
        }
    }

    /// Keeps `node` from being shown, and what it lists.
    fn hide_each(&mut self, node: &Node<'_>) {
        let items = match &node.content {
            Content::Sequence(nodes) => nodes.as_slice(),
            Content::Scalar(_) | Content::Mapping(_) | Content::Refused => &[],
        };
        self.hide(node);
        for item in items {
            self.hide(item);
        }
    }

    fn unknown(&mut self, name: &str, span: Span, prefix: &str) {
        let whole = if prefix.is_empty() { "the configuration".to_owned() } else { called(prefix) };
        let message = format!("{whole} has no key {}", ticked(name));
        let mend = self.meant(name, prefix);
        self.findings.add(Finding::error("unknown-field", span, message).mend(mend));
    }

    fn meant(&mut self, name: &str, prefix: &str) -> String {
        let siblings = siblings(prefix);
        if let Some(meant) = self.findings.meant(name, siblings.iter().copied()) {
            return meant;
        }
        let elsewhere = KEYS.iter().filter_map(|known| known.path.rsplit_once('.'));
        let last = name.rsplit('.').next();
        if let Some((section, key)) = elsewhere.into_iter().find(|(_, key)| last == Some(*key)) {
            return format!("`{key}` is a key of `{section}`: write it below that, indented deeper");
        }
        format!("it may have {}", siblings.into_iter().map(ticked).collect::<Vec<_>>().join(" "))
    }
}

/// What `node` says of `key` in one text, as variables and flags say it.
fn text(key: &Key, node: &Node<'_>) -> Option<String> {
    match &node.content {
        Content::Scalar(scalar) => Some(scalar.text.clone().into_owned()),
        Content::Sequence(nodes) if key.kind.is_list() => {
            let items: Option<Vec<String>> = nodes.iter().map(scalar).collect();
            Some(items?.join(","))
        }
        Content::Sequence(_) | Content::Mapping(_) | Content::Refused => None,
    }
}

fn scalar(node: &Node<'_>) -> Option<String> {
    match &node.content {
        Content::Scalar(scalar) => Some(scalar.text.clone().into_owned()),
        Content::Sequence(_) | Content::Mapping(_) | Content::Refused => None,
    }
}

/// The keys and sections right after `prefix`.
fn siblings(prefix: &str) -> Vec<&'static str> {
    let mut siblings: Vec<&str> =
        KEYS.iter().filter_map(|key| key.path.strip_prefix(prefix)?.split('.').next()).collect();
    siblings.dedup();
    siblings
}

fn called(prefix: &str) -> String {
    ticked(prefix.trim_end_matches('.'))
}

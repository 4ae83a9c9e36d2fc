//! A tree as YAML text that reads the same.

use super::origin::{Origins, Provenance};
use super::scalar::{key, scalar};
use crate::playbook::yaml::{Content, Entry, Node};

/// Columns that a mapping or list on one line may take.
const WIDEST: usize = 110;
const INDENT: &str = "  ";

/// What is written so far.
struct Writer<'o> {
    text: String,
    origins: &'o Origins,
}

/// The text of the document at `root`.
pub(super) fn written(root: &Node<'_>, origins: &Origins) -> String {
    let mut writer = Writer { text: String::new(), origins };
    if let Content::Mapping(entries) = &root.content {
        writer.entries(entries, 0, Provenance::Both);
    }
    writer.text
}

impl Writer<'_> {
    fn entries(&mut self, entries: &[Entry<'_>], depth: usize, within: Provenance) {
        let mut last = None;
        for entry in entries {
            let from = Provenance::of(&entry.value);
            self.comment(depth, within, (last.replace(from), from));
            self.indent(depth);
            self.text.push_str(&key(&entry.key.text));
            self.text.push(':');
            self.value(&entry.value, depth, from);
        }
    }

    /// What stands after `key:`, and the end of the line.
    fn value(&mut self, node: &Node<'_>, depth: usize, from: Provenance) {
        match &node.content {
            Content::Mapping(entries) if !entries.is_empty() && !fits(node, depth, from) => {
                self.text.push('\n');
                self.entries(entries, depth + 1, from);
            }
            Content::Sequence(nodes) if !nodes.is_empty() && !fits(node, depth, from) => {
                self.text.push('\n');
                self.nodes(nodes, depth + 1, from);
            }
            Content::Mapping(_) | Content::Sequence(_) | Content::Scalar(_) | Content::Refused => {
                self.text.push(' ');
                flow(node, &mut self.text);
                self.text.push('\n');
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node<'_>], depth: usize, within: Provenance) {
        let mut last = None;
        for node in nodes {
            let from = Provenance::of(node);
            self.comment(depth, within, (last.replace(from), from));
            self.indent(depth);
            self.text.push('-');
            match &node.content {
                Content::Mapping(entries) if !entries.is_empty() && !fits(node, depth, from) => {
                    // The first key goes on the line of the dash, and the others below it.
                    let start = self.text.len();
                    self.entries(entries, depth + 1, from);
                    let end = (start + INDENT.len() * (depth + 1)).min(self.text.len());
                    self.text.replace_range(start..end, " ");
                }
                Content::Mapping(_) | Content::Sequence(_) | Content::Scalar(_) | Content::Refused => {
                    self.value(node, depth, from);
                }
            }
        }
    }

    /// Says where the next part comes from, unless that is clear.
    fn comment(&mut self, depth: usize, within: Provenance, (last, from): (Option<Provenance>, Provenance)) {
        if self.origins.base.is_some() && within == Provenance::Both && last != Some(from) {
            self.indent(depth);
            self.text.push_str("# ");
            self.text.push_str(&self.origins.word(from));
            self.text.push('\n');
        }
    }

    fn indent(&mut self, depth: usize) {
        self.text.extend(std::iter::repeat_n(INDENT, depth));
    }
}

/// Whether `node` goes on the line of its key. A section reads best with a line for each part, and comments need lines of their own.
fn fits(node: &Node<'_>, depth: usize, from: Provenance) -> bool {
    let section = depth == 0 && !matches!(node.content, Content::Sequence(_));
    if section || from == Provenance::Both {
        return false;
    }
    let mut line = String::new();
    flow(node, &mut line);
    INDENT.len() * depth + line.chars().count() <= WIDEST
}

/// `node` on one line.
fn flow(node: &Node<'_>, text: &mut String) {
    match &node.content {
        Content::Mapping(entries) => {
            text.push('{');
            for (position, entry) in entries.iter().enumerate() {
                text.push_str(if position == 0 { "" } else { ", " });
                text.push_str(&key(&entry.key.text));
                text.push_str(": ");
                flow(&entry.value, text);
            }
            text.push('}');
        }
        Content::Sequence(nodes) => {
            text.push('[');
            for (position, node) in nodes.iter().enumerate() {
                text.push_str(if position == 0 { "" } else { ", " });
                flow(node, text);
            }
            text.push(']');
        }
        Content::Scalar(found) => text.push_str(&scalar(found)),
        // What was refused is reported, and a document with errors is not shown.
        Content::Refused => text.push_str("null"),
    }
}

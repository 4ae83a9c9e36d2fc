//! The identity of what was compiled.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::yaml::{Content, Entry, Node};

/// The keys that decide nothing: they say what is expected of the others.
const WITHOUT_EFFECT: [&str; 3] = ["laws", "lints", "tests"];

/// SHA-256, in hexadecimal, of what a document says without its laws, lints and tests. Comments, formatting and quotes do not matter; order does, since
/// position is priority.
pub(super) fn digest(root: &Node<'_>) -> String {
    let mut hash = Sha256::new();
    match &root.content {
        Content::Mapping(entries) => {
            mapping(&mut hash, entries.iter().filter(|entry| !WITHOUT_EFFECT.contains(&entry.key.text.as_ref())));
        }
        Content::Sequence(_) | Content::Scalar(_) | Content::Refused => node(&mut hash, root),
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Every part is told by a letter and its length, so that no two documents look the same.
fn node(hash: &mut Sha256, node: &Node<'_>) {
    match &node.content {
        Content::Mapping(entries) => mapping(hash, entries.iter()),
        Content::Sequence(nodes) => {
            length(hash, b's', nodes.len());
            for entry in nodes {
                self::node(hash, entry);
            }
        }
        Content::Scalar(scalar) => text(hash, &scalar.text),
        Content::Refused => length(hash, b'r', 0),
    }
}

fn mapping<'n, 's: 'n>(hash: &mut Sha256, entries: impl Iterator<Item = &'n Entry<'s>> + Clone) {
    length(hash, b'm', entries.clone().count());
    for entry in entries {
        text(hash, &entry.key.text);
        node(hash, &entry.value);
    }
}

fn text(hash: &mut Sha256, text: &str) {
    length(hash, b't', text.len());
    hash.update(text.as_bytes());
}

fn length(hash: &mut Sha256, sort: u8, length: usize) {
    hash.update([sort]);
    hash.update(u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
}

//! A tree as data.

use serde_json::{Map, Number, Value};

use super::origin::{Origins, Provenance};
use crate::playbook::document::decimal;
use crate::playbook::yaml::{Content, Node, Scalar};

/// What `node` says.
pub(super) fn data(node: &Node<'_>) -> Value {
    match &node.content {
        Content::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.text.as_ref().to_owned(), data(&entry.value))).collect()
        }
        Content::Sequence(nodes) => nodes.iter().map(data).collect(),
        Content::Scalar(scalar) => value(scalar),
        Content::Refused => Value::Null,
    }
}

/// Where each part of the document at `root` comes from, by its JSON pointer: the parts of a section one by one, and what is in a part only where
/// it comes from two files.
pub(super) fn origins(root: &Node<'_>, origins: &Origins) -> Value {
    let mut words = Map::new();
    if let Content::Mapping(sections) = &root.content {
        for section in sections {
            let pointer = below("", &section.key.text);
            match &section.value.content {
                Content::Mapping(entries) => {
                    for entry in entries {
                        add(&mut words, origins, below(&pointer, &entry.key.text), &entry.value);
                    }
                }
                Content::Sequence(_) | Content::Scalar(_) | Content::Refused => {
                    add(&mut words, origins, pointer, &section.value);
                }
            }
        }
    }
    Value::Object(words)
}

fn add(words: &mut Map<String, Value>, origins: &Origins, pointer: String, node: &Node<'_>) {
    let from = Provenance::of(node);
    match &node.content {
        Content::Mapping(entries) if from == Provenance::Both => {
            for entry in entries {
                add(words, origins, below(&pointer, &entry.key.text), &entry.value);
            }
        }
        Content::Sequence(nodes) if from == Provenance::Both => {
            for (position, node) in nodes.iter().enumerate() {
                add(words, origins, below(&pointer, &position.to_string()), node);
            }
        }
        Content::Mapping(_) | Content::Sequence(_) | Content::Scalar(_) | Content::Refused => {
            words.insert(pointer, origins.word(from).into());
        }
    }
}

/// RFC 6901.
fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn value(scalar: &Scalar<'_>) -> Value {
    let text = scalar.text.as_ref();
    match text {
        _ if !scalar.plain => text.into(),
        "true" => true.into(),
        "false" => false.into(),
        _ => number(text).map_or_else(|| text.into(), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let whole = text.parse::<i64>().ok().map(Number::from);
    whole.or_else(|| decimal(text).and_then(Number::from_f64))
}

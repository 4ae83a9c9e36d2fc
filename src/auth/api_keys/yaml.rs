//! YAML to a small tree that knows its lines. It reads with a stack of its own, so that no file can exhaust ours.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Deeper than the file needs to be.
const DEEPEST: usize = 8;

/// A part of the file, and the line where it starts.
pub(super) struct Node<'s> {
    pub(super) line: usize,
    pub(super) content: Content<'s>,
}

/// What a part of the file is.
pub(super) enum Content<'s> {
    Text(Cow<'s, str>),
    List(Vec<Node<'s>>),
    /// Keys and values in turn.
    Mapping(Vec<Node<'s>>),
}

/// A problem, and its line.
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) what: String,
}

impl Wrong {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// The document in `text`; `None` where there is none.
pub(super) fn parse(text: &str) -> Result<Option<Node<'_>>, Wrong> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Node<'_>> = Vec::new();
    let mut root = None;
    while let Some(event) = parser.next_event() {
        // What the parser says of an error may quote the file.
        let (event, span) = event.map_err(|error| Wrong::new(error.marker().line(), "this is not YAML"))?;
        let line = span.start.line();
        let done = match event {
            Event::DocumentStart(_) if root.is_some() => return Err(Wrong::new(line, "a second document starts here")),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
            Event::Alias(_) => return Err(Wrong::new(line, "aliases are not read: write out what is meant")),
            Event::Scalar(_, _, 1.., _) | Event::SequenceStart(1.., _) | Event::MappingStart(1.., _) => {
                return Err(Wrong::new(line, "anchors are not read: leave it out"));
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                return Err(Wrong::new(line, "tags are not read: leave it out"));
            }
            Event::Scalar(text, style, ..) => Some(Node { line, content: Content::Text(value(text, style)) }),
            Event::SequenceStart(..) => start(&mut open, Node { line, content: Content::List(Vec::new()) })?,
            Event::MappingStart(..) => start(&mut open, Node { line, content: Content::Mapping(Vec::new()) })?,
            Event::SequenceEnd | Event::MappingEnd => open.pop(),
        };
        if let Some(node) = done {
            match open.last_mut().map(|outer| &mut outer.content) {
                Some(Content::List(nodes) | Content::Mapping(nodes)) => nodes.push(node),
                Some(Content::Text(_)) | None => root = Some(node),
            }
        }
    }
    Ok(root)
}

/// A text; what YAML reads as nothing is an empty one.
fn value(text: Cow<'_, str>, style: ScalarStyle) -> Cow<'_, str> {
    let nothing = style == ScalarStyle::Plain && matches!(text.as_ref(), "~" | "null" | "Null" | "NULL");
    if nothing { Cow::Borrowed("") } else { text }
}

fn start<'s>(open: &mut Vec<Node<'s>>, node: Node<'s>) -> Result<Option<Node<'s>>, Wrong> {
    if open.len() >= DEEPEST {
        return Err(Wrong::new(node.line, "this is nested too deep"));
    }
    open.push(node);
    Ok(None)
}

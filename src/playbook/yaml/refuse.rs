//! The words for what documents must not contain.

use super::tree::{Key, Span};
use crate::playbook::finding::{Finding, ticked};

/// Characters of a tag that are looked at.
const LONGEST_TAG: usize = 80;

/// What documents of a sort are called where something in them is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// One of them, with its article.
    pub(crate) one: &'static str,
    /// Several.
    pub(crate) several: &'static str,
    /// How one starts.
    pub(crate) start: &'static str,
    /// What may have been meant by a tag.
    pub(crate) instead_of_tag: &'static str,
}

/// What playbooks are called.
pub(crate) const PLAYBOOK: Format = Format {
    one: "a playbook",
    several: "playbooks",
    start: "a playbook starts with `playbook: its_id`, `version: \"1\"` and `title: Its title`",
    instead_of_tag: "a condition negates with `unless`, and ",
};

/// Why a key is refused, without its place.
pub(super) struct RefusedKey {
    code: &'static str,
    message: String,
    mend: String,
}

impl RefusedKey {
    pub(super) fn at(self, span: Span) -> Finding {
        Finding::error(self.code, span, self.message).mend(self.mend)
    }
}

/// Whether `text` can't be the next key of a mapping, where it may stand already.
pub(super) fn key(text: &str, plain: bool, line: Option<usize>, format: &Format) -> Option<RefusedKey> {
    let refused = |code, message: String, mend: String| Some(RefusedKey { code, message, mend });
    if plain && text == "<<" {
        let mend = "write out what should be merged in";
        return refused("merge-key", format!("{} have no merge keys", format.several), mend.to_owned());
    }
    if plain && text.is_empty() {
        return refused("null", "there is a value without a key".to_owned(), "write the key before the `:`".to_owned());
    }
    let line = line?;
    let mend = format!("it is on line {line} already: keep one of them");
    refused("duplicate-key", format!("{} stands here twice", ticked(text)), mend)
}

pub(super) fn alias(span: Span, format: &Format) -> Finding {
    Finding::error("alias", span, format!("{} have no aliases", format.several))
        .mend("write out what is meant; text that starts with `*` goes into quotes")
}

pub(super) fn anchor(span: Span, format: &Format) -> Finding {
    Finding::error("anchor", span, format!("{} have no anchors", format.several))
        .mend("leave it out; text that starts with `&` goes into quotes")
}

/// `rest` is the file from the tag on.
pub(super) fn tag(rest: &str, span: Span, format: &Format) -> Finding {
    let Format { several, instead_of_tag, .. } = format;
    let ends = |character: char| character.is_whitespace() || matches!(character, ',' | ']' | '}');
    let length: usize =
        rest.chars().take_while(|character| !ends(*character)).take(LONGEST_TAG).map(char::len_utf8).sum();
    let tag = rest.get(..length).unwrap_or_default();
    let (span, named) = if tag.starts_with('!') {
        (span.until(span.start() + tag.len()), format!("{} is a YAML tag, and {several} have none", ticked(tag)))
    } else {
        (span, format!("{several} have no YAML tags"))
    };
    Finding::error("tag", span, named)
        .mend(format!("leave it out; {instead_of_tag}text that starts with `!` goes into quotes"))
}

pub(super) fn complex_key(span: Span) -> Finding {
    Finding::error("complex-key", span, "a key must be a word").mend("put text that starts with `{` or `[` into quotes")
}

pub(super) fn too_deep(span: Span, deepest: usize, format: &Format) -> Finding {
    Finding::error("too-deep", span, format!("this is nested more than {deepest} deep"))
        .mend(format!("no part of {} needs that; look for a stray bracket or dash before it", format.one))
}

pub(super) fn second_document(span: Span, format: &Format) -> Finding {
    Finding::error("several-documents", span, "a second document starts here")
        .mend(format!("{} is one document in one file: remove the `---`", format.one))
}

pub(super) fn empty(span: Span, format: &Format) -> Finding {
    Finding::error("empty", span, "there is nothing in the file").mend(format.start)
}

pub(super) fn null(span: Span) -> Finding {
    Finding::error("null", span, "there is no value here")
        .mend("write one, or leave the entry out; the word `null` as text goes into quotes")
}

pub(super) fn no_value(key: &Key<'_>) -> Finding {
    Finding::error("null", key.span, format!("{} has no value", ticked(&key.text)))
        .mend("write one, or leave the key out")
}

pub(super) fn split(key: &Key<'_>) -> Finding {
    Finding::error("split-text", key.span, format!("{} has no value", ticked(&key.text)))
        .mend("if it belongs to the text before the comma, put the whole text into quotes")
}

/// What the parser says, and what mostly is the matter.
pub(super) fn syntax(info: &str, span: Span, format: &Format) -> Finding {
    if info.contains("unknown anchor") {
        return Finding { code: "syntax", ..alias(span, format) };
    }
    let (message, mend) =
        SYNTAX.iter().find(|(part, _, _)| info.contains(part)).map_or(
            (info, "check the indentation, quotes and brackets here and on the line before"),
            |(_, m, mend)| (m, mend),
        );
    Finding::error("syntax", span, message).mend(mend)
}

/// A part of the parser's words; ours; the mend.
const SYNTAX: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "there is a second `: ` in this text",
        "put text that contains `: ` into quotes; if it is a key, check its indentation",
    ),
    (
        "invalid indentation in quoted scalar",
        "the quotes that open here are not closed",
        "close them on this line; within double quotes, write `\\\"` for one",
    ),
    (
        "invalid indentation",
        "a `{` or `[` before this is still open",
        "close it with `}` or `]`; what stands within goes on one line, or is indented",
    ),
    ("tab", "there is a tab where the indentation should be", "indent with spaces"),
    (
        "expected ',' or '}'",
        "the `{` before this is not closed",
        "close it with `}`; text that contains `,`, `{`, `}` or `: ` goes into quotes",
    ),
    (
        "expected ',' or ']'",
        "the `[` before this is not closed",
        "close it with `]`; text that contains `,`, `[`, `]` or `: ` goes into quotes",
    ),
    (
        "quoted scalar, found unexpected end of stream",
        "the file ends within quotes",
        "close the quotes; within double quotes, write `\\\"` for one",
    ),
    (
        "unknown escape character",
        "this `\\` starts nothing that YAML knows",
        "write `\\\\` within double quotes, or use single quotes",
    ),
    (
        "invalid trailing content after double-quoted scalar",
        "there is more text after the closing quotes",
        "put all of it into quotes; within double quotes, write `\\\"` for one",
    ),
    (
        "did not find expected key",
        "there should be a key here",
        "check the indentation, and that a text before it that goes on after its quotes is quoted as a whole",
    ),
    (
        "simple key expect",
        "there should be a `key: value` here",
        "check the indentation; text that goes on here is indented deeper than its key",
    ),
    ("recursion limit exceeded", "this is nested too deep", "look for a stray bracket before it"),
    (
        "comment intercepting",
        "a comment cuts this text in two",
        "put text that contains ` #` into quotes, and comments on lines of their own",
    ),
];

//! YAML text to a tree that knows where everything stands. Nothing in it is trusted.
//!
//! Only what reads as it looks is let in: no tags, anchors, aliases or merge keys, no duplicate keys, no null, no nesting beyond
//! what a playbook needs. It reads with a stack of its own, so that no file can exhaust ours.

mod build;
mod heading;
mod lines;
mod refuse;
mod tree;

use super::finding::{Finding, Findings};
use build::{Builder, Subject};
use lines::Offsets;

pub(super) use heading::heading;
pub(super) use lines::Lines;
pub(crate) use refuse::Format;
pub(crate) use tree::{Content, Entry, Node, Origin, Span, Tree};
pub(super) use tree::{Key, Scalar};

/// Files beyond this are refused unread.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// The text of a file, or `None` and the reason in `findings`.
pub(crate) fn text_of<'s>(source: &'s [u8], origin: Origin, findings: &mut Findings) -> Option<&'s str> {
    if source.len() > MOST_BYTES {
        let message = format!("the file has {} bytes, more than the 8 MiB that a playbook may have", source.len());
        findings
            .add(Finding::error("too-large", Span::START.of(origin), message).mend("split it into several playbooks"));
        return None;
    }
    match str::from_utf8(source) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let line = source.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("line {line} is not UTF-8, at byte {} of the file", error.valid_up_to());
            findings.add(Finding::error("not-utf-8", Span::START.of(origin), message).mend("save the file as UTF-8"));
            None
        }
    }
}

/// Reports `null` where nothing can be taken away.
pub(crate) fn refuse_null(span: Span, findings: &mut Findings) {
    findings.add(refuse::null(span));
}

/// The tree of the one playbook in `text`, or `None` and the reasons in `findings`.
pub(super) fn parse<'s>(text: &'s str, origin: Origin, findings: &mut Findings) -> Option<Tree<'s>> {
    tree(text, Subject { origin, format: &refuse::PLAYBOOK }, findings)
}

/// The same for a document that is no playbook.
pub(crate) fn parse_as<'s>(text: &'s str, format: &'static Format, findings: &mut Findings) -> Option<Tree<'s>> {
    tree(text, Subject { origin: Origin::This, format }, findings)
}

fn tree<'s>(text: &'s str, subject: Subject, findings: &mut Findings) -> Option<Tree<'s>> {
    let mut parser = saphyr_parser::Parser::new_from_str(text);
    let offsets = Offsets::of(text);
    let mut builder = Builder::new(text, subject, &offsets, findings);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => {
                if builder.event(event, span).is_break() {
                    return builder.give_up();
                }
            }
            Err(error) => {
                builder.syntax_error(&error);
                return builder.give_up();
            }
        }
    }
    builder.finish()
}

//! The parser's events to the tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

use saphyr_parser::{Event, ScalarStyle, ScanError};

use super::lines::Offsets;
use super::refuse::{self, Format};
use super::tree::{Content, Entry, Key, Node, Origin, Scalar, Span, Tree};
use crate::playbook::finding::Findings;

/// Deeper than any playbook needs to be, and shallow enough for whoever walks the tree.
const DEEPEST: usize = 64;

/// A mapping or sequence that is being read.
enum Open<'s> {
    Mapping { span: Span, flow: bool, entries: Vec<Entry<'s>>, key: Pending<'s>, seen: Seen<'s> },
    Sequence { span: Span, nodes: Vec<Node<'s>> },
}

/// The key whose value comes next.
enum Pending<'s> {
    /// A key comes next.
    None,
    /// Its value comes next.
    Key(Key<'s>),
    /// A value comes next that nobody wants, for its key was refused.
    Refused,
}

/// Which document is read, and what those of its sort are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    pub(super) origin: Origin,
    pub(super) format: &'static Format,
}

/// Collects events.
pub(super) struct Builder<'s, 'f> {
    text: &'s str,
    origin: Origin,
    format: &'static Format,
    offsets: &'f Offsets<'s>,
    findings: &'f mut Findings,
    stack: Vec<Open<'s>>,
    nulls: Vec<Span>,
    root: Option<Node<'s>>,
    documents: usize,
}

impl<'s, 'f> Builder<'s, 'f> {
    pub(super) fn new(text: &'s str, subject: Subject, offsets: &'f Offsets<'s>, findings: &'f mut Findings) -> Self {
        let Subject { origin, format } = subject;
        Self { text, origin, format, offsets, findings, stack: Vec::new(), nulls: Vec::new(), root: None, documents: 0 }
    }

    /// Takes in `event`; breaks where nothing sensible can follow.
    pub(super) fn event(&mut self, event: Event<'s>, span: saphyr_parser::Span) -> ControlFlow<()> {
        let span = self.span(span);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => return self.document(span),
            Event::Alias(_) => {
                self.findings.add(refuse::alias(span, self.format));
                self.attach(Node { span, content: Content::Refused });
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = self.refuse_marks(anchor, tag.is_some(), span);
                self.scalar(Given { text, style, tagged }, span);
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), span);
                let flow = self.rest(span.start()).starts_with('{');
                let (entries, seen) = (Vec::new(), Seen::default());
                return self.open(Open::Mapping { span, flow, entries, key: Pending::None, seen }, span);
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), span);
                return self.open(Open::Sequence { span, nodes: Vec::new() }, span);
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
        }
        ControlFlow::Continue(())
    }

    /// Reports that this is not YAML.
    pub(super) fn syntax_error(&mut self, error: &ScanError) {
        let marker = error.marker();
        let start = self.offsets.byte(marker.index());
        let length = self.rest(start).chars().next().map_or(0, char::len_utf8);
        let here = Span::new(start, start + length, marker.line());
        let tab = if error.info().contains("tab") { self.tab(start) } else { None };
        let span = tab.unwrap_or(here);
        self.findings.add(refuse::syntax(error.info(), span.of(self.origin), self.format));
    }

    /// The first tab at or after `start` that indents a line: the parser points at what comes before it.
    fn tab(&self, start: usize) -> Option<Span> {
        let line_start = self.text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let mut offset = line_start;
        for line in self.text.get(line_start..)?.split_inclusive('\n') {
            let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line.get(..indentation).and_then(|blank| blank.find('\t')) {
                let number = self.text.get(..offset)?.bytes().filter(|byte| *byte == b'\n').count() + 1;
                return Some(Span::new(offset + tab, offset + tab + 1, number));
            }
            offset += line.len();
        }
        None
    }

    /// The tree, if there was a document.
    pub(super) fn finish(self) -> Option<Tree<'s>> {
        if self.root.is_none() {
            self.findings.add(refuse::empty(Span::START.of(self.origin), self.format));
        }
        Some(Tree { root: self.root?, nulls: self.nulls })
    }

    /// No tree: nothing is left that a `null` could take away.
    pub(super) fn give_up(self) -> Option<Tree<'s>> {
        for span in self.nulls {
            super::refuse_null(span, self.findings);
        }
        None
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let (start, end) = (self.offsets.byte(span.start.index()), self.offsets.byte(span.end.index()));
        Span::new(start, end, span.start.line()).of(self.origin)
    }

    fn rest(&self, start: usize) -> &'s str {
        self.text.get(start..).unwrap_or_default()
    }

    fn document(&mut self, span: Span) -> ControlFlow<()> {
        self.documents += 1;
        if self.documents > 1 {
            self.findings.add(refuse::second_document(span, self.format));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Tags and anchors; what carries them is read all the same. Whether there was a tag.
    fn refuse_marks(&mut self, anchor: usize, tagged: bool, span: Span) -> bool {
        if anchor > 0 {
            self.findings.add(refuse::anchor(span, self.format));
        }
        if tagged {
            self.findings.add(refuse::tag(self.rest(span.start()), span, self.format));
        }
        tagged
    }

    fn open(&mut self, open: Open<'s>, span: Span) -> ControlFlow<()> {
        if self.stack.len() >= DEEPEST {
            self.findings.add(refuse::too_deep(span, DEEPEST, self.format));
            return ControlFlow::Break(());
        }
        self.stack.push(open);
        ControlFlow::Continue(())
    }

    fn close(&mut self, end: Span) {
        match self.stack.pop() {
            Some(Open::Mapping { span, entries, flow, .. }) => {
                let first = entries.first().map_or(span, |entry| entry.key.span);
                let span = if flow { span.until(end.end()) } else { first };
                self.attach(Node { span, content: Content::Mapping(entries) });
            }
            Some(Open::Sequence { span, nodes }) => {
                let flow = self.rest(span.start()).starts_with('[');
                let span = span.until(if flow { end.end() } else { span.start() + 1 });
                self.attach(Node { span, content: Content::Sequence(nodes) });
            }
            None => {}
        }
    }

    fn attach(&mut self, node: Node<'s>) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { nodes, .. }) => nodes.push(node),
            Some(Open::Mapping { entries, key, .. }) => match std::mem::replace(key, Pending::None) {
                Pending::Key(key) => entries.push(Entry { key, value: node }),
                Pending::Refused => {}
                Pending::None => {
                    if !matches!(node.content, Content::Refused) {
                        self.findings.add(refuse::complex_key(node.span));
                    }
                    *key = Pending::Refused;
                }
            },
        }
    }

    fn scalar(&mut self, scalar: Given<'s>, span: Span) {
        let plain = scalar.style == ScalarStyle::Plain;
        let span = if plain { self.trimmed(span) } else { span };
        if let Some(Open::Mapping { key: key @ Pending::None, seen, entries, .. }) = self.stack.last_mut() {
            *key = match refuse::key(&scalar.text, plain, seen.line(&scalar.text, entries), self.format) {
                None => Pending::Key(Key { text: scalar.text, span }),
                Some(refused) => {
                    self.findings.add(refused.at(span));
                    Pending::Refused
                }
            };
            return;
        }
        let content = if plain && !scalar.tagged && is_null(&scalar.text) {
            self.refuse_null(&scalar.text, span);
            Content::Refused
        } else if scalar.tagged {
            Content::Refused
        } else {
            let cut = plain && self.is_cut(span.end());
            Content::Scalar(Scalar { text: scalar.text, plain, cut })
        };
        self.attach(Node { span, content });
    }

    fn refuse_null(&mut self, text: &str, span: Span) {
        let refused = match self.stack.last() {
            Some(Open::Mapping { key: Pending::Key(_), .. }) if !text.is_empty() => return self.nulls.push(span),
            Some(Open::Mapping { key: Pending::Key(key), flow: true, .. }) if text.is_empty() => refuse::split(key),
            Some(Open::Mapping { key: Pending::Key(key), .. }) if text.is_empty() => refuse::no_value(key),
            Some(Open::Mapping { key: Pending::Refused, .. }) => return,
            None if text.is_empty() => refuse::empty(Span::START.of(self.origin), self.format),
            Some(Open::Mapping { .. } | Open::Sequence { .. }) | None => refuse::null(span),
        };
        self.findings.add(refused);
    }

    fn trimmed(&self, span: Span) -> Span {
        let length = self.text.get(span.start()..span.end()).map_or(0, |text| text.trim_end().len());
        span.until(span.start() + length)
    }

    /// Whether a comment follows on the line.
    fn is_cut(&self, end: usize) -> bool {
        self.rest(end).trim_start_matches([' ', '\t']).starts_with('#')
    }
}

/// The keys of a mapping beyond its first ones, which are as fast to look through.
#[derive(Default)]
struct Seen<'s> {
    lines: HashMap<Cow<'s, str>, usize>,
    /// Entries that are in it.
    known: usize,
}

impl<'s> Seen<'s> {
    const FEW: usize = 24;

    /// The line where `key` stands among `entries`, if it does.
    fn line(&mut self, key: &str, entries: &[Entry<'s>]) -> Option<usize> {
        if entries.len() <= Self::FEW {
            return entries.iter().find(|entry| entry.key.text == key).map(|entry| entry.key.span.line());
        }
        for entry in entries.iter().skip(self.known) {
            self.lines.insert(entry.key.text.clone(), entry.key.span.line());
        }
        self.known = entries.len();
        self.lines.get(key).copied()
    }
}

/// A scalar as the parser gives it.
struct Given<'s> {
    text: Cow<'s, str>,
    style: ScalarStyle,
    tagged: bool,
}

/// Whether YAML reads it as nothing.
fn is_null(plain: &str) -> bool {
    matches!(plain, "" | "~" | "null" | "Null" | "NULL")
}

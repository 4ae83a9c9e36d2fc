//! The tree.

use std::borrow::Cow;

/// Which file something stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(in crate::playbook) enum Origin {
    /// The one that is read.
    #[default]
    This,
    /// The one that it extends.
    Base,
}

/// A stretch of a file.
///
/// Files have a few million bytes at most, and there are many spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(in crate::playbook) struct Span {
    origin: Origin,
    start: u32,
    end: u32,
    line: u32,
}

impl Span {
    /// Where the file starts.
    pub(in crate::playbook) const START: Self = Self { origin: Origin::This, start: 0, end: 0, line: 1 };

    /// The bytes from `start` up to `end`, which start in `line`.
    pub(in crate::playbook) fn new(start: usize, end: usize, line: usize) -> Self {
        Self { origin: Origin::This, start: small(start), end: small(end.max(start)), line: small(line) }
    }

    /// The same stretch of another file.
    pub(in crate::playbook) fn of(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The file that it is a stretch of.
    pub(in crate::playbook) fn origin(self) -> Origin {
        self.origin
    }

    /// Its first byte.
    pub(in crate::playbook) fn start(self) -> usize {
        large(self.start)
    }

    /// The byte after its last.
    pub(in crate::playbook) fn end(self) -> usize {
        large(self.end)
    }

    /// The line of its first byte, from 1.
    pub(in crate::playbook) fn line(self) -> usize {
        large(self.line)
    }

    /// The same with another end.
    pub(in crate::playbook) fn until(self, end: usize) -> Self {
        Self { end: small(end).max(self.start), ..self }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn large(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A document.
#[derive(Debug)]
pub(in crate::playbook) struct Tree<'s> {
    /// All of it.
    pub(in crate::playbook) root: Node<'s>,
    /// Where keys have the value `null`, which is no value unless it takes something away; what stands there is refused.
    pub(in crate::playbook) nulls: Vec<Span>,
}

/// A mapping, a sequence or a scalar, with its place.
#[derive(Debug)]
pub(in crate::playbook) struct Node<'s> {
    /// Where it stands; a mapping or sequence in block style: its first key or entry.
    pub(in crate::playbook) span: Span,
    /// What it is.
    pub(in crate::playbook) content: Content<'s>,
}

/// What a node is.
#[derive(Debug)]
pub(in crate::playbook) enum Content<'s> {
    /// Keys and values, in order; no key twice.
    Mapping(Vec<Entry<'s>>),
    /// In order.
    Sequence(Vec<Node<'s>>),
    /// Text, or what looks like a number.
    Scalar(Scalar<'s>),
    /// Something that playbooks must not contain; it was reported, so nobody needs to say more about it.
    Refused,
}

/// A key and its value.
#[derive(Debug)]
pub(in crate::playbook) struct Entry<'s> {
    /// The key.
    pub(in crate::playbook) key: Key<'s>,
    /// Its value.
    pub(in crate::playbook) value: Node<'s>,
}

/// A key.
#[derive(Debug)]
pub(in crate::playbook) struct Key<'s> {
    /// As it reads.
    pub(in crate::playbook) text: Cow<'s, str>,
    /// Where it stands.
    pub(in crate::playbook) span: Span,
}

/// A scalar.
#[derive(Debug)]
pub(in crate::playbook) struct Scalar<'s> {
    /// As it reads.
    pub(in crate::playbook) text: Cow<'s, str>,
    /// Whether it has no quotes (and is no block of text), so that `true` and `7` are not text.
    pub(in crate::playbook) plain: bool,
    /// Whether it has no quotes and a comment follows on its line: perhaps a part of the text that is not read as such.
    pub(in crate::playbook) cut: bool,
}

//! The tree.

use std::borrow::Cow;

/// Which file something stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Origin {
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
pub(crate) struct Span {
    origin: Origin,
    start: u32,
    end: u32,
    line: u32,
}

impl Span {
    /// Where the file starts.
    pub(crate) const START: Self = Self { origin: Origin::This, start: 0, end: 0, line: 1 };

    /// The bytes from `start` up to `end`, which start in `line`.
    pub(crate) fn new(start: usize, end: usize, line: usize) -> Self {
        Self { origin: Origin::This, start: small(start), end: small(end.max(start)), line: small(line) }
    }

    /// The same stretch of another file.
    pub(crate) fn of(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The file that it is a stretch of.
    pub(crate) fn origin(self) -> Origin {
        self.origin
    }

    /// Its first byte.
    pub(crate) fn start(self) -> usize {
        large(self.start)
    }

    /// The byte after its last.
    pub(crate) fn end(self) -> usize {
        large(self.end)
    }

    /// The line of its first byte, from 1.
    pub(crate) fn line(self) -> usize {
        large(self.line)
    }

    /// The same with another end.
    pub(crate) fn until(self, end: usize) -> Self {
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
pub(crate) struct Tree<'s> {
    /// All of it.
    pub(crate) root: Node<'s>,
    /// Where keys have the value `null`, which is no value unless it takes something away; what stands there is refused.
    pub(crate) nulls: Vec<Span>,
}

/// A mapping, a sequence or a scalar, with its place.
#[derive(Debug)]
pub(crate) struct Node<'s> {
    /// Where it stands; a mapping or sequence in block style: its first key or entry.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) content: Content<'s>,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Content<'s> {
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
pub(crate) struct Entry<'s> {
    /// The key.
    pub(crate) key: Key<'s>,
    /// Its value.
    pub(crate) value: Node<'s>,
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key<'s> {
    /// As it reads.
    pub(crate) text: Cow<'s, str>,
    /// Where it stands.
    pub(crate) span: Span,
}

/// A scalar.
#[derive(Debug)]
pub(crate) struct Scalar<'s> {
    /// As it reads.
    pub(crate) text: Cow<'s, str>,
    /// Whether it has no quotes (and is no block of text), so that `true` and `7` are not text.
    pub(crate) plain: bool,
    /// Whether it has no quotes and a comment follows on its line: perhaps a part of the text that is not read as such.
    pub(crate) cut: bool,
}

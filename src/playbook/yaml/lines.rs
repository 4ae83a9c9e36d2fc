//! From the parser's characters to bytes, and from bytes to lines and columns.

/// Characters between two known offsets.
const STRIDE: usize = 64;

/// Byte offsets by number of character, which is how the parser counts.
#[derive(Debug)]
pub(super) struct Offsets<'s> {
    text: &'s str,
    /// The byte offset of every 64th character; empty for plain ASCII, where both are the same.
    known: Vec<usize>,
}

impl<'s> Offsets<'s> {
    pub(super) fn of(text: &'s str) -> Self {
        let known = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(STRIDE).map(|(offset, _)| offset).collect()
        };
        Self { text, known }
    }

    /// The byte offset of character number `index`; the end of the text past its last.
    pub(super) fn byte(&self, index: usize) -> usize {
        if self.known.is_empty() {
            return index.min(self.text.len());
        }
        let start = self.known.get(index / STRIDE).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.char_indices().nth(index % STRIDE).map_or(rest.len(), |(offset, _)| offset)
    }
}

/// Where something stands, for people: both from 1.
#[derive(Debug, Clone, Copy)]
pub(in crate::playbook) struct Place {
    pub(in crate::playbook) line: usize,
    pub(in crate::playbook) column: usize,
}

/// A text by its lines.
#[derive(Debug)]
pub(in crate::playbook) struct Lines<'s> {
    text: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    /// The lines of `text`.
    pub(in crate::playbook) fn of(text: &'s str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        Self { text, starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// Where the byte at `offset` stands.
    pub(in crate::playbook) fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or_default();
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Place { line, column: before.chars().count() + 1 }
    }

    /// The line around `offset`, and where it starts.
    pub(in crate::playbook) fn line_at(&self, offset: usize) -> (usize, &'s str) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or_default();
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        (start, self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']))
    }
}

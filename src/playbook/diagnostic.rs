//! What is wrong with a playbook, where, and how to mend it: all of it at once.
//!
//! A [`Report`] is plain data, so that the command line can print it and the API can send it.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::finding::Findings;
use super::vocabulary::vocabulary;
use super::yaml::Lines;

vocabulary! {
    /// How bad it is.
    Severity {
        /// The playbook can't be used.
        Error = "error",
        /// It can be used, and probably does not do what its author wants.
        Warning = "warning",
    }
}

/// A line longer than this, in bytes, is not shown.
const LONGEST_SHOWN: usize = 1_000;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What sort of thing it is; stable, in kebab case.
    pub code: &'static str,
    /// What is wrong: lower case, no final stop, what the author wrote in back-ticks.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    excerpt: Option<Excerpt>,
}

/// The line that a diagnostic is about, and the bytes of it that are.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Excerpt {
    line: String,
    start: usize,
    end: usize,
}

/// Everything that was found in a playbook, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    file: String,
    diagnostics: Vec<Diagnostic>,
    omitted: usize,
}

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    Plain,
    /// With the colours of a terminal.
    Coloured,
}

impl Report {
    /// The file that it is about, as named by whoever asked.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All of it, in the order of the file.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// How many more there are than [`Report::diagnostics`] holds.
    #[must_use]
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// How many diagnostics there are of `severity`.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Both in one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.diagnostics.extend(other.diagnostics);
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        self.omitted += other.omitted;
        self
    }

    /// For people: place, line and mend of each.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        }
        .decor_style(DecorStyle::Ascii);
        let mut blocks: Vec<String> =
            self.diagnostics.iter().map(|diagnostic| renderer.render(&[diagnostic.group(&self.file)])).collect();
        if self.omitted > 0 {
            blocks.push(format!("... and {} more", self.omitted));
        }
        blocks.join("\n\n")
    }

    /// What `findings` hold about `text`.
    pub(super) fn new(file: &str, text: &str, findings: Findings) -> Self {
        let lines = Lines::of(text);
        let (list, omitted) = findings.into_sorted();
        let diagnostics = list
            .into_iter()
            .map(|finding| {
                let (start, end) = (lines.place(finding.span.start()), lines.place(finding.span.end()));
                Diagnostic {
                    severity: finding.severity,
                    code: finding.code,
                    excerpt: excerpt(&lines, finding.span.start(), finding.span.end()),
                    message: finding.message,
                    help: finding.mend,
                    line: start.line,
                    column: start.column,
                    end_line: end.line,
                    end_column: end.column,
                }
            })
            .collect();
        Self { file: file.to_owned(), diagnostics, omitted }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Report {}

impl Diagnostic {
    fn group<'a>(&'a self, file: &'a str) -> Group<'a> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&self.message).id(self.code);
        let group = match &self.excerpt {
            Some(excerpt) => title.element(
                Snippet::source(&excerpt.line)
                    .line_start(self.line)
                    .path(file)
                    .annotation(AnnotationKind::Primary.span(excerpt.start..excerpt.end)),
            ),
            None => title.element(Origin::path(file).line(self.line).char_column(self.column)),
        };
        if self.help.is_empty() { group } else { group.element(Level::HELP.message(&self.help)) }
    }
}

/// Only the first line of what is wrong: more of it would not say more.
fn excerpt(lines: &Lines<'_>, start: usize, end: usize) -> Option<Excerpt> {
    let (offset, line) = lines.line_at(start);
    let start = start.saturating_sub(offset).min(line.len());
    let end = end.saturating_sub(offset).clamp(start, line.len());
    let end = start + line.get(start..end).map_or(0, |part| part.trim_end().len());
    (line.len() <= LONGEST_SHOWN).then(|| Excerpt { line: line.to_owned(), start, end })
}

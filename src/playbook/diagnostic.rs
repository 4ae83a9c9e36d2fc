//! What is wrong with a playbook, where, and how to mend it: all of it at once.
//!
//! A [`Report`] is plain data, so that the command line can print it and the API can send it.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{self as show, Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::finding::{Finding, Findings};
use super::parts::Place;
use super::vocabulary::vocabulary;
use super::yaml::{Lines, Origin, Span};

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
    /// The file that it is about: the one that was read, or the one that it extends.
    pub file: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    excerpt: Option<Excerpt>,
    /// Where the file that was read names the one that this is about.
    extended_at: Option<Reference>,
}

/// Another line that has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    line: usize,
    excerpt: Excerpt,
}

/// Something to be said of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How bad it is.
    pub severity: Severity,
    /// What sort of thing it is; stable, in kebab case.
    pub code: &'static str,
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// The line that a diagnostic is about, and the bytes of it that are.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Excerpt {
    line: String,
    start: usize,
    end: usize,
}

/// A file, as its reader knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    /// What to call it.
    pub(crate) name: &'a str,
    /// What it says.
    pub(crate) text: &'a str,
}

/// The files that findings can be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files<'a> {
    /// The one that was read.
    pub(crate) this: File<'a>,
    /// The one that it extends, and where it says so.
    pub(crate) base: Option<(File<'a>, Span)>,
}

/// Everything that was found in a playbook, in the order of the file, then in the one that it extends.
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
        let Self { file, diagnostics, .. } = &mut self;
        diagnostics.sort_by_key(|diagnostic| (diagnostic.file != *file, diagnostic.line, diagnostic.column));
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

    /// Adds what was found later about `place` in `files`, which this is about.
    pub(super) fn add(&mut self, files: &Files<'_>, place: Place, remark: Remark) {
        let Remark { severity, code, message, help } = remark;
        let finding = Finding { severity, code, span: place.span(), message, mend: help };
        let mut findings = Findings::none();
        findings.add(finding);
        *self = std::mem::replace(self, Self::new(files, Findings::none())).and(Self::new(files, findings));
    }

    /// What `findings` hold about `files`.
    pub(crate) fn new(files: &Files<'_>, findings: Findings) -> Self {
        let this = Page::of(files.this, None);
        let base = files.base.map(|(file, extends_at)| Page::of(file, this.reference(extends_at)));
        let (list, omitted) = findings.into_sorted();
        let page = |finding: &Finding| match finding.span.origin() {
            Origin::This => &this,
            Origin::Base => base.as_ref().unwrap_or(&this),
        };
        let diagnostics = list.into_iter().map(|finding| page(&finding).diagnostic(finding)).collect();
        Self { file: files.this.name.to_owned(), diagnostics, omitted }
    }
}

/// A file by its lines.
struct Page<'a> {
    name: &'a str,
    lines: Lines<'a>,
    extended_at: Option<Reference>,
}

impl<'a> Page<'a> {
    fn of(file: File<'a>, extended_at: Option<Reference>) -> Self {
        Self { name: file.name, lines: Lines::of(file.text), extended_at }
    }

    fn reference(&self, span: Span) -> Option<Reference> {
        Some(Reference { line: span.line(), excerpt: excerpt(&self.lines, span)? })
    }

    fn diagnostic(&self, finding: Finding) -> Diagnostic {
        let Finding { severity, code, span, message, mend } = finding;
        let (start, end) = (self.lines.place(span.start()), self.lines.place(span.end()));
        Diagnostic {
            severity,
            code,
            excerpt: excerpt(&self.lines, span),
            message,
            help: mend,
            file: self.name.to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            extended_at: self.extended_at.clone(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Report {}

impl Diagnostic {
    /// `read` is the file that was read.
    fn group<'a>(&'a self, read: &'a str) -> Group<'a> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&self.message).id(self.code);
        let mut group = match &self.excerpt {
            Some(excerpt) => title.element(excerpt.snippet(&self.file, self.line, AnnotationKind::Primary)),
            None => title.element(show::Origin::path(&self.file).line(self.line).char_column(self.column)),
        };
        if let Some(Reference { line, excerpt }) = &self.extended_at {
            group = group.element(excerpt.snippet(read, *line, AnnotationKind::Context));
        }
        if self.help.is_empty() { group } else { group.element(Level::HELP.message(&self.help)) }
    }
}

impl Excerpt {
    fn snippet<'a>(&'a self, file: &'a str, line: usize, kind: AnnotationKind) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(&self.line).line_start(line).path(file).annotation(kind.span(self.start..self.end))
    }
}

/// Only the first line of what is wrong: more of it would not say more.
fn excerpt(lines: &Lines<'_>, span: Span) -> Option<Excerpt> {
    let (offset, line) = lines.line_at(span.start());
    let start = span.start().saturating_sub(offset).min(line.len());
    let end = span.end().saturating_sub(offset).clamp(start, line.len());
    let end = start + line.get(start..end).map_or(0, |part| part.trim_end().len());
    (line.len() <= LONGEST_SHOWN).then(|| Excerpt { line: line.to_owned(), start, end })
}

//! The one way to get a playbook.

use super::bases::Bases;
use super::compile::compile;
use super::diagnostic::{File, Files, Remark, Report};
use super::digest::digest;
use super::document;
use super::extend::{self, Extended};
use super::finding::{Finding, Findings};
use super::graph::Playbook;
use super::parts::Place;
use super::yaml::{self, Origin, Span};

/// A document that is right, with all that it inherits.
#[derive(Debug)]
pub struct Whole<'s> {
    /// What came out of it.
    pub content: Content,
    /// It and what it inherits, as one document.
    pub(super) document: Extended<'s>,
    files: Files<'s>,
}

/// What a document is.
#[derive(Debug)]
pub enum Content {
    /// A playbook.
    Playbook(Box<Playbook>),
    /// A document that is only for extending. What takes a whole playbook to be checked is checked in those that extend it.
    Fragment(Fragment),
}

/// A document that is only for extending.
#[derive(Debug)]
pub struct Fragment {
    at: Span,
}

impl Playbook {
    /// The playbook in `source`, and what its author may want to hear; `file_name` is only for the report, and `bases` are those that it may
    /// extend.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once; or it is a fragment.
    pub fn parse(source: &[u8], file_name: &str, bases: &Bases) -> Result<(Self, Report), Report> {
        let mut reading = Reading::of(source, file_name, bases);
        let whole = reading.whole();
        let playbook = whole.and_then(|whole| match whole.content {
            Content::Playbook(playbook) => Some(*playbook),
            Content::Fragment(fragment) => {
                reading.findings.add(fragment.is_no_playbook());
                None
            }
        });
        reading.conclude(playbook)
    }
}

impl<'s> Whole<'s> {
    /// The document in `source`, be it a playbook or a fragment; else as [`Playbook::parse`].
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn read(source: &'s [u8], file_name: &'s str, bases: &'s Bases) -> Result<(Self, Report), Report> {
        let mut reading = Reading::of(source, file_name, bases);
        let whole = reading.whole();
        reading.conclude(whole)
    }

    /// Adds to `report`, which is about this document, what was found later.
    pub fn add(&self, report: &mut Report, place: Place, remark: Remark) {
        report.add(&self.files, place, remark);
    }
}

impl Fragment {
    fn is_no_playbook(&self) -> Finding {
        Finding::error("fragment", self.at, "this is a fragment, which is there only for extending")
            .mend("name a playbook that extends it")
    }
}

/// A document that is being read.
struct Reading<'s> {
    source: &'s [u8],
    bases: &'s Bases,
    files: Files<'s>,
    findings: Findings,
}

impl<'s> Reading<'s> {
    fn of(source: &'s [u8], file_name: &'s str, bases: &'s Bases) -> Self {
        let files = Files { this: File { name: file_name, text: "" }, base: None };
        Self { source, bases, files, findings: Findings::none() }
    }

    fn whole(&mut self) -> Option<Whole<'s>> {
        let document = self.document()?;
        let findings = &mut self.findings;
        let content = {
            let read = document::read(&document.root, findings)?;
            match read.fragment_at {
                Some(at) => Content::Fragment(Fragment { at }),
                None => Content::Playbook(Box::new(compile(&read, digest(&document.root), findings)?)),
            }
        };
        Some(Whole { content, document, files: self.files })
    }

    /// The document together with what it inherits.
    fn document(&mut self) -> Option<Extended<'s>> {
        let findings = &mut self.findings;
        self.files.this.text = yaml::text_of(self.source, Origin::This, findings)?;
        let tree = yaml::parse(self.files.this.text, Origin::This, findings)?;
        let extension = document::extension(&tree.root, findings);
        if extension.extends_at.is_none() {
            return Some(extend::alone(tree, &extension, findings));
        }
        // Without the base, everything else would only be a consequence.
        let base = extend::base(&extension, self.bases, findings)?;
        self.files.base = Some((base.file, base.extends_at));
        extend::extend(tree, &extension, base, findings)
    }

    fn conclude<T>(self, found: Option<T>) -> Result<(T, Report), Report> {
        let failed = self.findings.failed();
        let report = Report::new(&self.files, self.findings);
        match found {
            Some(found) if !failed => Ok((found, report)),
            _ => Err(report),
        }
    }
}

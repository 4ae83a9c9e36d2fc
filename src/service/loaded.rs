//! A playbook that is loaded.

use std::sync::OnceLock;

use super::check::Document;
use crate::playbook::{Bases, Content, Overlay, Playbook, Report, Whole};

/// A playbook and the document that it was compiled from.
#[derive(Debug)]
pub struct Loaded {
    /// As compiled.
    pub playbook: Playbook,
    written: Document,
    /// The playbook that it extends, if it does.
    base: Bases,
    /// With all that it inherits: written out for whoever asks first, since few do.
    whole: OnceLock<String>,
}

/// Languages that graphs are drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphLanguage {
    /// A Mermaid flowchart.
    Mermaid,
    /// DOT, for Graphviz.
    Dot,
    /// An SVG picture.
    Svg,
}

impl Loaded {
    /// The playbook that was compiled from `written`, which extends nothing but what is in `base`.
    #[must_use]
    pub fn new(playbook: Playbook, written: Document, base: Bases) -> Self {
        Self { playbook, written, base, whole: OnceLock::new() }
    }

    /// The playbook in `written`, or nothing where it is a fragment, which is there only for extending.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(written: Document, bases: &Bases) -> Result<Option<Self>, Report> {
        let (whole, _) = Whole::read(written.text.as_bytes(), &written.file_name, bases)?;
        let base = base_of(&whole, bases);
        Ok(match whole.content {
            Content::Playbook(playbook) => Some(Self::new(*playbook, written, base)),
            Content::Fragment(_) => None,
        })
    }

    /// The document, with all that it inherits.
    #[must_use]
    pub fn document(&self) -> &str {
        if self.base.is_empty() { &self.written.text } else { self.whole.get_or_init(|| self.write_out()) }
    }

    /// Whether reading `source` with what is in `bases` would bring this very playbook.
    #[must_use]
    pub fn is_from(&self, source: &[u8], bases: &Bases) -> bool {
        self.written.text.as_bytes() == source && self.base.are_in(bases)
    }

    /// Draws the stages and the ways between them.
    #[must_use]
    pub fn draw(&self, language: GraphLanguage) -> String {
        match language {
            GraphLanguage::Mermaid => self.playbook.to_mermaid(Overlay::Nothing),
            GraphLanguage::Dot => self.playbook.to_dot(Overlay::Nothing),
            GraphLanguage::Svg => self.playbook.to_svg(Overlay::Nothing),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.playbook.identity().id
    }

    pub(super) fn version(&self) -> &str {
        &self.playbook.identity().version
    }

    pub(super) fn digest(&self) -> &str {
        &self.playbook.identity().digest
    }

    fn write_out(&self) -> String {
        let Document { text, file_name } = &self.written;
        // It was read before; if that could fail now, the text as written would still say which playbook it is.
        Whole::read(text.as_bytes(), file_name, &self.base).map_or_else(|_| text.clone(), |(whole, _)| whole.to_yaml())
    }
}

/// What `whole` extends, of `bases`.
#[must_use]
pub fn base_of(whole: &Whole<'_>, bases: &Bases) -> Bases {
    whole.extends().map_or_else(Bases::none, |name| bases.only(&name))
}

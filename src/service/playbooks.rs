//! The playbooks that are loaded, and which of them a request means.

use super::error::ServiceError;
use crate::playbook::{Bases, Content, Overlay, Playbook, Report, SHIPPED, Whole};

/// The playbook that is meant where none is named.
const DEFAULT: &str = "default";

/// A playbook and the document that it was compiled from.
#[derive(Debug)]
pub struct Loaded {
    /// As compiled.
    pub playbook: Playbook,
    /// As written, with all that it inherits.
    pub document: String,
}

/// Which playbook is meant; empty: not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice<'a> {
    /// Its id.
    pub playbook: &'a str,
    /// Its version.
    pub version: &'a str,
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

/// All that is loaded; never changed.
#[derive(Debug)]
pub struct Playbooks {
    /// Versions of a playbook stand side by side, the newest last.
    loaded: Vec<Loaded>,
    bases: Bases,
}

impl Playbooks {
    /// These playbooks; of several versions of one the later is newer. A document that is checked may extend what is in `bases`.
    #[must_use]
    pub fn new(mut loaded: Vec<Loaded>, bases: Bases) -> Self {
        loaded.sort_by(|a, b| a.id().cmp(b.id()));
        Self { loaded, bases }
    }

    /// Those in the program.
    ///
    /// # Errors
    ///
    /// What is wrong with one of them.
    pub fn shipped() -> Result<Self, Report> {
        let bases = Bases::shipped();
        let mut loaded = Vec::with_capacity(SHIPPED.len());
        for (file, source) in SHIPPED {
            loaded.extend(Loaded::read(source, file, &bases)?);
        }
        Ok(Self::new(loaded, bases))
    }

    /// What a document that is checked may extend.
    #[must_use]
    pub fn bases(&self) -> &Bases {
        &self.bases
    }

    /// All of them by id, versions in the order of loading.
    pub fn iter(&self) -> impl Iterator<Item = &Loaded> {
        self.loaded.iter()
    }

    /// Whether `loaded` decides where no version is named.
    #[must_use]
    pub fn is_newest(&self, loaded: &Loaded) -> bool {
        self.newest(loaded.id()).is_some_and(|newest| newest.version() == loaded.version())
    }

    /// The playbook that `choice` means.
    ///
    /// # Errors
    ///
    /// It is not loaded, or not in that version.
    pub fn choose(&self, choice: Choice<'_>) -> Result<&Loaded, ServiceError> {
        self.choose_for(choice, Choice::default())
    }

    /// The playbook that `choice` means in a conversation that was led by `before`: its version stays as long as it is loaded.
    ///
    /// # Errors
    ///
    /// It is not loaded, or not in the version of `choice`.
    pub fn choose_for(&self, choice: Choice<'_>, before: Choice<'_>) -> Result<&Loaded, ServiceError> {
        let id = [choice.playbook, before.playbook].into_iter().find(|id| !id.is_empty()).unwrap_or(DEFAULT);
        let newest = self.newest(id).ok_or_else(|| self.unknown_playbook(id))?;
        if !choice.version.is_empty() {
            return self.exact(id, choice.version).ok_or_else(|| self.unknown_version(id, choice.version));
        }
        let kept = if before.playbook == id { self.exact(id, before.version) } else { None };
        Ok(kept.unwrap_or(newest))
    }

    fn newest(&self, id: &str) -> Option<&Loaded> {
        self.loaded.iter().rfind(|loaded| loaded.id() == id)
    }

    fn exact(&self, id: &str, version: &str) -> Option<&Loaded> {
        self.loaded.iter().rfind(|loaded| loaded.id() == id && loaded.version() == version)
    }

    fn unknown_playbook(&self, id: &str) -> ServiceError {
        let mut loaded: Vec<String> = self.loaded.iter().map(|loaded| loaded.id().to_owned()).collect();
        loaded.dedup();
        ServiceError::UnknownPlaybook { playbook: id.to_owned(), loaded }
    }

    fn unknown_version(&self, id: &str, version: &str) -> ServiceError {
        let same = self.loaded.iter().filter(|loaded| loaded.id() == id);
        let loaded = same.map(|loaded| loaded.version().to_owned()).collect();
        ServiceError::UnknownVersion { playbook: id.to_owned(), version: version.to_owned(), loaded }
    }
}

impl Loaded {
    /// The playbook in `source`, or nothing where it is a fragment, which is there only for extending.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(source: &str, file_name: &str, bases: &Bases) -> Result<Option<Self>, Report> {
        let (whole, _) = Whole::read(source.as_bytes(), file_name, bases)?;
        let document = if whole.extends().is_some() { whole.to_yaml() } else { source.to_owned() };
        Ok(match whole.content {
            Content::Playbook(playbook) => Some(Self { playbook: *playbook, document }),
            Content::Fragment(_) => None,
        })
    }

    fn id(&self) -> &str {
        &self.playbook.identity().id
    }

    fn version(&self) -> &str {
        &self.playbook.identity().version
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
}

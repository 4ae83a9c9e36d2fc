//! The playbooks that are loaded, and which of them a request means.

use std::sync::Arc;

use super::check::Document;
use super::error::ServiceError;
use super::loaded::Loaded;
use crate::playbook::{Bases, Report, SHIPPED};

/// The playbook that is meant where none is named.
const DEFAULT: &str = "default";

/// Which playbook is meant; empty: not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice<'a> {
    /// Its id.
    pub playbook: &'a str,
    /// Its version.
    pub version: &'a str,
}

/// Which playbook has led a conversation so far; empty: none, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedBy<'a> {
    /// Its id.
    pub playbook: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Its digest.
    pub digest: &'a str,
}

/// All that is loaded: the current set, and what it has replaced and still serves. Never changed.
#[derive(Debug)]
pub struct Playbooks {
    /// Versions of a playbook stand side by side, the newest last.
    current: Vec<Arc<Loaded>>,
    /// Sets that were current before, the latest first: what is in none that came later.
    previous: Vec<Vec<Arc<Loaded>>>,
    bases: Bases,
}

impl Playbooks {
    /// These playbooks; of several versions of one the later is newer. A document that is checked may extend what is in `bases`.
    #[must_use]
    pub fn new(mut loaded: Vec<Arc<Loaded>>, bases: Bases) -> Self {
        loaded.sort_by(|a, b| a.id().cmp(b.id()));
        Self { current: loaded, previous: Vec::new(), bases }
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
            let document = Document { text: (*source).to_owned(), file_name: (*file).to_owned() };
            loaded.extend(Loaded::read(document, &bases)?.map(Arc::new));
        }
        Ok(Self::new(loaded, bases))
    }

    /// These, with those in `before`, which they replace, still at hand; of what was replaced the last `sets` sets stay.
    #[must_use]
    pub fn after(mut self, before: &Self, sets: usize) -> Self {
        for set in std::iter::once(&before.current).chain(&before.previous).take(sets) {
            let gone = set.iter().filter(|loaded| self.by_digest(loaded.id(), loaded.digest()).is_none());
            let gone = gone.cloned().collect();
            self.previous.push(gone);
        }
        self
    }

    /// What a document that is checked may extend.
    #[must_use]
    pub fn bases(&self) -> &Bases {
        &self.bases
    }

    /// The current set by id, versions in the order of loading.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Loaded>> {
        self.current.iter()
    }

    /// All that is loaded, what was replaced too: by id, the newest last.
    #[must_use]
    pub fn all(&self) -> Vec<&Arc<Loaded>> {
        let mut all: Vec<&Arc<Loaded>> = self.oldest_first().collect();
        all.sort_by(|a, b| a.id().cmp(b.id()));
        all
    }

    /// Whether `loaded` was replaced, and is here only for those who go on with it.
    #[must_use]
    pub fn is_previous(&self, loaded: &Loaded) -> bool {
        self.current.iter().all(|current| !std::ptr::eq(current.as_ref(), loaded))
    }

    /// Whether `loaded` decides where no version is named.
    #[must_use]
    pub fn is_newest(&self, loaded: &Loaded) -> bool {
        self.newest(loaded.id()).is_some_and(|newest| std::ptr::eq(newest, loaded))
    }

    /// The playbook that `choice` means.
    ///
    /// # Errors
    ///
    /// It is not loaded, or not in that version.
    pub fn choose(&self, choice: Choice<'_>) -> Result<&Loaded, ServiceError> {
        self.choose_for(choice, LedBy::default())
    }

    /// The playbook that `choice` means in a conversation that was led by `before`: what led it stays as long as it is loaded,
    /// to the digest; where its file was changed and kept its version, the conversation goes on with that version.
    ///
    /// # Errors
    ///
    /// It is not loaded, or not in the version of `choice`.
    pub fn choose_for(&self, choice: Choice<'_>, before: LedBy<'_>) -> Result<&Loaded, ServiceError> {
        let id = [choice.playbook, before.playbook].into_iter().find(|id| !id.is_empty()).unwrap_or(DEFAULT);
        let before = Some(before).filter(|before| before.playbook == id);
        let goes_on = before.filter(|before| choice.version.is_empty() || choice.version == before.version);
        if let Some(kept) = goes_on.and_then(|before| self.by_digest(id, before.digest)) {
            return Ok(kept);
        }
        if !choice.version.is_empty() {
            return self.exact(id, choice.version).ok_or_else(|| self.unknown(id, choice.version));
        }
        let kept = before.and_then(|before| self.exact(id, before.version));
        kept.or_else(|| self.newest(id)).ok_or_else(|| self.unknown_playbook(id))
    }

    /// All that is loaded, the newest last.
    fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &Arc<Loaded>> {
        self.previous.iter().rev().flatten().chain(&self.current)
    }

    fn newest(&self, id: &str) -> Option<&Loaded> {
        self.current.iter().map(Arc::as_ref).rfind(|loaded| loaded.id() == id)
    }

    fn exact(&self, id: &str, version: &str) -> Option<&Loaded> {
        self.oldest_first().map(Arc::as_ref).rfind(|loaded| loaded.id() == id && loaded.version() == version)
    }

    fn by_digest(&self, id: &str, digest: &str) -> Option<&Loaded> {
        self.oldest_first().map(Arc::as_ref).rfind(|loaded| loaded.id() == id && loaded.digest() == digest)
    }

    fn unknown(&self, id: &str, version: &str) -> ServiceError {
        let mut loaded: Vec<String> = Vec::new();
        for known in self.oldest_first().filter(|known| known.id() == id).map(|known| known.version()) {
            if !loaded.iter().any(|told| told == known) {
                loaded.push(known.to_owned());
            }
        }
        if loaded.is_empty() {
            return self.unknown_playbook(id);
        }
        ServiceError::UnknownVersion { playbook: id.to_owned(), version: version.to_owned(), loaded }
    }

    fn unknown_playbook(&self, id: &str) -> ServiceError {
        let mut loaded: Vec<String> = self.current.iter().map(|loaded| loaded.id().to_owned()).collect();
        loaded.dedup();
        ServiceError::UnknownPlaybook { playbook: id.to_owned(), loaded }
    }
}

//! The playbooks that others may extend: named sources, not yet read.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::document::is_id;
use super::finding::Findings;
use super::shipped::SHIPPED;
use super::yaml::{self, Origin};

/// What stands between a playbook's id and its version where both are named.
pub(super) const AT: char = '@';

/// Playbooks that others may extend, by id and version. Of several with the same name the first one counts.
#[derive(Debug, Clone, Default)]
pub struct Bases {
    known: Vec<Arc<Base>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Base {
    /// What to call its file.
    pub(super) file: String,
    /// What it says.
    pub(super) source: Cow<'static, [u8]>,
    /// What it is called.
    pub(super) name: BaseName,
}

/// A playbook's id and version: `house@1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseName {
    pub(super) id: String,
    pub(super) version: String,
}

impl fmt::Display for BaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{AT}{}", self.id, self.version)
    }
}

impl Bases {
    /// None: nothing can be extended.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Those in the program.
    #[must_use]
    pub fn shipped() -> Self {
        let mut bases = Self::none();
        for (file, source) in SHIPPED {
            bases.add(file, source.as_bytes());
        }
        bases
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Adds the playbook in `source`, after those that are there. One that does not say its id and its version can't be named.
    pub fn add(&mut self, file: &str, source: impl Into<Cow<'static, [u8]>>) {
        let source = source.into();
        if let Some(name) = name_in(&source) {
            self.known.push(Arc::new(Base { file: file.to_owned(), source, name }));
        }
    }

    /// Adds all of `others`, after those that are there.
    pub fn add_all(&mut self, others: &Self) {
        self.known.extend(others.known.iter().cloned());
    }

    /// Only the one called `name`, as `id@version`, if it is there.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        let named = self.known.iter().find(|base| base.name.to_string() == name);
        Self { known: named.into_iter().cloned().collect() }
    }

    /// Whether whoever extends one of these would find the same in `others`.
    #[must_use]
    pub fn are_in(&self, others: &Self) -> bool {
        let is_in = |base: &Base| others.find(&base.name).is_some_and(|other| base.source == other.source);
        self.known.iter().all(|base| is_in(base))
    }

    /// The one of that name.
    pub(super) fn find(&self, name: &BaseName) -> Option<&Base> {
        self.known.iter().map(Arc::as_ref).find(|base| base.name == *name)
    }

    /// The names of all of them.
    pub(super) fn names(&self) -> impl Iterator<Item = &BaseName> {
        self.known.iter().map(|base| &base.name)
    }
}

/// The id of the playbook that the one in `source` extends, if it says so.
#[must_use]
pub fn extended_by(source: &[u8]) -> Option<String> {
    let text = text_of(source).filter(|text| text.contains("extends"))?;
    let [extends] = yaml::heading(text, ["extends"]);
    let extends = extends?;
    let id = extends.split_once(AT).map_or(extends.as_ref(), |(id, _)| id);
    // It may become a part of a path.
    is_id(id).then(|| id.to_owned())
}

/// What the playbook in `source` is called, as `id@version`, if it says both.
#[must_use]
pub fn called(source: &[u8]) -> Option<String> {
    name_in(source).map(|name| name.to_string())
}

fn name_in(source: &[u8]) -> Option<BaseName> {
    let [id, version] = yaml::heading(text_of(source)?, ["playbook", "version"]);
    Some(BaseName { id: id?.into_owned(), version: version?.into_owned() })
}

/// Whoever reads the file as a whole says what is wrong with it.
fn text_of(source: &[u8]) -> Option<&str> {
    yaml::text_of(source, Origin::Base, &mut Findings::none())
}

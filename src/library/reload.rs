//! The folder that is read, and what is loaded of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use tracing::info;

use super::refusal::Refusal;
use super::set::set;
use super::sources::{Source, Sources, Unreadable, read_each};
use crate::files::from_one_moment;
use crate::playbook::Identity;
use crate::service::{Loaded, Playbooks, Shelf};

/// Where playbooks come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The folder of those beside the ones in the program; `None`: there are no others.
    pub folder: Option<PathBuf>,
    /// How many sets stay loaded after they were replaced, for running conversations and for requests that name a version.
    pub previous: usize,
}

/// Playbooks from a folder and from the program, on a shelf.
#[derive(Debug)]
pub struct Library {
    folder: Option<PathBuf>,
    shipped: Vec<Arc<Loaded>>,
    shelf: Arc<Shelf>,
    /// What was read last; whoever reloads holds it.
    last: Mutex<Last>,
    problem: ArcSwapOption<Refusal>,
}

/// What was read last.
#[derive(Debug)]
struct Last {
    loaded: Read,
    /// What was refused since, so that the same files are not proven wrong twice.
    refused: Option<(Read, Arc<Refusal>)>,
}

/// What is in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    sources: Vec<Source>,
    /// YAML files that are no playbooks.
    skipped: Vec<PathBuf>,
}

/// What came of reading the folder again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    /// Nothing: the files say what they said.
    Unchanged,
    /// What is there now is loaded.
    Loaded(Changes),
    /// Something is wrong: what was loaded stays. Files that were refused before are refused again as long as they say the same.
    Refused(Arc<Refusal>),
}

/// What is different in a set of playbooks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// What is in it and was not, by id; what decides is different, not only comments or tests.
    pub new: Vec<Identity>,
    /// What was in it and is not. It stays at hand for as many reloads as the settings say.
    pub gone: Vec<Identity>,
}

impl Library {
    /// Reads the folder for the first time.
    ///
    /// # Errors
    ///
    /// It can't be read, or something in it is wrong: all of it, at once.
    pub fn open(settings: Settings) -> Result<Self, Refusal> {
        let Settings { folder, previous } = settings;
        let shipped = Playbooks::shipped().map_err(|report| Refusal {
            summary: "a playbook in the program is broken".to_owned(),
            report: report.to_string(),
        })?;
        let own: Vec<_> = shipped.iter().cloned().collect();
        let (loaded, playbooks) = match &folder {
            None => (Read::default(), shipped),
            Some(folder) => {
                let read = read_settled(folder)?;
                let playbooks = set(&read.sources, &own, &shipped)?;
                log(folder, &read);
                (read, playbooks)
            }
        };
        Ok(Self {
            folder,
            shipped: own,
            shelf: Arc::new(Shelf::new(playbooks, previous)),
            last: Mutex::new(Last { loaded, refused: None }),
            problem: ArcSwapOption::empty(),
        })
    }

    /// Where what is loaded stands.
    #[must_use]
    pub fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }

    /// Reads the folder again and loads what is there, all of it or nothing. Whoever comes meanwhile waits.
    pub fn reload(&self) -> Reloaded {
        let Some(folder) = &self.folder else { return Reloaded::Unchanged };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let reloaded = match read_settled(folder) {
            Ok(read) => self.load(folder, read, &mut last),
            Err(refusal) => Reloaded::Refused(Arc::new(refusal)),
        };
        match &reloaded {
            Reloaded::Unchanged | Reloaded::Loaded(_) => self.problem.store(None),
            Reloaded::Refused(refusal) => self.problem.store(Some(Arc::clone(refusal))),
        }
        reloaded
    }

    /// Why the last attempt to reload was refused, if it was.
    #[must_use]
    pub fn problem(&self) -> Option<Arc<Refusal>> {
        self.problem.load_full()
    }

    fn load(&self, folder: &Path, read: Read, last: &mut Last) -> Reloaded {
        if read == last.loaded {
            last.refused = None;
            return Reloaded::Unchanged;
        }
        if let Some((_, refusal)) = last.refused.as_ref().filter(|(refused, _)| *refused == read) {
            return Reloaded::Refused(Arc::clone(refusal));
        }
        let before = self.shelf.playbooks();
        match set(&read.sources, &self.shipped, &before) {
            Ok(playbooks) => {
                let changes = changes(&before, &playbooks);
                self.shelf.replace(playbooks);
                log(folder, &read);
                *last = Last { loaded: read, refused: None };
                Reloaded::Loaded(changes)
            }
            Err(refusal) => {
                let refusal = Arc::new(refusal);
                last.refused = Some((read, Arc::clone(&refusal)));
                Reloaded::Refused(refusal)
            }
        }
    }
}

/// What an operator may not have meant.
fn log(folder: &Path, read: &Read) {
    for file in &read.skipped {
        info!(file = %file.display(), "the file is skipped: it has no key `playbook`");
    }
    if read.sources.is_empty() {
        info!(folder = %folder.display(), "the folder has no playbooks: only those in the program are loaded");
    }
}

/// What is in `folder`, from one moment.
fn read_settled(folder: &Path) -> Result<Read, Refusal> {
    from_one_moment(&[folder], || read_folder(folder))
}

fn read_folder(folder: &Path) -> Result<Read, Refusal> {
    let mut sources = Vec::new();
    let mut unreadable = Vec::new();
    let Sources { found, skipped } = read_each(&[folder.to_owned()]);
    for found in found {
        match found {
            Ok(source) => sources.push(source),
            Err(Unreadable::Empty(_)) => {}
            Err(error @ Unreadable::Broken { .. }) => unreadable.push(error.to_string()),
        }
    }
    if unreadable.is_empty() {
        Ok(Read { sources, skipped })
    } else {
        Err(Refusal { summary: unreadable.join("; "), report: String::new() })
    }
}

fn changes(before: &Playbooks, after: &Playbooks) -> Changes {
    Changes { new: only_in(after, before), gone: only_in(before, after) }
}

/// What `these` have and `others` have not.
fn only_in(these: &Playbooks, others: &Playbooks) -> Vec<Identity> {
    let identities = these.iter().map(|loaded| loaded.playbook.identity());
    identities.filter(|one| others.iter().all(|other| other.playbook.identity() != *one)).cloned().collect()
}

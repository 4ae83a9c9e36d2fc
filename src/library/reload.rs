//! The folder that is read, and what is loaded of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, mem};

use arc_swap::ArcSwapOption;
use tracing::info;

use super::refusal::Refusal;
use super::set::set;
use super::sources::{Source, Unreadable, read_each};
use crate::playbook::Identity;
use crate::service::{Loaded, Playbooks, Shelf};

/// The link that a mounted volume is switched by, all its files at once.
const SWITCH: &str = "..data";
/// So often is a folder read that is switched while it is read.
const MOST_TRIES: usize = 3;

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
    loaded: Vec<Source>,
    /// What was refused since, so that the same files are not proven wrong twice.
    refused: Option<(Vec<Source>, Arc<Refusal>)>,
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
            None => (Vec::new(), shipped),
            Some(folder) => {
                let sources = sources(folder)?;
                let playbooks = set(&sources, &own, &shipped)?;
                (sources, playbooks)
            }
        };
        if let Some(folder) = folder.as_deref().filter(|_| loaded.is_empty()) {
            info!(folder = %folder.display(), "the folder has no playbooks yet: only those in the program are loaded");
        }
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
        let reloaded = match sources(folder) {
            Ok(sources) => self.load(sources, &mut last),
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

    fn load(&self, sources: Vec<Source>, last: &mut Last) -> Reloaded {
        if sources == last.loaded {
            last.refused = None;
            return Reloaded::Unchanged;
        }
        if let Some((_, refusal)) = last.refused.as_ref().filter(|(refused, _)| *refused == sources) {
            return Reloaded::Refused(Arc::clone(refusal));
        }
        let before = self.shelf.playbooks();
        match set(&sources, &self.shipped, &before) {
            Ok(playbooks) => {
                let changes = changes(&before, &playbooks);
                self.shelf.replace(playbooks);
                *last = Last { loaded: sources, refused: None };
                Reloaded::Loaded(changes)
            }
            Err(refusal) => {
                let refusal = Arc::new(refusal);
                last.refused = Some((sources, Arc::clone(&refusal)));
                Reloaded::Refused(refusal)
            }
        }
    }
}

/// What is in `folder`, from one moment: where its files are switched while they are read, they are read anew.
fn sources(folder: &Path) -> Result<Vec<Source>, Refusal> {
    let switch = || fs::read_link(folder.join(SWITCH)).ok();
    let mut before = switch();
    for _ in 1..MOST_TRIES {
        let read = read_all(folder);
        let after = switch();
        if mem::replace(&mut before, after.clone()) == after {
            return read;
        }
    }
    read_all(folder)
}

fn read_all(folder: &Path) -> Result<Vec<Source>, Refusal> {
    let mut sources = Vec::new();
    let mut unreadable = Vec::new();
    for found in read_each(&[folder.to_owned()]).found {
        match found {
            Ok(source) => sources.push(source),
            Err(Unreadable::Empty(_)) => {}
            Err(error @ Unreadable::Broken { .. }) => unreadable.push(error.to_string()),
        }
    }
    if unreadable.is_empty() {
        Ok(sources)
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

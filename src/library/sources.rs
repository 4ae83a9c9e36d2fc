//! Playbook files and folders of them: what is read, each file once, and what is passed over.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use walkdir::{DirEntry, WalkDir};

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it stands.
    pub path: PathBuf,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Source {
    /// What to call it.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// What was found at some paths.
#[derive(Debug, Default)]
pub struct Sources {
    /// The files, in order, or what is in the way.
    pub found: Vec<Result<Source, Unreadable>>,
    /// YAML files in folders that are no playbooks.
    pub skipped: Vec<PathBuf>,
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A file or folder can't be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Broken {
        /// Which one.
        path: PathBuf,
        /// What is in the way.
        error: io::Error,
    },
    /// A folder has no playbook in it.
    #[error("there is no playbook in `{}`: no `*.yaml` or `*.yml` file in it has a key `playbook`", .0.display())]
    Empty(PathBuf),
}

/// Reads the files that are named and those in the folders that are named, each once.
#[must_use]
pub fn read_each(paths: &[PathBuf]) -> Sources {
    let mut all = Sources::default();
    for path in paths {
        if path.is_dir() {
            read_folder(path, &mut all);
        } else {
            all.found.push(read(path));
        }
    }
    let mut seen = BTreeSet::new();
    let mut is_new = |file: &Path| seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()));
    all.found.retain(|found| found.as_ref().map_or(true, |source| is_new(&source.path)));
    all
}

/// Reads one file.
///
/// # Errors
///
/// It can't be read, or is a folder.
pub fn read(path: &Path) -> Result<Source, Unreadable> {
    match fs::read(path) {
        Ok(bytes) => Ok(Source { path: path.to_owned(), bytes }),
        Err(error) => Err(Unreadable::Broken { path: path.to_owned(), error }),
    }
}

/// The playbooks below `folder`, in the order of their names; hidden files and what is no playbook are passed over.
fn read_folder(folder: &Path, all: &mut Sources) {
    let files = match yaml_files(folder) {
        Ok(files) => files,
        Err(error) => return all.found.push(Err(Unreadable::Broken { path: folder.to_owned(), error })),
    };
    let before = all.found.len();
    for file in files {
        match read(&file) {
            Ok(source) if !may_be_playbook(&source.bytes) => all.skipped.push(file),
            found => all.found.push(found),
        }
    }
    if all.found.len() == before {
        all.found.push(Err(Unreadable::Empty(folder.to_owned())));
    }
}

fn yaml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    // Mounted configuration is made of links.
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
    let mut files = Vec::new();
    for entry in walk.into_iter().filter_entry(is_visible) {
        let entry = entry?;
        let extension = entry.path().extension().and_then(OsStr::to_str);
        if entry.file_type().is_file() && matches!(extension, Some("yaml" | "yml")) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// The folder itself was named, whatever it is called.
fn is_visible(entry: &DirEntry) -> bool {
    entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn may_be_playbook(source: &[u8]) -> bool {
    source.split(|byte| *byte == b'\n').any(starts_playbook)
}

/// Whether a line starts with the key, or with a brace and the key; the file need not be good YAML to be a playbook.
fn starts_playbook(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let line = line.strip_prefix(b"{").map_or(line, <[u8]>::trim_ascii_start);
    let after =
        [b"playbook".as_slice(), b"\"playbook\"", b"'playbook'"].into_iter().find_map(|key| line.strip_prefix(key));
    after.is_some_and(|after| after.trim_ascii_start().starts_with(b":"))
}

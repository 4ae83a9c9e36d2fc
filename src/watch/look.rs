//! How files look from outside: what is there, under which name, and what the file system says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// How watched files look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look(BTreeMap<PathBuf, Seen>);

/// How one file looks. A file that is replaced is another one, however much it looks like the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// Where the links lead.
    place: Option<PathBuf>,
    is_folder: bool,
    file: (u64, u64),
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Look {
    /// How the files at `paths` and those in the folders there look now. What is not there does not look like anything.
    pub(super) fn at(paths: &[PathBuf]) -> Self {
        Self(
            paths.iter().flat_map(|path| files(path)).filter_map(|file| Some((seen(&file)?, file))).map(swap).collect(),
        )
    }
}

fn swap((seen, file): (Seen, PathBuf)) -> (PathBuf, Seen) {
    (file, seen)
}

/// Folders in which something happens when the file or folder at `path` changes, by the names that they have without links.
pub(super) fn folders_around(path: &Path) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    folders.extend(nearest_folder(path));
    for file in files(path) {
        let place = fs::canonicalize(&file).ok();
        if file.is_dir() {
            folders.extend(place);
        } else {
            folders.extend(file.parent().and_then(|folder| fs::canonicalize(folder).ok()));
            folders.extend(place.as_deref().and_then(Path::parent).map(Path::to_owned));
        }
    }
    folders
}

/// The folder that `path` stands in, or would stand in; where that is not there, the next one above.
fn nearest_folder(path: &Path) -> Option<PathBuf> {
    let here = |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
    path.ancestors().skip(1).map(here).filter(|folder| folder.is_dir()).find_map(|folder| fs::canonicalize(folder).ok())
}

/// The file at `path`, or the folder with all that is visible in it.
fn files(path: &Path) -> impl Iterator<Item = PathBuf> {
    // What can't be looked at looks as if it were not there.
    let entries = WalkDir::new(path).follow_links(true).into_iter().filter_entry(is_visible).flatten();
    entries.map(DirEntry::into_path)
}

/// Hidden files are none that anybody loads; what links lead to is looked at through the link.
fn is_visible(entry: &DirEntry) -> bool {
    entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn seen(file: &Path) -> Option<Seen> {
    let data = fs::metadata(file).ok()?;
    let place = fs::canonicalize(file).ok();
    let same = Seen { place, is_folder: data.is_dir(), file: (data.dev(), data.ino()), ..Seen::NOTHING };
    // Of a folder, what is in it counts.
    Some(if data.is_dir() {
        same
    } else {
        let (written, changed) = ((data.mtime(), data.mtime_nsec()), (data.ctime(), data.ctime_nsec()));
        Seen { bytes: data.len(), written, changed, ..same }
    })
}

impl Seen {
    const NOTHING: Self =
        Self { place: None, is_folder: false, file: (0, 0), bytes: 0, written: (0, 0), changed: (0, 0) };
}

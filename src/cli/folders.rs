//! The playbooks in a folder.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::output;

/// The playbooks below `folder`, in the order of their names; hidden files and what is no playbook are passed over.
pub(super) fn playbooks(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let (playbooks, others): (Vec<_>, Vec<_>) = yaml_files(folder)?.into_iter().partition(|file| may_be_playbook(file));
    for other in others {
        output::complaint(format_args!("note: `{}` is skipped: it has no key `playbook`", other.display()));
    }
    if playbooks.is_empty() {
        let what = "no `*.yaml` or `*.yml` file in it has a key `playbook`";
        return Err(format!("error: there is no playbook in `{}`: {what}", folder.display()));
    }
    Ok(playbooks)
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    // Mounted configuration is made of links.
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
    let mut files = Vec::new();
    for entry in walk.into_iter().filter_entry(is_visible) {
        let entry = entry.map_err(|error| format!("error: cannot read `{}`: {error}", folder.display()))?;
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

/// One that can't be read may be: whoever reads it will say so.
fn may_be_playbook(file: &Path) -> bool {
    fs::read(file).map_or(true, |source| source.split(|byte| *byte == b'\n').any(starts_playbook))
}

/// Whether a line starts with the key, or with a brace and the key; the file need not be good YAML to be a playbook.
fn starts_playbook(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let line = line.strip_prefix(b"{").map_or(line, <[u8]>::trim_ascii_start);
    let after =
        [b"playbook".as_slice(), b"\"playbook\"", b"'playbook'"].into_iter().find_map(|key| line.strip_prefix(key));
    after.is_some_and(|after| after.trim_ascii_start().starts_with(b":"))
}

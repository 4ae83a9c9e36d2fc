//! Files, and what is said of those that can't be read.

use std::path::Path;

use crate::files;

/// What stands in the file at `path`, which has `most` bytes at most.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    files::read(path, most).map_err(|error| format!("{}: can't be read: {error}", path.display()))
}

//! Files of a bounded size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What stands in the file at `path`, which has `most` bytes at most.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(format!("{}: can't be read: {error}", path.display())),
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= most) => Ok(bytes),
        Ok(_) => Err(format!("{}: it has more than {most} bytes", path.display())),
    }
}

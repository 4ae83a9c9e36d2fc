//! Files of a bounded size.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

/// What stands in the file at `path`, which has `most` bytes at most.
///
/// # Errors
///
/// It can't be read, or has more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(length).is_ok_and(|length| length <= most) {
        Ok(bytes)
    } else {
        Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {most} bytes")))
    }
}

//! What a playbook file may extend: the other files on the command line, one beside it, and what is in the program.

use std::fs;
use std::path::Path;

use crate::playbook::{Bases, extended_by};

/// The files on the command line.
pub(super) fn given<'a>(files: impl Iterator<Item = (&'a Path, &'a [u8])>) -> Bases {
    let mut bases = Bases::none();
    for (path, source) in files {
        bases.add(&path.display().to_string(), source.to_vec());
    }
    bases
}

/// All that the playbook in `source`, which stands in `path`, may extend. What is named on the command line is meant before what is found
/// beside the file, and that before what is in the program.
pub(super) fn for_file(path: &Path, source: &[u8], given: &Bases) -> Bases {
    let mut bases = given.clone();
    if let Some(id) = extended_by(source) {
        let beside = path.with_file_name(format!("{id}.yaml"));
        // Whoever reads the playbook finds that its base is missing, and says where.
        if let Ok(source) = fs::read(&beside) {
            bases.add(&beside.display().to_string(), source);
        }
    }
    bases.add_all(&Bases::shipped());
    bases
}

//! What a playbook file may extend: the files that it was named with, one beside it, and what is in the program.

use std::fs;
use std::path::Path;

use super::sources::Source;
use crate::playbook::{Bases, extended_by};

/// The files that were named.
#[must_use]
pub fn given<'s>(sources: impl Iterator<Item = &'s Source>) -> Bases {
    let mut bases = Bases::none();
    for source in sources {
        bases.add(&source.name(), source.bytes.clone());
    }
    bases
}

/// All that the playbook in `source`, which stands in `path`, may extend. What was named with it is meant before what is found
/// beside the file, and that before what is in the program.
#[must_use]
pub fn for_file(path: &Path, source: &[u8], given: &Bases) -> Bases {
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

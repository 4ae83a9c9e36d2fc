//! What is wrong with a playbook file, what its laws and lints say included.

use std::collections::BTreeMap;

use crate::laws::{self, Examined};
use crate::lints;
use crate::playbook::{Bases, Content, Report, Whole, called};

/// Playbooks and fragments that were read, by `id@version`, with the file that holds each.
#[derive(Debug, Default)]
pub struct Known(BTreeMap<String, String>);

impl Known {
    /// What `source` holds, unless another file holds the same.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read<'s>(
        &mut self,
        source: &'s [u8],
        name: &'s str,
        bases: &'s Bases,
    ) -> Result<(Whole<'s>, Report), Report> {
        let (whole, report) = Whole::read(source, name, bases)?;
        match self.note(source, name) {
            Ok(()) => Ok((whole, report)),
            Err(twice) => Err(report.and(twice)),
        }
    }

    /// Notes that the file `name` holds the playbook in `source`, which was read before and is right.
    ///
    /// # Errors
    ///
    /// Another file holds the same.
    pub fn note(&mut self, source: &[u8], name: &str) -> Result<(), Report> {
        let called = called(source).unwrap_or_default();
        if let Some(first) = self.0.get(&called) {
            return Err(Report::held_twice(source, name, first));
        }
        self.0.insert(called, name.to_owned());
        Ok(())
    }
}

/// Adds what lints and laws have to say of `whole` to its `warnings`.
#[must_use]
pub fn examine(whole: &Whole<'_>, warnings: Report) -> Examined {
    match &whole.content {
        Content::Playbook(playbook) => laws::examine(whole, playbook, lints::examine(whole, playbook, warnings)),
        Content::Fragment(_) => Examined { report: warnings, proven: 0 },
    }
}

//! A document with all that it inherits, and with a word on where each part comes from.

mod json;
mod origin;
mod scalar;
mod yaml;

use super::parse::{Content, Whole};
use origin::Origins;

impl Whole<'_> {
    /// The playbook that it extends, as `id@version`.
    #[must_use]
    pub fn extends(&self) -> Option<String> {
        self.document.base.map(|base| base.name.to_string())
    }

    /// The file that holds it.
    #[must_use]
    pub fn extended_file(&self) -> Option<&str> {
        self.document.base.map(|base| base.file.name)
    }

    /// The digest of the playbook; a fragment has none.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        match &self.content {
            Content::Playbook(playbook) => Some(&playbook.identity().digest),
            Content::Fragment(_) => None,
        }
    }

    /// All of it as one YAML document, which extends nothing and has the same digest. Where some of it is inherited, comments say what comes from
    /// where: each speaks of what follows at its indentation, up to the next.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        yaml::written(&self.document.root, &self.origins())
    }

    /// All of it as data.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json::data(&self.document.root)
    }

    /// Where each part of [`Whole::to_json`] comes from, by its JSON pointer: `id@version` of what is extended, or `this file`.
    #[must_use]
    pub fn origins_to_json(&self) -> serde_json::Value {
        json::origins(&self.document.root, &self.origins())
    }

    fn origins(&self) -> Origins {
        Origins { base: self.extends() }
    }
}

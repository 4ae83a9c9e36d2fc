//! What was chosen for each key, and where.

use super::keys::{KEYS, Key};
use crate::playbook::yaml::Span;

/// Where a value came from, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Nobody chose.
    Default,
    /// A passage of the file.
    File(Span),
    /// The variable of the key.
    Variable,
    /// The flag of the key.
    Flag,
}

/// What was chosen for a key.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) key: &'static Key,
    /// As it was written, if there is anything.
    pub(super) text: Option<String>,
    pub(super) source: Source,
    /// Whether something is wrong with it, which says enough.
    pub(super) flawed: bool,
}

/// One for each key, in their order.
#[derive(Debug, Clone)]
pub(super) struct Settings(Vec<Setting>);

impl Settings {
    /// What nobody chose.
    pub(super) fn of_defaults() -> Self {
        let setting = |key: &'static Key| {
            let text = key.default.map(str::to_owned);
            Setting { key, text, source: Source::Default, flawed: false }
        };
        Self(KEYS.iter().map(setting).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.0.iter()
    }

    /// The one that was chosen at `path`, if one was.
    pub(super) fn chosen(&self, path: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.key.path == path && setting.source != Source::Default)
    }

    pub(super) fn is_flawed(&self, path: &str) -> bool {
        self.chosen(path).is_some_and(|setting| setting.flawed)
    }

    /// Puts `setting` in place of what was chosen more weakly.
    pub(super) fn choose(&mut self, setting: Setting) {
        if let Some(before) = self.0.iter_mut().find(|before| before.key.path == setting.key.path) {
            *before = setting;
        }
    }
}

//! The configuration in force as a file, with a comment on where each value came from.

use std::fmt::Write as _;

use super::keys::Key;
use super::reading::Effective;
use super::settings::{Setting, Source};

impl Effective {
    /// A file that chooses the same, but for secrets, which are left to the reader.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut page = Page::default();
        for setting in self.settings.iter() {
            page.setting(setting, &self.origin(setting));
        }
        page.text
    }

    /// Where the value of `setting` came from.
    fn origin(&self, setting: &Setting) -> String {
        match setting.source {
            Source::Default => "default".to_owned(),
            Source::File(span) => format!("{}:{}", self.file.escape_debug(), span.line()),
            Source::Variable => setting.key.variable(),
            Source::Flag => format!("--{}", setting.key.flag()),
        }
    }
}

#[derive(Default)]
struct Page {
    text: String,
    /// The section that is open, by its path.
    section: Vec<&'static str>,
}

impl Page {
    fn setting(&mut self, setting: &Setting, origin: &str) {
        let Setting { key, text, .. } = setting;
        match text {
            None => self.line(0, &format!("# {} is not set", key.path)),
            // A file that is copied must not choose a secret that is none.
            Some(text) if key.is_hidden() => self.line(0, &format!("# {} is \"{text}\"  # {origin}", key.path)),
            Some(text) => {
                let name = self.enter(key);
                self.line(self.section.len(), &format!("{name}: {}  # {origin}", value(key, text)));
            }
        }
    }

    /// Opens the sections of `key`, and gives its name there.
    fn enter(&mut self, key: &Key) -> &'static str {
        let mut names: Vec<&'static str> = key.path.split('.').collect();
        let name = names.pop().unwrap_or_default();
        let common = names.iter().zip(&self.section).take_while(|(new, open)| new == open).count();
        self.section.truncate(common);
        for section in names.into_iter().skip(common) {
            self.line(self.section.len(), &format!("{section}:"));
            self.section.push(section);
        }
        name
    }

    fn line(&mut self, depth: usize, line: &str) {
        // Text takes all that is written to it.
        let _ = writeln!(self.text, "{:width$}{line}", "", width = depth * 2);
    }
}

/// `text` as YAML.
fn value(key: &Key, text: &str) -> String {
    if key.kind.is_plain() { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

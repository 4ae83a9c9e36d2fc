//! All sources together: what is chosen, and everything that is wrong.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::combinations;
use super::draft::Draft;
use super::environment::{self, Environment};
use super::file::{self, Contents, File};
use super::flags::Flags;
use super::keys::{KEYS, Key};
use super::kind::{Flaw, OnDisk};
use super::problems::{Outside, Problems};
use super::secret::REDACTED;
use super::sections::Config;
use super::settings::{Setting, Settings, Source};
use crate::playbook::Report;
use crate::playbook::diagnostic::{self, Files};
use crate::playbook::finding::{Finding, Findings, ticked};

/// The configuration in force, and where each value of it came from.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The configuration.
    pub config: Config,
    pub(super) settings: Settings,
    /// What the file is called, where there is one.
    pub(super) file: String,
}

impl Effective {
    /// The configuration that `flags`, `environment` and the file that one of them names choose.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn read(environment: impl IntoIterator<Item = (OsString, OsString)>, flags: &Flags) -> Result<Self, Problems> {
        Reading::of_world(&Environment::of(environment), flags).conclude()
    }

    /// The same, and a look at whether the files that it names can be opened.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn check(environment: impl IntoIterator<Item = (OsString, OsString)>, flags: &Flags) -> Result<Self, Problems> {
        let mut reading = Reading::of_world(&Environment::of(environment), flags);
        reading.open_files();
        reading.conclude()
    }

    /// The configuration that `flags`, `environment` and `file` choose, whatever file they name: without a look at any disk.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn of(
        file: Option<File<'_>>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &Flags,
    ) -> Result<Self, Problems> {
        Reading::of(file, &Environment::of(environment), flags).conclude()
    }
}

/// What was read so far.
struct Reading {
    draft: Draft,
    settings: Settings,
    /// What is wrong in the file, what it is called, and what of it may be shown.
    findings: Findings,
    name: String,
    contents: Contents,
    outside: Vec<Outside>,
}

impl Reading {
    fn of_world(environment: &Environment, flags: &Flags) -> Self {
        let place = if flags.file().is_some() { "--config" } else { environment::FILE };
        let Some(path) = flags.file().or(environment.file()) else { return Self::of(None, environment, flags) };
        let name = path.display().to_string();
        match bytes(&path) {
            Ok(bytes) => Self::of(Some(File { name: &name, bytes: &bytes }), environment, flags),
            Err(flaw) => {
                let mut reading = Self::new();
                reading.outside.push(Outside { place: place.to_owned(), flaw });
                reading.choices(environment, flags);
                reading
            }
        }
    }

    fn of(file: Option<File<'_>>, environment: &Environment, flags: &Flags) -> Self {
        let mut reading = Self::new();
        reading.contents.whole = true;
        if let Some(File { name, bytes }) = file {
            name.clone_into(&mut reading.name);
            reading.contents = file::read(bytes, &mut reading.findings);
        }
        reading.choices(environment, flags);
        reading
    }

    fn new() -> Self {
        Self {
            draft: Draft::of_defaults(),
            settings: Settings::of_defaults(),
            findings: Findings::none(),
            name: String::new(),
            contents: Contents::default(),
            outside: Vec::new(),
        }
    }

    /// From the weakest to the strongest, and what they say together.
    fn choices(&mut self, environment: &Environment, flags: &Flags) {
        for given in std::mem::take(&mut self.contents.given) {
            self.choose(given.key, Source::File(given.span), Ok(given.text));
        }
        self.outside.extend(environment.strangers());
        for key in KEYS {
            if let Some(text) = environment.of_key(key) {
                self.choose(key, Source::Variable, text);
            }
        }
        for key in KEYS {
            if let Some(text) = flags.of_key(key) {
                self.choose(key, Source::Flag, Ok(text.to_owned()));
            }
        }
        self.combine();
    }

    fn choose(&mut self, key: &'static Key, source: Source, text: Result<String, Flaw>) {
        let read = text.and_then(|text| key.kind.read(&text, &mut self.draft).map(|()| text));
        let flawed = read.is_err();
        let text = match read {
            Ok(text) => Some(if key.is_hidden() { REDACTED.to_owned() } else { text }),
            Err(flaw) => {
                self.report(key, source, flaw);
                None
            }
        };
        self.settings.choose(Setting { key, text, source, flawed });
    }

    /// What is wrong with what goes together, as far as the file is known.
    fn combine(&mut self) {
        if self.contents.whole {
            let settings = self.settings.clone();
            for (setting, flaw) in combinations::examine(&self.draft, &settings) {
                self.report(setting.key, setting.source, flaw);
            }
        }
    }

    fn open_files(&mut self) {
        for setting in self.settings.clone().iter() {
            let text = setting.text.as_deref().unwrap_or_default();
            let opened = match setting.key.kind.on_disk(text) {
                OnDisk::Nothing => continue,
                OnDisk::File => {
                    fs::File::open(text).and_then(|file| file.metadata()).and_then(|found| no_folder(&found))
                }
                OnDisk::Folder => fs::read_dir(text).map(drop),
            };
            if let (false, Err(error)) = (setting.flawed || setting.source == Source::Default, opened) {
                self.report(setting.key, setting.source, unreadable(Path::new(text), &error));
            }
        }
    }

    fn report(&mut self, key: &Key, source: Source, flaw: Flaw) {
        let place = match source {
            Source::File(span) => {
                let Flaw { code, message, mend } = flaw;
                return self.findings.add(Finding::error(code, span, message).mend(mend));
            }
            Source::Default | Source::Variable => key.variable(),
            Source::Flag => format!("--{}", key.flag()),
        };
        self.outside.push(Outside { place, flaw });
    }

    fn conclude(self) -> Result<Effective, Problems> {
        let Self { draft, settings, findings, name, contents, outside } = self;
        if !findings.failed() && outside.is_empty() {
            return Ok(Effective { config: draft.finish(), settings, file: name });
        }
        let this = diagnostic::File { name: &name, text: &contents.text };
        Err(Problems::new(Some(Report::new(&Files { this, base: None }, findings)), outside))
    }
}

fn bytes(path: &PathBuf) -> Result<Vec<u8>, Flaw> {
    if path.as_os_str().is_empty() {
        let mend = "name a file, or leave it out altogether".to_owned();
        return Err(Flaw { code: "empty-text", message: "this is empty".to_owned(), mend });
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn no_folder(found: &fs::Metadata) -> io::Result<()> {
    if found.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(()) }
}

fn unreadable(path: &Path, error: &io::Error) -> Flaw {
    let message = format!("cannot read {}: {error}", ticked(&path.display().to_string()));
    Flaw { code: "unreadable", message, mend: "name one that is there and may be read".to_owned() }
}

//! The flags, made from the table: what is wrong with their values is told together with all else.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::environment;
use super::keys::{KEYS, Key, Shown};
use super::kind::Kind;

const CONFIG: &str = "config";
const PRINT: &str = "print-config";
const CHECK: &str = "check-config";

/// The flags of `composure serve`.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// What to do.
    pub task: Task,
    config: Option<PathBuf>,
    values: Vec<(String, String)>,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Task {
    /// Serve by it.
    #[default]
    Serve,
    /// Print it.
    Print,
    /// Say what is wrong with it.
    Check,
}

/// Names of flags, in the order of the keys; the parser keeps hold of them.
static NAMES: LazyLock<Vec<(&Key, String)>> = LazyLock::new(|| {
    let open = KEYS.iter().filter(|key| key.shown == Shown::Open);
    open.map(|key| (key, key.flag())).collect()
});

impl Flags {
    /// The file that they name.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.config.clone()
    }

    /// What they say of `key`.
    pub(super) fn of_key(&self, key: &Key) -> Option<&str> {
        self.values.iter().find(|(path, _)| path == key.path).map(|(_, value)| value.as_str())
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let command = command.arg(file()).args(tasks());
        NAMES.iter().fold(command, |command, (key, name)| command.arg(arg(key, name)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let task = match (matches.get_flag(PRINT), matches.get_flag(CHECK)) {
            (true, _) => Task::Print,
            (false, true) => Task::Check,
            (false, false) => Task::Serve,
        };
        let given = NAMES.iter().filter_map(|(key, name)| {
            let value = matches.get_one::<String>(name)?;
            Some((key.path.to_owned(), value.clone()))
        });
        Ok(Self { task, config: matches.get_one::<PathBuf>(CONFIG).cloned(), values: given.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn file() -> Arg {
    let help = format!("File with the configuration, in YAML [env: {}]", environment::FILE);
    Arg::new(CONFIG).long(CONFIG).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

fn tasks() -> [Arg; 2] {
    let task = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    [
        task(PRINT).help("Print the configuration in force, and where each value came from, and don't serve"),
        task(CHECK)
            .help("Say what is wrong with the configuration and the files that it names, and don't serve")
            .conflicts_with(PRINT),
    ]
}

fn arg(key: &Key, name: &'static str) -> Arg {
    let default = key.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
    let help = format!("{} [env: {}]{default}", key.about, key.variable());
    let arg = Arg::new(name).long(name).value_name(key.kind.placeholder()).help(help);
    let arg = arg.help_heading(key.heading());
    match key.kind {
        // The bare flag says yes, and what comes after it is something else.
        Kind::Flag(_) => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        _ => arg,
    }
}

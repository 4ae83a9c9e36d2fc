//! Lines from a terminal, with a history and with completion of names.

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Helper};

use crate::playbook::Playbook;
use crate::trial;

/// Reads lines.
pub(super) struct Editor<'a>(rustyline::Editor<Names<'a>, MemHistory>);

impl<'a> Editor<'a> {
    /// One that completes the names of `playbook`.
    pub(super) fn open(playbook: &'a Playbook) -> rustyline::Result<Self> {
        let config = Config::builder().auto_add_history(true).build();
        let mut editor = rustyline::Editor::with_history(config, MemHistory::new())?;
        editor.set_helper(Some(Names(playbook)));
        Ok(Self(editor))
    }

    /// The next line; `None`: there is no more, or whoever typed has had enough.
    pub(super) fn line(&mut self) -> Option<String> {
        match self.0.readline("> ") {
            Ok(line) => Some(line),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => None,
            Err(error) => {
                super::output::complaint(format_args!("error: cannot read from this terminal: {error}"));
                None
            }
        }
    }
}

struct Names<'a>(&'a Playbook);

impl Completer for Names<'_> {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line.get(..cursor).unwrap_or(line);
        let start = typed.rfind([' ', ',', '!']).map_or(0, |at| at + 1);
        let beginning = typed.get(start..).unwrap_or_default();
        Ok((start, trial::completions(self.0, beginning).into_iter().map(str::to_owned).collect()))
    }
}

impl Hinter for Names<'_> {
    type Hint = String;
}

impl Highlighter for Names<'_> {}
impl Validator for Names<'_> {}
impl Helper for Names<'_> {}

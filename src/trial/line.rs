//! What a line says: a command, or what happened in the conversation.

use super::error::{Misread, shown};
use super::names;
use super::observe::{Moment, Reader};
use super::words::{Word, words};
use crate::playbook::TurnCase;

/// Every word of the form.
pub(super) const WORDS: &[&str] = &[
    "at", "cannot", "channel", "did", "dismiss", "fact", "help", "next", "promise", "quit", "save", "show", "signal",
    "undo", "value", "wait", "why",
];

/// What a line asks for.
#[derive(Debug, Clone)]
pub enum Command {
    /// Nothing: it is empty, or a comment.
    Nothing,
    /// This happened.
    Turn(Box<TurnCase>),
    /// Say why.
    Why(Question),
    /// Take the last turn back.
    Undo,
    /// Show the answer again.
    Show,
    /// Keep the conversation as a test.
    Save {
        /// What it shows.
        it: String,
        /// The playbook file that it is added to; `None`: it is only shown.
        file: Option<String>,
    },
    /// Say what can be typed.
    Help,
    /// Stop.
    Quit,
}

/// What somebody wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Why the conversation is in its stage.
    Here,
    /// Why this action is where it is, or not there.
    Action(String),
}

/// What `line` says in this moment.
pub(super) fn command(moment: Moment<'_>, line: &str) -> Result<Command, Misread> {
    let words = words(line)?;
    let Some((first, rest)) = words.split_first() else { return Ok(Command::Nothing) };
    let alone = |command| match rest.first() {
        None => Ok(command),
        Some(_) => Err(Misread::OwnLine(first.text.clone())),
    };
    if first.quoted || !names_a_command(moment, &first.text)? {
        return Reader::new(moment, &words).turn().map(|case| Command::Turn(Box::new(case)));
    }
    match first.text.as_str() {
        "undo" => alone(Command::Undo),
        "show" => alone(Command::Show),
        "quit" | "exit" => alone(Command::Quit),
        "why" => why(moment, rest).map(Command::Why),
        "save" => save(rest),
        _ => alone(Command::Help),
    }
}

/// Whether `word` is a command, and not at the same time the name of a signal or fact.
fn names_a_command(moment: Moment<'_>, word: &str) -> Result<bool, Misread> {
    let command = matches!(word, "undo" | "show" | "quit" | "exit" | "why" | "save" | "help" | "?");
    if command {
        not_a_name(moment, word)?;
    }
    Ok(command)
}

/// A word of the form that the playbook uses for something of its own is not guessed at.
pub(super) fn not_a_name(moment: Moment<'_>, word: &str) -> Result<(), Misread> {
    if !names::is_observed(moment.playbook, word) {
        return Ok(());
    }
    let readings =
        vec![format!("the word `{word}`"), format!("what the playbook calls so: `fact {word}`, `signal {word}`")];
    Err(Misread::SeveralReadings { word: word.to_owned(), readings })
}

fn why(moment: Moment<'_>, rest: &[Word]) -> Result<Question, Misread> {
    let texts: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    let asked = match texts.as_slice() {
        [] | ["stage" | "here"] => return Ok(Question::Here),
        ["not", asked] | [asked] => *asked,
        [_, next, ..] => {
            return Err(Misread::Expected {
                after: "why".to_owned(),
                wanted: "a place on the screen, or `not` and an action".to_owned(),
                found: format!("`{}`", shown(next)),
            });
        }
    };
    let (action, _) = moment.action(asked)?;
    Ok(Question::Action(action.to_owned()))
}

fn save(rest: &[Word]) -> Result<Command, Misread> {
    match rest {
        [it] if !it.text.trim().is_empty() => Ok(Command::Save { it: it.text.clone(), file: None }),
        [it, file] if !it.text.trim().is_empty() => {
            Ok(Command::Save { it: it.text.clone(), file: Some(file.text.clone()) })
        }
        _ => Err(Misread::Expected {
            after: "save".to_owned(),
            wanted: "a name in quotes, and maybe a file".to_owned(),
            found: format!("{} words", rest.len()),
        }),
    }
}

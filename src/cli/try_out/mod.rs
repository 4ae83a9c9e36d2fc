//! `composure try`: a conversation, typed in.

mod editor;
mod save;
mod screen;

use std::io::{self, BufRead, IsTerminal};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::files::Verdict;
use super::{EXIT_CODES, open, output};
use crate::playbook::{Channel, Playbook};
use crate::trial::{Command, Misread, Trial};
use editor::Editor;

/// What can be typed.
const FORM: &str = "\
A line is what happened at one turn of the customer; several things stand on it, with or without commas:
  anger .8, venting     a signal with its level, from 0 to 1; without a level it is 1; a flag is up
  anger.high            a signal at the level where its band begins
  !venting              a signal that is gone, a flag that is down, a fact that is not so (also: `venting no`)
  grievance_known yes   a fact: yes, no or unknown; without a word it is yes
  did 1                 the agent did the first suggestion; `did 1b` says that the words `b` were used;
                        also `did 1 3`, `did keep_listening`, `did nothing`
  dismiss 2, cannot 1   the agent would rather not do it, or can't
  promise 30m           the agent promised something for then
  next                  the customer said something in which nothing was detected; the first suggestion was followed
  wait 10m, at 1h       time passes; or so long after the start
  channel voice         the conversation goes on there
  value NAME TEXT       a text for placeholders, in quotes if it has several words
Without `did`, `dismiss`, `cannot`, `promise` or `next` the first suggestion counts as done. Names may be cut short while
it stays clear what is meant; `fact NAME` and `signal NAME` say that a name is one. Alone on a line:
  why, why 2, why not NAME   why the conversation is where it is, why the second suggestion, why not another action
  show, undo                 the answer again; take the last turn back
  save \"NAME\" [FILE]         show the conversation as a test, or add it to the tests of a playbook
  help, quit
An empty line, and what follows `#`, is passed over.";

/// What to try.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  composure try playbooks/default.yaml
  printf 'anger .8 venting\\ngrievance_known, !venting\\nwhy not present_solution\\n' | composure try playbooks/default.yaml

{FORM}

Typed into a terminal, lines have a history, and Tab completes names. From a pipe or a file, a line that is not understood is
told on standard error, and the exit code is 1.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the conversation takes place: voice, video, `in_person`, chat, email or social [default: chat, where the playbook has it]
    #[arg(long, value_name = "CHANNEL", hide_possible_values = true, value_parser = channels())]
    channel: Option<Channel>,
    /// Its locale, such as `en` [default: the playbook's first]
    #[arg(long, value_name = "LOCALE")]
    locale: Option<String>,
}

fn channels() -> impl TypedValueParser<Value = Channel> {
    let words = PossibleValuesParser::new(Channel::ALL.iter().map(|channel| channel.as_str()));
    words.try_map(|word| Channel::from_word(&word).ok_or("no channel"))
}

/// Takes lines and shows answers.
pub(super) fn run(args: &Args) -> ExitCode {
    open::with_playbook(&args.file, |playbook| {
        let trial = Trial::new(playbook, args.channel, args.locale.clone());
        if io::stdin().is_terminal() && io::stdout().is_terminal() { typed(playbook, trial) } else { piped(trial) }
    })
    .into()
}

fn typed(playbook: &Playbook, mut trial: Trial<'_>) -> Verdict {
    let mut editor = match Editor::open(playbook) {
        Ok(editor) => editor,
        Err(error) => {
            output::complaint(format_args!("error: cannot read from this terminal: {error}"));
            return Verdict::Unusable;
        }
    };
    output::line("What happens at each turn of the customer? `help` says what can be typed.\n");
    tell(screen::answer(&trial));
    while let Some(line) = editor.line() {
        match act(&mut trial, &line) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => break,
            Err(misread) => output::complaint(format_args!("{misread}")),
        }
    }
    Verdict::Fine
}

fn piped(mut trial: Trial<'_>) -> Verdict {
    let mut verdict = Verdict::Fine;
    for (number, line) in (1..).zip(io::stdin().lock().split(b'\n')) {
        // A line that can't be read any further ends the input, as its end does.
        let Ok(line) = line else { break };
        match act(&mut trial, &String::from_utf8_lossy(&line)) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => break,
            Err(misread) => {
                output::complaint(format_args!("error: line {number}: {misread}"));
                verdict = Verdict::Findings;
            }
        }
    }
    verdict
}

/// Does what `line` says; nothing of it where it is not understood.
fn act(trial: &mut Trial<'_>, line: &str) -> Result<ControlFlow<()>, String> {
    let told = |misread: Misread| misread.to_string();
    let text = match trial.read(line).map_err(told)? {
        Command::Nothing => return Ok(ControlFlow::Continue(())),
        Command::Quit => return Ok(ControlFlow::Break(())),
        Command::Turn(case) => trial.take(*case).and_then(|()| screen::answer(trial)).map_err(told)?,
        Command::Undo => trial.undo().and_then(|()| screen::answer(trial)).map_err(told)?,
        Command::Show => screen::answer(trial).map_err(told)?,
        Command::Why(question) => screen::why(trial, &question).map_err(told)?,
        Command::Help => FORM.to_owned(),
        Command::Save { it, file: None } => trial.as_test(&it).map_err(told)?.trim_end().to_owned(),
        Command::Save { it, file: Some(file) } => {
            save::append(Path::new(&file), &trial.as_test(&it).map_err(told)?)?;
            format!("added to `{file}`")
        }
    };
    output::line(format_args!("{text}\n"));
    Ok(ControlFlow::Continue(()))
}

fn tell(text: Result<String, Misread>) {
    match text {
        Ok(text) => output::line(format_args!("{text}\n")),
        Err(misread) => output::complaint(misread),
    }
}

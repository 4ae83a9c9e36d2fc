//! `composure serve`: the gRPC API.

mod content;
mod settings;
mod start;

use std::process::ExitCode;

use super::output;
use crate::config::{self, Config, Effective, Flags, Problems, Task};

/// What to serve, and how.
pub(super) type Args = Flags;

/// Serves until a signal ends it, or tells of the configuration.
pub(super) fn run(args: &Args) -> ExitCode {
    let read = match args.task {
        Task::Serve | Task::Print => Effective::read(config::environment(), args),
        Task::Check => Effective::check(config::environment(), args),
    };
    match (read, args.task) {
        (Err(problems), _) => refuse(&problems),
        (Ok(effective), Task::Serve) => serve_by(&effective.config),
        (Ok(effective), Task::Print) => {
            output::text(effective.to_yaml());
            ExitCode::SUCCESS
        }
        (Ok(_), Task::Check) => {
            output::line("ok");
            ExitCode::SUCCESS
        }
    }
}

fn refuse(problems: &Problems) -> ExitCode {
    let count = match problems.count() {
        1 => "1 error".to_owned(),
        several => format!("{several} errors"),
    };
    output::complaint(problems.render(output::style_of_complaints()));
    output::complaint(format_args!("\nerror: the configuration can't be used, for it has {count}"));
    ExitCode::FAILURE
}

fn serve_by(config: &Config) -> ExitCode {
    match start::serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complaint(format_args!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

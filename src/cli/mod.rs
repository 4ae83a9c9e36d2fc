//! The command line: one file per subcommand, each with its `Args` and a `run` that returns the exit code.
//!
//! The only reader of flags, but for those of `serve`, which choose what is in [`config`](crate::config).

mod check;
mod files;
mod finding;
mod graph;
mod open;
mod output;
mod probe;
mod replay;
mod schema;
mod serve;
mod show;
mod signals;
mod simulate;
mod test;
mod try_out;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  it failed: findings in a file or in the configuration, failing tests, too little coverage, an address that cannot be
     listened on, a server that is not healthy
  2  wrong usage, or a file that cannot be read or written";

/// Flags of `serve` that the program's own help shows, beside its commands.
const SHOWN: [&str; 2] = ["config", "listen"];

/// Tells a contact-center agent the next best response to an upset customer.
#[derive(Debug, Parser)]
#[command(name = "composure", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the gRPC API (the default)
    #[command(after_help = EXIT_CODES)]
    Serve(serve::Args),
    /// Say whether a server is healthy and answers
    #[command(after_help = EXIT_CODES)]
    Probe(probe::Args),
    /// Say what is wrong with playbooks
    #[command(after_help = EXIT_CODES)]
    Check(check::Args),
    /// Print playbooks with all that they inherit
    #[command(after_help = EXIT_CODES)]
    Show(show::Args),
    /// Play the conversations in the tests of playbooks
    #[command(after_help = EXIT_CODES)]
    Test(test::Args),
    /// Draw the process of a playbook, as SVG, DOT or Mermaid
    #[command(after_help = EXIT_CODES)]
    Graph(graph::Args),
    /// Let invented customers talk to a playbook
    #[command(after_help = EXIT_CODES)]
    Simulate(simulate::Args),
    /// Say what another playbook would have answered
    #[command(after_help = EXIT_CODES)]
    Replay(replay::Args),
    /// Try a playbook out: type what happens, see the answers
    #[command(after_help = EXIT_CODES)]
    Try(try_out::Args),
    /// Print the format of playbooks as a JSON Schema, for editors
    #[command(after_help = EXIT_CODES)]
    Schema(schema::Args),
}

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let Cli { command, serve } = parse();
    match command.unwrap_or(Command::Serve(serve)) {
        Command::Serve(args) => serve::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Try(args) => try_out::run(&args),
        Command::Schema(args) => schema::run(&args),
    }
}

/// What was typed; what is wrong with it ends the program.
fn parse() -> Cli {
    let command = Cli::command().mut_args(|arg| {
        let is_shown = SHOWN.contains(&arg.get_id().as_str());
        arg.hide(!is_shown)
    });
    let matches = command.get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

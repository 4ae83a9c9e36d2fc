//! `composure schema`: the format of playbooks, for editors.

use std::process::ExitCode;

use super::{EXIT_CODES, output};
use crate::playbook;

/// The format has nothing to choose.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  composure schema > schema.json

An editor with a YAML language server completes and checks a playbook whose first line names the file:
  # yaml-language-server: $schema=schema.json

It sees what shows in one place; `composure check` sees the rest, such as names that lead nowhere.

{EXIT_CODES}"))]
pub(super) struct Args {}

/// Prints the schema.
pub(super) fn run(Args {}: &Args) -> ExitCode {
    output::json(&playbook::schema());
    ExitCode::SUCCESS
}

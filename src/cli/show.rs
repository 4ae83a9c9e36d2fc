//! `composure show`: a playbook with all that it inherits.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use super::files::{self, Verdict};
use super::{EXIT_CODES, output};
use crate::playbook::{Bases, Whole};

/// What to show.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  composure show playbooks/default.yaml

The YAML extends nothing, passes `composure check`, and has the same digest. Comments say what comes from where: each speaks of
what follows at its indentation, up to the next. As JSON, `document` is the same as data, and `from` names for each part, by its
JSON pointer, where it comes from: `id@version` of what is extended, or `this file`.

{EXIT_CODES}"))]
pub(super) struct Args {
    /// Playbook file; what it extends is looked for beside it and in the program
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
}

/// How a playbook is printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// As a playbook file
    Yaml,
    /// As data
    Json,
}

/// Prints the file's playbook.
pub(super) fn run(args: &Args) -> ExitCode {
    files::look_at(&args.file, |source, name, bases| show(source, (name, bases), args.format)).into()
}

fn show(source: &[u8], (name, bases): (&str, &Bases), format: Format) -> Verdict {
    let whole = match Whole::read(source, name, bases) {
        Ok((whole, _)) => whole,
        Err(report) => {
            // Standard output is for the playbook, which somebody may want to keep.
            output::complaint(report);
            return Verdict::Findings;
        }
    };
    match format {
        Format::Yaml => output::line(whole.to_yaml().trim_end()),
        Format::Json => {
            let shown = json!({
                "digest": whole.digest(),
                "extends": whole.extends(),
                "document": whole.to_json(),
                "from": whole.origins_to_json(),
            });
            output::json(&shown);
        }
    }
    Verdict::Fine
}

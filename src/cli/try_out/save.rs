//! Adds a test to a playbook file.

use std::fs;
use std::path::Path;

use crate::library;
use crate::playbook::{Bases, Playbook};

/// Puts `test`, an entry of the list `tests`, at the end of that list in the file; it is made where there is none.
///
/// The file stays as it is unless it is a playbook before, and one with a test more after.
pub(super) fn append(path: &Path, test: &str) -> Result<(), String> {
    let name = path.display();
    let before = fs::read_to_string(path).map_err(|error| format!("cannot read `{name}`: {error}"))?;
    let after = with_test(&before, test);
    let bases = library::for_file(path, before.as_bytes(), &Bases::none());
    let tests = |text: &str| {
        let playbook = Playbook::parse(text.as_bytes(), &name.to_string(), &bases);
        playbook.map(|(playbook, _)| playbook.tests().len()).map_err(|report| report.to_string())
    };
    let had = tests(&before).map_err(|report| format!("`{name}` has errors, and stays as it is\n{report}"))?;
    match tests(&after) {
        Ok(has) if has == had + 1 => fs::write(path, after).map_err(|error| format!("cannot write `{name}`: {error}")),
        Ok(_) => Err(format!("`{name}` stays as it is: its `tests` are not a list with an entry a line")),
        Err(report) => Err(format!("`{name}` stays as it is, for the test does not fit into it\n{report}")),
    }
}

fn with_test(text: &str, entry: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let Some(tests) = lines.iter().position(|line| line.starts_with("tests:")) else {
        return format!("{}\n\ntests:\n{entry}", text.trim_end());
    };
    let is_next_key = |line: &&str| line.starts_with(|first: char| first.is_alphanumeric());
    let entries = lines.iter().skip(tests + 1);
    let end = entries.clone().position(is_next_key).map_or(lines.len(), |after| tests + 1 + after);
    let last = lines.iter().take(end).rposition(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let dash = entries.clone().find(|line| line.trim_start().starts_with("- "));
    let indent = dash.map_or(2, |line| line.len() - line.trim_start().len());
    let entry = indented(entry, indent);
    let place = last.map_or(end, |last| last + 1);
    lines.splice(place..place, entry.iter().map(String::as_str));
    lines.join("\n") + "\n"
}

/// The lines of `entry`, which stand in by two, in by `indent`.
fn indented(entry: &str, indent: usize) -> Vec<String> {
    entry.lines().map(|line| format!("{}{}", " ".repeat(indent), line.strip_prefix("  ").unwrap_or(line))).collect()
}

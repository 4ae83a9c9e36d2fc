//! Codes of findings: each is known, used and documented.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use composure::playbook::Code;

const GUIDE: &str = include_str!("../../playbooks/README.md");

fn known() -> BTreeSet<&'static str> {
    Code::ALL.iter().map(|code| code.id).collect()
}

/// The files that find something, but for the list itself.
fn sources() -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
        }
    }
    let files = files.into_iter().filter(|file| !file.ends_with("codes.rs"));
    files.map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The text between quotes that `rest` starts with.
fn quoted(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix('"')?.split('"').next()
}

#[test]
fn every_code_that_is_found_is_known() {
    for source in sources() {
        for made in [
            "Finding::error(",
            "Finding::warning(",
            "Remark { severity: Severity::Error, code: ",
            "Remark { severity: Severity::Warning, code: ",
        ] {
            for code in source.split(made).skip(1).filter_map(quoted) {
                assert!(known().contains(code), "`{code}` is not in the list of codes");
            }
        }
    }
}

#[test]
fn every_code_that_is_known_is_used() {
    let sources = sources().concat();
    for code in known() {
        assert!(sources.contains(&format!("\"{code}\"")), "nothing finds `{code}`");
    }
}

#[test]
fn codes_stand_in_order_once_each_and_in_kebab_case() {
    let ids: Vec<&str> = Code::ALL.iter().map(|code| code.id).collect();
    assert_eq!(ids, known().into_iter().collect::<Vec<_>>());
    for id in ids {
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{id}");
    }
}

#[test]
fn the_guide_lists_every_code_and_what_it_stands_for() {
    let table: Vec<&str> = GUIDE.lines().skip_while(|line| *line != "| code | stands for |").skip(2).collect();
    let table: Vec<&str> = table.into_iter().take_while(|line| line.starts_with('|')).collect();
    let expected: Vec<String> = Code::ALL.iter().map(|code| format!("| `{}` | {} |", code.id, code.about)).collect();
    assert_eq!(table, expected, "the table should be:\n{}", expected.join("\n"));
}

//! Lints: each finds what it should, and not what only looks like it; what is allowed is not told.

use std::fs;
use std::path::{Path, PathBuf};

use composure::lints;
use composure::playbook::{Bases, Content, Lint, Report, SHIPPED, Severity, Style, Whole};

fn report(source: &[u8], name: &str, bases: &Bases) -> Report {
    let (whole, warnings) = Whole::read(source, name, bases).unwrap();
    match &whole.content {
        Content::Playbook(playbook) => lints::examine(&whole, playbook, warnings),
        Content::Fragment(_) => warnings,
    }
}

/// Small playbooks, and what is to be said of them beside each, unless it is nothing.
fn small_ones() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lints");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

fn small(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lints").join(name)).unwrap()
}

#[test]
fn every_lint_finds_what_it_should_and_nothing_else() {
    let mut wrong = String::new();
    for file in small_ones() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let found = report(&fs::read(&file).unwrap(), name, &Bases::none()).render(Style::Plain);
        let expected = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
        if found.trim_end() != expected.trim_end() {
            wrong = format!("{wrong}\n==== {name}\n{found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_lint_has_an_example_and_one_that_only_looks_like_it() {
    for lint in Lint::ALL {
        let name = lint.as_str().replace('-', "_");
        assert!(small(&format!("{name}.txt")).contains(&format!("warning[{}]", lint.as_str())), "{name}");
        let near_miss = small(&format!("{name}_nearly.yaml"));
        assert!(report(near_miss.as_bytes(), &name, &Bases::none()).is_empty(), "{name}");
    }
}

#[test]
fn nothing_is_found_in_the_playbooks_that_come_with_the_program() {
    for (file, source) in SHIPPED {
        let found = report(source.as_bytes(), file, &Bases::shipped());
        assert!(found.is_empty(), "{found}");
    }
}

const HEIR: &str = "extends: small@1\nplaybook: heir\nversion: \"1\"\ntitle: An heir\n";

fn of_heir(base: &str, more: &str) -> Report {
    let mut bases = Bases::none();
    bases.add("base.yaml", small(base).into_bytes());
    report(format!("{HEIR}{more}").as_bytes(), "heir.yaml", &bases)
}

#[test]
fn what_a_base_allows_is_allowed_to_its_heirs() {
    assert!(!of_heir("outranked.yaml", "").is_empty());
    assert!(of_heir("allowed.yaml", "").is_empty());
    assert!(of_heir("outranked.yaml", "lints: [{allow: outranked, of: fix, because: It is meant.}]\n").is_empty());
}

#[test]
fn an_inherited_allowance_may_be_idle() {
    assert!(of_heir("allowed.yaml", "actions: {fix: {value: null}}\n").is_empty());
}

#[test]
fn what_is_inherited_and_not_read_is_a_stock_to_choose_from() {
    assert!(of_heir("band_never_read.yaml", "").is_empty());
    assert!(of_heir("fact_never_asked.yaml", "").is_empty());
}

#[test]
fn a_lint_only_warns() {
    let found = report(small("outranked.yaml").as_bytes(), "outranked.yaml", &Bases::none());
    assert_eq!((found.count(Severity::Warning), found.count(Severity::Error)), (1, 0));
}

#[test]
fn what_lints_are_to_leave_alone_is_no_part_of_a_playbooks_identity() {
    let digest = |text: &str| {
        let (playbook, _) = composure::playbook::Playbook::parse(text.as_bytes(), "x.yaml", &Bases::none()).unwrap();
        playbook.identity().digest.clone()
    };
    assert_eq!(digest(&small("allowed.yaml")), digest(&small("outranked.yaml")));
}

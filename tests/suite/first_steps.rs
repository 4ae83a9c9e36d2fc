//! The authors' guide leads from an empty file to a tested playbook: its listings are followed, and its commands run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::readme::is_shown;

const GUIDE: &str = include_str!("../../playbooks/README.md");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks/examples/recepcion.yaml");

/// The listings of the section, each with its language.
fn listings() -> Vec<(&'static str, &'static str)> {
    let (_, section) = GUIDE.split_once("\n## From an empty file to a tested playbook in ten minutes\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// The sections of a playbook: each starts at a line that is not indented.
fn sections(text: &str) -> Vec<(&str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        if !line.starts_with(' ') {
            sections.push((line.split(':').next().unwrap(), String::new()));
        }
        let (_, section) = sections.last_mut().unwrap();
        section.push_str(line);
        section.push('\n');
    }
    sections
}

/// `playbook` with each section of `listing` in the place of its namesake, or at the end.
fn edited(playbook: &str, listing: &str) -> String {
    let mut all = sections(playbook);
    for (name, section) in sections(listing) {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = section,
            None => all.push((name, section)),
        }
    }
    all.into_iter().map(|(_, section)| section).collect()
}

fn empty_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first_steps");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the command prints in `folder`.
fn run(command: &str, folder: &Path) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_composure")).parent().unwrap().display();
    let script = format!("PATH={programs}:$PATH\nexec 2>&1\n{command}");
    let output = Command::new("bash").args(["-c", &script]).current_dir(folder).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_step_of_the_guide_goes_as_it_says() {
    let folder = empty_folder();
    let (mut playbook, mut printed) = (String::new(), String::new());
    let listings = listings();
    assert!(listings.len() >= 15, "{listings:?}");
    for (language, text) in listings {
        match language {
            "yaml" => {
                playbook = edited(&playbook, text);
                fs::write(folder.join("desk.yaml"), &playbook).unwrap();
            }
            "sh" => printed = run(text, &folder),
            "text" => assert!(is_shown(text, &printed), "shown:\n{text}\nprinted:\n{printed}"),
            other => panic!("a listing in {other}"),
        }
    }
    assert!(fs::read_to_string(folder.join("desk.svg")).unwrap().starts_with("<svg"));
    assert!(folder.join("schema.json").exists());
}

#[test]
fn a_section_takes_the_place_of_its_namesake() {
    assert_eq!(edited("a: 1\nb:\n  - 2\n", "b: 3\nc: 4\n"), "a: 1\nb: 3\nc: 4\n");
}

#[test]
fn a_playbook_of_another_trade_in_another_language_is_whole() {
    let checked = run(&format!("composure check --deny warnings {EXAMPLE}"), Path::new("."));
    assert!(checked.ends_with("recepcion.yaml: ok, 6 laws proven\n"), "{checked}");
    let shares = "--min-coverage stages=100 --min-coverage exits=100 --min-coverage actions=100";
    let tested = run(&format!("composure test {shares} {EXAMPLE} && echo well"), Path::new("."));
    assert!(tested.ends_with("14 passed, 0 failed\nwell\n"), "{tested}");
}

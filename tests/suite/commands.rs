//! `composure check`, `test` and the help of all commands, as processes.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A playbook that leaves nothing to be said.
pub(crate) const GOOD: &str = r#"playbook: small
version: "1"
title: Small
signals:
  anger: {high: {from: 0.6, until: 0.4}}
stages:
  listen:
    title: Hear them out
    actions: [ask, hear]
    otherwise: hear
    exits:
      - {to: settled, unless: [anger.high]}
  settled:
    title: Done
    final: resolved
    exits:
      - {to: listen, when: [anger.high]}
actions:
  hear:
    title: Listen
    kind: listening
    why: People want to be heard.
    say: ["Go on."]
  ask:
    title: Ask
    kind: question
    why: It helps to know.
    when: [anger.falling]
    say: ["What happened?"]
tests:
  - it: hears an angry customer
    turns:
      - {signals: {anger: 0.9}, expect: {stage: listen, first: hear}}
"#;

/// The program, called with these arguments.
pub(crate) fn composure(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_composure")).args(args).output().unwrap()
}

/// The same with lines on standard input.
pub(crate) fn composure_told(args: &[&str], lines: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_composure"));
    let piped = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

/// A file with that text, which may stand in a folder, and its path.
pub(crate) fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_good_file_is_ok() {
    let path = file("good.yaml", GOOD);
    let output = composure(&["check", &path]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), format!("{path}: ok\n"));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_broken_file_fails_with_the_place_of_each_error_and_without_colours() {
    let broken = GOOD.replace("otherwise: hear", "otherwise: heer").replace("kind: question", "kind: qestion");
    let path = file("broken.yaml", &broken);
    let output = composure(&["check", &path]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains(&format!("{path}:10:")), "{told}");
    assert!(told.contains("did you mean `hear`?"), "{told}");
    assert!(told.contains(&format!("{path}:26:")), "{told}");
    assert!(told.ends_with(&format!("\n{path}: 2 errors\n")), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_warning_is_shown_and_does_not_fail() {
    let path = file("warned.yaml", &GOOD.replace("title: Small\n", "title: Small\nvalues: {name: The name}\n"));
    let output = composure(&["check", &path]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.ends_with(&format!("\n{path}: 1 warning\n")), "{told}");
}

#[test]
fn a_law_that_does_not_hold_fails_with_a_conversation_to_paste() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/laws/escalation.yaml");
    let output = composure(&["check", path]);
    assert_eq!(output.status.code(), Some(1));
    let found = stdout(&output);
    assert!(found.contains("error[law-broken]: this law does not hold"), "{found}");
    assert!(found.contains("- {signals: {wants_manager: true}, expect: {escalation: offer}}"), "{found}");
    assert!(found.contains("escalation.yaml: 1 error"), "{found}");
}

#[test]
fn proven_laws_are_counted() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/laws/proven.yaml");
    assert_eq!(stdout(&composure(&["check", path])), format!("{path}: ok, 1 law proven\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_others_are_checked() {
    let (good, broken) = (file("beside.yaml", GOOD), file("beside_broken.yaml", "playbook: [\n"));
    let output = composure(&["check", "nowhere.yaml", &good, &broken]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot read `nowhere.yaml`: "), "{}", stderr(&output));
    assert!(told.contains(&format!("{good}: ok\n")), "{told}");
    assert!(told.contains(&format!("{broken}: 1 error\n")), "{told}");
}

#[test]
fn a_file_is_required() {
    for command in ["check", "test", "graph", "simulate", "try"] {
        let output = composure(&[command]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("Usage: composure"), "{}", stderr(&output));
    }
}

#[test]
fn help_shows_an_example_and_the_exit_codes() {
    for command in ["check", "test", "show", "graph", "simulate", "try"] {
        let output = composure(&[command, "--help"]);
        let told = stdout(&output);
        assert_eq!(output.status.code(), Some(0));
        assert!(told.contains(&format!("composure {command} playbooks/default.yaml")), "{told}");
        assert!(told.contains("Exit codes:"), "{told}");
    }
}

#[test]
fn conversations_that_come_out_as_expected_pass() {
    let output = composure(&["test", &file("passes.yaml", GOOD)]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "1 passed, 0 failed\n");
}

#[test]
fn an_expectation_that_is_not_met_has_a_line_and_a_reason() {
    let path = file("fails.yaml", &GOOD.replace("first: hear}", "first: ask, escalation: offer}"));
    let output = composure(&["test", &path]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "{path}:33: hears an angry customer: turn 1: expected first: ask, found hear\n    \
         `hear` is ranked by its score, 1 = 1\n    \
         `ask` is held back (condition: anger.falling is false)\n\
         {path}:33: hears an angry customer: turn 1: expected escalation: offer, found none\n\
         0 passed, 1 failed\n"
    );
    assert_eq!(stdout(&output), expected);
}

#[test]
fn a_file_with_errors_is_not_played() {
    let path = file("not_played.yaml", &GOOD.replace("otherwise: hear", "otherwise: heer"));
    let output = composure(&["test", &path]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains(&format!("{path}:10:")), "{told}");
    assert!(told.ends_with(&format!("{path}: not played, for it has errors\n0 passed, 0 failed\n")), "{told}");
}

#[test]
fn a_file_to_play_that_cannot_be_read_is_a_usage_error() {
    let output = composure(&["test", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot read `nowhere.yaml`: "), "{}", stderr(&output));
}

#[test]
fn the_default_playbook_is_fine_and_passes_its_own_tests() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks/default.yaml");
    let checked = composure(&["check", path]);
    assert_eq!(stdout(&checked), format!("{path}: ok, 17 laws proven\n"));
    let played = composure(&["test", path]);
    assert_eq!(played.status.code(), Some(0), "{}", stdout(&played));
    assert!(stdout(&played).ends_with(" passed, 0 failed\n"), "{}", stdout(&played));
}

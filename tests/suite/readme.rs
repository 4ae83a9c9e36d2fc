//! The README says what happens: its commands are run, in order and in one shell, and their output is compared.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::redis_servers::{CLUSTER_RULE, RULE, SENTINEL_RULE, SHUT_OUT};

const README: &str = include_str!("../../README.md");
/// Stands where the README leaves lines out.
const LEFT_OUT: &str = "…";
/// JSON fields whose content differs from run to run.
const MASKED: [&str; 7] =
    ["decisionId", "digest", "playbookDigest", "answerDigest", "evaluationTime", "updateTime", "playbook_digest"];

/// A fenced block.
struct Block<'a> {
    language: &'a str,
    text: &'a str,
}

fn blocks() -> Vec<Block<'static>> {
    let mut parts = README.split("\n```");
    let mut blocks = Vec::new();
    parts.next();
    while let (Some(block), closing) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap_or((block, ""));
        blocks.push(Block { language, text });
        if closing.is_none() {
            break;
        }
    }
    blocks
}

/// The commands with the output that the README shows for them, if it shows any.
fn transcript() -> Vec<(&'static str, Option<&'static str>)> {
    let blocks = blocks();
    let mut transcript = Vec::new();
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "sh") {
        let output = blocks.get(at + 1).filter(|next| matches!(next.language, "text" | "json"));
        transcript.push((block.text, output.map(|block| block.text)));
    }
    transcript
}

#[test]
fn the_two_commands_that_set_everything_up_are_there() {
    let plain: Vec<_> = blocks().iter().filter(|block| block.language.is_empty()).map(|block| block.text).collect();
    assert_eq!(plain, ["cargo run --release", "cargo test"]);
}

#[test]
fn the_chart_is_installed_in_the_same_way_wherever_that_is_said() {
    let chart = include_str!("../../helm/composure/README.md");
    let command = |text: &'static str| text.lines().find(|line| line.starts_with("helm install ")).unwrap();
    assert_eq!(command(README), command(chart));
}

#[test]
fn users_of_redis_are_given_the_rules_that_are_tested() {
    let text = README.split_whitespace().collect::<Vec<_>>().join(" ");
    for rule in [
        format!("```text ACL SETUSER composure on >PASSWORD {RULE} ```"),
        format!("in a cluster also `{CLUSTER_RULE}`"),
        format!("where they ask for a user, `{SENTINEL_RULE}`"),
        format!("in a file, write `{SHUT_OUT}`"),
    ] {
        assert!(text.contains(&rule), "the README says something else than {rule}");
    }
}

#[test]
fn the_picture_shows_the_default_playbook() {
    let drawn = blocks().iter().find(|block| block.language == "mermaid").unwrap().text.to_owned();
    let now = without_conditions(&crate::default_playbook().to_mermaid(composure::playbook::Overlay::Nothing));
    assert_eq!(drawn.trim_end(), now.trim_end(), "the picture should be:\n{now}");
}

/// The drawing with each way once and without its condition.
fn without_conditions(mermaid: &str) -> String {
    let mut drawn = BTreeSet::new();
    let mut text = String::new();
    for line in mermaid.lines() {
        let line = match (line.split_once("-->|"), line.rsplit_once('|')) {
            (Some((from, _)), Some((_, to))) => format!("{from}-->{to}"),
            _ => line.to_owned(),
        };
        if drawn.insert(line.clone()) {
            writeln!(text, "{line}").unwrap();
        }
    }
    text
}

#[test]
#[ignore = "needs grpcurl and jq"]
fn every_command_gives_the_answer_that_it_shows() {
    let (mut server, address) = serve();
    let transcript = transcript();
    assert!(transcript.len() >= 8, "{} commands", transcript.len());
    let mut script = "set -euo pipefail\n".to_owned();
    for (command, _) in &transcript {
        writeln!(script, "{}\nprintf '\\n@@@\\n'", command.replace("127.0.0.1:50051", &address)).unwrap();
    }
    let output = shell(&script);
    server.kill().unwrap();
    server.wait().unwrap();
    let outputs: Vec<_> = output.split("\n@@@\n").collect();
    for ((command, shown), printed) in transcript.iter().zip(outputs) {
        if let Some(shown) = shown {
            assert!(is_shown(shown, printed), "{command}\nshows\n{shown}\nand prints\n{printed}");
        }
    }
}

/// The program: the one that `TESTED_PROGRAM` names, such as a release build; else the one that was built with this test.
fn program() -> PathBuf {
    env::var_os("TESTED_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_composure").into()).into()
}

fn serve() -> (Child, String) {
    let mut server = Command::new(program())
        .args(["serve", "--listen", "127.0.0.1:0", "--admin", "off"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let port: String = line.split("127.0.0.1:").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
    (server, format!("127.0.0.1:{port}"))
}

fn shell(script: &str) -> String {
    let program = program();
    let programs = program.parent().unwrap().display();
    let script = format!("PATH={programs}:$PATH\n{script}");
    let output = Command::new("bash").args(["-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether what was printed is what is shown, but for lines left out and what differs from run to run.
pub(crate) fn is_shown(shown: &str, printed: &str) -> bool {
    let shown: Vec<String> = shown.lines().map(masked).collect();
    let printed: Vec<String> = printed.trim_end().lines().map(masked).collect();
    matches(&shown, &printed)
}

fn matches(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == LEFT_OUT => (0..=printed.len()).any(|at| matches(rest, &printed[at..])),
        Some((line, rest)) => printed.split_first().is_some_and(|(first, more)| first == line && matches(rest, more)),
    }
}

fn masked(line: &str) -> String {
    let key = line.trim_start().strip_prefix('"').and_then(|line| line.split('"').next());
    if key.is_some_and(|key| MASKED.contains(&key)) { key.unwrap().to_owned() } else { line.trim_end().to_owned() }
}

#[test]
fn what_differs_is_seen_and_what_is_left_out_is_not() {
    assert!(is_shown("{\n  …\n  \"b\": 2\n}", "{\n  \"a\": 1,\n  \"x\": 0,\n  \"b\": 2\n}\n"));
    assert!(is_shown("\"digest\": \"aa\"", "\"digest\": \"bb\""));
    assert!(!is_shown("{\n  \"b\": 2\n}", "{\n  \"a\": 1,\n  \"b\": 2\n}"));
    assert!(!is_shown("\"stage\": \"listen\"", "\"stage\": \"act\""));
}

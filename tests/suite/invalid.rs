//! Broken playbooks: each file in `tests/invalid` gets exactly the report that stands beside it.

use std::fs;
use std::path::{Path, PathBuf};

use composure::playbook::{Bases, Diagnostic, Playbook, Report, Severity, Style, Whole};
use proptest::prelude::*;

const MINIMAL: &str = include_str!("../minimal.yaml");

/// What the broken ones extend.
fn bases() -> Bases {
    let mut bases = Bases::none();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid/bases");
    for file in playbooks_in(&folder) {
        bases.add(file.file_name().unwrap().to_str().unwrap(), fs::read(&file).unwrap());
    }
    bases
}

fn report(source: &[u8], name: &str) -> Report {
    match Whole::read(source, name, &bases()) {
        Ok((_, warnings)) => {
            assert_eq!(warnings.count(Severity::Error), 0, "{warnings}");
            warnings
        }
        Err(errors) => {
            assert!(errors.count(Severity::Error) > 0, "refused without a reason: {errors}");
            errors
        }
    }
}

fn only(source: &[u8]) -> Diagnostic {
    let report = report(source, "broken.yaml");
    assert_eq!(report.diagnostics().len(), 1, "{report}");
    report.diagnostics().first().unwrap().clone()
}

fn broken_playbooks() -> Vec<PathBuf> {
    playbooks_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid"))
}

fn playbooks_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

#[test]
fn every_broken_playbook_gets_its_report() {
    let files = broken_playbooks();
    assert!(files.len() >= 100, "where are the broken playbooks?");
    let mut wrong = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let found = report(&fs::read(&file).unwrap(), name).render(Style::Plain);
        let expected = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
        if found.trim_end() != expected.trim_end() {
            wrong = format!("{wrong}\n==== {name}\n{found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_report_says_where_and_how_to_mend_it() {
    for file in broken_playbooks() {
        let source = fs::read(&file).unwrap();
        let report = report(&source, "broken.yaml");
        assert!(!report.is_empty(), "{} is not broken", file.display());
        for Diagnostic { message, help, file: about, line, column, end_line, end_column, .. } in report.diagnostics() {
            let inherited = file.with_file_name("bases").join(about);
            let text = if about == "broken.yaml" {
                String::from_utf8(source.clone()).unwrap()
            } else {
                fs::read_to_string(inherited).unwrap()
            };
            let lines = text.lines().count();
            assert!((1..=lines).contains(line), "{message}");
            assert!((end_line, end_column) >= (line, column), "{message}");
            assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
            assert!(!help.is_empty() && !help.ends_with('.'), "{}: {message}: {help}", file.display());
        }
    }
}

#[test]
fn twelve_errors_are_told_at_once() {
    let report = report(include_bytes!("../invalid/twelve_errors.yaml"), "twelve_errors.yaml");
    assert_eq!(report.count(Severity::Error), 12, "{report}");
}

#[test]
fn the_minimal_playbook_leaves_nothing_to_be_said() {
    let (playbook, report) = Playbook::parse(MINIMAL.as_bytes(), "minimal.yaml", &Bases::none()).unwrap();
    assert!(report.is_empty(), "{report}");
    assert_eq!(playbook.identity().id, "minimal");
    assert_eq!(playbook.stages().count(), 4);
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(only(b"").code, "empty");
    assert_eq!(only(b"\n \n").code, "empty");
    assert_eq!(only(b"--- # nothing\n").code, "empty");
    assert_eq!(only(b"null\n").code, "null");
    assert_eq!(only("\u{feff}".as_bytes()).code, "empty");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut source = MINIMAL.as_bytes().to_vec();
    let at = source.iter().position(|byte| *byte == b'A').unwrap();
    source[at] = 0xff;
    let line = MINIMAL.split_at(at).0.lines().count();
    let diagnostic = only(&source);
    assert_eq!(diagnostic.code, "not-utf-8");
    assert_eq!(diagnostic.message, format!("line {line} is not UTF-8, at byte {at} of the file"));
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let marked = format!("\u{feff}{MINIMAL}");
    let (playbook, _) = Playbook::parse(marked.as_bytes(), "minimal.yaml", &Bases::none()).unwrap();
    assert_eq!(playbook.identity().digest, digest(MINIMAL));
}

#[test]
fn a_file_of_ten_megabytes_is_refused_unread() {
    let diagnostic = only(&vec![b'{'; 10 * 1024 * 1024]);
    assert_eq!(diagnostic.code, "too-large");
}

#[test]
fn ten_thousand_levels_exhaust_nothing() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        let source = format!("playbook: {}{}", open.repeat(10_000), close.repeat(10_000));
        let report = report(source.as_bytes(), "deep.yaml");
        assert!(report.count(Severity::Error) > 0, "{open}");
    }
    let stairs = (0..4_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    assert!(report(stairs.as_bytes(), "stairs.yaml").count(Severity::Error) > 0);
}

#[test]
fn a_file_full_of_errors_is_told_about_up_to_a_limit() {
    let renamed = (0..5_000).fold(String::new(), |text, n| text + "  Old_" + &n.to_string() + ": new\n");
    let source = format!("{MINIMAL}renamed:\n{renamed}");
    let report = report(source.as_bytes(), "many.yaml");
    assert_eq!(report.diagnostics().len(), 1_000);
    assert!(report.omitted() >= 4_000);
    assert!(report.to_string().ends_with(" more"));
}

#[test]
fn conditions_that_grow_with_every_name_are_refused() {
    let mut named = String::from("conditions:\n  c0: {any: [grievance_known, anger.high]}\n");
    for n in 1..40 {
        let before = n - 1;
        named = format!("{named}  c{n}: {{any: [c{before}, yes.c{before}, no.c{before}]}}\n");
    }
    let source = MINIMAL.replace("conditions:\n", &named);
    let report = report(source.as_bytes(), "growing.yaml");
    assert!(report.diagnostics().iter().any(|diagnostic| diagnostic.code == "too-many"), "{report}");
}

fn digest(source: &str) -> String {
    Playbook::parse(source.as_bytes(), "digest.yaml", &Bases::none()).unwrap().0.identity().digest.clone()
}

#[test]
fn the_digest_is_of_what_is_said_and_not_of_how_it_is_written() {
    let commented = MINIMAL.replace("signals:\n", "# What we hear.\nsignals:\n\n");
    let quoted = MINIMAL.replace("title: Hear them out", "title: 'Hear them out'");
    let block = MINIMAL.replace("{times: 3, gap: 1}", "\n      times: 3\n      gap: 1");
    for same in [commented, quoted, block] {
        assert_ne!(same, MINIMAL);
        assert_eq!(digest(&same), digest(MINIMAL));
    }
    assert_eq!(digest(MINIMAL).len(), 64);
}

#[test]
fn the_digest_knows_what_decides_and_leaves_tests_out() {
    let tested = MINIMAL.replace("hears an angry customer first", "listens first");
    assert_eq!(digest(&tested), digest(MINIMAL));
    for other in [
        MINIMAL.replace("from: 0.65", "from: 0.7"),
        MINIMAL.replace("Hear them out", "Hear them"),
        MINIMAL.replace("\"1\"", "\"2\""),
    ] {
        assert_ne!(digest(&other), digest(MINIMAL));
    }
}

#[test]
fn columns_count_characters() {
    let source = MINIMAL.replace("title: A small process", "title: Größe\ntitel: Ärger");
    let diagnostic = only(source.as_bytes());
    assert_eq!((diagnostic.line, diagnostic.column, diagnostic.end_column), (5, 1, 6));
    let source = MINIMAL.replace("title: Put it right", "title: Grüße übers Ärgern\n    zeit: {später: ß}");
    assert_eq!(only(source.as_bytes()).column, 5);
}

#[test]
fn a_report_is_coloured_only_where_asked() {
    let report = report(b"a: 1", "plain.yaml");
    assert!(!report.render(Style::Plain).contains('\u{1b}'));
    assert!(report.render(Style::Coloured).contains('\u{1b}'));
}

#[test]
fn a_condition_knows_the_facts_that_it_asks_about() {
    let source = MINIMAL
        .replace("facts:\n", "facts:\n  paid: Is it paid?\n  sent: Is it sent?\n")
        .replace(
            "conditions:\n",
            "conditions:\n  settled: {when: [paid, over], unless: [no.paid]}\n  over: {any: [yes.sent, anger.high]}\n",
        )
        .replace("kind: solution\n", "kind: solution\n    when: [grievance_known, settled]\n");
    let (playbook, _) = Playbook::parse(source.as_bytes(), "facts.yaml", &Bases::none()).unwrap();
    let fix = playbook.find_action("fix").unwrap();
    let facts: Vec<&str> =
        playbook.action(fix).condition.facts.iter().map(|fact| playbook.fact(*fact).id.as_str()).collect();
    assert_eq!(facts, ["grievance_known", "paid", "sent"]);
    assert_eq!(playbook.actions_asking_fact(playbook.find_fact("sent").unwrap()), [fix]);
    assert_eq!(playbook.actions_asking_signal(playbook.find_signal("anger").unwrap()), [fix]);
}

#[test]
fn atoms_are_kept_once_and_read_as_written() {
    let source = MINIMAL.replace("when: [stage.turns >= 4]", "when: [stage.turns>=4, anger.level  >=  0.50]").replace(
        "- {to: closed, any: [satisfaction.high, done.fix >= 2]}",
        "- {to: closed, any: [satisfaction.high, 'done.fix >=2', stage.turns >= 4]}",
    );
    let (playbook, _) = Playbook::parse(source.as_bytes(), "atoms.yaml", &Bases::none()).unwrap();
    let texts: Vec<&str> = playbook.atoms().map(|(_, atom)| atom.text.as_str()).collect();
    for text in ["stage.turns >= 4", "anger.level >= 0.5", "done.fix >= 2"] {
        assert_eq!(texts.iter().filter(|other| **other == text).count(), 1, "{texts:?}");
    }
}

fn fragments() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n\t]{0,6}",
        prop::sample::select(vec![
            "&a ",
            "*a",
            "!x ",
            "<<: ",
            "---\n",
            "{",
            "}",
            "[",
            "]",
            "- ",
            ": ",
            "\"",
            "'",
            "#",
            " #",
            "|\n",
            ">-\n",
            "? ",
            "\t",
            "\r\n",
            "\u{feff}",
            "ß",
            "😀",
            "null",
            "~",
            "yes.",
            "done.",
            "kind.",
            "back",
            ">= 4294967296",
            ".nan",
            "-1",
            "1e999",
            "{customer_name",
            "%YAML 1.1\n",
            "playbook: ",
            "when: []",
            "stages: {}",
            "actions: []",
            "\u{85}",
            "\u{2028}",
            "\0",
        ])
        .prop_map(str::to_owned),
    ]
}

/// One that takes a base to be whole, and takes from it what it can.
const EXTENDING: &str = "\
playbook: broken
version: \"2\"
title: A broken one
extends: house@1
start: hear
drop: {interrupts: [call_for_help], first: [listen]}
signals: {anger: {high: {until: 0.3}}, threat: null}
stages:
  call_for_help: {exits: [{to: hear, when: [stage.turns >= 2]}]}
  hear: {title: Hear them out, actions: [listen], otherwise: listen, exits: [{to: call_for_help, when: [anger.high]}]}
actions: {listen: {cue: [Nod.], say: null}}
";

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), 0usize..40, fragments());
    let sound = prop::sample::select(vec![MINIMAL, EXTENDING]);
    (sound, prop::collection::vec(edit, 1..8)).prop_map(|(sound, edits)| {
        let mut source = sound.as_bytes().to_vec();
        for (at, cut, text) in edits {
            let start = at.index(source.len() + 1);
            let end = (start + cut / 4).min(source.len());
            source.splice(start..end, text.into_bytes());
        }
        source
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_makes_the_check_panic(source in mutated()) {
        let report = report(&source, "mutated.yaml");
        prop_assert!(report.render(Style::Plain).len() >= report.diagnostics().len());
    }

    #[test]
    fn no_bytes_make_the_check_panic(source in prop::collection::vec(any::<u8>(), 0..300)) {
        let rendered = report(&source, "noise.yaml").render(Style::Plain);
        prop_assert!(!rendered.is_empty());
    }
}

#[test]
fn a_playbook_of_a_thousand_stages_loads() {
    let (playbook, _) = Playbook::parse(large(1_000).as_bytes(), "large.yaml", &Bases::none()).unwrap();
    assert_eq!(playbook.stages().count(), 1_001);
}

fn large(stages: usize) -> String {
    let stage = |n: usize| {
        let next = if n + 1 == stages { "closed".to_owned() } else { format!("stage_{}", n + 1) };
        format!(
            "  stage_{n}:\n    title: Stage {n}\n    actions: [action_{n}]\n    otherwise: action_{n}\n    exits:\n      \
             - {{to: {next}, when: [stage.turns >= 2], unless: [done.action_{n} >= 3]}}\n"
        )
    };
    let action = |n| format!("  action_{n}: {{title: Do it, kind: work, why: It helps., say: [Here we go.]}}\n");
    let all = |part: &dyn Fn(usize) -> String| (0..stages).map(part).collect::<Vec<_>>().concat();
    format!(
        "playbook: large\nversion: '1'\ntitle: Large\nstages:\n{}  closed: {{title: Closed, final: resolved}}\nactions:\n{}",
        all(&stage),
        all(&action)
    )
}

//! Playbooks that extend others: what stays, what changes, what goes, and where findings point.

use composure::engine::{Decision, Observation};
use composure::playbook::{Bases, Content, Diagnostic, Overlay, Playbook, Report, Style, Whole};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::random_playbooks;
use crate::session::{Dice, Session};

const MINIMAL: &str = include_str!("../minimal.yaml");
const HEADER: &str = "playbook: harbor\nversion: \"3\"\ntitle: Harbor support\nextends: minimal@1\n";
/// What a fragment needs to become a playbook.
const REST: &str = "\
stages:
  hear:
    title: Hear them out
    actions: [listen]
    otherwise: listen
    exits: [{to: closed, when: [stage.turns >= 2]}]
  closed: {title: Done, final: resolved}
";

fn bases(texts: &[&str]) -> Bases {
    let mut bases = Bases::none();
    for text in texts {
        bases.add("base.yaml", text.as_bytes().to_vec());
    }
    bases
}

fn read(text: &str, bases: &Bases) -> Result<(Playbook, Report), Report> {
    Playbook::parse(text.as_bytes(), "harbor.yaml", bases)
}

/// The playbook that extends the minimal one and says `more`.
fn extended(more: &str) -> Playbook {
    let (playbook, report) =
        read(&format!("{HEADER}{more}"), &bases(&[MINIMAL])).unwrap_or_else(|report| panic!("{report}"));
    assert!(report.is_empty(), "{report}");
    playbook
}

/// What is wrong with it.
fn refused(more: &str) -> Diagnostic {
    let report = read(&format!("{HEADER}{more}"), &bases(&[MINIMAL])).expect_err("it is wrong");
    assert_eq!(report.diagnostics().len(), 1, "{report}");
    report.diagnostics()[0].clone()
}

fn ids<'a, Ix, T: 'a>(parts: impl Iterator<Item = (Ix, &'a T)>, id: fn(&T) -> &str) -> Vec<&'a str> {
    parts.map(|(_, part)| id(part)).collect()
}

fn phrasings<'p>(playbook: &'p Playbook, action: &str) -> Vec<&'p str> {
    let action = playbook.action(playbook.find_action(action).unwrap());
    action.say.iter().map(|text| text.template.as_str()).collect()
}

#[test]
fn what_is_not_said_stays_as_it_is() {
    let base = read(MINIMAL, &Bases::none()).unwrap().0;
    let playbook = extended("");
    assert_eq!((playbook.identity().id.as_str(), playbook.identity().version.as_str()), ("harbor", "3"));
    assert_eq!(playbook.title(), "Harbor support");
    assert_eq!(
        playbook.to_dot(Overlay::Nothing).replace("Harbor support", "A small process"),
        base.to_dot(Overlay::Nothing)
    );
    assert_eq!(playbook.channels(), base.channels());
    assert_eq!(playbook.start(), base.start());
}

#[test]
fn tests_are_promises_of_their_own_playbook() {
    assert!(!read(MINIMAL, &Bases::none()).unwrap().0.tests().is_empty());
    assert!(extended("").tests().is_empty());
    let own = "tests:\n  - it: hears them\n    turns: [{signals: {anger: 0.9}, expect: {stage: hear}}]\n";
    assert_eq!(extended(own).tests().len(), 1);
}

#[test]
fn a_key_of_a_part_changes_and_its_other_keys_stay() {
    let playbook = extended("actions:\n  fix: {title: Mend it, limit: {times: 7}}\n");
    let fix = playbook.action(playbook.find_action("fix").unwrap());
    let base = read(MINIMAL, &Bases::none()).unwrap().0;
    let before = base.action(base.find_action("fix").unwrap());
    assert_eq!((fix.title.as_str(), fix.why.as_str(), fix.kind), ("Mend it", before.why.as_str(), before.kind));
    assert_eq!((fix.limit.times, fix.limit.gap), (Some(7), before.limit.gap));
}

#[test]
fn a_list_takes_the_place_of_the_inherited_one() {
    let playbook = extended("actions:\n  fix: {say: [\"It is mended.\"]}\nchannels: [chat]\n");
    assert_eq!(phrasings(&playbook, "fix"), ["It is mended."]);
    assert_eq!(playbook.channels().iter().count(), 1);
}

#[test]
fn inherited_parts_keep_their_order_and_new_ones_come_after() {
    let more = "signals:\n  venting: {high: {from: 0.6, until: 0.4}}\n  threat: {lasts: 2}\n\
                first:\n  - {action: listen, when: [venting.high]}\n";
    let playbook = extended(more);
    assert_eq!(ids(playbook.signals(), |signal| &signal.id), ["anger", "threat", "satisfaction", "venting"]);
}

#[test]
fn own_rules_come_after_the_inherited_ones() {
    let more = "interrupts:\n  - {to: repair, when: [satisfaction.high]}\nfirst:\n  - {action: fix, when: [grievance_known]}\n";
    let playbook = extended(more);
    let to = |position: usize| playbook.stage(playbook.interrupts()[position].to).id.as_str();
    assert_eq!((playbook.interrupts().len(), to(0), to(1)), (2, "call_for_help", "repair"));
    let action = |position: usize| playbook.action(playbook.first_rules()[position].action).id.as_str();
    assert_eq!((playbook.first_rules().len(), action(0), action(1)), (2, "listen", "fix"));
}

#[test]
fn inherited_rules_are_dropped_by_the_name_of_what_they_bring() {
    let more = "drop: {interrupts: [call_for_help], first: [listen]}\n\
                interrupts:\n  - {to: call_for_help, when: [threat.high, anger.high]}\n";
    let playbook = extended(more);
    assert!(playbook.first_rules().is_empty());
    assert_eq!(playbook.interrupts().len(), 1);
    assert_eq!(playbook.interrupts()[0].condition.when.len(), 2);
}

#[test]
fn null_takes_away_a_part_a_key_or_a_section() {
    let playbook = extended("actions:\n  fix: {limit: null}\nfirst: null\nrenamed: {old_fix: fix}\n");
    assert_eq!(playbook.action(playbook.find_action("fix").unwrap()).limit.times, None);
    assert!(playbook.first_rules().is_empty());
    let more = "guardrails:\n  solutions_wait: null\n";
    let left = ids(extended(more).guardrails(), |guardrail| &guardrail.id).len();
    assert_eq!(left + 1, read(MINIMAL, &Bases::none()).unwrap().0.guardrails().count());
}

#[test]
fn null_is_an_error_where_nothing_is_inherited() {
    let found = refused("guardrails:\n  solution_waits: null\n");
    assert_eq!((found.code, found.line), ("nothing-to-remove", 6));
    assert_eq!(found.help, "did you mean `solutions_wait`?");
    assert_eq!(refused("renamed: {old_fix: null}\n").code, "null");
    let alone = MINIMAL.replace("locales: [en]\n", "locales: null\n");
    assert_eq!(read(&alone, &Bases::none()).unwrap_err().diagnostics()[0].code, "null");
}

#[test]
fn the_keys_of_a_condition_come_together_like_all_others() {
    let narrowed = extended("conditions:\n  calm: {when: [grievance_known]}\n");
    let (_, calm) = narrowed.conditions().next().unwrap();
    assert_eq!((calm.condition.when.len(), calm.condition.unless.len()), (1, 1));
    let replaced = extended("conditions:\n  calm: {unless: null, when: [grievance_known]}\n");
    let (_, calm) = replaced.conditions().next().unwrap();
    assert_eq!((calm.condition.when.len(), calm.condition.unless.len()), (1, 0));
}

#[test]
fn a_fact_that_is_only_a_question_is_short_for_one_with_ask() {
    let playbook = extended("facts:\n  grievance_known: {cleared_by: [fix]}\n");
    let (_, fact) = playbook.facts().next().unwrap();
    assert_eq!((fact.question.as_str(), fact.cleared_by.len()), ("Do you know what went wrong?", 1));
    let base = MINIMAL
        .replace("grievance_known: Do", "grievance_known: {ask: Do")
        .replace("wrong?\n", "wrong?, cleared_by: [fix]}\n");
    let (playbook, _) = read(&format!("{HEADER}facts: {{grievance_known: Do we know?}}\n"), &bases(&[&base])).unwrap();
    let (_, fact) = playbook.facts().next().unwrap();
    assert_eq!((fact.question.as_str(), fact.cleared_by.len()), ("Do we know?", 1));
}

#[test]
fn a_conversation_starts_where_the_playbook_says() {
    let playbook = extended("start: repair\nstages:\n  closed: {exits: [{to: hear, when: [anger.high]}]}\n");
    assert_eq!(playbook.stage(playbook.start()).id, "repair");
    let mut session = Session::new(&playbook);
    assert_eq!(session.turn(Observation::default()).stage.id, "repair");
}

#[test]
fn the_example_of_the_format_is_as_good_as_it_says() {
    let format = include_str!("../../playbooks/README.md");
    let (_, section) = format.split_once("## Building on another playbook\n\n```yaml\n").unwrap();
    let (example, _) = section.split_once("```").unwrap();
    let (playbook, report) = read(example, &Bases::shipped()).unwrap_or_else(|report| panic!("{report}"));
    assert!(report.is_empty(), "{report}");
    assert_eq!(phrasings(&playbook, "acknowledge_emotion"), ["I would be angry, too."]);
    assert!(playbook.guardrails().all(|(_, guardrail)| guardrail.id != "no_humor"));
}

const HOUSE: &str = "\
fragment: true
playbook: house
version: \"1\"
title: What holds everywhere
signals:
  anger: {high: {from: 0.6, until: 0.4}}
  unused: {flag: true}
interrupts:
  - {to: somewhere, when: [anger.high, known_elsewhere]}
actions:
  listen: {title: Listen, kind: listening, why: It helps., say: [Go on.]}
";

#[test]
fn a_fragment_is_checked_as_a_document_and_not_as_a_playbook() {
    let none = Bases::none();
    let (whole, report) = Whole::read(HOUSE.as_bytes(), "house.yaml", &none).unwrap();
    assert!(matches!(whole.content, Content::Fragment(_)));
    assert!(report.is_empty(), "{report}");
    let broken = HOUSE.replace("kind: listening", "kind: listning");
    let report = Whole::read(broken.as_bytes(), "house.yaml", &none).unwrap_err();
    assert_eq!(report.diagnostics()[0].code, "unknown-word");
    let report = Playbook::parse(HOUSE.as_bytes(), "house.yaml", &none).unwrap_err();
    assert_eq!(report.diagnostics()[0].code, "fragment");
}

#[test]
fn what_a_fragment_leaves_open_is_checked_where_it_is_extended() {
    let header = HEADER.replace("minimal@1", "house@1") + "start: hear\n";
    let report = read(&format!("{header}{REST}"), &bases(&[HOUSE])).unwrap_err();
    let places: Vec<_> = report.diagnostics().iter().map(|found| (found.file.as_str(), found.line)).collect();
    assert_eq!(places, [("base.yaml", 9), ("base.yaml", 9)], "{report}");
    let filled = format!("{header}facts: {{known_elsewhere: Is it known?}}\n{}", REST.replace("  closed:", "  somewhere:\n    title: Aside\n    actions: [listen]\n    otherwise: listen\n    exits: [{to: back, unless: [anger.high]}]\n  closed:"));
    let (playbook, report) = read(&filled, &bases(&[HOUSE])).unwrap_or_else(|report| panic!("{report}"));
    assert!(report.is_empty(), "a signal that is inherited and not used is no slip: {report}");
    assert_eq!(playbook.interrupts().len(), 1);
}

#[test]
fn a_finding_in_an_inherited_part_shows_both_files() {
    let report = read(&format!("{HEADER}actions: {{fix: null}}\n"), &bases(&[MINIMAL])).unwrap_err();
    let lines: Vec<&str> = MINIMAL.lines().collect();
    assert!(report.diagnostics().len() > 1);
    for found in report.diagnostics() {
        assert_eq!(found.file, "base.yaml");
        let line = lines[found.line - 1];
        assert!(line.contains("fix") || line.contains("kind.solution"), "{found:?}");
    }
    let shown = report.render(Style::Plain);
    assert!(shown.contains("::: harbor.yaml:4:10") && shown.contains("extends: minimal@1"), "{shown}");
    assert_eq!(report.file(), "harbor.yaml");
}

#[test]
fn own_findings_come_before_those_in_the_base() {
    let report = read(&format!("{HEADER}actions: {{fix: null}}\nlocales: [en, en]\n"), &bases(&[MINIMAL])).unwrap_err();
    let files: Vec<&str> = report.diagnostics().iter().map(|found| found.file.as_str()).collect();
    assert_eq!(files.first(), Some(&"harbor.yaml"));
    assert!(files.is_sorted_by(|a, b| a >= b), "{files:?}");
}

fn digest(more: &str, base: &str) -> String {
    read(&format!("{HEADER}{more}"), &bases(&[base])).unwrap().0.identity().digest.clone()
}

#[test]
fn the_digest_is_of_what_was_compiled() {
    let before = digest("", MINIMAL);
    assert_ne!(digest("", &MINIMAL.replace("from: 0.65", "from: 0.7")), before);
    assert_ne!(digest("", MINIMAL), read(MINIMAL, &Bases::none()).unwrap().0.identity().digest);
    assert_eq!(digest("", &MINIMAL.replace("hears an angry customer first", "listens first")), before);
    assert_eq!(digest("", &MINIMAL.replace("title: A small process", "title: A tiny process")), before);
    assert_eq!(digest("signals: {anger: {high: {from: 0.65}}}\n", MINIMAL), before);
}

#[test]
fn another_version_of_a_playbook_may_build_on_an_earlier_one() {
    let next = HEADER.replace("playbook: harbor", "playbook: minimal");
    assert_eq!(read(&next, &bases(&[MINIMAL, &next])).unwrap().0.identity().version, "3");
    let circle = next.replace("minimal@1", "minimal@3");
    assert_eq!(read(&circle, &bases(&[MINIMAL, &circle])).unwrap_err().diagnostics()[0].code, "extends-itself");
}

#[test]
fn playbooks_that_extend_each_other_are_refused() {
    let there = HEADER.replace("minimal@1", "other@1");
    let back = "playbook: other\nversion: \"1\"\ntitle: Other\nextends: harbor@3\n";
    let report = read(&there, &bases(&[back, &there])).unwrap_err();
    assert_eq!(report.diagnostics()[0].message, "`other@1` itself extends `harbor@3`");
}

#[test]
fn of_bases_with_one_name_the_first_counts() {
    let other = MINIMAL.replace("title: Hear them out", "title: Another title");
    let (playbook, _) = read(HEADER, &bases(&[MINIMAL, &other])).unwrap();
    assert_eq!(playbook.stage(playbook.start()).title, "Hear them out");
}

/// What it decides, without what only tells which playbook it was and where it was written.
fn told(decision: &Decision<'_>, playbook: &Playbook) -> String {
    let identity = playbook.identity();
    let told = format!("{decision:?}")
        .replace(&identity.digest, "digest")
        .replace(&format!("{:?}", identity.version), "version")
        .replace("origin: Base", "origin: This");
    let mut parts = told.split("answer_digest: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + part.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_playbook_that_only_extends_decides_as_its_base(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let base_text = random_playbooks::text(&mut dice);
        let base = read(&base_text, &Bases::none()).unwrap().0;
        let header = "playbook: random\nversion: \"of mine\"\ntitle: Random\nextends: random@1\n";
        let same = read(header, &bases(&[&base_text])).unwrap().0;
        let (mut here, mut there) = (Session::new(&base), Session::new(&same));
        let mut last: Option<Decision<'_>> = None;
        for _ in 0..15 {
            let observation = random_playbooks::observe(&base, last.as_ref(), &mut dice);
            let other = there.turn(observation.clone());
            let decision = here.turn(observation);
            prop_assert!(told(&decision, &base) == told(&other, &same), "{}", base_text);
            last = Some(decision);
        }
    }
}

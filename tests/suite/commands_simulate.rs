//! `composure simulate`, as a process, and the conversations that it invents.

use std::collections::BTreeMap;

use composure::playbook::{Bases, Playbook};
use composure::rehearsal::{self, Played};
use composure::simulation::{Ended, LAWS, TEMPERS, converse};
use serde_json::Value;

use crate::commands::{GOOD, composure, file, stderr, stdout};

const DEFAULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/playbooks/default.yaml");

/// The default playbook with one thing changed.
fn default_with(from: &str, to: &str) -> String {
    let source = include_str!("../../playbooks/default.yaml");
    let (process, _) = source.split_once("\ntests:\n").unwrap();
    assert!(process.contains(from), "{from}");
    process.replace(from, to)
}

#[test]
fn it_says_that_it_is_a_model_and_what_came_out() {
    let output = composure(&["simulate", DEFAULT, "--customers", "40"]);
    let told = stdout(&output);
    assert!(told.starts_with("This is a model, not evidence: "), "{told}");
    for part in ["40 conversations with `default`", "how they ended", "turns to calm", "laws, by answers", "dead ends"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains('\u{1b}') && stderr(&output).is_empty(), "{}", stderr(&output));
}

#[test]
fn the_same_seed_gives_the_same_result_and_another_one_another() {
    let run =
        |seed| stdout(&composure(&["simulate", DEFAULT, "--customers", "30", "--seed", seed, "--format", "json"]));
    assert_eq!(run("7"), run("7"));
    assert_ne!(run("7"), run("8"));
}

#[test]
fn data_adds_up() {
    let output = composure(&["simulate", DEFAULT, "--customers", "60", "--worst", "1", "--format", "json"]);
    let data: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sum = |endings: &Value| endings.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>();
    assert_eq!((data["conversations"].as_u64(), sum(&data["endings"])), (Some(60), 60));
    let tempers = data["tempers"].as_array().unwrap();
    assert_eq!(tempers.iter().map(|temper| sum(&temper["endings"])).sum::<u64>(), 60);
    assert_eq!(tempers.len(), TEMPERS.len());
    assert!(data["worst"].as_array().unwrap().len() <= 1);
}

#[test]
fn laws_hold_with_the_default_playbook_and_each_comes_up() {
    let playbook = crate::default_playbook();
    let mut held = [0; LAWS.len()];
    for number in 1..=400 {
        let talk = converse(&playbook, 1, number);
        for ((law, judged), held) in LAWS.iter().zip(talk.laws).zip(&mut held) {
            assert_eq!(judged.broken, 0, "{}: {:?}", law.says, talk.conversation);
            *held += judged.held;
        }
    }
    assert!(held.iter().all(|held| *held > 0), "{held:?}");
}

#[test]
fn a_broken_law_is_found_and_shown_first() {
    let rule = "  - {action: keep_listening, when: [venting.high], source: [K2, A1, B1, L2]}\n";
    let path = file("hasty.yaml", &default_with(rule, ""));
    let output = composure(&["simulate", &path, "--customers", "60", "--format", "json", "--worst", "1"]);
    assert_eq!(output.status.code(), Some(1));
    let data: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(data["laws"][1]["broken"].as_u64().unwrap() > 0, "{data}");
    assert!(data["worst"][0].as_str().unwrap().starts_with("  - it: "), "{data}");
}

#[test]
fn what_took_place_passes_as_a_test() {
    let playbook = crate::default_playbook();
    let tests: String = (1..=30)
        .map(|number| rehearsal::as_test(&playbook, &converse(&playbook, 3, number).conversation).unwrap())
        .collect();
    let source = default_with("\nstages:\n", "\nstages:\n") + "\ntests:\n" + &tests;
    let (saved, _) = Playbook::parse(source.as_bytes(), "simulated.yaml", &Bases::none())
        .unwrap_or_else(|report| panic!("{report}"));
    let played = rehearsal::rehearse(&saved);
    assert_eq!(played.len(), 30);
    assert!(played.iter().all(Played::passed), "{played:?}");
}

/// How conversations end with a process that does this, turn after turn, until they are content.
fn endings(kind: &str) -> BTreeMap<Ended, u32> {
    let source = GOOD
        .replace("kind: listening", &format!("kind: {kind}"))
        .replace("when: [anger.falling]", "when: [stage.turns >= 40]")
        .replace("unless: [anger.high]", "unless: [anger.level >= 0.3]");
    let (playbook, _) =
        Playbook::parse(source.as_bytes(), "one.yaml", &Bases::none()).unwrap_or_else(|report| panic!("{report}"));
    let mut endings = BTreeMap::new();
    for number in 1..=200 {
        *endings.entry(converse(&playbook, 5, number).ended).or_insert(0) += 1;
    }
    endings
}

#[test]
fn customers_who_are_heard_calm_down_and_those_who_are_hurried_leave() {
    let count = |endings: &BTreeMap<Ended, u32>, ended| endings.get(&ended).copied().unwrap_or(0);
    let (heard, hurried) = (endings("listening"), endings("solution"));
    assert!(count(&heard, Ended::Resolved) > 2 * count(&hurried, Ended::Resolved), "{heard:?} {hurried:?}");
    assert!(count(&hurried, Ended::LeftAngry) > 2 * count(&heard, Ended::LeftAngry), "{heard:?} {hurried:?}");
}

#[test]
fn what_a_playbook_lacks_does_not_come_up() {
    let output = composure(&["simulate", &file("simulated_small.yaml", GOOD), "--customers", "20", "--worst", "0"]);
    let told = stdout(&output);
    let idle = told.lines().filter(|line| line.ends_with("did not come up")).count();
    assert_eq!(idle, 9, "{told}");
    assert!(!told.contains("the worst conversations"), "{told}");
}

#[test]
fn numbers_have_a_range() {
    for args in [["--customers", "0"], ["--seed", "-1"], ["--format", "xml"]] {
        let output = composure(&["simulate", DEFAULT, args[0], args[1]]);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}

//! Coverage: what conversations exercise of a playbook, told apart as exactly as the playbook tells it.

use composure::playbook::{Bases, Playbook};
use composure::rehearsal::{Case, Coverage, Item, Sort, Tally, play};

const PLAYBOOK: &str = r#"playbook: covered
version: "1"
title: Covered
signals:
  anger: {high: {from: 0.6, until: 0.4}}
  threat: {high: {from: 0.5, until: 0.2}}
facts:
  grievance_known: Do you know what went wrong?
  fix_known: Is there a fix?
conditions:
  heated: {any: [anger.high, anger.rising]}
interrupts:
  - {to: danger, when: [threat.high]}
first:
  - {action: hear, when: [anger.rising]}
  - {action: hear, when: [anger.high]}
stages:
  listen:
    title: Hear them out
    actions: [{action: ask, unless: [yes.grievance_known]}, hear]
    otherwise: hear
    exits:
      - {to: settled, when: [fix_known], unless: [heated]}
      - {to: settled, when: [stage.turns >= 3]}
  danger:
    title: Safety first
    actions: [call]
    otherwise: call
    exits:
      - {to: back, unless: [threat.high]}
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
    say: [{id: go_on, on: [spoken], text: "Go on."}, {id: more, on: [written], text: "Tell me more."}]
  ask:
    title: Ask
    kind: question
    why: It helps to know.
    prefer: [{by: 2, when: [anger.high]}]
    say: ["What happened?"]
  call:
    title: Call for help
    kind: safety
    why: Nobody gets hurt.
    cue: ["Press the button."]
guardrails:
  no_humor: {tell: No jokes.}
  no_haste: {tell: No questions while they shout., when: [anger.high], forbids: [kind.question]}
escalations:
  alarm: {level: require, target: security, urgency: now, why: Somebody may get hurt., when: [threat.high], action: call}
  trouble: {level: offer, target: supervisor, urgency: soon, why: It gets loud., when: [anger.high]}
laws:
  - {it: "Loud people are heard.", first: hear, when: [anger.high], unless: [threat.high]}
  - {it: "Listen before asking.", never: [ask], before: [hear]}
  - {it: "No call in vain.", never: [call], unless: [threat.high]}
  - {escalation: require, when: [threat.high]}
tests:
"#;

/// What a conversation of these turns exercises.
fn items(turns: &[&str]) -> Vec<Item> {
    let turns: Vec<String> = turns.iter().map(|turn| format!("      - {{{turn}}}\n")).collect();
    let source = format!("{PLAYBOOK}  - it: shows it\n    turns:\n{}", turns.concat());
    let (playbook, _) =
        Playbook::parse(source.as_bytes(), "covered.yaml", &Bases::none()).unwrap_or_else(|report| panic!("{report}"));
    let mut coverage = Coverage::none(&playbook);
    for conversation in playbook.tests() {
        assert!(play(&playbook, conversation, &mut coverage).passed());
    }
    coverage.items()
}

/// Of one sort: name, atom and case of what was exercised, with counts.
fn exercised(sort: Sort, turns: &[&str]) -> Vec<(String, usize)> {
    let text = |item: &Item| format!("{} {} {}", item.name, item.atom, item.case.as_str()).replace("  ", " ");
    let items = items(turns);
    let some = items.iter().filter(|item| item.sort == sort && item.count > 0);
    some.map(|item| (text(item), item.count)).collect()
}

fn named(expected: &[(&str, usize)]) -> Vec<(String, usize)> {
    expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// The line of the playbook that contains `text`.
fn line(text: &str) -> usize {
    PLAYBOOK.lines().position(|line| line.contains(text)).unwrap() + 1
}

const FIXED: &str = "to: settled, when: [fix_known]";
const LONG: &str = "to: settled, when: [stage.turns";
const BACK: &str = "to: back";
const AGAIN: &str = "to: listen";

#[test]
fn a_law_applies_where_its_condition_is_true_and_it_has_something_to_speak_of() {
    let laws = |turns: &[&str]| exercised(Sort::Laws, turns);
    let quiet = [("law `Listen before asking.` applied", 1), ("law `No call in vain.` applied", 1)];
    assert_eq!(laws(&["signals: {anger: 0.1}"]), named(&quiet));
    let known = laws(&["signals: {anger: 0.1}, facts: {grievance_known: true}, exclude: [hear]"]);
    assert_eq!(known, named(&quiet), "held back is in view, too");
    let loud = ("law `Loud people are heard.` applied", 1);
    assert_eq!(laws(&["signals: {anger: 0.9}"]), named(&[loud, quiet[0], quiet[1]]));
    assert_eq!(laws(&["signals: {threat: 0.9}"]), named(&[("law `escalation: require` applied", 1)]));
    // Where a conversation has ended, nothing is suggested.
    let ended = laws(&["signals: {anger: 0.1}, facts: {fix_known: true}, expect: {outcome: resolved}"]);
    assert_eq!(ended, named(&[]));
}

#[test]
fn of_two_exits_to_one_stage_the_one_taken_counts() {
    let counts = |turns: &[&str]| {
        let exits = items(turns).into_iter().filter(|item| item.sort == Sort::Exits);
        exits.map(|item| (item.place.line(), item.count)).collect::<Vec<_>>()
    };
    let expected = |taken: [usize; 4]| [FIXED, LONG, BACK, AGAIN].map(line).into_iter().zip(taken).collect::<Vec<_>>();
    let calm = ["signals: {anger: 0.1}, facts: {fix_known: true}, expect: {path: [settled]}"];
    assert_eq!(counts(&calm), expected([1, 0, 0, 0]));
    let loud = "signals: {anger: 0.9}";
    let long = [
        loud,
        loud,
        "signals: {anger: 0.1}, expect: {path: [settled]}",
        "signals: {anger: 0.9}, expect: {path: [listen]}",
    ];
    assert_eq!(counts(&long), expected([0, 1, 0, 1]));
}

#[test]
fn a_stage_counts_when_it_is_entered_the_start_with_each_conversation() {
    let turns = [
        "signals: {threat: 0.9}, expect: {path: [danger]}",
        "signals: {threat: 0.9}",
        "signals: {threat: 0.0}, expect: {path: [listen]}",
    ];
    assert_eq!(exercised(Sort::Stages, &turns), named(&[("stage `listen` entered", 2), ("stage `danger` entered", 1)]));
    assert_eq!(exercised(Sort::Interrupts, &turns), named(&[("interrupt to `danger` taken", 1)]));
    assert_eq!(exercised(Sort::Exits, &turns), named(&[("exit from `danger` back taken", 1)]));
    assert_eq!(exercised(Sort::Escalations, &turns), named(&[("escalation `alarm` fired", 3)]));
}

#[test]
fn of_two_first_rules_for_one_action_the_one_that_placed_it_counts() {
    let lines = |turns: &[&str]| {
        let fired = items(turns).into_iter().filter(|item| item.sort == Sort::FirstRules && item.count > 0);
        fired.map(|item| item.place.line()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&["signals: {anger: 0.9}, expect: {first: hear}"]), [line("hear, when: [anger.high]")]);
    assert_eq!(
        lines(&["signals: {anger: 0.1}", "signals: {anger: 0.5}, expect: {first: hear}"]),
        [line("hear, when: [anger.rising]")]
    );
    assert_eq!(lines(&["signals: {anger: 0.1}"]), [0; 0]);
}

#[test]
fn what_is_on_the_screen_counts() {
    let turns = ["signals: {anger: 0.1}", "signals: {anger: 0.1}, channel: voice, did: []", "signals: {threat: 0.9}"];
    assert_eq!(
        exercised(Sort::Actions, &turns),
        named(&[("action `hear` suggested", 2), ("action `ask` suggested", 2), ("action `call` suggested", 1)])
    );
    assert_eq!(
        exercised(Sort::Phrasings, &turns),
        named(&[
            ("phrasing `go_on` of `hear` shown", 1),
            ("phrasing `more` of `hear` shown", 1),
            ("phrasing `say_1` of `ask` shown", 2),
            ("cue `cue_1` of `call` shown", 1)
        ])
    );
}

#[test]
fn a_guardrail_counts_in_force_and_lifted_and_one_that_holds_always_only_in_force() {
    let items = items(&["signals: {anger: 0.9}", "signals: {anger: 0.1}", "signals: {anger: 0.1}"]);
    let guardrails = items.iter().filter(|item| item.sort == Sort::Guardrails);
    let told: Vec<_> = guardrails.map(|item| (item.name.as_str(), item.case, item.count)).collect();
    assert_eq!(
        told,
        [
            ("guardrail `no_humor`", Case::InForce, 3),
            ("guardrail `no_haste`", Case::InForce, 1),
            ("guardrail `no_haste`", Case::Lifted, 2)
        ]
    );
}

/// The atoms of one condition that were seen, `+` true and `-` false.
fn atoms(name: &str, line: usize, turns: &[&str]) -> String {
    let items = items(turns);
    let read =
        items.iter().filter(|item| item.sort == Sort::Conditions && item.name == name && item.place.line() == line);
    let seen = read.filter(|item| item.count > 0);
    let told: Vec<String> =
        seen.map(|item| format!("{}{}", if item.case == Case::True { '+' } else { '-' }, item.atom)).collect();
    told.join(" ")
}

#[test]
fn an_atom_counts_where_it_is_read_and_only_once_its_condition_is_looked_at() {
    let atoms_of_exit = |text: &str, turns: &[&str]| atoms("exit from `listen` to `settled`", line(text), turns);
    let calm = ["signals: {anger: 0.1}"];
    assert_eq!(atoms_of_exit(FIXED, &calm), "-heated");
    assert_eq!(atoms_of_exit(LONG, &calm), "-stage.turns >= 3");
    let fixed = ["signals: {anger: 0.1}, facts: {fix_known: true}"];
    assert_eq!(atoms_of_exit(FIXED, &fixed), "+fix_known -heated");
    assert_eq!(atoms_of_exit(LONG, &fixed), "", "the exit before it was taken, and nobody looked further");
    let threatened = ["signals: {threat: 0.9}"];
    assert_eq!(atoms_of_exit(FIXED, &threatened), "", "an interrupt came first");
    assert_eq!(
        atoms("condition `heated`", line("heated: {any"), &["signals: {anger: 0.9}"]),
        "+anger.high -anger.rising"
    );
    assert_eq!(atoms("`ask` in stage `listen`", line("{action: ask"), &calm), "-yes.grievance_known");
}

#[test]
fn a_preference_counts_while_its_action_is_weighed() {
    let preference = |turn: &str| atoms("preference of `ask`", line("prefer:"), &[turn]);
    assert_eq!(preference("signals: {anger: 0.1}"), "-anger.high");
    assert_eq!(preference("signals: {anger: 0.9}"), "", "a guardrail held the action back");
}

#[test]
fn a_tally_is_full_only_when_everything_is_covered() {
    let tally = |covered, total| Tally { covered, total }.per_mille();
    assert_eq!(
        (tally(999_999, 1_000_000), tally(3, 3), tally(0, 0), tally(0, 3), tally(2, 3)),
        (999, 1_000, 1_000, 0, 666)
    );
    let items = items(&["signals: {anger: 0.1}"]);
    let stages = Tally::of(items.iter().filter(|item| item.sort == Sort::Stages));
    assert_eq!((stages.covered, stages.total), (1, 3));
}

#[test]
fn everything_is_listed_in_the_order_of_the_sorts_with_its_line() {
    let items = items(&["signals: {anger: 0.1}"]);
    let mut sorts: Vec<Sort> = items.iter().map(|item| item.sort).collect();
    sorts.dedup();
    assert_eq!(sorts, Sort::ALL);
    let lines: Vec<&str> = PLAYBOOK.lines().collect();
    for item in &items {
        let quoted = item.name.split('`').nth(1).unwrap();
        let line = lines[item.place.line() - 1];
        assert!(line.contains(quoted) || item.sort != Sort::Stages, "{item:?}: {line}");
        assert!(item.place.line() > 0 && item.place.line() <= lines.len(), "{item:?}");
    }
}

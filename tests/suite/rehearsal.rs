//! Each thing that a playbook's test can expect: it passes where it is so, and fails, with the reason, where it is not.

use composure::playbook::{Bases, Playbook};
use composure::rehearsal::{self, Failure};

const PLAYBOOK: &str = r#"playbook: rehearsed
version: "1"
title: Rehearsed
channels: [voice, email]
values: {name: The name}
signals:
  anger: {high: {from: 0.6, until: 0.4}}
  threat: {high: {from: 0.5, until: 0.2}}
facts:
  grievance_known: Do you know what went wrong?
  fix_known: Is there a fix?
stages:
  listen:
    title: Hear them out
    actions: [hear, ask, solve]
    otherwise: hear
    exits:
      - {to: help, when: [grievance_known]}
      - {to: settled, when: [stage.turns >= 9]}
  help:
    title: Help
    actions: [promise_it, tell, solve]
    otherwise: tell
    exits:
      - {to: settled, when: [stage.turns >= 9]}
  settled: {title: Done, final: resolved}
first:
  - {action: ask, when: [anger.falling]}
actions:
  hear:
    title: Listen
    kind: listening
    why: People want to be heard.
    value: 2
    delivery: [even_voice]
    say: [{id: go_on, text: "Go on."}]
  ask:
    title: Ask
    kind: question
    why: It helps to know.
    limit: {times: 1}
    say: ["{name}, what happened?"]
  solve:
    title: Solve
    kind: solution
    why: It helps.
    when: [fix_known]
    say: ["Here is what I can do."]
  promise_it:
    title: Promise
    kind: promise
    why: They know what comes.
    say: ["I will write by noon."]
  tell:
    title: Tell
    kind: update
    why: They know where it stands.
    keeps: promise
    say: ["Here is where it stands."]
  call:
    title: Call for help
    kind: safety
    why: Nobody gets hurt.
    say: ["I am getting help."]
delivery:
  even_voice: {tell: Keep your voice even., on: [spoken]}
guardrails:
  no_humor: {tell: No jokes.}
  no_haste: {tell: No fix while they shout., when: [anger.high], forbids: [kind.solution]}
escalations:
  danger: {level: require, target: security, urgency: now, why: Somebody may get hurt., when: [threat.high], action: call}
tests:
"#;

fn failures(tests: &str) -> Vec<Failure> {
    let source = format!("{PLAYBOOK}{tests}");
    let (playbook, _) = Playbook::parse(source.as_bytes(), "rehearsed.yaml", &Bases::none())
        .unwrap_or_else(|report| panic!("{report}"));
    rehearsal::rehearse(&playbook).into_iter().flat_map(|played| played.failures).collect()
}

/// A customer who is loud at first, then calm enough to say what went wrong; then the agent promises, and the time passes.
fn conversation(turn: usize, expect: &str) -> String {
    let turns = [
        "signals: {anger: 0.9}, facts: {fix_known: true}",
        "signals: {anger: 0.3, threat: 0.9}, did: [hear]",
        "signals: {threat: 0.0}, facts: {grievance_known: true, fix_known: unknown}, did: [call, ask], values: {name: Ana}",
        "did: [{action: promise_it, due: 30m}], at: 1m",
        "at: 31m",
    ];
    let turns = turns.iter().enumerate().map(|(place, observed)| {
        let expect = if place + 1 == turn { format!(", expect: {{{expect}}}") } else { String::new() };
        format!("      - {{{observed}{expect}}}\n")
    });
    format!("  - it: shows it\n    channel: voice\n    turns:\n{}", turns.collect::<String>())
}

/// Turn; what is so; what is not, with what is found instead.
const EXPECTATIONS: [(usize, &str, &str, &str); 27] = [
    (1, "stage: listen", "stage: help", "listen"),
    (3, "path: [help]", "path: []", "[help]"),
    (2, "path: []", "path: [help]", "[]"),
    (1, "first: hear", "first: ask", "hear"),
    (1, "top: [hear, ask]", "top: [ask]", "[hear, ask]"),
    (1, "includes: [ask]", "includes: [solve]", "[hear, ask]"),
    (1, "never: [solve]", "never: [ask]", "ask in place 2"),
    (1, "never: [kind.solution]", "never: [kind.question]", "ask in place 2"),
    (1, "escalation: none", "escalation: offer", "none"),
    (2, "escalation: require", "escalation: offer", "require"),
    (2, "target: security", "target: supervisor", "security"),
    (2, "urgency: now", "urgency: soon", "now"),
    (2, "call: call", "call: ask", "call"),
    (1, "outcome: open", "outcome: resolved", "open"),
    (1, "guardrails: [no_haste]", "lifted: [no_haste]", "in force"),
    (3, "lifted: [no_haste]", "guardrails: [no_haste]", "[no_humor]"),
    (3, "missing: [fix_known]", "missing: [grievance_known]", "[fix_known]"),
    (1, "suppressed: {solve: guardrail}", "suppressed: {solve: unknown}", "guardrail"),
    (3, "suppressed: {solve: unknown}", "suppressed: {tell: limit}", "not held back"),
    (1, "up_next: help", "up_next: settled", "help"),
    (1, "delivery: [even_voice]", "says_one_of: [say_1]", "go_on"),
    (1, "says_one_of: [go_on]", "first: solve", "hear"),
    (2, "brief: {tried: [hear]}", "brief: {tried: [tell]}", "[hear]"),
    (2, "brief: {avoid: [no_humor]}", "brief: {avoid: [no_haste]}", "[no_humor]"),
    (2, "brief: {commitments: 0}", "brief: {commitments: 1}", "0"),
    (4, "promises: {open: 1}", "promises: {kept: 1}", "0"),
    (5, "promises: {missed: 1}, unchanged: false", "promises: {open: 1}", "0"),
];

#[test]
fn what_is_so_passes() {
    for (turn, so, ..) in EXPECTATIONS {
        assert_eq!(failures(&conversation(turn, so)), [], "turn {turn}: {so}");
    }
}

#[test]
fn what_is_not_so_fails_with_what_is_found_instead() {
    for (turn, _, not_so, found) in EXPECTATIONS {
        let failures = failures(&conversation(turn, not_so));
        let [failure] = failures.as_slice() else { panic!("turn {turn}: {not_so}: {failures:?}") };
        assert_eq!((failure.turn, failure.found.as_str()), (turn, found), "{not_so}");
        assert!(!failure.expected.is_empty());
    }
}

#[test]
fn a_failure_says_what_held_the_expected_action_back() {
    let because = |turn, expect| failures(&conversation(turn, expect)).remove(0).because;
    assert_eq!(
        because(1, "first: solve"),
        ["`hear` is ranked by its score, 2 = 2", "`solve` is held back (guardrail: no_haste, anger.high is true)"]
    );
    assert_eq!(because(1, "includes: [tell]"), ["`tell` is not an action of stage `listen`"]);
    assert_eq!(because(2, "first: ask").first().unwrap(), "`call` is placed by the escalation `danger`");
    assert_eq!(because(2, "never: [ask]"), ["`ask` is placed by a `first` rule: anger.falling is true"]);
    assert_eq!(because(1, "stage: help").first().unwrap(), "it stayed in `listen`");
}

/// Turn; what is not so; the last reason that is given.
const REASONS: [(usize, &str, &str); 20] = [
    (1, "stage: settled", "the exit to `settled` waits because stage.turns >= 9 is false"),
    (4, "stage: listen", "no exit of `help` leads to `listen`"),
    (1, "path: [help]", "`help` comes next, and waits because grievance_known is unknown"),
    (1, "outcome: resolved", "`help` comes next, and waits because grievance_known is unknown"),
    (1, "up_next: settled", "`help` comes next, and waits because grievance_known is unknown"),
    (1, "top: [ask]", "`ask` is ranked by its score, 1 = 1"),
    (
        3,
        "includes: [ask]",
        "`ask` is not an action of stage `help`, and the `first` rule for `ask` holds: anger.falling is true, but the action's own gates hold it back",
    ),
    (1, "never: [kind.question]", "`ask` is ranked by its score, 1 = 1"),
    (1, "escalation: offer", ""),
    (1, "escalation: require", "the escalation `danger` waits because threat.high is false"),
    (1, "call: call", "the escalation `danger` waits because threat.high is false"),
    (2, "escalation: none", "`danger` is in force: threat.high is true"),
    (1, "lifted: [no_haste]", "`no_haste` is in force: anger.high is true"),
    (1, "lifted: [no_humor]", "`no_humor` is in force, always"),
    (3, "guardrails: [no_haste]", "`no_haste` is lifted: anger.high is false"),
    (3, "missing: [grievance_known]", "`grievance_known` was told to be true"),
    (1, "says_one_of: [say_1]", "`hear` offers [go_on]"),
    (2, "brief: {tried: [tell]}", "`tell` has not been done"),
    (1, "brief: {avoid: [no_haste]}", "there is no escalation, so nothing is handed over"),
    (4, "promises: {kept: 1}", "the promise `promise_it-4` is open"),
];

#[test]
fn each_sort_of_failure_has_its_reason() {
    for (turn, not_so, reason) in REASONS {
        let because = failures(&conversation(turn, not_so)).remove(0).because;
        assert_eq!(because.last().map_or("", String::as_str), reason, "turn {turn}: {not_so}: {because:?}");
    }
}

#[test]
fn a_rule_that_would_bring_the_action_says_what_it_waits_for() {
    let turn = "{facts: {grievance_known: true}, expect: {includes: [ask]}}";
    let [failure] = failures(&format!("  - it: shows it\n    turns:\n      - {turn}\n")).try_into().unwrap();
    let rule = "the `first` rule for `ask` waits because anger.falling is false";
    assert_eq!(failure.because, [format!("`ask` is not an action of stage `help`, and {rule}")]);
}

#[test]
fn a_failure_names_the_line_of_its_turn() {
    let tests = conversation(2, "stage: help");
    let line = PLAYBOOK.lines().count() + tests.lines().position(|line| line.contains("expect")).unwrap() + 1;
    assert_eq!(failures(&tests).remove(0).line, line);
}

#[test]
fn what_was_assumed_and_what_was_said_are_told_apart() {
    let played = |did: &str| {
        failures(&format!(
            "  - it: shows it\n    turns:\n      - {{signals: {{anger: 0.9}}}}\n      \
             - {{signals: {{anger: 0.9, threat: 0.9}}{did}, expect: {{brief: {{tried: [hear]}}}}}}\n"
        ))
    };
    assert_eq!(played(""), []);
    assert_eq!(played(", did: [{action: hear, result: dismissed}]").len(), 1);
    assert_eq!(played(", did: []").len(), 1);
}

#[test]
fn a_turn_with_only_a_time_is_a_look_in_which_nothing_was_done() {
    let played = |second: &str| {
        failures(&format!(
            "  - it: shows it\n    turns:\n      - {{signals: {{anger: 0.9}}}}\n      - {{{second}, at: 1m}}\n      \
             - {{signals: {{threat: 0.9}}, did: [], expect: {{brief: {{tried: [hear]}}}}}}\n"
        ))
    };
    assert_eq!(played("expect: {stage: listen, first: hear, unchanged: true}").len(), 1);
    assert_eq!(played("signals: {anger: 0.9}"), []);
}

#[test]
fn options_of_a_turn_reach_the_engine() {
    let played =
        |turn: &str| failures(&format!("  - it: shows it\n    channel: email\n    turns:\n      - {{{turn}}}\n"));
    assert_eq!(played("signals: {anger: 0.9}, max: 1, expect: {never: [ask]}"), []);
    assert_eq!(
        played("signals: {anger: 0.9}, exclude: [hear], expect: {first: ask, suppressed: {hear: excluded}}"),
        []
    );
    assert_eq!(played("signals: {anger: 0.9}, expect: {delivery: [even_voice]}").len(), 1);
    assert_eq!(played("signals: {anger: 0.9}, channel: voice, expect: {delivery: [even_voice]}"), []);
    assert_eq!(played("signals: {threat: {level: 0.9, confidence: 0.1}}, expect: {escalation: none}"), []);
}

//! What holds for every playbook: random ones, with random conversations.

use std::fmt::Write as _;

use composure::engine::{ActionResult, Decision, NextState, Observation, Outcome, Placed, Reading, Snapshot};
use composure::playbook::{Bases, EscalationLevel, Level, Playbook};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::session::{Dice, Session, with_result};

/// A valid playbook, somehow.
pub(crate) fn playbook(dice: &mut Dice) -> Playbook {
    parse(&text(dice))
}

/// A valid playbook, somehow, that claims something of itself; and as it is written, `tests` to come.
pub(crate) fn playbook_with_laws(dice: &mut Dice) -> (Playbook, String) {
    let mut text = text(dice);
    text.push_str("laws:\n");
    for _ in 0..4 {
        let claim = match dice.below(6) {
            0 => "never: [kind.solution]".to_owned(),
            1 => format!("never: [a{}], before: [a{}]", dice.below(ACTIONS), dice.below(ACTIONS)),
            2 => format!("first: [a{}]", dice.below(ACTIONS)),
            3 => format!("first: [a{}, a{}]", dice.below(4), 4 + dice.below(ACTIONS - 4)),
            4 => format!("reaches: {}", dice.one_of(&["final", "t0", "t1"])),
            _ => format!("escalation: {}", dice.one_of(&["offer", "recommend", "require"])),
        };
        writeln!(text, "  - {{{claim}, {}}}", any_condition(dice, true)).unwrap();
    }
    (parse(&text), text)
}

pub(crate) fn parse(text: &str) -> Playbook {
    match Playbook::parse(text.as_bytes(), "random.yaml", &Bases::none()) {
        Ok((playbook, _)) => playbook,
        Err(report) => panic!("{report}\n{text}"),
    }
}

const SIGNALS: usize = 3;
const FLAGS: usize = 2;
const FACTS: usize = 4;
const ACTIONS: usize = 9;
const KINDS: [&str; 5] = ["empathy", "question", "solution", "promise", "update"];

/// The text of a valid playbook called `random`.
pub(crate) fn text(dice: &mut Dice) -> String {
    let stages = 2 + dice.below(5);
    let mut yaml = "playbook: random\nversion: \"1\"\ntitle: Random\nsignals:\n".to_owned();
    for signal in 0..SIGNALS {
        let lasts = dice.one_of(&["", ", lasts: 1", ", lasts: conversation", ", absent: unknown"]);
        let cleared = if dice.one_in(3) { ", cleared_by: [a3]" } else { "" };
        writeln!(yaml, "  s{signal}: {{high: {{from: 0.6, until: 0.3}}{lasts}{cleared}}}").unwrap();
    }
    for flag in 0..FLAGS {
        writeln!(yaml, "  g{flag}: {{flag: true}}").unwrap();
    }
    yaml.push_str("facts:\n");
    for fact in 0..FACTS {
        let cleared = if dice.one_in(4) { ", cleared_by: [a4]" } else { "" };
        writeln!(yaml, "  f{fact}: {{ask: Is it so in case {fact}?{cleared}}}").unwrap();
    }
    writeln!(
        yaml,
        "conditions:\n  c0: {{{}}}\n  c1: {{any: [c0, s0.rising], unless: [unknown.f0]}}",
        any_condition(dice, false)
    )
    .unwrap();
    write_interrupts(&mut yaml, dice, stages);
    writeln!(
        yaml,
        "first:\n  - {{action: a2, {}}}\n  - {{action: a5, {}}}",
        any_condition(dice, true),
        any_condition(dice, true)
    )
    .unwrap();
    yaml.push_str("stages:\n");
    for stage in 0..stages {
        write_stage(&mut yaml, dice, stage, stages);
    }
    write!(yaml, "  x:\n    title: Aside\n    actions: [a1]\n    otherwise: a0\n    escalate: e0\n    exits: [{{to: back, unless: [s0.high]}}]\n").unwrap();
    yaml.push_str("  end:\n    title: End\n    final: resolved\n    exits: [{to: t0, when: [s1.high]}]\nactions:\n");
    for action in 0..ACTIONS {
        write_action(&mut yaml, dice, action);
    }
    writeln!(yaml, "guardrails:\n  g_always: {{tell: Never that., forbids: [a8]}}\n  g_some: {{tell: Not now., {}, forbids: [kind.solution, a6]}}", any_condition(dice, true)).unwrap();
    let level = dice.one_of(&["offer", "recommend", "require"]);
    writeln!(yaml, "escalations:\n  e0: {{level: require, target: security, urgency: now, why: It is so., when: [s2.high], action: a1}}").unwrap();
    writeln!(
        yaml,
        "  e1: {{level: {level}, target: supervisor, urgency: soon, why: It is so., {}, action: a1, else_action: a0}}",
        any_condition(dice, true)
    )
    .unwrap();
    yaml
}

fn write_interrupts(yaml: &mut String, dice: &mut Dice, stages: usize) {
    writeln!(yaml, "interrupts:\n  - {{to: x, when: [s0.high]{}}}", if dice.one_in(2) { ", unless: [f1]" } else { "" })
        .unwrap();
    if dice.one_in(2) {
        writeln!(yaml, "  - {{to: t{}, {}}}", dice.below(stages), any_condition(dice, true)).unwrap();
    }
}

fn write_stage(yaml: &mut String, dice: &mut Dice, stage: usize, stages: usize) {
    let next = if stage + 1 == stages { "end".to_owned() } else { format!("t{}", stage + 1) };
    let forget = dice.one_of(&["", "    forget: [a3, f2]\n", "    forget: [a5]\n"]);
    writeln!(yaml, "  t{stage}:\n    title: Stage {stage}\n{forget}    actions:").unwrap();
    for _ in 0..=dice.below(4) {
        let action = 2 + dice.below(ACTIONS - 2);
        if !yaml.ends_with("actions:\n") && yaml.rsplit("actions:\n").next().unwrap().contains(&format!("a{action}")) {
            continue;
        }
        let condition = if dice.one_in(3) { format!(", {}", any_condition(dice, true)) } else { String::new() };
        writeln!(yaml, "      - {{action: a{action}{condition}}}").unwrap();
    }
    writeln!(yaml, "    otherwise: a0\n    exits:").unwrap();
    if dice.one_in(2) {
        let to = dice.below(stages);
        if to != stage {
            writeln!(yaml, "      - {{to: t{to}, {}}}", any_condition(dice, true)).unwrap();
        }
    }
    if dice.one_in(4) {
        writeln!(yaml, "      - {{to: back, {}}}", any_condition(dice, true)).unwrap();
    }
    let turns = 2 + dice.below(4);
    writeln!(yaml, "      - {{to: {next}, any: [stage.turns >= {turns}, {}]}}", atom(dice)).unwrap();
}

fn write_action(yaml: &mut String, dice: &mut Dice, action: usize) {
    let kind = match action {
        0 | 1 => "listening",
        3 => "solution",
        _ => dice.one_of(&KINDS),
    };
    writeln!(yaml, "  a{action}:\n    title: Action {action}\n    kind: {kind}\n    why: It helps.").unwrap();
    writeln!(yaml, "    say: [\"Words {action} one.\", \"Other words {action} two.\"]").unwrap();
    if action < 2 {
        return;
    }
    if dice.one_in(3) {
        writeln!(yaml, "    {}", any_condition(dice, true).replace("], ", "]\n    ")).unwrap();
    }
    if dice.one_in(3) && action > 2 {
        writeln!(yaml, "    after: [a{}]", 2 + dice.below(action - 2)).unwrap();
    }
    if dice.one_in(2) {
        writeln!(yaml, "    limit: {{times: {}, gap: {}}}", 1 + dice.below(3), dice.one_of(&[0, 1, 2, 5])).unwrap();
        if dice.one_in(2) {
            yaml.push_str("    confirm: true\n");
        }
    }
    if dice.one_in(2) {
        writeln!(yaml, "    prefer: [{{by: {}, {}}}]", dice.one_of(&[0.5, 1.5, 4.0]), any_condition(dice, true))
            .unwrap();
    }
    if kind == "update" {
        yaml.push_str("    keeps: promise\n");
    }
}

fn any_condition(dice: &mut Dice, named: bool) -> String {
    let one = atom(dice);
    let mut two = if named && dice.one_in(3) { "c1".to_owned() } else { atom(dice) };
    while two == one {
        two = atom(dice);
    }
    match dice.below(4) {
        0 => format!("when: [{one}]"),
        1 => format!("any: [{one}, {two}]"),
        2 => format!("when: [{one}], unless: [{two}]"),
        _ => format!("unless: [{one}]"),
    }
}

fn atom(dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => format!("s{}.high", dice.below(SIGNALS)),
        1 => format!("s{}.falling", dice.below(SIGNALS)),
        2 => format!("g{}", dice.below(FLAGS)),
        3 | 4 => format!("f{}", dice.below(FACTS)),
        5 => format!("{}.f{}", dice.one_of(&["yes", "no", "known", "unknown"]), dice.below(FACTS)),
        6 => format!("done.a{}", dice.below(ACTIONS)),
        7 => format!("done.a{} >= 2", dice.below(ACTIONS)),
        _ => dice.one_of(&["promise.due", "promise.missed", "stage.turns >= 3"]).to_owned(),
    }
}

/// What a customer and an agent may do next.
pub(crate) fn observe<'a>(playbook: &'a Playbook, last: Option<&Decision<'a>>, dice: &mut Dice) -> Observation<'a> {
    let mut observation = Observation::default();
    for (_, signal) in playbook.signals() {
        if dice.one_in(2) {
            let thousandths = if signal.flag { 1000 * dice.below(2) } else { dice.below(1001) };
            let level = Level::try_from(f64::from(u32::try_from(thousandths).unwrap()) / 1000.0).ok();
            observation.signals.push(Reading { name: &signal.id, level, confidence: None });
        }
    }
    for (_, fact) in playbook.facts() {
        match dice.below(6) {
            0 => observation.facts.push((&fact.id, true)),
            1 => observation.facts.push((&fact.id, false)),
            2 => observation.unknown_facts.push(&fact.id),
            _ => {}
        }
    }
    if let Some(last) = last.filter(|_| dice.one_in(2)) {
        let results = [ActionResult::Done, ActionResult::Done, ActionResult::Dismissed, ActionResult::Unavailable];
        let mut report = Vec::new();
        for suggestion in last.suggestions.iter().take(dice.below(4)) {
            let mut entry = with_result(&suggestion.action.id, dice.one_of(&results));
            let minutes = i64::try_from(dice.below(60)).unwrap();
            entry.due = dice.one_in(2).then(|| last.now.plus_millis(minutes * 60_000));
            report.push(entry);
        }
        observation.report = Some(report);
    }
    observation
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_playbook_keeps_the_engines_promises(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let playbook = playbook(&mut dice);
        let mut session = Session::new(&playbook);
        let mut last: Option<Decision<'_>> = None;
        for _ in 0..20 {
            session.now = session.now.plus_millis(i64::try_from(dice.below(900_000)).unwrap());
            let mut observation = observe(&playbook, last.as_ref(), &mut dice);
            observation.turn = Some(last.as_ref().map_or(1, |last| last.turn + 1));
            let again = session.ask(observation.clone());
            let decision = session.turn(observation.clone());
            prop_assert!(format!("{again:?}") == format!("{decision:?}"), "the same request has two answers");
            screen_keeps_gates(&decision, session.snapshot.as_ref().unwrap());
            advice_falls_slowly(last.as_ref(), &decision);
            a_repeated_turn_changes_nothing(&mut session, observation, &decision);
            last = Some(decision);
        }
    }
}

fn screen_keeps_gates(decision: &Decision<'_>, snapshot: &Snapshot<'_>) {
    assert!(decision.outcome != Outcome::Open || !decision.suggestions.is_empty(), "an empty screen");
    let advised = decision.escalation.as_ref().and_then(|advice| advice.action).map(|action| &action.id);
    let entry = |action: &str| snapshot.actions.iter().find(|entry| entry.name == action);
    for suggestion in &decision.suggestions {
        let action = suggestion.action;
        let forbids = |guardrail: &&composure::playbook::Guardrail| {
            matches!((guardrail.id.as_str(), action.kind), ("g_some", composure::playbook::Kind::Solution))
                || guardrail.id == "g_some" && action.id == "a6"
                || guardrail.id == "g_always" && action.id == "a8"
        };
        assert!(!decision.guardrails.iter().any(forbids), "{} is forbidden", action.id);
        if suggestion.placed == Placed::Otherwise {
            continue;
        }
        let used = entry(&action.id).map_or(0, |entry| entry.used);
        let lifted = advised == Some(&action.id);
        assert!(lifted || action.limit.times.is_none_or(|times| used < times), "{} past its limit", action.id);
        let gap_ends = entry(&action.id).map_or(0, |entry| entry.used_turn + action.limit.gap);
        assert!(lifted || used == 0 || gap_ends <= decision.turn, "{} inside its gap", action.id);
        let unavailable = entry(&action.id).is_some_and(|entry| entry.unavailable);
        assert!(!unavailable, "{} is unavailable", action.id);
    }
}

fn advice_falls_slowly(last: Option<&Decision<'_>>, now: &Decision<'_>) {
    let Some(before) = last.and_then(|last| last.escalation.as_ref()) else {
        return;
    };
    let level = now.escalation.as_ref().map_or(EscalationLevel::None, |advice| advice.level);
    let had_cause = before.reasons.iter().any(|reason| reason.in_force && reason.rule.level >= before.level);
    assert!(level >= before.level || !had_cause, "advice fell the turn after its cause");
}

fn a_repeated_turn_changes_nothing<'a>(session: &mut Session<'a>, observation: Observation<'a>, answer: &Decision<'a>) {
    let again = session.ask(observation);
    assert!(matches!(again.state, NextState::Same), "a repeated turn changed the state");
    assert!(again.unchanged, "a repeated turn changed the answer");
    let path = |decision: &Decision<'_>| decision.path.iter().map(|stage| stage.id.clone()).collect::<Vec<_>>();
    assert_eq!((path(&again), &again.stage.id), (path(answer), &answer.stage.id));
    let refreshed = session.ask(Observation::default());
    assert!(matches!(refreshed.state, NextState::Same), "looking changed the state");
    assert!(refreshed.unchanged, "looking changed the answer");
}

//! Laws are proven, or broken by a conversation that the engine itself plays.

use std::fs;
use std::path::{Path, PathBuf};

use composure::laws::{self, Length, Outcome};
use composure::playbook::{Bases, Content, DEFAULT, Law, Playbook, Severity, Style, Whole};
use composure::rehearsal;
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::random_playbooks::{self, parse};
use crate::session::{Dice, Session};

/// The conversation that breaks the law `it`, as a test; `None`: it is proven.
fn example(playbook: &Playbook, it: &str) -> Option<String> {
    let law = playbook.laws().iter().find(|law| law.it == it).unwrap_or_else(|| panic!("no law says {it}"));
    match laws::prove_one(playbook, law).outcome {
        Outcome::Proven => None,
        Outcome::Broken(example, _) => Some(laws::as_test(playbook, &example)),
        Outcome::Stuck(trap) => Some(laws::as_test(playbook, &trap.conversation)),
        outcome @ (Outcome::Open { .. } | Outcome::NoWayShown { .. }) => panic!("{it}: {outcome:?}"),
    }
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}

/// Small playbooks with a law each, and what is to be said of it beside them.
fn claims() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laws");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

#[test]
fn every_claim_gets_its_report() {
    let mut wrong = String::new();
    for file in claims() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let source = fs::read(&file).unwrap();
        let bases = Bases::none();
        let (whole, report) = Whole::read(&source, name, &bases).unwrap();
        assert_eq!(report.count(Severity::Error), 0, "{report}");
        let Content::Playbook(playbook) = &whole.content else { panic!("{name} is a fragment") };
        let found = laws::examine(&whole, playbook, report).report.render(Style::Plain);
        let expected = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
        if found.trim_end() != expected.trim_end() {
            wrong = format!("{wrong}\n==== {name}\n{found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_laws_of_the_default_playbook_are_proven() {
    let playbook = parse(DEFAULT);
    let proofs = laws::prove(&playbook);
    assert!(proofs.len() >= 16);
    for proof in proofs {
        assert!(matches!(proof.outcome, Outcome::Proven), "{}: {:?}", proof.law.it, proof.outcome);
    }
}

/// What makes a law hold, and what to put in its place.
type Change = (&'static str, &'static str);

const TIME_FOR_SOLUTIONS: &str =
    "unless: [venting.high, unacknowledged, flares_up, misunderstood, undecided, only_to_be_heard]";
const CHANGES: [(&str, &[Change]); 16] = [
    (
        "Help comes first where somebody may be harmed.",
        &[(
            "any: [threat.high, belligerence.high], unless: [self_harm_risk], action: call_for_help",
            "any: [threat.high, belligerence.high], unless: [self_harm_risk], action: steady_yourself",
        )],
    ),
    ("Where somebody may be harmed, help is required.", &[("danger: {level: require", "danger: {level: recommend")]),
    (
        "While they vent, listening comes first.",
        &[("  - {action: keep_listening, when: [venting.high], source: [K2, A1, B1, L2]}\n", "")],
    ),
    (
        "While they vent, nothing is offered.",
        &[(TIME_FOR_SOLUTIONS, "unless: [unacknowledged, flares_up, misunderstood, undecided, only_to_be_heard]")],
    ),
    (
        "No solution before the feeling is acknowledged.",
        &[
            (TIME_FOR_SOLUTIONS, "unless: [venting.high, flares_up, misunderstood, undecided, only_to_be_heard]"),
            (
                "flares_up: {any: [anger_flares, frustration_flares, late_heat]}",
                "flares_up: {any: [anger_flares, frustration_flares]}",
            ),
        ],
    ),
    (
        "No solution before the grievance is known.",
        &[("when: [yes.grievance_known, repeated_back], unless", "when: [repeated_back], unless")],
    ),
    (
        "No solution before it was repeated back.",
        &[("when: [yes.grievance_known, repeated_back], unless", "when: [yes.grievance_known], unless")],
    ),
    (
        "A mistake is owned only where it is known, or a promise was missed.",
        &[(
            "    any: [mistake_confirmed, missed_promise]",
            "    any: [mistake_confirmed, missed_promise, promise.due]",
        )],
    ),
    (
        "Only what is reasonable is granted.",
        &[("    when: [demand_reasonable, within_agent_authority]", "    when: [within_agent_authority]")],
    ),
    (
        "Only what the agent may decide is granted.",
        &[("    when: [demand_reasonable, within_agent_authority]", "    when: [demand_reasonable]")],
    ),
    (
        "Goodwill is offered only where it is authorised.",
        &[("    when: [goodwill_authorized]", "    unless: [no.goodwill_authorized]")],
    ),
    (
        "Who turned down a solution, or is unsure, is asked what they want.",
        &[(
            "  - {action: ask_desired_outcome, when: [undecided], unless: [abusive_language.high], source: [A6, L6]}\n",
            "",
        )],
    ),
    (
        "Nothing more is proposed until they were asked.",
        &[(TIME_FOR_SOLUTIONS, "unless: [venting.high, unacknowledged, flares_up, misunderstood, only_to_be_heard]")],
    ),
    (
        "A missed promise is owned first.",
        &[("  - {action: own_mistake, when: [missed_promise], source: [K11, C4, L7]}\n", "")],
    ),
    (
        "A due promise puts the progress update on top.",
        &[(
            "{action: give_progress_update, any: [promise.due, missed_promise]",
            "{action: give_progress_update, any: [missed_promise]",
        )],
    ),
    (
        "Who asks for a manager is offered one.",
        &[(
            "manager_wanted: {level: offer, target: supervisor, urgency: soon, why: \"They ask for a manager.\", when: [requests_manager]",
            "manager_wanted: {level: offer, target: supervisor, urgency: soon, why: \"They ask for a manager.\", when: [requests_manager, heated]",
        )],
    ),
];

#[test]
fn each_law_of_the_default_playbook_breaks_without_what_makes_it_hold() {
    for (it, changes) in CHANGES {
        let mut changed = DEFAULT.to_owned();
        for (from, to) in changes {
            assert!(changed.contains(from), "{it}: `{from}` is gone");
            changed = changed.replacen(from, to, 1);
        }
        let playbook = parse(&changed);
        let Some(example) = example(&playbook, it) else { panic!("still proven: {it}") };
        let pasted = parse(&format!("{changed}{}", indented(&example)));
        let played = rehearsal::rehearse(&pasted);
        assert!(!played.last().unwrap().passed(), "{it}: passes as a test\n{example}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Proofs are about all conversations, so random ones keep what is proven; and what is broken is seen to break.
    #[test]
    fn what_is_proven_is_kept_and_what_is_broken_breaks(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let (playbook, text) = random_playbooks::playbook_with_laws(&mut dice);
        let proofs = laws::prove(&playbook);
        for proof in &proofs {
            let example = match &proof.outcome {
                Outcome::Broken(example, _) => Some(example.as_ref()),
                Outcome::Stuck(trap) => Some(&trap.conversation),
                Outcome::Proven | Outcome::Open { .. } | Outcome::NoWayShown { .. } => None,
            };
            if let Some(example) = example {
                let test = laws::as_test(&playbook, example);
                let pasted = parse(&format!("{text}tests:\n{}", indented(&test)));
                prop_assert!(!rehearsal::rehearse(&pasted).last().unwrap().passed(), "{test}");
            }
        }
        let proven: Vec<&Law> =
            proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Proven)).map(|proof| proof.law).collect();
        let kept = proofs.iter().filter_map(|proof| match &proof.outcome {
            Outcome::Broken(example, Length::Shortest) => Some((proof.law, example.turns.len() - 1)),
            Outcome::Open { kept_for, .. } => Some((proof.law, *kept_for)),
            Outcome::Broken(_, Length::NotShown)
            | Outcome::Proven
            | Outcome::Stuck(_)
            | Outcome::NoWayShown { .. } => None,
        });
        let kept: Vec<(&Law, usize)> = kept.collect();
        for _ in 0..10 {
            keeps_all((&playbook, &text), (&proven, &kept), &mut dice);
        }
    }
}

/// Some random conversation, in which the laws are kept: those that are proven, the others for so many turns.
fn keeps_all((playbook, text): (&Playbook, &str), (laws, kept): (&[&Law], &[(&Law, usize)]), dice: &mut Dice) {
    let mut session = Session::new(playbook);
    let mut last = None;
    for turn in 1..=10 {
        session.now = session.now.plus_millis(i64::try_from(dice.below(900_000)).unwrap());
        session.options.max_suggestions = dice.one_of(&[1, 3, 20]);
        let observation = random_playbooks::observe(playbook, last.as_ref(), dice);
        for law in laws {
            let broken = laws::breaks(playbook, law, &session.request(observation.clone()));
            let way = laws::finds_way(playbook, law, &session.request(observation.clone()));
            assert!(way != Some(false), "proven and stuck: the law on line {}\n{text}", law.place.line());
            assert!(broken.is_none(), "proven and broken: the law on line {}, {broken:?}", law.place.line());
        }
        for (law, turns) in kept.iter().filter(|(_, turns)| turn <= *turns) {
            let broken = laws::breaks(playbook, law, &session.request(observation.clone()));
            assert!(
                broken.is_none(),
                "kept for {turns} turns and broken in turn {turn}: the law on line {}\n{text}",
                law.place.line()
            );
        }
        last = Some(session.turn(observation));
    }
}

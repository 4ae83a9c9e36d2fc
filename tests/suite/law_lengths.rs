//! The conversations that break laws are as short as they are said to be.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use composure::engine::{
    self, ActionReport, ActionResult, Explain, NextState, Observation, Options, Reading, Request, Snapshot,
};
use composure::laws::{self, Length, Outcome};
use composure::playbook::{Bases, Conversation, Law, Level, Playbook};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::random_playbooks::parse;
use crate::session::{Dice, START, with_result};

/// The conversation that breaks the only law of `playbook`, and what is known of its length.
fn example(playbook: &Playbook) -> (Conversation, Length) {
    match laws::prove_one(playbook, &playbook.laws()[0]).outcome {
        Outcome::Broken(example, length) => (*example, length),
        other => panic!("{other:?}"),
    }
}

/// A process of two stages with `law`, in which the fix can come up in the first turn.
fn claims(law: &str) -> Playbook {
    let text = include_str!("../laws/passed_stage.yaml");
    let claimed = "{it: Nothing is offered to the angry., never: [kind.solution], when: [anger.high]}";
    assert!(text.contains(claimed));
    parse(&text.replace(claimed, law))
}

#[test]
fn what_breaks_in_one_turn_is_shown_in_one_turn() {
    for law in [
        "{never: [fix], when: [anger.high]}",
        "{never: [fix], when: [venting.high]}",
        "{never: [fix], when: [promise.missed]}",
    ] {
        let playbook = claims(law);
        let (found, length) = example(&playbook);
        let test = laws::as_test(&playbook, &found);
        assert_eq!((found.turns.len(), length), (1, Length::Shortest), "{test}");
    }
}

#[test]
fn what_takes_turns_is_shown_in_just_so_many() {
    for (law, turns) in [
        ("{never: [listen], when: [anger.rising]}", 2),
        ("{never: [ask], when: [stage.turns >= 2]}", 2),
        ("{never: [fix], unless: [story_known]}", 2),
        ("{never: [listen], when: [stage.turns >= 3]}", 3),
        // The fix that was done in the turn is in its gap.
        ("{never: [fix], when: [done.fix]}", 2),
        ("{never: [listen], when: [stage.turns >= 4]}", 4),
    ] {
        let playbook = claims(law);
        let (found, length) = example(&playbook);
        let test = laws::as_test(&playbook, &found);
        assert_eq!((found.turns.len(), length), (turns, Length::Shortest), "{law}\n{test}");
    }
}

#[test]
fn what_takes_longer_than_anybody_looks_is_not_called_the_shortest() {
    let playbook = claims("{never: [listen], when: [stage.turns >= 11]}");
    let (found, length) = example(&playbook);
    assert_eq!((found.turns.len(), length), (11, Length::NotShown));
}

const ACTIONS: usize = 4;

fn atom(dice: &mut Dice) -> String {
    match dice.below(10) {
        0 | 1 => "s0.high".to_owned(),
        2 => dice.one_of(&["s0.rising", "s0.falling"]).to_owned(),
        3 | 4 => "f0".to_owned(),
        5 => dice.one_of(&["unknown.f0", "no.f0"]).to_owned(),
        6 | 7 => format!("done.a{}", dice.below(ACTIONS)),
        8 => format!("done.a{} >= 2", dice.below(ACTIONS)),
        _ => dice.one_of(&["stage.turns >= 2", "stage.turns >= 3"]).to_owned(),
    }
}

fn condition(dice: &mut Dice) -> String {
    let (one, mut two) = (atom(dice), atom(dice));
    while two.get(..3) == one.get(..3) {
        two = atom(dice);
    }
    match dice.below(5) {
        0 => format!("when: [{one}]"),
        1 => format!("any: [{one}, {two}]"),
        2 => format!("when: [{one}], unless: [{two}]"),
        3 => format!("when: [{one}, {two}]"),
        _ => format!("unless: [{one}]"),
    }
}

/// A valid playbook so small that much of what can happen in a few turns of it can be tried; and as it is written, `tests` to come.
fn small(dice: &mut Dice) -> (Playbook, String) {
    loop {
        let text = small_text(dice);
        if let Ok((playbook, _)) = Playbook::parse(text.as_bytes(), "small.yaml", &Bases::none()) {
            return (playbook, text);
        }
    }
}

/// Mostly valid.
fn small_text(dice: &mut Dice) -> String {
    let mut yaml = "playbook: small\nversion: \"1\"\ntitle: Small\n".to_owned();
    let lasts = dice.one_of(&["", ", lasts: 1", ", lasts: conversation", ", absent: unknown"]);
    let cleared = dice.one_of(&["", ", cleared_by: [a2]"]);
    writeln!(yaml, "signals:\n  s0: {{high: {{from: 0.6, until: 0.3}}{lasts}{cleared}}}").unwrap();
    let cleared = dice.one_of(&["", ", cleared_by: [a3]"]);
    writeln!(yaml, "facts:\n  f0: {{ask: Is it so?{cleared}}}").unwrap();
    writeln!(yaml, "interrupts:\n  - {{to: x, {}}}", condition(dice)).unwrap();
    writeln!(yaml, "first:\n  - {{action: a3, {}}}\nstages:", condition(dice)).unwrap();
    write_stage(&mut yaml, dice, ("t0", "x", "t1"));
    write_stage(&mut yaml, dice, ("t1", "t0", "end"));
    let onward = condition(dice);
    writeln!(yaml, "  x:\n    title: Aside\n    actions: [a3]\n    otherwise: a0\n    escalate: e0").unwrap();
    writeln!(yaml, "    exits: [{{to: t1, {onward}}}, {{to: back, when: [stage.turns >= 2]}}]").unwrap();
    writeln!(yaml, "  end:\n    title: End\n    final: resolved\n    exits: [{{to: t0, when: [s0.high]}}]").unwrap();
    write_actions(&mut yaml, dice);
    let (level, called) = (dice.one_of(&["offer", "recommend", "require"]), condition(dice));
    let whom = "urgency: soon, why: So.";
    writeln!(yaml, "escalations:\n  e0: {{level: require, target: security, {whom}, action: a3}}").unwrap();
    let acts = "action: a2, else_action: a1";
    writeln!(yaml, "  e1: {{level: {level}, target: supervisor, {whom}, {called}, {acts}}}").unwrap();
    write_laws(&mut yaml, dice);
    yaml
}

fn write_stage(yaml: &mut String, dice: &mut Dice, (stage, aside, next): (&str, &str, &str)) {
    let forget = dice.one_of(&["", "    forget: [a2, f0]\n", "    forget: [a3]\n"]);
    let (own, turns) = (condition(dice), 2 + dice.below(2));
    writeln!(yaml, "  {stage}:\n    title: Stage\n{forget}    actions: [a1, {{action: a2, {own}}}]").unwrap();
    writeln!(yaml, "    otherwise: a0\n    exits:").unwrap();
    if dice.one_in(2) {
        writeln!(yaml, "      - {{to: {aside}, {}}}", condition(dice)).unwrap();
    }
    writeln!(yaml, "      - {{to: {next}, any: [stage.turns >= {turns}, {}]}}", atom(dice)).unwrap();
}

fn write_actions(yaml: &mut String, dice: &mut Dice) {
    yaml.push_str("actions:\n");
    for action in 0..ACTIONS {
        let kind = dice.one_of(&["question", "solution"]);
        write!(yaml, "  a{action}: {{title: Action {action}, kind: {kind}, why: It helps., say: [Word {action}.]")
            .unwrap();
        if action > 0 && dice.one_in(2) {
            let confirm = dice.one_of(&["", ", confirm: true"]);
            write!(yaml, ", limit: {{times: {}, gap: {}}}{confirm}", 1 + dice.below(2), dice.below(3)).unwrap();
        }
        if action > 1 && dice.one_in(3) {
            write!(yaml, ", {}", condition(dice)).unwrap();
        }
        yaml.push_str("}\n");
    }
}

fn write_laws(yaml: &mut String, dice: &mut Dice) {
    yaml.push_str("laws:\n");
    for _ in 0..6 {
        let claim = match dice.below(4) {
            0 => format!("never: [a{}]", dice.below(ACTIONS)),
            1 => format!("never: [a{}], before: [a{}]", dice.below(2), 2 + dice.below(2)),
            2 => format!("first: [a{}, a{}]", dice.below(2), 2 + dice.below(2)),
            _ => format!("escalation: {}", dice.one_of(&["offer", "require"])),
        };
        writeln!(yaml, "  - {{{claim}, {}}}", condition(dice)).unwrap();
    }
}

/// Everything that can be told in a turn, as far as it makes a difference.
fn observations(playbook: &Playbook) -> Vec<Observation<'_>> {
    let (_, signal) = playbook.signals().next().unwrap();
    let (_, fact) = playbook.facts().next().unwrap();
    let mut all = Vec::new();
    for level in [None, Some(0.0), Some(0.4), Some(1.0)] {
        for told in [None, Some(Some(true)), Some(Some(false)), Some(None)] {
            for report in reports(playbook) {
                let level = level.map(|level| Level::try_from(level).unwrap());
                let reading = level.map(|level| Reading { name: &signal.id, level: Some(level), confidence: None });
                all.push(Observation {
                    signals: reading.into_iter().collect(),
                    facts: told.flatten().map(|told| (fact.id.as_str(), told)).into_iter().collect(),
                    unknown_facts: (told == Some(None)).then_some(fact.id.as_str()).into_iter().collect(),
                    report,
                    ..Observation::default()
                });
            }
        }
    }
    all
}

type Reported<'a> = Option<Vec<ActionReport<'a>>>;

/// No report, or up to two deeds; some done twice, dismissed or unavailable.
fn reports(playbook: &Playbook) -> Vec<Reported<'_>> {
    let mut all: Vec<Reported<'_>> = vec![Some(Vec::new())];
    for (_, action) in playbook.actions() {
        let told = |result| with_result(&action.id, result);
        let mut more = all.clone();
        more.iter_mut().flatten().for_each(|report| report.push(told(ActionResult::Done)));
        all.extend(more);
        all.push(Some(vec![told(ActionResult::Done), told(ActionResult::Done)]));
        all.push(Some(vec![told(ActionResult::Dismissed)]));
        all.push(Some(vec![told(ActionResult::Unavailable)]));
    }
    all.retain(|report| report.as_ref().is_some_and(|report| report.len() <= 2));
    all.push(None);
    all
}

/// What of a state makes a difference to later turns.
fn gist(snapshot: &Snapshot<'_>) -> String {
    let mut gist = Snapshot { revision: 0, answer_digest: 0, reported: false, ..snapshot.clone() };
    gist.path.clear();
    gist.assumed_before = None;
    gist.first_phrasing = "";
    gist.actions.iter_mut().for_each(|action| action.phrasings.clear());
    gist.facts.iter_mut().for_each(|fact| (fact.asked, fact.asked_turn) = (0, 0));
    format!("{gist:?}")
}

/// States that are gone on from, at most: each is answered seven hundred times.
const MOST_STATES: usize = 5;

/// In how many turns the engine breaks each law first, `most` at most: everything is tried in the first turn, and again in many
/// of the situations that a turn leads to.
fn tried(playbook: &Playbook, laws: &[&Law], most: usize) -> Vec<Option<usize>> {
    let all = observations(playbook);
    let mut first = vec![None; laws.len()];
    let mut here: Vec<Option<Snapshot<'_>>> = vec![None];
    for turn in 1..=most {
        let (mut next, mut seen) = (Vec::new(), BTreeSet::new());
        for request in here.iter().flat_map(|snapshot| requests(snapshot.as_ref(), &all)) {
            for (law, first) in laws.iter().zip(&mut first).filter(|(_, first)| first.is_none()) {
                *first = laws::breaks(playbook, law, &request).map(|_| turn);
            }
            let decision = engine::decide(playbook, engine::resolve(playbook, request).0);
            if let NextState::New(snapshot) = decision.state
                && seen.insert(gist(&snapshot))
            {
                next.push(Some(*snapshot));
            }
        }
        let apart = next.len().div_ceil(MOST_STATES).max(1);
        here = next.into_iter().step_by(apart).collect();
    }
    first
}

/// Everything that can be told next, and nothing, for a caller with one place on the screen, and with enough.
fn requests<'a>(snapshot: Option<&Snapshot<'a>>, all: &[Observation<'a>]) -> Vec<Request<'a>> {
    let nothing = Observation::default();
    let told = all.iter().chain([&nothing]).flat_map(|observation| [(observation, 1), (observation, 20)]);
    let request = |(observation, max_suggestions): (&Observation<'a>, usize)| Request {
        snapshot: snapshot.cloned(),
        observation: observation.clone(),
        values: Vec::new(),
        options: Options { max_suggestions, explain: Explain::None, ..Options::default() },
        now: START,
    };
    told.map(request).collect()
}

#[test]
fn of_nearly_all_laws_it_is_shown_how_short_a_conversation_can_be() {
    let mut shown = [0, 0];
    for seed in 0..24 {
        let (playbook, _) = small(&mut Dice(seed));
        for law in playbook.laws() {
            let (_, length) = laws::shorter(&playbook, law, 4);
            shown[usize::from(length == Length::Shortest)] += 1;
        }
    }
    let [not_shown, shown] = shown;
    assert!(not_shown * 50 <= shown, "of {shown} it is, of {not_shown} it is not");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// The engine, to which many conversations are told, breaks no law in fewer turns than the formulas say.
    #[test]
    fn no_shorter_conversation_breaks_the_law(seed in any::<u64>()) {
        let (playbook, text) = small(&mut Dice(seed));
        let laws: Vec<&Law> = playbook.laws().iter().collect();
        for (law, first) in laws.iter().zip(tried(&playbook, &laws, 2)) {
            let (found, length) = laws::shorter(&playbook, law, 4);
            let turns = found.as_ref().map(|found| found.turns.len());
            let line = law.place.line();
            if length == Length::NotShown {
                // That is told, and so is how seldom it is so.
                continue;
            }
            let is_known = first.is_none() || matches!(laws::prove_one(&playbook, law).outcome, Outcome::Broken(..));
            prop_assert!(is_known, "{first:?} turns break the law on line {line}, and nobody says so\n{text}");
            prop_assert!(first.is_none() || turns.is_some_and(|turns| Some(turns) <= first), "{first:?} turns and not {turns:?} break the law on line {line}\n{text}");
        }
    }
}

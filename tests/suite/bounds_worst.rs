//! What the dearest decision costs: a crowded stage with long conditions, a state at its caps, and a request that says everything
//! and a thousand names that nobody knows.

use std::fmt::Write as _;
use std::sync::LazyLock;

use composure::engine::{ActionReport, Commitment, CommitmentStatus, Observation, Reading, Request, Snapshot};
use composure::playbook::{Bases, Level, Playbook};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::bounds::{Cost, cost};
use crate::random_playbooks::text;
use crate::session::{Dice, START, Session, done};

const CANDIDATES: usize = 60;
const RULES: usize = 20;
const ELSEWHERE: usize = Snapshot::MAX_ACTIONS - CANDIDATES;
const UNKNOWN: usize = 1_000;
/// For so many of them it is said what was probably meant.
const GUESSES: usize = 8;

/// What the dearest decision may cost. It looks at some 250 conditions of 192 atoms each, lists what holds and what does not of most of
/// them, tells of a thousand names that nobody knows them, and compares eight of these with 257.
const MOST: Cost = Cost { allocations: 12_000, bytes: 4 * 1024 * 1024 };

/// Atoms that are all true when everything is known: nearly as many as one condition may read.
fn atoms() -> String {
    let facts = (0..Snapshot::MAX_FACTS).map(|fact| format!("f{fact}"));
    let signals = (0..Snapshot::MAX_SIGNALS).map(|signal| format!("s{signal}.high"));
    facts.chain(signals).collect::<Vec<_>>().join(", ")
}

/// As many actions as a state can hold.
static WORST: LazyLock<Playbook> = LazyLock::new(|| playbook(ELSEWHERE));

/// A playbook that is as bad as it can be, with so many more stages.
fn playbook(elsewhere: usize) -> Playbook {
    let mut yaml = "playbook: worst\nversion: \"1\"\ntitle: Worst\nsignals:\n".to_owned();
    for signal in 0..Snapshot::MAX_SIGNALS {
        writeln!(yaml, "  s{signal}: {{high: {{from: 0.5, until: 0.5}}, lasts: conversation}}").unwrap();
    }
    yaml.push_str("facts:\n");
    (0..Snapshot::MAX_FACTS).for_each(|fact| writeln!(yaml, "  f{fact}: Is it so?").unwrap());
    yaml.push_str("values: {v: A value}\n");
    write_rules(&mut yaml);
    write_stages(&mut yaml, elsewhere);
    write_actions(&mut yaml, elsewhere);
    match Playbook::parse(yaml.as_bytes(), "worst.yaml", &Bases::none()) {
        Ok((playbook, _)) => playbook,
        Err(report) => panic!("{report}"),
    }
}

fn write_rules(yaml: &mut String) {
    let atoms = atoms();
    yaml.push_str("interrupts:\n");
    (0..RULES).for_each(|_| writeln!(yaml, "  - {{to: e0, unless: [{atoms}]}}").unwrap());
    yaml.push_str("first:\n");
    (0..RULES).for_each(|at| writeln!(yaml, "  - {{action: c{at}, when: [{atoms}]}}").unwrap());
    yaml.push_str("guardrails:\n");
    let forbids = "forbids: [kind.solution]";
    (0..RULES).for_each(|at| writeln!(yaml, "  g{at}: {{tell: Not that., when: [{atoms}], {forbids}}}").unwrap());
    yaml.push_str("escalations:\n");
    let advice = "level: recommend, target: supervisor, urgency: soon, why: It is so., action: o";
    (0..RULES).for_each(|at| writeln!(yaml, "  r{at}: {{{advice}, when: [{atoms}]}}").unwrap());
}

fn write_stages(yaml: &mut String, elsewhere: usize) {
    let candidates: Vec<_> = (0..CANDIDATES).map(|at| format!("c{at}")).collect();
    let (candidates, atoms) = (candidates.join(", "), atoms());
    writeln!(yaml, "stages:\n  crowd:\n    title: Crowd\n    otherwise: o\n    actions: [{candidates}]").unwrap();
    writeln!(yaml, "    exits:\n      - {{to: e0, when: [stage.turns >= 1000000]}}").unwrap();
    (0..RULES).for_each(|_| writeln!(yaml, "      - {{to: end, unless: [{atoms}]}}").unwrap());
    for stage in 0..elsewhere {
        let next = if stage + 1 == elsewhere { "end".to_owned() } else { format!("e{}", stage + 1) };
        let exits = format!("exits: [{{to: {next}, when: [done.a{stage}]}}]");
        writeln!(yaml, "  e{stage}: {{title: Elsewhere, actions: [a{stage}], otherwise: o, {exits}}}").unwrap();
    }
    yaml.push_str("  end: {title: End, final: resolved}\n");
}

fn write_actions(yaml: &mut String, elsewhere: usize) {
    let atoms = atoms();
    let words = "why: It helps., say: [\"Words, {v}.\", \"More words, {v}.\", \"Other words, {v}.\"]";
    writeln!(yaml, "actions:\n  o: {{title: Otherwise, kind: listening, {words}}}").unwrap();
    for at in 0..CANDIDATES {
        let condition = if at < CANDIDATES / 2 { format!("when: [{atoms}]") } else { format!("unless: [{atoms}]") };
        let prefer = format!("prefer: [{{by: 2, when: [{atoms}]}}, {{by: 2, any: [{atoms}]}}]");
        writeln!(yaml, "  c{at}: {{title: Candidate, kind: promise, {words}, {condition}, {prefer}}}").unwrap();
    }
    for at in 0..elsewhere {
        writeln!(yaml, "  a{at}: {{title: Elsewhere, kind: solution, {words}, unless: [{atoms}]}}").unwrap();
    }
    writeln!(yaml, "  k: {{title: Keep, kind: update, keeps: promise, {words}}}").unwrap();
}

/// Ids, of parts of the playbook or of nobody's.
fn ids(letter: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{letter}{at}")).collect()
}

struct Names {
    signals: Vec<String>,
    facts: Vec<String>,
    actions: Vec<String>,
    unknown: Vec<String>,
}

impl Names {
    fn new() -> Self {
        let mut actions = ids("c", CANDIDATES);
        actions.extend(ids("a", ELSEWHERE));
        let signals = ids("s", Snapshot::MAX_SIGNALS);
        Self { signals, facts: ids("f", Snapshot::MAX_FACTS), actions, unknown: ids("nobody_knows_", UNKNOWN) }
    }
}

/// All that can be said at once.
fn everything(names: &Names) -> Observation<'_> {
    let level = Level::try_from(0.8).ok();
    let promise = |at: usize| Commitment {
        id: format!("p{at}").into(),
        due: START.plus_millis(60_000),
        status: CommitmentStatus::Open,
        turn: 0,
    };
    let report = |action| ActionReport { due: Some(START.plus_millis(90_000)), ..done(action) };
    Observation {
        turn: None,
        signals: names.signals.iter().map(|name| Reading { name, level, confidence: None }).collect(),
        facts: names.facts.iter().map(|fact| (fact.as_str(), true)).collect(),
        unknown_facts: Vec::new(),
        report: Some(names.actions.iter().map(|action| report(action)).collect()),
        commitments: (0..Snapshot::MAX_COMMITMENTS).map(promise).collect(),
    }
}

/// A state at all its caps.
fn full<'a>(playbook: &'a Playbook, names: &'a Names) -> Session<'a> {
    let mut session = Session::new(playbook);
    session.options.max_suggestions = 20;
    session.turn(everything(names));
    let state = session.snapshot.as_ref().unwrap();
    let entries = (state.signals.len(), state.facts.len(), state.actions.len(), state.commitments.len());
    assert_eq!(entries, (64, 128, 256, 32));
    session
}

/// A request that says everything again.
fn dearest<'a>(playbook: &'a Playbook, names: &'a Names) -> Request<'a> {
    Request { values: vec![("v", "a value")], ..full(playbook, names).request(everything(names)) }
}

#[test]
fn the_dearest_decision_stays_below_a_stated_bound() {
    let names = Names::new();
    let mut request = dearest(&WORST, &names);
    let known = cost(&WORST, request.clone());
    request.options.excluded = names.unknown.iter().map(String::as_str).collect();
    let spent = cost(&WORST, request);
    assert!(spent.allocations <= MOST.allocations && spent.bytes <= MOST.bytes, "{spent:?}");
    let most = u64::try_from(6 * UNKNOWN + GUESSES * WORST.actions().count()).unwrap();
    let unknown = spent.allocations - known.allocations;
    assert!(unknown <= most, "{UNKNOWN} unknown names take {unknown} allocations, more than {most}");
}

#[test]
fn the_dearest_decision_costs_no_more_where_there_are_more_stages_elsewhere() {
    let (large, names) = (playbook(2 * ELSEWHERE), Names::new());
    let (one, other) = (cost(&WORST, dearest(&WORST, &names)), cost(&large, dearest(&large, &names)));
    assert_eq!(one.allocations, other.allocations);
    let more_to_know = u64::try_from(large.atom_count() - WORST.atom_count()).unwrap();
    assert!(other.bytes <= one.bytes + more_to_know, "{one:?} {other:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_to_whatever_playbook_stays_below_the_bound(seed in any::<u64>()) {
        let (names, mut dice) = (Names::new(), Dice(seed));
        let playbook = Playbook::parse(text(&mut dice).as_bytes(), "random.yaml", &Bases::none()).unwrap().0;
        let mut session = Session { playbook: &playbook, ..full(&WORST, &names) };
        for _ in 0..10 {
            let mut observation = everything(&names);
            observation.signals.retain(|_| !dice.one_in(3));
            observation.facts.retain(|_| !dice.one_in(3));
            observation.commitments.retain(|_| !dice.one_in(3));
            observation.report = observation.report.filter(|_| dice.one_in(2));
            observation.unknown_facts = names.unknown.iter().map(String::as_str).filter(|_| dice.one_in(2)).collect();
            let spent = cost(&playbook, session.request(observation.clone()));
            prop_assert!(spent.allocations <= MOST.allocations && spent.bytes <= MOST.bytes, "{:?}", spent);
            session.turn(observation);
        }
    }
}

//! What a decision costs is bounded by its stage, the playbook's rules and the state's caps, whatever a client sends.
//!
//! Cost is counted in allocations on the deciding thread, and in their bytes: the same on every run, however busy the
//! machine is. That shows whatever is built: reasons, lists, texts, guesses at names, the state. It does not show a loop
//! that only looks and builds nothing; for that there are the benchmarks, with a playbook of a thousand stages.

use std::fmt::Write as _;

use composure::engine::{self, Commitment, CommitmentStatus, Decision, Observation, Request, Snapshot};
use composure::playbook::{Bases, Playbook};
use proptest::prelude::{ProptestConfig, any, proptest};

use crate::random_playbooks::{observe, text};
use crate::session::{Dice, START, Session};

/// What one decision took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) allocations: u64,
    pub(crate) bytes: u64,
}

/// What it takes to answer, from the decoded request to the decision and the next state.
pub(crate) fn cost<'a>(playbook: &'a Playbook, request: Request<'a>) -> Cost {
    let spent = allocation_counter::measure(|| {
        let (input, _) = engine::resolve(playbook, request);
        drop(engine::decide(playbook, input));
    });
    Cost { allocations: spent.count_total, bytes: spent.bytes_total }
}

/// Asks, keeps the state, and tells the cost.
fn turn<'a>(session: &mut Session<'a>, observation: Observation<'a>) -> (Decision<'a>, Cost) {
    let cost = cost(session.playbook, session.request(observation.clone()));
    (session.turn(observation), cost)
}

/// What the actions of the stages that are added have to do with the case.
#[derive(Debug, Clone, Copy)]
enum Reads {
    /// Nothing: they read facts of their own.
    TheirOwn,
    /// All that is known of it.
    TheCase,
}

/// The playbook with so many more stages, four actions in each, behind a door that nobody opens.
fn with_stages(text: &str, stages: usize, reads: Reads) -> Playbook {
    let (mut process, mut facts, mut actions) = (String::new(), String::new(), String::new());
    for stage in 0..stages {
        write_stage(&mut process, stage, stages);
        writeln!(facts, "  u{stage}: Is it so there?").unwrap();
        (0..4).for_each(|at| write_action(&mut actions, (stage, at), reads));
    }
    let text = text.replacen("exits: [{to: t0, ", "exits: [{to: u0, when: [u_door]}, {to: t0, ", 1);
    let text = text.replacen("facts:\n", &format!("facts:\n  u_door: Is the door open?\n{facts}"), 1);
    let text = text.replacen("\nactions:\n", &format!("\n{process}actions:\n"), 1);
    let text = text.replacen("\nguardrails:\n", &format!("\n{actions}guardrails:\n"), 1);
    match Playbook::parse(text.as_bytes(), "larger.yaml", &Bases::none()) {
        Ok((playbook, _)) => playbook,
        Err(report) => panic!("{report}"),
    }
}

fn write_stage(yaml: &mut String, stage: usize, stages: usize) {
    let next = if stage + 1 == stages { "end".to_owned() } else { format!("u{}", stage + 1) };
    writeln!(yaml, "  u{stage}:\n    title: Stage {stage} elsewhere\n    otherwise: a0").unwrap();
    writeln!(yaml, "    actions: [u{stage}_0, u{stage}_1, u{stage}_2, u{stage}_3]").unwrap();
    writeln!(yaml, "    exits: [{{to: {next}, any: [done.u{stage}_0, stage.turns >= 2]}}]").unwrap();
}

fn write_action(yaml: &mut String, (stage, at): (usize, usize), reads: Reads) {
    let kind = if at % 2 == 0 { "solution" } else { "question" };
    let condition = match reads {
        Reads::TheirOwn => format!("when: [u{stage}]\n    unless: [no.u{stage}]"),
        Reads::TheCase => "any: [f0, f1, f2, f3, s0.high, s1.high, s2.high, known.f0]".to_owned(),
    };
    writeln!(yaml, "  u{stage}_{at}:\n    title: Action elsewhere\n    kind: {kind}\n    why: It helps.").unwrap();
    writeln!(yaml, "    say: [\"Words.\"]\n    {condition}\n    after: [a{}]", at + 2).unwrap();
    writeln!(yaml, "    prefer: [{{by: 2, when: [yes.u{stage}]}}]").unwrap();
}

/// Atoms and facts.
pub(crate) fn to_know(playbook: &Playbook) -> usize {
    playbook.atom_count() + playbook.fact_count()
}

/// Plays the same conversation by both playbooks.
fn costs_the_same(dice: &mut Dice, (small, large): (&Playbook, &Playbook)) {
    let (mut one, mut other) = (Session::new(small), Session::new(large));
    let mut last: Option<Decision<'_>> = None;
    let more_to_know = u64::try_from(to_know(large) - to_know(small)).unwrap();
    for _ in 0..15 {
        let mut observation = observe(small, last.as_ref(), dice);
        observation.facts.retain(|(fact, _)| !fact.starts_with('u'));
        observation.unknown_facts.retain(|fact| !fact.starts_with('u'));
        let (decision, cost) = turn(&mut one, observation.clone());
        let (same, in_large) = turn(&mut other, observation);
        assert_eq!(same.stage.id, decision.stage.id);
        assert_eq!(in_large.allocations, cost.allocations, "in {}", decision.stage.id);
        // Room to remember what is known of each atom and each fact is all that a larger playbook takes.
        assert!(
            in_large.bytes <= cost.bytes + more_to_know,
            "{in_large:?} {cost:?} {more_to_know} in {}",
            decision.stage.id
        );
        last = Some(decision);
    }
}

const TURNS: usize = 500;
/// The last of them are compared with all before.
const LAST: usize = 100;

/// What each turn of a conversation costs in which the same twenty things happen over and over.
fn costs_of_a_long_conversation(playbook: &Playbook, seed: u64) -> Vec<Cost> {
    let mut session = Session::new(playbook);
    let mut last = session.turn(Observation { commitments: promises(), ..Observation::default() });
    let mut costs = Vec::with_capacity(TURNS);
    for at in 0..TURNS {
        session.now = session.now.plus_millis(300_000);
        let mut dice = Dice(seed.wrapping_add(u64::try_from(at % 20).unwrap()));
        let (decision, cost) = turn(&mut session, observe(playbook, Some(&last), &mut dice));
        costs.push(cost);
        last = decision;
    }
    costs
}

/// Promises for next year, with room for four more: open ones pile up to their cap, and take longer to do so than the test.
fn promises() -> Vec<Commitment<'static>> {
    let due = START.plus_millis(31_536_000_000);
    let promise = |at: usize| Commitment { id: format!("p{at}").into(), due, status: CommitmentStatus::Open, turn: 0 };
    (4..Snapshot::MAX_COMMITMENTS).map(promise).collect()
}

fn does_not_grow(costs: &[Cost]) {
    let dearest = |turns: &[Cost]| {
        let allocations = turns.iter().map(|cost| cost.allocations).max().unwrap();
        (allocations, turns.iter().map(|cost| cost.bytes).max().unwrap())
    };
    let (early, late) = (dearest(&costs[..TURNS - LAST]), dearest(&costs[TURNS - LAST..]));
    assert!(late.0 <= early.0 && late.1 <= early.1, "the last turns cost {late:?}, the dearest before {early:?}");
}

#[test]
fn the_five_hundredth_turn_costs_no_more_than_those_before_it() {
    let playbook = crate::default_playbook();
    does_not_grow(&costs_of_a_long_conversation(&playbook, 1));
    for seed in 0..20 {
        let text = text(&mut Dice(seed));
        let playbook = Playbook::parse(text.as_bytes(), "random.yaml", &Bases::none()).unwrap().0;
        does_not_grow(&costs_of_a_long_conversation(&playbook, seed));
    }
}

/// By a random playbook and by the same with more stages.
fn more_stages_cost_the_same(seed: u64, sizes: [usize; 2], reads: Reads) {
    let mut dice = Dice(seed);
    let text = text(&mut dice);
    let [small, large] = sizes.map(|stages| with_stages(&text, stages, reads));
    costs_the_same(&mut dice, (&small, &large));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn stages_and_actions_that_have_nothing_to_do_with_the_case_cost_nothing(seed in any::<u64>()) {
        more_stages_cost_the_same(seed, [1, 500], Reads::TheirOwn);
    }

    #[test]
    fn however_many_actions_elsewhere_a_case_speaks_for_only_so_many_are_looked_at(seed in any::<u64>()) {
        more_stages_cost_the_same(seed, [50, 500], Reads::TheCase);
    }
}

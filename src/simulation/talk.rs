//! One conversation, from the first turn to its end.

use super::agent;
use super::chance::Chance;
use super::customer::Customer;
use super::laws::{LAWS, Screen, Verdict};
use super::memory::Memory;
use super::temper::{TEMPERS, Temper};
use crate::engine::{
    self, ActionReport, CommitmentStatus, Decision, Explain, NextState, Observation, Options, Outcome, Request,
    Snapshot,
};
use crate::playbook::{Channel, Conversation, DidCase, DidResult, Level, Playbook, ReadingCase, Time, TurnCase};

/// Turns after which nobody waits for an end any more.
const MOST_TURNS: u32 = 40;
/// So many turns with the same first suggestion in the same stage, and the conversation goes nowhere.
const STUCK: u32 = 8;
/// Below this, somebody is calm; they must have been above [`UPSET`] before.
const CALM: f64 = 0.3;
const UPSET: f64 = 0.5;

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// The matter was settled.
    Resolved,
    /// Settled, with others' help.
    ResolvedAfterHandoff,
    /// The playbook ended the contact.
    Parted,
    /// The playbook takes the customer to be gone.
    Abandoned,
    /// The customer had enough.
    LeftAngry,
    /// The same suggestion in the same stage, turn after turn.
    DeadEnd,
    /// It just went on.
    NoEnd,
}

impl Ended {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::ResolvedAfterHandoff => "resolved_after_handoff",
            Self::Parted => "parted",
            Self::Abandoned => "abandoned",
            Self::LeftAngry => "left_angry",
            Self::DeadEnd => "dead_end",
            Self::NoEnd => "no_end",
        }
    }
}

/// What a law came to in one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    /// In how many answers it held.
    pub held: u32,
    /// In how many it was broken.
    pub broken: u32,
}

/// A conversation that took place.
#[derive(Debug, Clone)]
pub struct Talk {
    /// The customer's sort.
    pub temper: Temper,
    /// How it ended.
    pub ended: Ended,
    /// How many turns it took.
    pub turns: u32,
    /// Whether the customer was upset at some time.
    pub was_upset: bool,
    /// The turn in which a customer who was upset became calm; `None`: never.
    pub calm_after: Option<u32>,
    /// The laws, in the order of [`LAWS`].
    pub laws: [Judged; LAWS.len()],
    /// Where it got stuck, if it did: the stage, and the first suggestion.
    pub stuck_at: Option<(String, String)>,
    /// Turn by turn.
    pub conversation: Conversation,
}

/// The conversation of customer `number` with `playbook`.
#[must_use]
pub fn converse(playbook: &Playbook, seed: u64, number: u32) -> Talk {
    let mut chance = Chance::of(seed, number);
    let mut scene = Scene::opening(playbook, &mut chance);
    let mut news = News { report: Some(Vec::new()), facts: Vec::new() };
    let mut laws = [Judged::default(); LAWS.len()];
    let ended = loop {
        let decision = scene.turn(news, &mut chance);
        scene.judge(&decision, &mut laws);
        if let Some(ended) = scene.end(&decision) {
            break ended;
        }
        news = scene.go_on(&decision, &mut chance);
    };
    scene.told(ended, number, laws)
}

/// What the agent tells before an answer.
struct News<'a> {
    report: Option<Vec<ActionReport<'a>>>,
    facts: Vec<(&'a str, Option<bool>)>,
}

struct Scene<'a> {
    playbook: &'a Playbook,
    channel: Channel,
    customer: Customer,
    memory: Memory<'a>,
    snapshot: Option<Snapshot<'a>>,
    now: Time,
    /// The stage and first suggestion of the last answer, and for how many turns they have been so.
    same: (&'a str, &'a str, u32),
    was_upset: bool,
    calm_after: Option<u32>,
    turns: Vec<TurnCase>,
}

impl<'a> Scene<'a> {
    fn opening(playbook: &'a Playbook, chance: &mut Chance) -> Self {
        let channels: Vec<Channel> = playbook.channels().iter().collect();
        let [usual, ..] = TEMPERS;
        let temper = chance.one_of(&TEMPERS).copied().unwrap_or(usual);
        Self {
            playbook,
            channel: chance.one_of(&channels).copied().unwrap_or(Options::default().channel),
            customer: Customer::new(temper, chance),
            memory: Memory::default(),
            snapshot: None,
            now: TurnCase::START,
            same: ("", "", 0),
            was_upset: false,
            calm_after: None,
            turns: Vec::new(),
        }
    }

    /// The customer's turn, and the answer to it.
    fn turn(&mut self, news: News<'a>, chance: &mut Chance) -> Decision<'a> {
        let signals = self.customer.shows(self.playbook, &self.memory, chance);
        self.memory.turns += 1;
        for reading in signals.iter().filter(|reading| reading.level != Some(Level::ZERO)) {
            self.memory.note_shown(reading.name);
        }
        self.memory.note_told(&news.facts);
        let observation = Observation {
            signals,
            facts: news.facts.iter().filter_map(|(fact, value)| Some((*fact, (*value)?))).collect(),
            unknown_facts: news.facts.iter().filter(|(_, value)| value.is_none()).map(|(fact, _)| *fact).collect(),
            report: news.report,
            ..Observation::default()
        };
        let case = written(&observation, self.now);
        let options = Options { channel: self.channel, explain: Explain::Full, ..Options::default() };
        let request =
            Request { snapshot: self.snapshot.take(), observation, values: Vec::new(), options, now: self.now };
        let (input, _) = engine::resolve(self.playbook, request);
        let mut decision = engine::decide(self.playbook, input);
        if let NextState::New(snapshot) = std::mem::replace(&mut decision.state, NextState::Same) {
            self.snapshot = Some(*snapshot);
        }
        self.turns.push(case);
        self.note(&decision);
        decision
    }

    fn note(&mut self, decision: &Decision<'a>) {
        let first = decision.suggestions.first().map_or("", |suggestion| &suggestion.action.id);
        let (stage, before, times) = self.same;
        let is_same = stage == decision.stage.id && before == first;
        self.same = (&decision.stage.id, first, if is_same { times + 1 } else { 1 });
        self.was_upset |= self.customer.anger >= UPSET;
        if self.was_upset && self.customer.anger < CALM {
            self.calm_after.get_or_insert(self.memory.turns);
        }
    }

    fn judge(&self, decision: &Decision<'a>, laws: &mut [Judged]) {
        let screen =
            Screen { playbook: self.playbook, decision, memory: &self.memory, channel: self.channel, now: self.now };
        for (law, judged) in LAWS.iter().zip(laws) {
            match law.look(screen) {
                Verdict::Idle => {}
                Verdict::Holds => judged.held += 1,
                Verdict::Broken => judged.broken += 1,
            }
        }
    }

    fn end(&self, decision: &Decision<'_>) -> Option<Ended> {
        let (.., times) = self.same;
        match decision.outcome {
            Outcome::Resolved => Some(Ended::Resolved),
            Outcome::ResolvedAfterHandoff => Some(Ended::ResolvedAfterHandoff),
            Outcome::Parted => Some(Ended::Parted),
            Outcome::Abandoned => Some(Ended::Abandoned),
            Outcome::Open if self.customer.at_height >= self.customer.temper.patience => Some(Ended::LeftAngry),
            Outcome::Open if times >= STUCK => Some(Ended::DeadEnd),
            Outcome::Open if self.memory.turns >= MOST_TURNS => Some(Ended::NoEnd),
            Outcome::Open => None,
        }
    }

    /// What the agent does now, how the customer takes it, and what is found out meanwhile.
    fn go_on(&mut self, decision: &Decision<'a>, chance: &mut Chance) -> News<'a> {
        let report = agent::acts(decision, self.now, chance);
        self.take(decision, report.as_deref(), chance);
        let facts = agent::finds_out(decision, &self.customer, &self.memory, chance);
        let minutes: u16 = if chance.comes(0.08) { 25 } else { 2 };
        self.customer.wait(f64::from(minutes));
        self.now = self.now.plus_millis(i64::from(minutes) * 60_000);
        if decision.commitments.iter().any(|promise| promise.status == CommitmentStatus::Missed) {
            self.customer.is_let_down();
        }
        self.customer.turn_ends(chance);
        News { report, facts }
    }

    /// The customer takes what is done. Who does not say what they did, did what the engine assumes.
    fn take(&mut self, decision: &Decision<'a>, report: Option<&[ActionReport<'a>]>, chance: &mut Chance) {
        let assumed = decision.suggestions.first().filter(|suggestion| !suggestion.action.confirm).map(|suggestion| {
            let phrasing = suggestion.phrasings.first().map(|phrasing| phrasing.text.id.as_str());
            (suggestion.action.id.as_str(), phrasing)
        });
        let done: Vec<(&'a str, Option<&'a str>)> = match report {
            Some(report) => report.iter().map(|done| (done.action, Some(done.phrasing))).collect(),
            None => assumed.into_iter().collect(),
        };
        if done.is_empty() {
            self.customer.is_ignored();
        }
        for (id, phrasing) in done {
            if let Some(action) = self.playbook.find_action(id) {
                self.customer.meet(self.playbook.action(action), self.memory.times(id), chance);
                self.memory.note_done(id, phrasing.filter(|phrasing| !phrasing.is_empty()));
            }
        }
    }

    fn told(self, ended: Ended, number: u32, laws: [Judged; LAWS.len()]) -> Talk {
        let temper = self.customer.temper;
        let turns = self.memory.turns;
        let (stage, first, _) = self.same;
        let it = format!("customer {number}, {}: {} after {turns} turns", temper.name, ended.as_str());
        Talk {
            temper,
            ended,
            turns,
            was_upset: self.was_upset,
            calm_after: self.calm_after,
            laws,
            stuck_at: (ended == Ended::DeadEnd).then(|| (stage.to_owned(), first.to_owned())),
            conversation: Conversation {
                it,
                channel: Some(self.channel),
                turns: self.turns,
                ..Conversation::default()
            },
        }
    }
}

/// The observation as a test writes it.
fn written(observation: &Observation<'_>, now: Time) -> TurnCase {
    let signals = observation.signals.iter().filter_map(|reading| {
        Some(ReadingCase { signal: reading.name.to_owned(), level: reading.level?, confidence: None })
    });
    let told = observation.facts.iter().map(|(fact, value)| ((*fact).to_owned(), Some(*value)));
    let facts = told.chain(observation.unknown_facts.iter().map(|fact| ((*fact).to_owned(), None)));
    let did = |report: &Vec<ActionReport<'_>>| report.iter().map(case).collect();
    TurnCase {
        signals: signals.collect(),
        facts: facts.collect(),
        did: observation.report.as_ref().map(did),
        at: (now != TurnCase::START).then_some(now),
        ..TurnCase::default()
    }
}

fn case(report: &ActionReport<'_>) -> DidCase {
    DidCase {
        action: report.action.to_owned(),
        result: DidResult::Done,
        phrasing: (!report.phrasing.is_empty()).then(|| report.phrasing.to_owned()),
        due: report.due,
    }
}

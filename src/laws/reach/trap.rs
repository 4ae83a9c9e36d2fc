//! Conversations from which no way on is found, by the engine itself.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::game::{Game, Position};
use super::help::Help;
use crate::engine::{
    self, ActionReport, ActionResult, Decision, Explain, NextState, Observation, Options, Reading, Request, Truth,
};
use crate::laws::draft::drafts;
use crate::laws::encoding::Ground;
use crate::laws::model::plainest;
use crate::laws::picture::Picture;
use crate::laws::question::applies;
use crate::laws::replay::conversation;
use crate::laws::route::Routes;
use crate::laws::settle::settled;
use crate::laws::shrink::shrink;
use crate::playbook::{
    Claim, Conversation, DidCase, DidResult, Expectation, Law, Level, Playbook, ReadingCase, StageIx, TurnCase,
};
use crate::rehearsal;

/// Turns that are waited for something to happen: a timeout is mostly shorter.
const PATIENCE: usize = 12;
/// Answers that are asked of the engine for a law, at most: somebody waits.
const MOST_ANSWERS: usize = 30_000;
/// Positions, and drafts, that are tried.
const MOST_TRIED: usize = 12;
/// Turns in which nobody says what the agent did.
const UNREPORTED: usize = 3;
/// All suggestions that anybody can ask for.
const ALL_PLACES: usize = 20;

/// Where a conversation is stuck, as far as was looked.
#[derive(Debug)]
pub struct Trap {
    /// The conversation, and how it goes on with a calm customer and an agent who does all that is suggested.
    pub conversation: Conversation,
    /// So many turns were waited in a stage, with each customer.
    pub turns: usize,
    /// So many continuations were tried.
    pub tried: usize,
}

/// A trap among the positions that are `lost`.
pub(super) fn find(
    ground: &Ground<'_>,
    routes: &mut Routes,
    (law, goals): (&Law, &[StageIx]),
    (game, lost): (&mut Game<'_>, &[Position]),
) -> Option<Trap> {
    let helps: Vec<Help> = all_helps(ground, game);
    let search = Search { playbook: ground.playbook, law, goals, helps: &helps, answers: Cell::new(0) };
    for position in lost.iter().take(MOST_TRIED) {
        let Some(picture) = picture(game, law, position) else { continue };
        let ways = std::iter::once(Vec::new()).chain(routes.to(ground, position.0));
        let with_itself = |way: Vec<TurnCase>| [drafts(ground.playbook, &way, &picture), vec![way]].concat();
        let drafts = ways.into_iter().flat_map(with_itself).filter(|draft| !draft.is_empty());
        let mut drafts = drafts.flat_map(|draft| [draft.clone(), unreported(ground.playbook, draft)]).take(MOST_TRIED);
        if let Some(trap) = drafts.find_map(|draft| search.trap(&draft, position.0)) {
            return Some(trap);
        }
    }
    None
}

/// Whether a way on from the answer to `request` to what `law` speaks of is found by trying; `None`: it does not apply there,
/// or it took too long to know.
#[must_use]
pub fn finds_way(playbook: &Playbook, law: &Law, request: &Request<'_>) -> Option<bool> {
    let Claim::Reaches(goals) = &law.claim else { return None };
    let (input, violations) = engine::resolve(playbook, request.clone());
    if !violations.is_empty() || engine::truth(input, &law.condition) != Truth::True {
        return None;
    }
    let ground = Ground::of(playbook);
    let helps = all_helps(&ground, &mut Game::to(&ground, goals));
    let search = Search { playbook, law, goals, helps: &helps, answers: Cell::new(0) };
    match search.look(request.clone())? {
        Found::Way => Some(true),
        Found::Nothing(_) => Some(false),
        Found::GaveUp => None,
    }
}

fn all_helps(ground: &Ground<'_>, game: &mut Game<'_>) -> Vec<Help> {
    let mut helps = BTreeSet::new();
    for (stage, _) in ground.playbook.stages() {
        let room = game.room(stage);
        helps.extend(
            room.into_iter().flat_map(|room| [Help::plain(&room.encoding), Help::paired(&room.encoding)].concat()),
        );
    }
    helps.into_iter().collect()
}

/// The same, and then turns in which nobody says what the agent did: what has to be reported is used up by being shown.
fn unreported(playbook: &Playbook, mut turns: Vec<TurnCase>) -> Vec<TurnCase> {
    let signal = playbook.signals().next().map(|(_, signal)| signal.id.clone());
    let quiet = signal.map(|signal| ReadingCase { signal, level: Level::ZERO, confidence: None });
    let quiet = TurnCase { signals: quiet.into_iter().collect(), ..TurnCase::default() };
    turns.extend(std::iter::repeat_n(quiet, UNREPORTED));
    turns
}

/// A situation of the position in which a calm customer and a willing agent stay for good, or else any.
fn picture(game: &mut Game<'_>, law: &Law, position: &Position) -> Option<Picture> {
    let case = game.case(position);
    let room = game.room(position.0)?;
    let stays = room.staying(&Help(Vec::new()), &case);
    let facts = room.facts(&case);
    let encoding = &mut room.encoding;
    let applies = applies(encoding, law);
    let settled = settled(encoding, position.0);
    let stuck = plainest(encoding, position.0, &[stays, vec![applies, settled]].concat());
    stuck.or_else(|| plainest(encoding, position.0, &[facts, vec![applies, settled]].concat()))
}

/// Looks for ways on.
struct Search<'s, 'p> {
    playbook: &'p Playbook,
    law: &'s Law,
    goals: &'s [StageIx],
    helps: &'s [Help],
    /// So many answers were asked of the engine.
    answers: Cell<usize>,
}

/// What the agent reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Agent {
    /// All that was suggested is done.
    Willing,
    /// Only the first suggestion is.
    First,
    /// Nothing is.
    Idle,
}

/// What came of a search.
enum Found {
    /// A way to the goal.
    Way,
    /// None, after so many continuations.
    Nothing(usize),
    /// It took too long to know.
    GaveUp,
}

impl Search<'_, '_> {
    /// The trap that `turns` lead to, if they lead to `stage` and that is one.
    fn trap(&self, turns: &[TurnCase], stage: StageIx) -> Option<Trap> {
        let end = |turns: &[TurnCase]| self.end(turns).map(|(at, _)| at);
        let wanted = end(turns).filter(|end| end.stage == stage)?;
        let tried = self.tried(turns)?;
        let smaller = shrink(turns.to_vec(), |turns| end(turns).is_some_and(|end| end == wanted));
        let (turns, tried) = match self.tried(&smaller) {
            Some(tried) => (smaller, tried),
            None => (turns.to_vec(), tried),
        };
        Some(Trap { conversation: self.told(turns)?, turns: PATIENCE, tried })
    }

    /// Where `turns` lead, if the law applies there, and what may be reported next.
    fn end(&self, turns: &[TurnCase]) -> Option<(End, Vec<String>)> {
        let conversation = conversation(String::new(), turns);
        let request = rehearsal::last_request(self.playbook, &conversation)?;
        let (input, violations) = engine::resolve(
            self.playbook,
            Request { options: Options { max_suggestions: ALL_PLACES, ..request.options.clone() }, ..request.clone() },
        );
        if !violations.is_empty()
            || engine::truth(engine::resolve(self.playbook, request).0, &self.law.condition) != Truth::True
        {
            return None;
        }
        let decision = engine::decide(self.playbook, input);
        Some((End::of(self.playbook, &decision)?, shown(&decision)))
    }

    /// How many continuations of `turns` were tried in vain; `None`: one leads to the goal, or it took too long.
    fn tried(&self, turns: &[TurnCase]) -> Option<usize> {
        let conversation = conversation(String::new(), turns);
        let request = rehearsal::last_request(self.playbook, &conversation)?;
        match self.look(request)? {
            Found::Nothing(tried) => Some(tried),
            Found::Way | Found::GaveUp => None,
        }
    }

    fn look<'a>(&'a self, request: Request<'a>) -> Option<Found> {
        let options = Options {
            max_suggestions: ALL_PLACES,
            explain: Explain::None,
            excluded: Vec::new(),
            ..request.options.clone()
        };
        let (input, violations) =
            engine::resolve(self.playbook, Request { options: options.clone(), ..request.clone() });
        if !violations.is_empty() {
            return None;
        }
        let first = Moment::of(self.playbook, &engine::decide(self.playbook, input), request.snapshot.clone())?;
        if self.goals.contains(&first.end.stage) {
            return Some(Found::Way);
        }
        let request = Request { options, ..request };
        let (mut seen, mut open) = (BTreeSet::from([first.end.clone()]), vec![first]);
        let mut tried = 0;
        while let Some(moment) = open.pop() {
            for help in self.helps {
                for agent in [Agent::Willing, Agent::First, Agent::Idle] {
                    tried += 1;
                    let Some(next) = self.go_on(&request, moment.clone(), (help, agent)) else {
                        return Some(Found::Way);
                    };
                    if self.answers.get() > MOST_ANSWERS {
                        return Some(Found::GaveUp);
                    }
                    if seen.insert(next.end.clone()) {
                        open.push(next);
                    }
                }
            }
        }
        Some(Found::Nothing(tried))
    }

    /// Where it leads to be helped like that until the stage changes or patience ends; `None`: to the goal.
    fn go_on<'a>(&'a self, request: &Request<'a>, mut moment: Moment<'a>, help: (&Help, Agent)) -> Option<Moment<'a>> {
        let stage = moment.end.stage;
        for _ in 0..PATIENCE {
            self.answers.set(self.answers.get() + 1);
            let observation = self.observation(&moment, help);
            let request = Request { snapshot: moment.snapshot.clone(), observation, ..request.clone() };
            let (input, violations) = engine::resolve(self.playbook, request);
            if !violations.is_empty() {
                return Some(moment);
            }
            let decision = engine::decide(self.playbook, input);
            let Some(next) = Moment::of(self.playbook, &decision, moment.snapshot.clone()) else { return Some(moment) };
            moment = next;
            if self.goals.contains(&moment.end.stage) {
                return None;
            }
            if moment.end.stage != stage {
                break;
            }
        }
        Some(moment)
    }

    fn observation<'a>(&'a self, moment: &Moment<'a>, (help, agent): (&Help, Agent)) -> Observation<'a> {
        let level = |signal| help.0.iter().find(|(told, _)| *told == signal).map_or(0, |(_, level)| *level);
        let signals = self.playbook.signals().map(|(ix, signal)| Reading {
            name: &signal.id,
            level: Level::try_from(f64::from(level(ix)) / 1000.0).ok(),
            confidence: None,
        });
        let reported = match agent {
            Agent::Willing => moment.shown.as_slice(),
            Agent::First => moment.shown.get(..1).unwrap_or_default(),
            Agent::Idle => &[],
        };
        let done = |action: &&'a str| ActionReport {
            action,
            phrasing: "",
            result: ActionResult::Done,
            due: None,
            commitment_id: "",
        };
        Observation {
            signals: signals.collect(),
            report: Some(reported.iter().map(done).collect()),
            ..Observation::default()
        }
    }

    /// The trap as a test: with a calm customer and a willing agent it should come to the goal, and does not.
    fn told(&self, mut turns: Vec<TurnCase>) -> Option<Conversation> {
        let told: Vec<ReadingCase> = turns.iter().flat_map(|turn| &turn.signals).cloned().collect();
        for turn in 0..PATIENCE {
            let (_, shown) = self.last(&turns)?;
            let signals =
                told.iter().filter(|_| turn == 0).map(|case| ReadingCase { level: Level::ZERO, ..case.clone() });
            let mut signals: Vec<ReadingCase> = signals.collect();
            signals.dedup_by(|one, other| one.signal == other.signal);
            let did =
                shown.into_iter().map(|action| DidCase { action, result: DidResult::Done, phrasing: None, due: None });
            turns.push(TurnCase { signals, did: Some(did.collect()), ..TurnCase::default() });
        }
        if self.goals.contains(&self.last(&turns)?.0) {
            return None;
        }
        let goal = self.playbook.stage(*self.goals.first()?).id.clone();
        turns.last_mut()?.expect = Expectation { stage: Some(goal), ..Expectation::default() };
        Some(conversation(format!("keeps the law on line {}", self.law.place.line()), &turns))
    }

    fn last(&self, turns: &[TurnCase]) -> Option<(StageIx, Vec<String>)> {
        let conversation = conversation(String::new(), turns);
        let request = rehearsal::last_request(self.playbook, &conversation)?;
        let (input, _) = engine::resolve(self.playbook, request);
        let decision = engine::decide(self.playbook, input);
        Some((self.playbook.find_stage(&decision.stage.id)?, shown(&decision)))
    }
}

fn shown(decision: &Decision<'_>) -> Vec<String> {
    decision.suggestions.iter().map(|shown| shown.action.id.clone()).collect()
}

/// What matters for where a conversation can go on to, but for what is told anew in every turn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    stage: StageIx,
    back: String,
    facts: Vec<(String, Option<bool>)>,
    done: Vec<(String, bool, u32, bool)>,
    promises: usize,
}

impl End {
    fn of(playbook: &Playbook, decision: &Decision<'_>) -> Option<Self> {
        let NextState::New(snapshot) = &decision.state else { return None };
        let facts = snapshot.facts.iter().filter(|fact| fact.value.is_some() && !fact.forgotten);
        let spent = |action: &engine::ActionEntry<'_>| {
            let limit = playbook.find_action(action.name).and_then(|ix| playbook.action(ix).limit.times);
            limit.is_some_and(|times| action.used >= times)
        };
        let done = snapshot.actions.iter().filter(|action| action.used > 0);
        Some(Self {
            stage: playbook.find_stage(&decision.stage.id)?,
            back: snapshot.return_stage.to_owned(),
            facts: facts.map(|fact| (fact.name.to_owned(), fact.value)).collect(),
            done: done
                .map(|action| (action.name.to_owned(), action.done, action.count.min(COUNTED), spent(action)))
                .collect(),
            promises: snapshot.commitments.len(),
        })
    }
}

/// Beyond this, one more of the same makes no difference to most conditions.
const COUNTED: u32 = 4;

/// An answer to go on from.
#[derive(Clone)]
struct Moment<'a> {
    end: End,
    snapshot: Option<engine::Snapshot<'a>>,
    shown: Vec<&'a str>,
}

impl<'a> Moment<'a> {
    fn of(playbook: &'a Playbook, decision: &Decision<'a>, before: Option<engine::Snapshot<'a>>) -> Option<Self> {
        let snapshot = match &decision.state {
            NextState::New(snapshot) => Some(engine::Snapshot::clone(snapshot)),
            NextState::Same | NextState::Withheld => before,
        };
        let shown = decision.suggestions.iter().map(|shown| shown.action.id.as_str()).collect();
        Some(Self { end: End::of(playbook, decision)?, snapshot, shown })
    }
}

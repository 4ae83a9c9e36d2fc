//! From the turns of a conversation to requests, one after the other.

use super::Failure;
use super::expect::{self, Answer, Miss};
use crate::engine::{
    self, ActionReport, ActionResult, Commitment, CommitmentStatus, Decision, Explain, NextState, Observation, Options,
    Reading, Request, Snapshot, Trace, Violation,
};
use crate::playbook::{Channel, Conversation, DidCase, DidResult, Playbook, ReadingCase, Time, TurnCase};

/// What came out differently in `conversation`; `watch` is shown every answer, and the way to it.
pub(super) fn failures<'a>(
    playbook: &'a Playbook,
    conversation: &'a Conversation,
    mut watch: impl FnMut(&Decision<'a>, &Trace),
) -> Vec<Failure> {
    let mut scene = Scene::opening(playbook, conversation);
    let mut failures = Vec::new();
    for (turn, case) in (1..).zip(&conversation.turns) {
        let failure = |Miss { expected, found, because }| Failure { turn, line: case.line, expected, found, because };
        match scene.play(case) {
            Ok((decision, trace)) => {
                watch(&decision, &trace);
                let answer = Answer { playbook, decision: &decision };
                failures.extend(expect::misses(answer, &case.expect).into_iter().map(failure));
            }
            Err(violations) => {
                failures.extend(violations.into_iter().map(refused).map(failure));
                // There is no state to go on from.
                break;
            }
        }
    }
    failures
}

/// The answer to each turn, or what makes no sense in the first that has none.
pub(super) fn answers<'a>(
    playbook: &'a Playbook,
    conversation: &'a Conversation,
) -> Result<Vec<Decision<'a>>, Vec<Violation>> {
    let mut scene = Scene::opening(playbook, conversation);
    conversation.turns.iter().map(|case| scene.play(case).map(|(decision, _)| decision)).collect()
}

/// The request of the last turn of `conversation`, once the others were played; `None` where one of them makes no sense.
pub(super) fn last_request<'a>(playbook: &'a Playbook, conversation: &'a Conversation) -> Option<Request<'a>> {
    let mut scene = Scene::opening(playbook, conversation);
    let (last, before) = conversation.turns.split_last()?;
    for case in before {
        scene.play(case).ok()?;
    }
    Some(scene.request(last))
}

fn refused(Violation { field, description }: Violation) -> Miss {
    Miss { expected: "an observation that makes sense".to_owned(), found: field, because: vec![description] }
}

/// What one turn leaves to the next.
struct Scene<'a> {
    playbook: &'a Playbook,
    locale: Option<&'a str>,
    channel: Channel,
    now: Time,
    snapshot: Option<Snapshot<'a>>,
}

impl<'a> Scene<'a> {
    fn opening(playbook: &'a Playbook, conversation: &'a Conversation) -> Self {
        Self {
            playbook,
            locale: conversation.locale.as_deref(),
            channel: conversation.channel.unwrap_or_else(|| usual_channel(playbook)),
            now: TurnCase::START,
            snapshot: None,
        }
    }

    fn request(&mut self, case: &'a TurnCase) -> Request<'a> {
        self.channel = case.channel.unwrap_or(self.channel);
        self.now = case.at.unwrap_or(self.now);
        Request {
            snapshot: self.snapshot.clone(),
            observation: observation(case),
            values: case.values.iter().map(|(value, text)| (value.as_str(), text.as_str())).collect(),
            options: self.options(case),
            now: self.now,
        }
    }

    fn play(&mut self, case: &'a TurnCase) -> Result<(Decision<'a>, Trace), Vec<Violation>> {
        let request = self.request(case);
        let (input, violations) = engine::resolve(self.playbook, request);
        if !violations.is_empty() {
            return Err(violations);
        }
        let (decision, trace) = engine::decide_traced(self.playbook, input);
        if let NextState::New(snapshot) = &decision.state {
            self.snapshot = Some(Snapshot::clone(snapshot));
        }
        Ok((decision, trace))
    }

    fn options(&self, case: &'a TurnCase) -> Options<'a> {
        let usual = Options::default();
        Options {
            channel: self.channel,
            locale: self.locale,
            max_suggestions: case.max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usual.max_suggestions),
            explain: Explain::Full,
            excluded: case.exclude.iter().map(String::as_str).collect(),
            strict: true,
        }
    }
}

/// The one that a request has which names none, where the playbook is written for it.
fn usual_channel(playbook: &Playbook) -> Channel {
    let usual = Options::default().channel;
    if playbook.channels().contains(usual) { usual } else { playbook.channels().iter().next().unwrap_or(usual) }
}

fn observation(case: &TurnCase) -> Observation<'_> {
    Observation {
        turn: None,
        signals: case.signals.iter().map(reading).collect(),
        facts: case.facts.iter().filter_map(|(fact, value)| Some((fact.as_str(), (*value)?))).collect(),
        unknown_facts: case.facts.iter().filter(|(_, value)| value.is_none()).map(|(fact, _)| fact.as_str()).collect(),
        report: case.did.as_ref().map(|did| did.iter().map(report).collect()),
        commitments: case.promises.iter().map(promise).collect(),
    }
}

fn promise((id, due): &(String, Time)) -> Commitment<'_> {
    Commitment { id: id.as_str().into(), due: *due, status: CommitmentStatus::Open, turn: 0 }
}

fn reading(case: &ReadingCase) -> Reading<'_> {
    Reading { name: &case.signal, level: Some(case.level), confidence: case.confidence }
}

fn report(case: &DidCase) -> ActionReport<'_> {
    ActionReport {
        action: &case.action,
        phrasing: case.phrasing.as_deref().unwrap_or_default(),
        result: match case.result {
            DidResult::Done => ActionResult::Done,
            DidResult::Dismissed => ActionResult::Dismissed,
            DidResult::Unavailable => ActionResult::Unavailable,
        },
        due: case.due,
        commitment_id: "",
    }
}

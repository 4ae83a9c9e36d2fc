//! Conversations that are held between calls: what one call makes of what is held.

mod record;

use std::borrow::Cow;

use buffa::ViewEncode as _;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use self::record::Held;
use super::answer::Answer;
use super::convert::State;
use super::generated::in_place::RecommendRequestView;
use super::{convert, encode};
use crate::engine::{
    Commitment, CommitmentStatus, Decision, NextState, Observation, Snapshot, Violation, Warning, WarningCode,
};
use crate::playbook::Time;
use crate::service::{self, Choice, Next, Past, Playbooks, ServiceError, Turn};
use crate::store::{Record, Stamp};

/// The state that `record` holds, encoded; `None`: it is not readable.
pub(super) fn state_of(record: &Record) -> Option<&[u8]> {
    Held::read(&record.bytes).ok().map(|held| held.state)
}

/// One call for a conversation that is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) playbooks: &'a Playbooks,
    pub(super) request: &'a RecommendRequestView<'a>,
    /// Which request: the digest of its id, or a number of its own; 0 where it observes nothing anyhow.
    id: u64,
    /// A digest of what it observes.
    observed: u64,
    received: Time,
    purpose: Purpose,
}

/// What the answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To tell whoever asked.
    Reply,
    /// To be shown where an earlier one was: it never counts as unchanged, and the playbook that it names is for the beginning.
    Show,
}

/// The answer, and what it means beside what it says.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) answer: Answer,
    pub(super) warnings: Vec<Warning>,
    pub(super) standpoint: Standpoint,
    /// The write that it was decided on; `None`: nothing was held.
    pub(super) on: Option<Stamp>,
    /// Whether the store could not be asked.
    pub(super) degraded: bool,
}

/// Where the conversation stands with an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standpoint {
    /// Grows with each that is written, and with each that time alone brings about.
    pub(super) sequence: u64,
    /// Names the answer.
    pub(super) digest: u64,
    /// When time alone brings about another.
    pub(super) next_check: Option<Time>,
    pub(super) past: Known,
}

/// What is known of what was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// All of it.
    Held,
    /// That there is nothing.
    Nothing,
    /// Nothing.
    Unknown,
}

/// Steps by time that there is room for between two that are written; the promises of a conversation make a quarter of them.
const STEPS_BY_TIME: u64 = 256;

/// What an answer is told before.
struct Backdrop<'b> {
    /// What was decided on, encoded.
    given: &'b [u8],
    /// How often that was written.
    revision: u32,
    /// The state that is to be held from now on, encoded.
    next: Option<&'b [u8]>,
    past: Known,
    on: Option<Stamp>,
    degraded: bool,
}

/// What a call goes on from.
struct Base<'h> {
    state: State<'h>,
    /// The same, encoded; of what a caller sent, what this version knows.
    encoded: Cow<'h, [u8]>,
    /// When it is decided for, unless the request says so.
    received: Time,
    standing: Standing,
}

/// How the call relates to what is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is new.
    New,
    /// It was the last one that was counted.
    Last,
    /// It was counted before the last one.
    Earlier,
}

impl<'a> Call<'a> {
    pub(super) fn new(playbooks: &'a Playbooks, request: &'a RecommendRequestView<'a>, received: Time) -> Self {
        let (id, observed) = if request.request_id.is_empty() {
            // Of its own all the same: where a write was done and its answer lost, this call must know itself again.
            (Uuid::new_v4().as_u64_pair().0, 0)
        } else {
            (xxh3_64(request.request_id.as_bytes()), digest_of_observation(request))
        };
        Self { playbooks, request, id, observed, received, purpose: Purpose::Reply }
    }

    /// One that observes nothing, and whose answer is for a screen that may show an earlier one.
    pub(super) fn for_a_screen(
        playbooks: &'a Playbooks,
        request: &'a RecommendRequestView<'a>,
        received: Time,
    ) -> Self {
        Self { playbooks, request, id: 0, observed: 0, received, purpose: Purpose::Show }
    }

    /// Decides on `past`; the answer, and what `tell` makes of the decision.
    pub(super) fn decide<T>(
        &self,
        past: Past<'_>,
        tell: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<Turn<(Answered, T)>, ServiceError> {
        let (record, degraded) = match past {
            Past::Held(record) => (record, false),
            Past::OutOfReach(record) => (record, true),
        };
        let held = record.and_then(|record| Held::read(&record.bytes).ok());
        let readable = held.and_then(|held| Some((held, State::read(held.state).ok()?)));
        let is_unknown = if record.is_some() { readable.is_none() } else { degraded };
        if is_unknown && self.request.state.is_none() {
            return self.decide_without_past(tell);
        }
        let held = readable.as_ref().map(|(held, _)| *held);
        let Base { state, encoded: given, received, standing } = self.base(readable)?;
        let revision = state.revision();
        let mut question = convert::question_of(self.request, state, received);
        if standing == Standing::Earlier {
            question.request.observation = Observation::default();
        }
        if self.purpose == Purpose::Show && !given.is_empty() {
            question.choice = Choice::default();
        }
        let mut decision = service::recommend(self.playbooks, question)?;
        if standing == Standing::Earlier {
            decision.warnings.push(repeated());
        }
        decision.unchanged &= self.purpose == Purpose::Reply;
        let (state, next) = match (&decision.state, standing) {
            (NextState::New(new), Standing::New) => Some(self.next(new, &given, held)),
            (NextState::New(_) | NextState::Same | NextState::Withheld, _) => None,
        }
        .unzip();
        let past = if held.is_some() || next.is_some() { Known::Held } else { Known::Nothing };
        let on = record.map(|record| record.stamp);
        let backdrop = Backdrop { given: &given, revision, next: state.as_deref(), past, on, degraded };
        let told = tell(&decision);
        Ok(Turn { answer: (self.answered(decision, &backdrop), told), next })
    }

    /// Nobody here knows what was before.
    fn decide_without_past<T>(
        &self,
        tell: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<Turn<(Answered, T)>, ServiceError> {
        let question = convert::question_of(self.request, State::default(), self.received);
        let decision = service::recommend_without_past(self.playbooks, question)?;
        let past = Known::Unknown;
        let backdrop = Backdrop { given: &[], revision: 0, next: None, past, on: None, degraded: true };
        let told = tell(&decision);
        Ok(Turn { answer: (self.answered(decision, &backdrop), told), next: None })
    }

    fn answered(&self, decision: Decision<'_>, backdrop: &Backdrop<'_>) -> Answered {
        let Backdrop { given, next, on, degraded, .. } = *backdrop;
        let envelope = encode::Envelope { decision_id: self.request.request_id, given, next, degraded };
        Answered {
            answer: encode::recommendation(&decision, envelope),
            standpoint: standpoint(&decision, backdrop),
            warnings: decision.warnings,
            on,
            degraded,
        }
    }

    /// Of what is held and what the caller sent the later one, unless the call was counted before.
    fn base<'h>(&'h self, held: Option<(Held<'h>, State<'h>)>) -> Result<Base<'h>, ServiceError> {
        let sent = || {
            let state = State::sent(self.request.state.unwrap_or_default());
            let encoded = state.snapshot.as_ref().map_or_else(Vec::new, encode::state).into();
            Base { state, encoded, received: self.received, standing: Standing::New }
        };
        let Some((held, state)) = held else { return Ok(sent()) };
        if self.id != 0 && self.id == held.last {
            if self.observed != held.observed {
                return Err(ServiceError::Invalid(vec![id_is_taken()]));
            }
            let state = State::read(held.before).unwrap_or_default();
            return Ok(Base { state, encoded: held.before.into(), received: held.now, standing: Standing::Last });
        }
        let is_counted = self.id != 0 && held.counted(self.id);
        if !is_counted && self.request.state.is_some() {
            let sent = sent();
            if sent.state.counts_beside(&state) {
                return Ok(sent);
            }
        }
        let standing = if is_counted { Standing::Earlier } else { Standing::New };
        Ok(Base { state, encoded: held.state.into(), received: self.received, standing })
    }

    /// What is to be held from now on: the state, encoded, and all that is written.
    fn next(&self, new: &Snapshot<'_>, before: &[u8], held: Option<Held<'_>>) -> (Vec<u8>, Next) {
        let state = encode::state(new);
        let Held { last, earlier, .. } = held.unwrap_or_default();
        let now = new.update_time;
        let held = Held { state: &state, before, last: self.id, observed: self.observed, now, earlier };
        let open = new.commitments.iter().filter(|promise| is_open(promise));
        let next = Next {
            revision: new.revision,
            bytes: held.record(last),
            now,
            promises: open.map(|promise| (promise.due, promise.id.clone().into_owned())).collect(),
        };
        (state, next)
    }
}

/// Where `decision` leaves the conversation.
fn standpoint(decision: &Decision<'_>, backdrop: &Backdrop<'_>) -> Standpoint {
    let revision = match &decision.state {
        NextState::New(new) => new.revision,
        NextState::Same | NextState::Withheld => backdrop.revision,
    };
    let sequence = u64::from(revision) * STEPS_BY_TIME + u64::from(decision.steps_by_time());
    Standpoint { sequence, digest: decision.answer_digest, next_check: decision.next_check, past: backdrop.past }
}

fn is_open(promise: &Commitment<'_>) -> bool {
    match promise.status {
        CommitmentStatus::Open | CommitmentStatus::Missed => true,
        CommitmentStatus::Kept | CommitmentStatus::Withdrawn => false,
    }
}

fn repeated() -> Warning {
    let message =
        "this request was counted before, and others since; this is how the conversation stands now".to_owned();
    Warning { code: WarningCode::RequestRepeated, field: "request_id".to_owned(), message }
}

fn id_is_taken() -> Violation {
    let description =
        "was used in this conversation for a request that observed something else; give each request an id of its own";
    Violation { field: "request_id".to_owned(), description: description.to_owned() }
}

/// Of what a request says about the customer and the agent, and nothing that is personal.
fn digest_of_observation(request: &RecommendRequestView<'_>) -> u64 {
    let RecommendRequestView {
        turn,
        signals,
        facts,
        unknown_facts,
        agent_report,
        commitments,
        request_id: _,
        conversation_id: _,
        state: _,
        playbook: _,
        playbook_version: _,
        channel: _,
        locale: _,
        values: _,
        excluded_actions: _,
        max_suggestions: _,
        explain: _,
        strict: _,
        evaluation_time: _,
    } = request;
    let observed = RecommendRequestView {
        turn: *turn,
        signals: signals.clone(),
        facts: convert::in_order(facts).into(),
        unknown_facts: unknown_facts.clone(),
        agent_report: agent_report.clone(),
        commitments: commitments.clone(),
        ..RecommendRequestView::default()
    };
    xxh3_64(&observed.encode_to_vec())
}

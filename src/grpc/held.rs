//! What is held of a conversation between calls, and what one call makes of it.
//!
//! A record is the state, and enough of the last call that it can be answered again in the same words: what it was decided on, and
//! when. Like the state it holds ids, numbers, booleans and times, nothing that was said.

use buffa::{MessageView as _, ViewEncode as _};
use prost::Message;
use prost::bytes::Bytes;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use super::answer::Answer;
use super::generated::in_place::{ConversationStateView, RecommendRequestView};
use super::{convert, encode};
use crate::engine::{
    Commitment, CommitmentStatus, Decision, NextState, Observation, Snapshot, Violation, Warning, WarningCode,
};
use crate::playbook::Time;
use crate::service::{self, Choice, Next, Past, Playbooks, Question, ServiceError, Turn};
use crate::store::{Record, Stamp};

/// Calls before the last that are remembered, so that none is counted twice.
const EARLIER: usize = 64;

/// What is held of a conversation.
#[derive(Clone, PartialEq, Message)]
struct Held {
    /// An encoded `ConversationState`.
    #[prost(bytes = "bytes", tag = "1")]
    state: Bytes,
    /// The one that the last call was decided on; empty: the conversation began.
    #[prost(bytes = "bytes", tag = "2")]
    before: Bytes,
    /// Which call was the last: the digest of its id, or a number of its own.
    #[prost(fixed64, tag = "3")]
    last: u64,
    /// A digest of what it observed.
    #[prost(fixed64, tag = "4")]
    observed: u64,
    /// The moment that it was decided for, in milliseconds since 1970.
    #[prost(sint64, tag = "5")]
    now: i64,
    /// Calls before it, the latest first.
    #[prost(fixed64, repeated, tag = "6")]
    earlier: Vec<u64>,
}

/// The state that `record` holds, encoded; `None`: it is not readable.
pub(super) fn state_of(record: &Record) -> Option<Bytes> {
    read(record).map(|held| held.state)
}

fn read(record: &Record) -> Option<Held> {
    Held::decode(record.bytes.clone()).ok()
}

/// The state that is encoded in `bytes`; `None`: it is not readable.
pub(super) fn state_in(bytes: &[u8]) -> Option<ConversationStateView<'_>> {
    ConversationStateView::decode_view(bytes).ok()
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
    given: Option<&'b ConversationStateView<'b>>,
    /// The state that is to be held from now on, encoded.
    next: Option<&'b [u8]>,
    past: Known,
    on: Option<Stamp>,
    degraded: bool,
}

/// What a call goes on from.
struct Base<'h> {
    state: Option<ConversationStateView<'h>>,
    /// The same, where it is held as such.
    encoded: Option<&'h Bytes>,
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
        let held = record.and_then(read);
        let readable = held.as_ref().and_then(|held| Some((held, state_in(&held.state)?)));
        let is_unknown = if record.is_some() { readable.is_none() } else { degraded };
        if is_unknown && self.request.state.is_unset() {
            return self.decide_without_past(tell);
        }
        let held = readable.as_ref().map(|(held, _)| *held);
        let base = self.base(readable)?;
        let mut decision = service::recommend(self.playbooks, self.question(&base))?;
        if base.standing == Standing::Earlier {
            decision.warnings.push(repeated());
        }
        decision.unchanged &= self.purpose == Purpose::Reply;
        let (state, next) = match (&decision.state, base.standing) {
            (NextState::New(new), Standing::New) => Some(self.next(new, &base, held)),
            (NextState::New(_) | NextState::Same | NextState::Withheld, _) => None,
        }
        .unzip();
        let past = if held.is_some() || next.is_some() { Known::Held } else { Known::Nothing };
        let (given, on) = (base.state.as_ref(), record.map(|record| record.stamp));
        let backdrop = Backdrop { given, next: state.as_deref(), past, on, degraded };
        let told = tell(&decision);
        Ok(Turn { answer: (self.answered(decision, &backdrop), told), next })
    }

    fn question<'b>(&'b self, base: &'b Base<'b>) -> Question<'b> {
        let mut question = convert::question_of(self.request, base.state.as_ref(), base.received);
        if base.standing == Standing::Earlier {
            question.request.observation = Observation::default();
        }
        if self.purpose == Purpose::Show && base.state.is_some() {
            question.choice = Choice::default();
        }
        question
    }

    /// Nobody here knows what was before.
    fn decide_without_past<T>(
        &self,
        tell: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<Turn<(Answered, T)>, ServiceError> {
        let question = convert::question_of(self.request, None, self.received);
        let decision = service::recommend_without_past(self.playbooks, question)?;
        let backdrop = Backdrop { given: None, next: None, past: Known::Unknown, on: None, degraded: true };
        let told = tell(&decision);
        Ok(Turn { answer: (self.answered(decision, &backdrop), told), next: None })
    }

    fn answered(&self, decision: Decision<'_>, backdrop: &Backdrop<'_>) -> Answered {
        let Backdrop { given, next, past: _, on, degraded } = *backdrop;
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
    fn base<'h>(&'h self, held: Option<(&'h Held, ConversationStateView<'h>)>) -> Result<Base<'h>, ServiceError> {
        let received = self.received;
        let sent = || {
            let state = self.request.state.as_option().cloned();
            Base { state, encoded: None, received, standing: Standing::New }
        };
        let Some((held, state)) = held else { return Ok(sent()) };
        if self.id != 0 && self.id == held.last {
            if self.observed != held.observed {
                return Err(ServiceError::Invalid(vec![id_is_taken()]));
            }
            let began = held.before.is_empty();
            let state = if began { None } else { state_in(&held.before) };
            let received = Time::from_millis(held.now);
            return Ok(Base { state, encoded: Some(&held.before), received, standing: Standing::Last });
        }
        let is_counted = self.id != 0 && held.earlier.contains(&self.id);
        if !is_counted && self.request.state.as_option().is_some_and(|sent| sent.revision > state.revision) {
            return Ok(sent());
        }
        let standing = if is_counted { Standing::Earlier } else { Standing::New };
        Ok(Base { state: Some(state), encoded: Some(&held.state), received, standing })
    }

    /// What is to be held from now on: the state, encoded, and all that is written.
    fn next(&self, new: &Snapshot<'_>, base: &Base<'_>, held: Option<&Held>) -> (Bytes, Next) {
        let last = held.filter(|held| held.last != 0).map(|held| held.last);
        let earlier = last.into_iter().chain(held.into_iter().flat_map(|held| held.earlier.iter().copied()));
        let encode = || base.state.as_ref().map_or_else(Bytes::new, |state| state.encode_to_vec().into());
        let before = base.encoded.cloned().unwrap_or_else(encode);
        let state = Bytes::from(encode::state(new));
        let held = Held {
            state: state.clone(),
            before,
            last: self.id,
            observed: self.observed,
            now: new.update_time.millis(),
            earlier: earlier.take(EARLIER).collect(),
        };
        let open = new.commitments.iter().filter(|promise| is_open(promise));
        let next = Next {
            revision: new.revision,
            bytes: held.encode_to_vec(),
            now: new.update_time,
            promises: open.map(|promise| (promise.due, promise.id.clone().into_owned())).collect(),
        };
        (state, next)
    }
}

/// Where `decision` leaves the conversation.
fn standpoint(decision: &Decision<'_>, backdrop: &Backdrop<'_>) -> Standpoint {
    let revision = match &decision.state {
        NextState::New(new) => new.revision,
        NextState::Same | NextState::Withheld => backdrop.given.map_or(0, |state| state.revision),
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

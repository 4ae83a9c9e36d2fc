//! Whatever arrives, the server answers and goes on.

use std::sync::LazyLock;

use composure::grpc::Recommendations;
use composure::grpc::generated::{
    ActionReport, ActionState, AgentReport, Commitment, ConversationState, EscalationState, FactState, PhrasingState,
    RecommendRequest, RecommendResponse, Signal, SignalState,
};
use composure::playbook::Time;
use composure::telemetry::Metrics;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use prost::Message as _;
use prost::bytes::{Buf, BufMut};
use prost_types::Timestamp;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};

use crate::wire_server::{WireServer, anger, shelf};

static SERVICE: LazyLock<Recommendations> = LazyLock::new(|| Recommendations::new(shelf(), Metrics::new()));

/// What an answer must be, and that its state is accepted.
fn answered(request: &RecommendRequest) {
    let Ok(answer) = SERVICE.answer(request, Time::from_millis(1_767_225_600_000)) else { return };
    let answer = RecommendResponse::decode(answer.as_bytes()).expect("an answer is a RecommendResponse");
    assert!(!answer.suggestions.is_empty() || answer.no_suggestion_reason != 0);
    if let Some(state) = answer.state {
        let next = RecommendRequest { state: Some(state), ..anger(0.4) };
        SERVICE.answer(&next, Time::from_millis(0)).expect("what came back is accepted");
    }
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![0..12u32, any::<u32>(), Just(u32::MAX)]
}

fn strength() -> impl Strategy<Value = f64> {
    prop_oneof![9 => 0.0..=1.0, 1 => any::<f64>()]
}

fn word(number: i32) -> impl Strategy<Value = i32> {
    prop_oneof![19 => 0..number, 1 => any::<i32>()]
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    let usual = (1_767_220_000..1_767_230_000i64, 0..1_000_000_000i32);
    let odd = (any::<i64>(), any::<i32>());
    option::of(
        prop_oneof![9 => usual.boxed(), 1 => odd.boxed()].prop_map(|(seconds, nanos)| Timestamp { seconds, nanos }),
    )
}

fn one_of(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![9 => proptest::sample::select(names).prop_map(str::to_owned), 1 => any::<String>()]
}

fn signal() -> impl Strategy<Value = String> {
    one_of(&["anger", "venting", "threat", "requests_manager", "satisfaction", "self_harm_risk", "confusion"])
}

fn fact() -> impl Strategy<Value = String> {
    one_of(&["grievance_known", "mistake_confirmed", "setback", "solution_agreed", "followed_up", "promise_missed"])
}

fn action() -> impl Strategy<Value = String> {
    one_of(&["keep_listening", "own_mistake", "commit_to_next_step", "call_for_help", "present_solution", "act_now"])
}

fn stage() -> impl Strategy<Value = String> {
    one_of(&["listen", "acknowledge", "propose", "act", "closed", "call_for_help", "part_ways", "gone", ""])
}

fn commitment() -> impl Strategy<Value = Commitment> {
    let parts = ("[a-d]", time(), word(5), number());
    parts.prop_map(|(id, due_time, status, turn)| Commitment { id, due_time, status, turn })
}

fn signal_state() -> impl Strategy<Value = SignalState> {
    (signal(), strength(), number(), option::of(strength()), 0..300u32).prop_map(
        |(name, level, turn, previous, bands_before)| SignalState { name, level, turn, previous, bands_before },
    )
}

fn fact_state() -> impl Strategy<Value = FactState> {
    (fact(), any::<Option<bool>>(), number(), any::<bool>(), number(), number()).prop_map(
        |(name, value, turn, forgotten, asked, asked_turn)| FactState {
            name,
            value,
            turn,
            forgotten,
            asked,
            asked_turn,
        },
    )
}

fn action_state() -> impl Strategy<Value = ActionState> {
    let phrasing = ("[a-z]{1,6}", number()).prop_map(|(id, count)| PhrasingState { id, count });
    let flags = any::<(bool, bool, bool)>();
    (action(), flags, (number(), number(), number(), number(), number()), vec(phrasing, 0..3)).prop_map(
        |(name, (done, assumed, unavailable), (count, used, used_turn, done_turn, dismissed_until), phrasings)| {
            ActionState {
                name,
                done,
                count,
                used,
                used_turn,
                done_turn,
                assumed,
                dismissed_until,
                unavailable,
                phrasings,
            }
        },
    )
}

fn state() -> impl Strategy<Value = ConversationState> {
    let place = (stage(), stage(), vec(stage(), 0..3), action());
    let entries = (vec(signal_state(), 0..6), vec(fact_state(), 0..6), vec(action_state(), 0..6));
    let rest = (vec(commitment(), 0..3), option::of(action_state()), word(5), time(), any::<bool>());
    (place, entries, rest, (number(), number(), 0..4u32)).prop_map(
        |((stage, return_stage, path, first_action), (signals, facts, actions), rest, (turn, number, schema))| {
            let (commitments, assumed_before, level, update_time, reported) = rest;
            let rule = "manager_requested".to_owned();
            ConversationState {
                schema,
                revision: number,
                turn,
                stage,
                stage_since_turn: number,
                return_stage,
                path,
                signals,
                facts,
                actions,
                commitments,
                first_action,
                reported,
                assumed_before,
                escalation: Some(EscalationState { rule, level, since_turn: number, cause_turn: turn }),
                update_time,
                ..ConversationState::default()
            }
        },
    )
}

fn report() -> impl Strategy<Value = AgentReport> {
    let action = (action(), word(4), time(), "[a-d]?").prop_map(|(action, result, due_time, commitment_id)| {
        ActionReport { action, result, due_time, commitment_id, ..ActionReport::default() }
    });
    vec(action, 0..4).prop_map(|actions| AgentReport { actions })
}

fn request() -> impl Strategy<Value = RecommendRequest> {
    let signal = (signal(), option::of(strength()), option::of(strength()))
        .prop_map(|(name, level, confidence)| Signal { name, level, confidence });
    let observed = (vec(signal, 0..5), btree_map(fact(), any::<bool>(), 0..5), vec(fact(), 0..2), option::of(report()));
    let rest = (vec(commitment(), 0..3), vec(action(), 0..3), 0..22u32, word(4), word(7), time());
    (option::of(state()), number(), observed, rest).prop_map(|(state, turn, observed, rest)| {
        let (signals, facts, unknown_facts, agent_report) = observed;
        let (commitments, excluded_actions, max_suggestions, explain, channel, evaluation_time) = rest;
        RecommendRequest {
            state,
            turn,
            channel,
            signals,
            facts,
            unknown_facts,
            agent_report,
            commitments,
            excluded_actions,
            max_suggestions,
            explain,
            evaluation_time,
            ..RecommendRequest::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_request_is_answered_or_refused(request in request()) {
        answered(&request);
    }

    #[test]
    fn bytes_that_decode_are_answered_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(request) = RecommendRequest::decode(bytes.as_slice()) {
            answered(&request);
        }
    }

    #[test]
    fn damaged_requests_are_answered_or_refused(request in request(), damage in vec((any::<usize>(), any::<u8>()), 1..8)) {
        let mut bytes = request.encode_to_vec();
        for (at, byte) in damage {
            let length = bytes.len().max(1);
            if let Some(place) = bytes.get_mut(at % length) {
                *place = byte;
            }
        }
        if let Ok(request) = RecommendRequest::decode(bytes.as_slice()) {
            answered(&request);
        }
    }
}

/// Sends bytes as they are.
#[derive(Debug, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buf.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; buf.remaining()];
        buf.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

#[tokio::test]
async fn a_body_that_is_no_message_is_refused_and_the_connection_goes_on() {
    let server = WireServer::start().await;
    let mut grpc = Grpc::new(server.channel().await);
    let path = PathAndQuery::from_static("/composure.v1.RecommendationService/Recommend");
    grpc.ready().await.expect("the server listens");
    let refused = grpc.unary(Request::new(vec![0xFF; 40]), path.clone(), Raw).await.expect_err("this is no message");
    assert_eq!((refused.code(), refused.details()), (Code::Internal, [].as_slice()));
    grpc.ready().await.expect("the server still listens");
    let body = anger(0.8).encode_to_vec();
    grpc.unary(Request::new(body), path, Raw).await.expect("this is one");
}

//! Conversations that are held: none of two clicks is lost, none is counted twice, and what is known is never made up.

use std::time::Duration;

use composure::grpc::call::Asked;
use composure::grpc::generated::recommendation_service_server::RecommendationService as _;
use composure::grpc::generated::{
    ActionReport, AgentReport, Commitment, Explain, RecommendRequest, RecommendResponse, Warning, WarningCode,
};
use composure::grpc::{Answer, Received, Recommendations};
use composure::playbook::Time;
use composure::service::Conversations;
use composure::store::Key;
use composure::telemetry::Metrics;
use prost::Message as _;
use prost_types::Timestamp;
use tokio::time::Instant;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;

use crate::wire_server::{anger, conversations, flag, level, memory, named, shelf};

const NOON: Time = Time::from_millis(1_767_268_800_000);

fn desk() -> Recommendations {
    desk_over(conversations())
}

fn desk_over(conversations: Conversations) -> Recommendations {
    Recommendations::new(shelf(), Metrics::new()).holding(conversations)
}

async fn ask(desk: &Recommendations, request: RecommendRequest) -> Result<RecommendResponse, Status> {
    ask_at(desk, request, NOON).await
}

async fn ask_at(desk: &Recommendations, request: RecommendRequest, now: Time) -> Result<RecommendResponse, Status> {
    let asked = Asked { tenant: "acme", received: now, until: Instant::now() + Duration::from_secs(60) };
    let answer = desk.answer_held(&request, asked).await?;
    Ok(RecommendResponse::decode(answer.as_bytes()).expect("it is an answer"))
}

/// What is answered to `request` with these bytes in the place of its state, where nobody is asked who they are.
async fn ask_with(desk: &Recommendations, request: RecommendRequest, state: &[u8]) -> Result<Answer, Status> {
    let mut bytes = request.encode_to_vec();
    prost::encoding::bytes::encode(2, &state.to_vec(), &mut bytes);
    let came = Received::decode(bytes.as_slice()).expect("it is only read later");
    desk.recommend(Request::new(came)).await.map(Response::into_inner)
}

fn codes(answer: &RecommendResponse) -> Vec<WarningCode> {
    answer.warnings.iter().map(Warning::code).collect()
}

fn revision(answer: &RecommendResponse) -> u32 {
    answer.state.as_ref().map_or(0, |state| state.revision)
}

fn done(action: &str) -> AgentReport {
    AgentReport { actions: vec![ActionReport { action: action.to_owned(), ..ActionReport::default() }] }
}

#[tokio::test]
async fn a_conversation_goes_on_from_where_it_was() {
    let desk = desk();
    let first = ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    let heard = RecommendRequest {
        agent_report: Some(done("keep_listening")),
        facts: [("grievance_known".to_owned(), true)].into(),
        ..anger(0.8)
    };
    let second = ask(&desk, named("c", "2", heard)).await.unwrap();
    assert_eq!((first.stage.as_str(), first.turn), ("listen", 1));
    assert_eq!((second.stage.as_str(), second.turn), ("acknowledge", 2));
    assert!(!first.degraded && !second.degraded);
}

#[tokio::test]
async fn another_tenants_conversation_of_the_same_name_is_another_one() {
    let desk = desk();
    ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    let asked = Asked { tenant: "globex", received: NOON, until: Instant::now() };
    let other = desk.answer_held(&named("c", "1", anger(0.2)), asked).await.unwrap();
    let other = RecommendResponse::decode(other.as_bytes()).unwrap();
    assert_eq!((other.turn, revision(&other)), (1, 1));
}

#[tokio::test]
async fn the_last_request_is_answered_in_the_same_bytes_when_it_is_sent_again() {
    let desk = desk();
    ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    let request = RecommendRequest {
        values: [("customer_name".to_owned(), "Ada".to_owned())].into(),
        explain: Explain::Full.into(),
        ..named("c", "2", anger(0.7))
    };
    let answer = ask(&desk, request.clone()).await.unwrap();
    // A minute later, as a client would that lost the answer.
    let again = ask_at(&desk, request, NOON.plus_millis(60_000)).await.unwrap();
    assert_eq!(again.encode_to_vec(), answer.encode_to_vec());
    let next = ask(&desk, named("c", "3", anger(0.7))).await.unwrap();
    assert_eq!((next.turn, revision(&next)), (3, 3));
}

#[tokio::test]
async fn the_last_request_is_known_again_though_its_facts_come_in_another_order() {
    let desk = desk();
    let fact = |name: &str, value| RecommendRequest {
        facts: [(name.to_owned(), value)].into(),
        ..RecommendRequest::default()
    };
    let request = RecommendRequest {
        evaluation_time: Some(Timestamp { seconds: NOON.millis() / 1_000, nanos: 0 }),
        ..named("c", "1", anger(0.8))
    };
    // Encodings that follow each other are one message, whose map has their entries in this order.
    let ask = async |facts: &[RecommendRequest]| {
        let parts: Vec<_> = [&request].into_iter().chain(facts).map(prost::Message::encode_to_vec).collect();
        let came = Received::decode(parts.concat().as_slice()).expect("it is only read later");
        let answer = desk.recommend(Request::new(came)).await.expect("it is the same request");
        RecommendResponse::decode(answer.into_inner().as_bytes()).expect("it is an answer")
    };
    let (known, confirmed) = (fact("grievance_known", true), fact("mistake_confirmed", true));
    let answer = ask(&[known.clone(), confirmed.clone()]).await;
    assert_eq!((revision(&answer), ask(&[confirmed.clone(), known.clone()]).await), (1, answer.clone()));
    // Where a fact comes twice, the later one counts.
    assert_eq!(ask(&[fact("mistake_confirmed", false), known, confirmed]).await, answer);
}

#[tokio::test]
async fn a_request_that_others_followed_is_not_counted_again() {
    let desk = desk();
    for id in ["1", "2", "3"] {
        ask(&desk, named("c", id, anger(0.9))).await.unwrap();
    }
    let again = ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    assert_eq!((again.turn, revision(&again)), (3, 3));
    assert!(codes(&again).contains(&WarningCode::RequestRepeated));
    for id in 4..=65 {
        ask(&desk, named("c", &id.to_string(), anger(0.9))).await.unwrap();
    }
    let again = ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    assert_eq!(revision(&again), 65, "64 before the last are remembered");
}

#[tokio::test]
async fn an_id_that_stands_for_something_else_is_refused() {
    let desk = desk();
    ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    let status = ask(&desk, named("c", "1", anger(0.2))).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let fields = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(fields[0].field, "request_id");
    let next = ask(&desk, named("c", "2", anger(0.2))).await.unwrap();
    assert_eq!(next.turn, 2, "nothing of it was counted");
}

#[tokio::test]
async fn of_two_states_the_later_one_counts() {
    let desk = desk();
    let mut state = None;
    for id in ["1", "2", "3"] {
        state = ask(&desk, named("kept", id, anger(0.9))).await.unwrap().state;
    }
    // What the caller has is later than what is held: there it begins.
    ask(&desk, named("begun", "1", anger(0.9))).await.unwrap();
    let sent = RecommendRequest { state: state.clone(), ..anger(0.9) };
    let healed = ask(&desk, named("begun", "2", sent.clone())).await.unwrap();
    assert_eq!((healed.turn, revision(&healed)), (4, 4));
    // What is held is later than what the caller has.
    let ahead = ask(&desk, named("begun", "3", sent)).await.unwrap();
    assert_eq!((ahead.turn, revision(&ahead)), (5, 5));
}

#[tokio::test]
async fn what_is_no_state_is_told_though_one_is_held() {
    let desk = desk();
    let begun = ask_with(&desk, named("c", "1", anger(0.9)), &[]).await.expect("it begins");
    let refused = ask_with(&desk, named("c", "2", anger(0.9)), b"what I remember").await.expect_err("this is no state");
    let told = refused.get_details_bad_request().expect("it is told").field_violations;
    assert_eq!((refused.code(), told.first().map(|told| told.field.as_str())), (Code::InvalidArgument, Some("state")));
    // An empty one is no mistake, and what is held is later.
    let next = ask_with(&desk, named("c", "3", anger(0.9)), &[]).await.expect("it goes on");
    let turn = |answer: &Answer| RecommendResponse::decode(answer.as_bytes()).map(|answer| answer.turn);
    assert_eq!((turn(&begun), turn(&next)), (Ok(1), Ok(2)));
}

#[tokio::test]
async fn what_the_caller_has_heals_a_store_that_lost_everything() {
    let before = ask(&desk(), named("c", "1", anger(0.9))).await.unwrap();
    let emptied = desk();
    let sent = RecommendRequest { state: before.state, ..anger(0.7) };
    let answer = ask(&emptied, named("c", "2", sent)).await.unwrap();
    assert_eq!((answer.turn, answer.degraded), (2, false));
    let next = ask(&emptied, named("c", "3", anger(0.7))).await.unwrap();
    assert_eq!(next.turn, 3);
}

#[tokio::test]
async fn nothing_observed_is_nothing_written() {
    let desk = desk();
    ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    let read = ask(&desk, named("c", "", RecommendRequest::default())).await.unwrap();
    assert_eq!((read.turn, revision(&read)), (1, 1));
    let next = ask(&desk, named("c", "2", anger(0.9))).await.unwrap();
    assert_eq!(revision(&next), 2);
}

#[tokio::test]
async fn the_clock_of_a_replica_may_be_a_minute_behind() {
    let desk = desk();
    let promised = RecommendRequest { commitments: vec![promise("call_back", 30 * 60)], ..named("c", "1", anger(0.9)) };
    ask(&desk, promised).await.unwrap();
    let behind = ask_at(&desk, named("c", "2", anger(0.8)), NOON.plus_millis(-60_000)).await.unwrap();
    assert_eq!((behind.turn, behind.evaluation_time), (2, Some(seconds(0))));
    assert!(codes(&behind).is_empty(), "{:?}", behind.warnings);
    assert_eq!(behind.next_check_time, Some(seconds(20 * 60)));
}

fn seconds(after_noon: i64) -> Timestamp {
    Timestamp { seconds: NOON.millis() / 1_000 + after_noon, nanos: 0 }
}

fn promise(id: &str, after_noon: i64) -> Commitment {
    Commitment { id: id.to_owned(), due_time: Some(seconds(after_noon)), ..Commitment::default() }
}

#[tokio::test]
async fn without_a_store_a_conversation_must_bring_its_state() {
    let desk = Recommendations::new(shelf(), Metrics::new());
    let status = ask(&desk, named("c", "1", anger(0.9))).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.get_details_error_info().unwrap().reason, "ERROR_REASON_CONVERSATIONS_NOT_HELD");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_counted() {
    let desk = desk();
    let wrong = RecommendRequest { signals: vec![level("anger", 2.0)], ..anger(0.5) };
    let status = ask(&desk, named(&"c".repeat(129), &"r".repeat(129), wrong)).await.unwrap_err();
    let fields: Vec<String> =
        status.get_details_bad_request().unwrap().field_violations.into_iter().map(|wrong| wrong.field).collect();
    assert_eq!(fields, ["request_id", "conversation_id", "signals[0].level"]);
}

/// Writers in as many tasks on as many threads, each for itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_at_once_lose_no_turn_and_count_none_twice() {
    const WRITERS: usize = 8;
    const TURNS: usize = 25;
    let desk = desk();
    let writer = |writer: usize| {
        let desk = desk.clone();
        async move {
            let mut turns = Vec::new();
            for turn in 0..TURNS {
                let request = named("c", &format!("{writer}-{turn}"), anger(0.5));
                let answer = ask(&desk, request.clone()).await.expect("it is counted");
                turns.push(answer.turn);
                // Every other answer gets lost, and its client asks again.
                if turn % 2 == 0 {
                    let again = ask(&desk, request).await.expect("it was counted");
                    assert!(again.turn >= answer.turn);
                }
            }
            turns
        }
    };
    let writers: Vec<_> = (0..WRITERS).map(|at| tokio::spawn(writer(at))).collect();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    acknowledged.sort_unstable();
    let all: Vec<u32> = (1..).take(WRITERS * TURNS).collect();
    assert_eq!(acknowledged, all, "each turn belongs to one request");
    let end = ask(&desk, named("c", "", RecommendRequest::default())).await.unwrap();
    assert_eq!(end.turn as usize, WRITERS * TURNS);
}

#[tokio::test]
async fn texts_that_come_with_a_request_are_not_held() {
    let store = memory();
    let desk = desk_over(Conversations::new(store.clone(), Duration::from_secs(60)));
    let values = [("customer_name".to_owned(), "Ada Lovelace".to_owned())].into();
    let answer = ask(&desk, named("c", "for Ada", RecommendRequest { values, ..anger(0.6) })).await.unwrap();
    assert!(answer.encode_to_vec().windows(3).any(|bytes| bytes == b"Ada"), "they are used");
    let key = Key { tenant: "acme", conversation: "c" };
    let held = store.get(key, Instant::now()).await.unwrap().expect("it is held");
    assert!(!held.bytes.windows(3).any(|bytes| bytes == b"Ada"));
    // Nor is what nobody knows of a state.
    let mut state = answer.state.expect("it comes back").encode_to_vec();
    prost::encoding::string::encode(1_000, &"Ada".to_owned(), &mut state);
    ask_with(&desk, named("c", "for her again", anger(0.6)), &state).await.expect("it is a state");
    let held = store.get(Key { tenant: "", ..key }, Instant::now()).await.unwrap().expect("it is held");
    assert_eq!((held.revision, held.bytes.windows(3).any(|bytes| bytes == b"Ada")), (2, false));
}

#[tokio::test]
async fn a_threat_is_seen_whatever_was_before() {
    let store = memory();
    let desk = desk_over(Conversations::new(store, Duration::from_secs(60)));
    ask(&desk, named("c", "1", anger(0.9))).await.unwrap();
    let threat = RecommendRequest { signals: vec![level("threat", 0.9), flag("requests_manager")], ..anger(0.5) };
    let answer = ask(&desk, named("c", "2", threat)).await.unwrap();
    assert_eq!(answer.stage, "call_for_help");
}

//! What is wrong with a request is said in full: the code, a reason for programs, and every field.

use composure::grpc::generated::{
    ActionReport, ActionState, AgentReport, Commitment, CommitmentStatus, ConversationState, FactState,
    RecommendRequest, Signal, SignalState,
};
use composure::grpc::status::ERROR_DOMAIN;
use prost_types::Timestamp;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::wire_server::{WireServer, anger, anger_with, flag, level};

const INVALID: &str = "ERROR_REASON_INVALID_REQUEST";

/// Code, reason and the paths of all fields that are wrong.
fn told(status: &Status) -> (Code, String, Vec<String>) {
    let info = status.get_details_error_info().expect("every error of ours says its reason");
    assert_eq!(info.domain, ERROR_DOMAIN);
    let fields = status.get_details_bad_request().map_or_else(Vec::new, |bad| bad.field_violations);
    (status.code(), info.reason, fields.into_iter().map(|violation| violation.field).collect())
}

fn signals(signals: Vec<Signal>) -> RecommendRequest {
    RecommendRequest { signals, ..RecommendRequest::default() }
}

/// As many actions as a state may have, and more bytes than it may.
fn too_large() -> Vec<ActionState> {
    vec![ActionState { name: "é".repeat(64), ..ActionState::default() }; 256]
}

/// Requests that are wrong in one field, and its path.
fn wrong_in_one_field() -> Vec<(&'static str, RecommendRequest)> {
    let sure = |confidence| Signal { confidence: Some(confidence), ..level("anger", 0.5) };
    let long = "x".repeat(65);
    vec![
        ("signals[0].level", anger(1.5)),
        ("signals[0].level", anger(f64::NAN)),
        ("signals[0].level", anger(f64::INFINITY)),
        ("signals[0].level", anger(-0.1)),
        ("signals[0].confidence", signals(vec![sure(1.01)])),
        ("signals[0].name", signals(vec![level("", 0.5)])),
        ("signals[0].name", signals(vec![level(&long, 0.5)])),
        ("signals[1].name", signals(vec![level("anger", 0.5), level("anger", 0.6)])),
        ("signals[0].level", signals(vec![level("requests_manager", 0.5)])),
        ("signals[0].level", signals(vec![flag("anger")])),
        ("signals", signals((0..65).map(|at| level(&format!("signal_{at}"), 0.5)).collect())),
        ("channel", RecommendRequest { channel: 99, ..anger(0.5) }),
        ("explain", RecommendRequest { explain: -1, ..anger(0.5) }),
        ("locale", RecommendRequest { locale: "en_US".to_owned(), ..anger(0.5) }),
        ("max_suggestions", RecommendRequest { max_suggestions: 21, ..anger(0.5) }),
        ("request_id", RecommendRequest { request_id: "x".repeat(129), ..anger(0.5) }),
        ("playbook", RecommendRequest { playbook: long.clone(), ..anger(0.5) }),
        ("playbook_version", RecommendRequest { playbook_version: long.clone(), ..anger(0.5) }),
        ("facts[]", RecommendRequest { facts: [(String::new(), true)].into(), ..anger(0.5) }),
        ("unknown_facts[0]", RecommendRequest { unknown_facts: vec![String::new()], ..anger(0.5) }),
        ("excluded_actions[0]", RecommendRequest { excluded_actions: vec![long], ..anger(0.5) }),
        ("values[offer]", RecommendRequest { values: [("offer".to_owned(), "x".repeat(2_001))].into(), ..anger(0.5) }),
        (
            "evaluation_time",
            RecommendRequest { evaluation_time: Some(Timestamp { seconds: 0, nanos: -1 }), ..anger(0.5) },
        ),
        (
            "evaluation_time",
            RecommendRequest { evaluation_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }), ..anger(0.5) },
        ),
    ]
}

/// Reports, promises and states that are wrong in one field.
fn wrong_in_one_part() -> Vec<(&'static str, RecommendRequest)> {
    let reported = |action| RecommendRequest {
        agent_report: Some(AgentReport { actions: vec![action] }),
        ..RecommendRequest::default()
    };
    let promise = Commitment { id: "p".to_owned(), due_time: Some(Timestamp::default()), ..Commitment::default() };
    let promised = |commitments| RecommendRequest { commitments, ..RecommendRequest::default() };
    let state = ConversationState { schema: 1, ..ConversationState::default() };
    let reading = |strength| SignalState { name: "anger".to_owned(), level: strength, ..SignalState::default() };
    let fact = |at| FactState { name: format!("fact_{at}_{}", "x".repeat(40)), ..FactState::default() };
    vec![
        ("agent_report.actions[0].action", reported(ActionReport::default())),
        (
            "agent_report.actions[0].result",
            reported(ActionReport { action: "act_now".to_owned(), result: 9, ..ActionReport::default() }),
        ),
        ("commitments[0].due_time", promised(vec![Commitment { due_time: None, ..promise.clone() }])),
        ("commitments[0].status", promised(vec![Commitment { status: 9, ..promise.clone() }])),
        ("commitments[1].id", promised(vec![promise.clone(), promise])),
        ("state.schema", anger_with(ConversationState { turn: 3, ..ConversationState::default() }, 0.5)),
        (
            "state.signals[3].level",
            anger_with(ConversationState { signals: [0.1, 0.2, 0.3, 7.0].map(reading).to_vec(), ..state.clone() }, 0.5),
        ),
        (
            "state.signals[0].bands_before",
            anger_with(
                ConversationState { signals: vec![SignalState { bands_before: 256, ..reading(0.5) }], ..state.clone() },
                0.5,
            ),
        ),
        (
            "state.answer_digest",
            anger_with(ConversationState { answer_digest: "xyz".to_owned(), ..state.clone() }, 0.5),
        ),
        ("state", anger_with(ConversationState { actions: too_large(), ..state.clone() }, 0.5)),
        ("state.facts", anger_with(ConversationState { facts: (0..129).map(fact).collect(), ..state }, 0.5)),
    ]
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let server = WireServer::start().await;
    let mut client = server.recommendations().await;
    for (field, request) in wrong_in_one_field().into_iter().chain(wrong_in_one_part()) {
        let status = client.recommend(request).await.expect_err(field);
        assert_eq!(told(&status), (Code::InvalidArgument, INVALID.to_owned(), vec![field.to_owned()]), "{status:?}");
        assert!(status.message().contains(field), "{status:?}");
    }
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let server = WireServer::start().await;
    let request = RecommendRequest {
        signals: vec![level("anger", 1.5), level("venting", 0.5), level("venting", 0.5)],
        max_suggestions: 21,
        ..RecommendRequest::default()
    };
    let status = server.recommend(request).await.expect_err("it is wrong in three places");
    assert_eq!(told(&status).2, ["signals[0].level", "max_suggestions", "signals[2].name"]);
    let info = status.get_details_error_info().expect("it says its reason");
    assert_eq!(info.metadata.get("violations").map(String::as_str), Some("3"));
}

#[tokio::test]
async fn details_stay_small_enough_for_every_client() {
    let server = WireServer::start().await;
    let request = RecommendRequest { excluded_actions: vec!["x".repeat(900); 250], ..RecommendRequest::default() };
    let status = server.recommend(request).await.expect_err("all of it is wrong");
    let (_, _, fields) = told(&status);
    assert!((20..250).contains(&fields.len()), "{}", fields.len());
    assert!(status.details().len() < 8 * 1024, "{}", status.details().len());
    let info = status.get_details_error_info().expect("it says its reason");
    assert_eq!(info.metadata.get("violations").map(String::as_str), Some("250"));
}

#[tokio::test]
async fn an_unknown_name_is_an_error_only_where_that_is_wanted() {
    let server = WireServer::start().await;
    let request = RecommendRequest { signals: vec![level("angre", 0.5)], ..RecommendRequest::default() };
    let answer = server.recommend(request.clone()).await.expect("it is passed over");
    let messages: Vec<_> = answer.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(messages, ["unknown signal `angre`, did you mean `anger`?; it was ignored"]);
    let status = server.recommend(RecommendRequest { strict: true, ..request }).await.expect_err("it is strict");
    assert_eq!(told(&status), (Code::InvalidArgument, INVALID.to_owned(), vec!["signals[0].name".to_owned()]));
}

#[tokio::test]
async fn what_is_not_loaded_is_answered_with_what_is() {
    let server = WireServer::start().await;
    let request = RecommendRequest { playbook: "harbour".to_owned(), ..anger(0.5) };
    let status = server.recommend(request).await.expect_err("it is not loaded");
    assert_eq!(told(&status), (Code::NotFound, "ERROR_REASON_UNKNOWN_PLAYBOOK".to_owned(), Vec::new()));
    let metadata = status.get_details_error_info().expect("it says its reason").metadata;
    assert_eq!(metadata.get("playbook").map(String::as_str), Some("harbour"));
    assert_eq!(
        metadata.get("loaded").map(String::as_str),
        Some("angry_customers, clark, connors_frare, default, difficult_customers, kahle")
    );

    let request = RecommendRequest { playbook_version: "0".to_owned(), ..anger(0.5) };
    let status = server.recommend(request).await.expect_err("it is not loaded");
    assert_eq!(told(&status), (Code::NotFound, "ERROR_REASON_UNKNOWN_PLAYBOOK_VERSION".to_owned(), Vec::new()));
    let metadata = status.get_details_error_info().expect("it says its reason").metadata;
    assert_eq!(metadata.get("loaded").map(String::as_str), Some("1"));
}

#[tokio::test]
async fn a_request_that_is_too_large_is_told_so() {
    let server = WireServer::start().await;
    let request = RecommendRequest { playbook: "x".repeat(256 * 1024), ..anger(0.5) };
    let status = server.recommend(request).await.expect_err("it is too large");
    assert_eq!(told(&status), (Code::ResourceExhausted, "ERROR_REASON_MESSAGE_TOO_LARGE".to_owned(), Vec::new()));
    assert!(status.message().contains("262144"), "{status:?}");
}

/// The start of 1970, so many days later.
fn day(days: i64) -> Timestamp {
    Timestamp { seconds: days * 86_400, nanos: 0 }
}

/// A promise for that day.
fn due_on(id: &str, days: i64) -> Commitment {
    Commitment { id: id.to_owned(), due_time: Some(day(days)), ..Commitment::default() }
}

#[tokio::test]
async fn promises_are_made_for_a_year_at_most() {
    let server = WireServer::start().await;
    let on = |days, request| RecommendRequest { evaluation_time: Some(day(days)), ..request };
    let promise = |days| RecommendRequest { commitments: vec![due_on("p", days)], ..anger(0.5) };
    let far = ActionReport {
        action: "commit_to_next_step".to_owned(),
        due_time: Some(day(1_000)),
        ..ActionReport::default()
    };
    let reported = AgentReport { actions: vec![far] };
    for (field, request) in [
        ("commitments[0].due_time", promise(367)),
        ("agent_report.actions[0].due_time", RecommendRequest { agent_report: Some(reported), ..anger(0.5) }),
    ] {
        let status = server.recommend(on(0, request)).await.expect_err(field);
        assert_eq!(told(&status), (Code::InvalidArgument, INVALID.to_owned(), vec![field.to_owned()]), "{status:?}");
        assert!(status.message().contains("must be at most 366 days after the moment of the decision"), "{status:?}");
    }
    // By the server's clock, where the request names no time.
    let status = server.recommend(promise(200_000)).await.expect_err("nobody promises that");
    assert_eq!(told(&status).2, ["commitments[0].due_time"]);

    // What was once allowed stays so, whichever time the next request names.
    let answer = server.recommend(on(366, promise(732))).await.expect("it is within the year");
    let state = answer.state.expect("it is new");
    let next = server.recommend(on(0, anger_with(state, 0.5))).await.expect("the state comes back as it was");
    assert_eq!(next.commitments, [due_on_open("p", 732)]);
}

fn due_on_open(id: &str, days: i64) -> Commitment {
    Commitment { status: CommitmentStatus::Open.into(), turn: 1, ..due_on(id, days) }
}

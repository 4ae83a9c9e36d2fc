//! Recommendations over the wire.

use composure::grpc::generated::{
    ActionReport, AgentReport, EscalationLevel, Explain, NoSuggestionReason, Outcome, Placement, RecommendRequest,
    RecommendResponse, SuppressionReason, action_report, cue, phrasing,
};
use composure::grpc::{Answer, Recommendations};
use composure::playbook::Time;
use composure::telemetry::Metrics;
use prost::Message as _;
use prost_types::Timestamp;
use tonic::Status;

use crate::wire_server::{WireServer, anger, anger_with, flag, level, shelf};

fn answer(request: &RecommendRequest) -> Result<Answer, Status> {
    Recommendations::new(shelf(), Metrics::new()).answer(request, Time::from_millis(1_767_225_600_123))
}

fn decoded(answer: &Answer) -> RecommendResponse {
    RecommendResponse::decode(answer.as_bytes()).expect("an answer is a RecommendResponse")
}

/// A request that brings every part of an answer.
fn everything() -> RecommendRequest {
    let promised = Some(Timestamp { seconds: 1_767_225_000, nanos: 0 });
    let report = ActionReport {
        action: "commit_to_next_step".to_owned(),
        result: action_report::Result::Done.into(),
        due_time: promised,
        ..ActionReport::default()
    };
    RecommendRequest {
        request_id: "call-7".to_owned(),
        signals: vec![level("anger", 0.8), flag("requests_manager"), level("no_such_signal", 0.1)],
        facts: [("grievance_known".to_owned(), true), ("mistake_confirmed".to_owned(), false)].into(),
        values: [("customer_name".to_owned(), "Ana".to_owned())].into(),
        agent_report: Some(AgentReport { actions: vec![report] }),
        explain: Explain::Full.into(),
        ..RecommendRequest::default()
    }
}

#[tokio::test]
async fn the_smallest_request_gets_a_useful_answer() {
    let server = WireServer::start().await;
    let answer = server.recommend(anger(0.8)).await.expect("it is valid");
    assert_eq!((answer.stage.as_str(), answer.turn), ("listen", 1));
    assert_eq!(answer.outcome(), Outcome::Open);
    assert_eq!(answer.playbook.expect("an answer names its playbook").id, "default");
    assert_eq!(answer.suggestions.len(), 3);
    for suggestion in &answer.suggestions {
        let says = suggestion.phrasings.iter().any(|phrasing| matches!(phrasing.words, Some(phrasing::Words::Text(_))));
        let tells = suggestion.cues.iter().any(|cue| matches!(cue.words, Some(cue::Words::Text(_))));
        assert!(says || tells, "{suggestion:?}");
        assert!(!suggestion.title.is_empty() && !suggestion.why.is_empty() && !suggestion.sources.is_empty());
    }
    assert_eq!(answer.escalation.expect("advice is always told").level(), EscalationLevel::None);
    assert_eq!(answer.state.expect("there is a state to keep").turn, 1);
}

#[tokio::test]
async fn a_decision_has_the_id_of_its_request_or_a_new_one() {
    let server = WireServer::start().await;
    let named = RecommendRequest { request_id: "call-7".to_owned(), ..anger(0.8) };
    assert_eq!(server.recommend(named).await.expect("it is valid").decision_id, "call-7");
    let (one, other) = (server.recommend(anger(0.8)).await, server.recommend(anger(0.8)).await);
    let (one, other) = (one.expect("it is valid").decision_id, other.expect("it is valid").decision_id);
    assert_ne!(one, other);
    assert_eq!(uuid::Uuid::parse_str(&one).map(|id| id.get_version_num()), Ok(4));
}

#[tokio::test]
async fn a_conversation_goes_on_with_the_state_that_came_back() {
    let server = WireServer::start().await;
    let mut state = server.recommend(anger(0.9)).await.expect("it is valid").state;
    let mut stages = Vec::new();
    for strength in [0.7, 0.5, 0.3, 0.1, 0.1, 0.1] {
        let answer = server.recommend(anger_with(state.take().expect("it came back"), strength)).await;
        let answer = answer.expect("what came back is valid");
        stages.push(answer.stage);
        state = answer.state;
    }
    stages.dedup();
    assert!(stages.len() > 2, "a calming customer gets on: {stages:?}");
}

#[test]
fn the_same_request_gets_the_same_bytes() {
    let request = everything();
    let answers: Vec<_> = (0..3).map(|_| answer(&request).expect("it is valid")).collect();
    assert!(answers.windows(2).all(|pair| pair.first() == pair.last()));
}

#[test]
fn nothing_but_the_contract_is_written() {
    for explain in [Explain::None, Explain::Summary, Explain::Full] {
        let request = RecommendRequest { explain: explain.into(), ..everything() };
        let answer = answer(&request).expect("it is valid");
        // Decoding drops what is not in the contract, and encoding leaves defaults out: equal lengths leave room for neither.
        assert_eq!(decoded(&answer).encoded_len(), answer.as_bytes().len(), "{explain:?}");
    }
}

#[test]
fn everything_that_was_decided_is_told() {
    let answer = decoded(&answer(&everything()).expect("it is valid"));
    assert_eq!(answer.decision_id, "call-7");
    assert_eq!(answer.evaluation_time, Some(Timestamp { seconds: 1_767_225_600, nanos: 123_000_000 }));
    let first = answer.suggestions.first().expect("the conversation is open");
    assert_ne!(first.placement(), Placement::Unspecified);
    assert!(first.score > 0.0 && !first.terms.is_empty() && !first.kind.is_empty());
    for id in answer.suggestions.iter().flat_map(|suggestion| &suggestion.delivery) {
        assert_eq!(answer.delivery_guides.iter().filter(|guide| guide.id == *id && !guide.tell.is_empty()).count(), 1);
    }
    assert!(answer.guardrails.iter().all(|guardrail| !guardrail.tell.is_empty()) && !answer.guardrails.is_empty());
    assert!(answer.suppressed.iter().all(|held| held.reason() != SuppressionReason::Unspecified));
    assert!(!answer.missing_information.is_empty());
    assert_eq!(answer.no_suggestion_reason(), NoSuggestionReason::Unspecified);
}

#[test]
fn what_was_passed_over_and_what_was_looked_at_is_told() {
    let answer = decoded(&answer(&everything()).expect("it is valid"));
    let warned: Vec<_> = answer.warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(warned, ["signals[2].name"]);
    let explanation = answer.explanation.expect("it was asked for in full");
    assert!(!explanation.rules.is_empty() && !explanation.readings.is_empty());
}

#[test]
fn whoever_takes_over_gets_the_story() {
    let answer = decoded(&answer(&everything()).expect("it is valid"));
    let escalation = answer.escalation.expect("advice is always told");
    assert!(escalation.level() >= EscalationLevel::Offer && !escalation.rule.is_empty());
    let reasons: Vec<_> = escalation.reasons.iter().map(|reason| reason.in_force).collect();
    assert!(reasons.contains(&true));
    let brief = escalation.brief.expect("there is a story");
    assert_eq!(brief.tried.iter().map(|tried| tried.action.as_str()).collect::<Vec<_>>(), ["commit_to_next_step"]);
    assert_eq!(brief.facts.get("grievance_known"), Some(&true));
    assert_eq!(brief.facts.get("mistake_confirmed"), Some(&false));
    assert!(brief.signals.contains(&"anger.high".to_owned()) && brief.signals.contains(&"requests_manager".to_owned()));
    assert_eq!(brief.commitments.len(), 1);
    assert_eq!(brief.values.get("customer_name").map(String::as_str), Some("Ana"));
    assert!(!brief.avoid.is_empty());
}

#[test]
fn without_explanation_no_reasons_are_sent() {
    let request = RecommendRequest { explain: Explain::None.into(), ..everything() };
    let answer = decoded(&answer(&request).expect("it is valid"));
    assert!(answer.suppressed.is_empty() && answer.explanation.is_none());
    assert!(answer.suggestions.iter().all(|suggestion| suggestion.terms.is_empty()));
}

//! The state that travels with the caller.

use composure::grpc::generated::recommendation_service_server::RecommendationService as _;
use composure::grpc::generated::{ActionState, ConversationState, RecommendRequest, WarningCode};
use composure::grpc::{Answer, Received, Recommendations};
use composure::telemetry::Metrics;
use prost::Message as _;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::wire_server::{WireServer, anger, anger_with, shelf};

/// The answer to `request` with these bytes in the place of its state.
async fn answer(request: &RecommendRequest, state: &[u8]) -> Result<Answer, Status> {
    let mut bytes = request.encode_to_vec();
    prost::encoding::bytes::encode(2, &state.to_vec(), &mut bytes);
    let came = Received::decode(bytes.as_slice()).expect("it is only read later");
    let answer = Recommendations::new(shelf(), Metrics::new()).recommend(Request::new(came)).await;
    answer.map(tonic::Response::into_inner)
}

/// A state that the server wrote.
async fn written(server: &WireServer) -> ConversationState {
    let first = server.recommend(anger(0.8)).await.expect("it is valid").state.expect("there is a state to keep");
    let second = server.recommend(anger_with(first, 0.7)).await.expect("what came back is valid");
    second.state.expect("there is a state to keep")
}

#[tokio::test]
async fn with_nothing_observed_the_state_comes_back_as_it_was() {
    let server = WireServer::start().await;
    let state = written(&server).await;
    let request = RecommendRequest { state: Some(state.clone()), ..RecommendRequest::default() };
    let back = server.recommend(request).await.expect("it is valid").state.expect("it comes back");
    assert_eq!(back.encode_to_vec(), state.encode_to_vec());
}

#[tokio::test]
async fn with_nothing_observed_what_this_version_does_not_know_of_a_state_comes_back_too() {
    let mut state = written(&WireServer::start().await).await.encode_to_vec();
    prost::encoding::string::encode(1_000, &"later".to_owned(), &mut state);
    let back = answer(&RecommendRequest::default(), &state).await.expect("it is a state");
    assert!(back.as_bytes().windows(state.len()).any(|part| part == state));
}

#[tokio::test]
async fn what_is_no_state_is_told_with_everything_else() {
    let request = RecommendRequest { locale: "?".to_owned(), ..anger(0.8) };
    let refused = answer(&request, b"what I remember of it").await.expect_err("this is no state");
    let told = refused.get_details_bad_request().expect("it is told").field_violations;
    let fields: Vec<_> = told.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!((refused.code(), fields), (Code::InvalidArgument, vec!["state", "locale"]));
}

#[tokio::test]
async fn with_nothing_at_all_the_conversation_begins_and_its_state_is_accepted() {
    let server = WireServer::start().await;
    let answer = server.recommend(RecommendRequest::default()).await.expect("it is valid");
    assert_eq!((answer.turn, answer.stage.as_str()), (0, "listen"));
    let state = answer.state.expect("there is a state to keep");
    assert_eq!(server.recommend(anger_with(state, 0.8)).await.expect("it is valid").turn, 1);
}

#[tokio::test]
async fn a_stage_that_is_gone_is_replaced_with_a_warning() {
    let server = WireServer::start().await;
    let state = ConversationState { stage: "long_gone".to_owned(), ..written(&server).await };
    let answer = server.recommend(anger_with(state, 0.8)).await.expect("it is valid");
    assert_ne!(answer.stage, "long_gone");
    assert_eq!(answer.state.expect("there is a state to keep").stage, answer.stage);
    let codes: Vec<_> = answer.warnings.iter().map(|warning| (warning.code(), warning.field.as_str())).collect();
    assert_eq!(codes, [(WarningCode::PlaybookChanged, "state.stage")]);
}

#[tokio::test]
async fn a_newer_state_is_answered_and_stays_with_the_caller() {
    let server = WireServer::start().await;
    let mut state = ConversationState { schema: 2, ..written(&server).await };
    state.answer_digest = "not what this version writes".to_owned();
    let answer = server.recommend(anger_with(state, 0.8)).await.expect("it is answered");
    assert!(!answer.suggestions.is_empty());
    assert_eq!(answer.state, None);
    assert!(answer.warnings.iter().any(|warning| warning.code() == WarningCode::StateNewer));
}

#[tokio::test]
async fn counts_near_their_end_stay_there() {
    let server = WireServer::start().await;
    let mut state = written(&server).await;
    let most = u32::MAX;
    state.revision = most;
    state.turn = most;
    state.stage_since_turn = most - 1;
    state.actions = vec![ActionState {
        name: "keep_listening".to_owned(),
        count: most,
        used: most,
        used_turn: most,
        done_turn: most,
        dismissed_until: most,
        done: true,
        ..ActionState::default()
    }];
    state.first_action = "keep_listening".to_owned();
    let answer = server.recommend(anger_with(state, 0.8)).await.expect("it is answered");
    let state = answer.state.expect("there is a state to keep");
    assert_eq!((state.turn, state.revision), (most, most));
    let counts: Vec<_> =
        state.actions.iter().filter(|action| action.name == "keep_listening").map(|a| a.count).collect();
    assert_eq!(counts, [most]);
}

#[tokio::test]
async fn what_a_playbook_does_not_know_is_carried_along() {
    let server = WireServer::start().await;
    let mut state = written(&server).await;
    let foreign = ActionState { name: "of_another_playbook".to_owned(), count: 3, ..ActionState::default() };
    state.actions.push(foreign.clone());
    let state = server.recommend(anger_with(state, 0.6)).await.expect("it is valid").state;
    assert!(state.expect("there is a state to keep").actions.contains(&foreign));
}

#[tokio::test]
async fn what_came_back_is_accepted_however_full_it_is() {
    let server = WireServer::start().await;
    let mut state = written(&server).await;
    let name = |at: usize| format!("{at:a>64}");
    state.actions.extend((0..240).map(|at| ActionState { name: name(at), count: u32::MAX, ..ActionState::default() }));
    let dense = |state: &ConversationState| state.encoded_len() <= 32 * 1024;
    while !dense(&state) {
        state.actions.pop();
    }
    for turn in 0..4 {
        let mut request = anger_with(state, 0.3 + 0.1 * f64::from(turn));
        request
            .facts
            .extend(["grievance_known", "demand_stated", "solution_available"].map(|fact| (fact.to_owned(), true)));
        let answer = server.recommend(request).await.expect("what came back is valid");
        state = answer.state.expect("there is a state to keep");
        assert!(dense(&state), "{} bytes", state.encoded_len());
    }
}

//! Conversations that are held, over the wire: told of, forgotten, and what was promised in them.

use composure::grpc::generated::conversation_service_client::ConversationServiceClient;
use composure::grpc::generated::{
    ActionReport, AgentReport, Commitment, CommitmentStatus, DeleteConversationRequest, DueCommitment,
    GetConversationRequest, GetConversationResponse, ListDueCommitmentsRequest, ListDueCommitmentsResponse, Outcome,
    RecommendRequest,
};
use prost_types::Timestamp;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::wire_server::{Special, WireServer, anger};

/// Noon of a day that has been.
const NOON: i64 = 1_767_268_800;
const MINUTE: i64 = 60;

fn seconds(after_noon: i64) -> Timestamp {
    Timestamp { seconds: NOON + after_noon, nanos: 0 }
}

/// Long after every promise of these tests.
const WHENEVER: Timestamp = Timestamp { seconds: 253_402_300_799, nanos: 0 };

async fn desk(server: &WireServer) -> ConversationServiceClient<Channel> {
    ConversationServiceClient::new(server.channel().await)
}

async fn get(server: &WireServer, conversation_id: &str) -> Result<GetConversationResponse, Status> {
    let request = GetConversationRequest { conversation_id: conversation_id.to_owned() };
    desk(server).await.get_conversation(request).await.map(tonic::Response::into_inner)
}

async fn delete(server: &WireServer, conversation_id: &str) -> Result<bool, Status> {
    let request = DeleteConversationRequest { conversation_id: conversation_id.to_owned() };
    desk(server).await.delete_conversation(request).await.map(|deleted| deleted.into_inner().existed)
}

async fn due(server: &WireServer, request: ListDueCommitmentsRequest) -> Result<ListDueCommitmentsResponse, Status> {
    desk(server).await.list_due_commitments(request).await.map(tonic::Response::into_inner)
}

async fn all_due(server: &WireServer) -> Vec<DueCommitment> {
    let request = ListDueCommitmentsRequest { due_before: Some(WHENEVER), ..ListDueCommitmentsRequest::default() };
    due(server, request).await.expect("it can be listed").commitments
}

fn in_conversation(conversation_id: &str, request: RecommendRequest) -> RecommendRequest {
    RecommendRequest { conversation_id: conversation_id.to_owned(), evaluation_time: Some(seconds(0)), ..request }
}

fn report(actions: Vec<ActionReport>) -> AgentReport {
    AgentReport { actions }
}

fn done(action: &str) -> ActionReport {
    ActionReport { action: action.to_owned(), ..ActionReport::default() }
}

/// A caller's own promise.
fn promise(id: &str, due_time: i64) -> Commitment {
    Commitment { id: id.to_owned(), due_time: Some(seconds(due_time)), ..Commitment::default() }
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().expect("every error of ours says its reason").reason)
}

#[tokio::test]
async fn whoever_takes_over_reads_what_was_tried_and_promised() {
    let server = WireServer::start().await;
    let opening = RecommendRequest { commitments: vec![promise("call-back", 30 * MINUTE)], ..anger(0.9) };
    server.recommend(in_conversation("case 7", opening)).await.unwrap();
    let heard = RecommendRequest {
        agent_report: Some(report(vec![done("keep_listening")])),
        facts: [("grievance_known".to_owned(), true)].into(),
        ..anger(0.7)
    };
    let answer = server.recommend(in_conversation("case 7", heard)).await.unwrap();
    let told = get(&server, "case 7").await.unwrap();
    let brief = told.brief.unwrap();
    assert_eq!(told.state, answer.state);
    assert_eq!(told.playbook.unwrap().id, "default");
    assert_eq!((brief.stage.as_str(), brief.turns), ("acknowledge", 2));
    assert_eq!(
        brief.tried.iter().map(|tried| (tried.action.as_str(), tried.times)).collect::<Vec<_>>(),
        [("keep_listening", 1)]
    );
    assert_eq!(brief.facts.get("grievance_known"), Some(&true));
    // Its time has passed by the server's clock.
    assert_eq!(
        brief.commitments.iter().map(|it| (it.id.as_str(), it.status())).collect::<Vec<_>>(),
        [("call-back", CommitmentStatus::Missed)]
    );
    assert_eq!(Outcome::try_from(told.outcome), Ok(Outcome::Open));
    assert!(brief.avoid.iter().any(|guardrail| guardrail.id == "no_urging_calm"));
}

#[tokio::test]
async fn reading_a_conversation_changes_nothing() {
    let server = WireServer::start().await;
    server.recommend(in_conversation("c", anger(0.9))).await.unwrap();
    let first = get(&server, "c").await.unwrap();
    assert_eq!(get(&server, "c").await.unwrap().state, first.state);
    assert_eq!(first.state.unwrap().revision, 1);
}

#[tokio::test]
async fn what_was_forgotten_is_gone_with_its_promises() {
    let server = WireServer::start().await;
    let opening = RecommendRequest { commitments: vec![promise("call-back", MINUTE)], ..anger(0.9) };
    server.recommend(in_conversation("c", opening)).await.unwrap();
    assert_eq!(all_due(&server).await.len(), 1);
    assert!(delete(&server, "c").await.unwrap());
    assert!(!delete(&server, "c").await.unwrap(), "it was there once");
    assert_eq!(
        reason(&get(&server, "c").await.unwrap_err()),
        (Code::NotFound, "ERROR_REASON_UNKNOWN_CONVERSATION".to_owned())
    );
    assert!(all_due(&server).await.is_empty());
    let anew = server.recommend(in_conversation("c", anger(0.9))).await.unwrap();
    assert_eq!(anew.turn, 1);
}

#[tokio::test]
async fn a_promise_made_by_a_report_is_reminded_of_until_it_is_kept() {
    let server = WireServer::start().await;
    server.recommend(in_conversation("c", anger(0.6))).await.unwrap();
    let promised = ActionReport { due_time: Some(seconds(30 * MINUTE)), ..done("commit_to_next_step") };
    let request = RecommendRequest { agent_report: Some(report(vec![promised])), ..anger(0.4) };
    let answer = server.recommend(in_conversation("c", request)).await.unwrap();
    assert_eq!(answer.next_check_time, Some(seconds(20 * MINUTE)), "ten minutes ahead");
    let listed = all_due(&server).await;
    let commitment_id = answer.commitments[0].id.clone();
    let expected = DueCommitment {
        conversation_id: "c".to_owned(),
        commitment_id,
        due_time: Some(seconds(30 * MINUTE)),
        status: CommitmentStatus::Missed.into(),
    };
    assert_eq!(listed, [expected]);
    // Twenty minutes later nobody has said anything: the screen asks what to do.
    let asked = RecommendRequest {
        evaluation_time: Some(seconds(20 * MINUTE)),
        ..in_conversation("c", RecommendRequest::default())
    };
    let reminded = server.recommend(asked).await.unwrap();
    assert_eq!(reminded.suggestions[0].action, "give_progress_update");
    // And when its time has passed, the miss is owned.
    let late = RecommendRequest {
        evaluation_time: Some(seconds(31 * MINUTE)),
        ..in_conversation("c", RecommendRequest::default())
    };
    let missed = server.recommend(late).await.unwrap();
    assert_eq!(missed.suggestions[0].action, "own_mistake");
    assert_eq!(missed.commitments[0].status(), CommitmentStatus::Missed);
    let kept = RecommendRequest {
        agent_report: Some(report(vec![done("own_mistake"), done("give_progress_update")])),
        evaluation_time: Some(seconds(32 * MINUTE)),
        ..in_conversation("c", RecommendRequest::default())
    };
    let kept = server.recommend(RecommendRequest { conversation_id: "c".to_owned(), ..kept }).await.unwrap();
    assert_eq!(kept.commitments[0].status(), CommitmentStatus::Kept);
    assert!(all_due(&server).await.is_empty());
}

#[tokio::test]
async fn promises_are_listed_by_time_page_by_page() {
    let server = WireServer::start().await;
    for (conversation, minutes) in [("a", [5, 50]), ("b", [20, 20]), ("c", [1, 90])] {
        let [one, other] = minutes;
        let commitments = vec![promise("one", one * MINUTE), promise("other", other * MINUTE)];
        server.recommend(in_conversation(conversation, RecommendRequest { commitments, ..anger(0.5) })).await.unwrap();
    }
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDueCommitmentsRequest { due_before: Some(seconds(90 * MINUTE)), page_size: 2, page_token };
        let page = due(&server, request).await.unwrap();
        pages.push(
            page.commitments.iter().map(|due| format!("{}/{}", due.conversation_id, due.commitment_id)).collect(),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    // The one at 90 minutes is not before it.
    let expected: [Vec<&str>; 3] = [vec!["c/one", "a/one"], vec!["b/one", "b/other"], vec!["a/other"]];
    assert_eq!(pages, expected.map(|page| page.into_iter().map(str::to_owned).collect::<Vec<_>>()));
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_told_field_by_field() {
    let server = WireServer::start().await;
    let fields = |status: Status| {
        let wrong = status.get_details_bad_request().expect("it says which fields").field_violations;
        wrong.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(get(&server, "").await.unwrap_err()), ["conversation_id"]);
    assert_eq!(fields(delete(&server, &"x".repeat(129)).await.unwrap_err()), ["conversation_id"]);
    let wrong = ListDueCommitmentsRequest {
        due_before: Some(Timestamp { seconds: 0, nanos: -1 }),
        page_size: 1_001,
        page_token: "of my own making".to_owned(),
    };
    assert_eq!(fields(due(&server, wrong).await.unwrap_err()), ["due_before", "page_size", "page_token"]);
}

#[tokio::test]
async fn a_server_that_holds_nothing_says_so() {
    let server = WireServer::start_special(Special { conversations: None, ..Special::default() }).await;
    let expected = (Code::FailedPrecondition, "ERROR_REASON_CONVERSATIONS_NOT_HELD".to_owned());
    assert_eq!(reason(&get(&server, "c").await.unwrap_err()), expected);
    assert_eq!(reason(&delete(&server, "c").await.unwrap_err()), expected);
    assert_eq!(reason(&due(&server, ListDueCommitmentsRequest::default()).await.unwrap_err()), expected);
    assert_eq!(reason(&server.recommend(in_conversation("c", anger(0.5))).await.unwrap_err()), expected);
}

//! Playbooks over the wire; health and reflection.

use composure::grpc::PlaybookShelf;
use composure::grpc::generated::playbook_service_server::PlaybookService as _;
use composure::grpc::generated::{
    GetPlaybookRequest, GraphFormat, ListPlaybooksRequest, RenderGraphRequest, ValidatePlaybookRequest, diagnostic,
};
use composure::playbook::{Bases, DEFAULT, Playbook};
use composure::service::{Document, Loaded, Playbooks, Shelf};
use futures_util::FutureExt as _;
use tokio_stream::{StreamExt as _, once};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};
use tonic_types::StatusExt as _;

use crate::wire_server::{WireServer, shelf};

const SERVICES: [&str; 5] = [
    "composure.v1.PlaybookService",
    "composure.v1.RecommendationService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

#[tokio::test]
async fn a_check_counts_until_it_is_done_also_when_its_caller_has_gone() {
    let playbooks = PlaybookShelf::new(shelf());
    // It keeps a core busy for seconds.
    let document = format!("playbook: long\nsignals:\n{}", "  x: {flag: true}\n  y: {flag: false}\n".repeat(100_000));
    let check = || {
        let request = ValidatePlaybookRequest { document: document.clone(), ..ValidatePlaybookRequest::default() };
        playbooks.validate_playbook(Request::new(request)).now_or_never()
    };
    // Begun, and given up.
    assert!(check().is_none() && check().is_none());
    let third = check().expect("it is turned away at once").expect_err("two are under way");
    assert_eq!(third.code(), Code::ResourceExhausted);
    assert!(third.get_details_retry_info().is_some());
}

#[tokio::test]
async fn the_playbooks_are_listed() {
    let server = WireServer::start().await;
    let listed = server.playbooks().await.list_playbooks(ListPlaybooksRequest {}).await.expect("it never fails");
    let listed = listed.into_inner().playbooks;
    let ids: Vec<_> =
        listed.iter().filter_map(|playbook| playbook.identity.as_ref()).map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["angry_customers", "clark", "connors_frare", "default", "difficult_customers", "kahle"]);
    assert!(
        listed.iter().all(|playbook| playbook.newest && playbook.channels.len() == 6 && !playbook.title.is_empty())
    );
}

#[tokio::test]
async fn a_playbook_is_shown_with_its_vocabulary_and_its_document() {
    let server = WireServer::start().await;
    let shown = server.playbooks().await.get_playbook(GetPlaybookRequest::default()).await.expect("it is loaded");
    let playbook = shown.into_inner().playbook.expect("it is shown");
    assert_eq!(playbook.document, DEFAULT);
    assert_eq!(playbook.identity.expect("it has one").digest.len(), 64);
    let anger = playbook.signals.iter().find(|signal| signal.id == "anger").expect("it knows anger");
    assert!(!anger.flag && anger.bands.iter().any(|band| band.id == "high" && band.until <= band.from));
    assert!(playbook.signals.iter().any(|signal| signal.id == "requests_manager" && signal.flag));
    assert!(playbook.facts.iter().all(|fact| !fact.question.is_empty()) && !playbook.facts.is_empty());
    assert!(playbook.actions.iter().all(|action| !action.kind.is_empty() && !action.why.is_empty()));
    assert!(playbook.actions.iter().any(|action| action.confirm));
    let stages: Vec<_> = playbook.stages.iter().map(|stage| stage.id.as_str()).collect();
    assert_eq!(stages.first(), Some(&"listen"));
    for stage in &playbook.stages {
        assert!(stage.leads_to.iter().all(|to| to == "back" || stages.contains(&to.as_str())), "{stage:?}");
        assert_eq!(stage.otherwise.is_empty(), stage.r#final != 0, "{stage:?}");
    }
    let points: usize = playbook.sources.iter().map(|source| source.points.len()).sum();
    assert!(points > 40);
    assert!(!playbook.values.is_empty() && !playbook.delivery.is_empty());
    assert!(!playbook.guardrails.is_empty() && !playbook.escalations.is_empty());
}

#[tokio::test]
async fn a_playbook_that_is_not_loaded_is_not_found() {
    let server = WireServer::start().await;
    let request = GetPlaybookRequest { playbook: "harbour".to_owned(), ..GetPlaybookRequest::default() };
    let status = server.playbooks().await.get_playbook(request).await.expect_err("it is not loaded");
    assert_eq!(status.code(), Code::NotFound);
    let info = status.get_details_error_info().expect("it says its reason");
    assert_eq!(info.reason, "ERROR_REASON_UNKNOWN_PLAYBOOK");
}

#[tokio::test]
async fn a_document_is_checked_and_nothing_is_loaded() {
    let server = WireServer::start().await;
    let mut client = server.playbooks().await;
    let document = DEFAULT.replacen("playbook: default", "playbook: another", 1);
    let request = ValidatePlaybookRequest { document, file_name: String::new() };
    let checked = client.validate_playbook(request).await.expect("it was checked").into_inner();
    assert_eq!(checked.identity.expect("it is valid").id, "another");
    assert_eq!(checked.omitted, 0);
    let listed = client.list_playbooks(ListPlaybooksRequest {}).await.expect("it never fails").into_inner();
    let ids: Vec<_> = listed.playbooks.into_iter().filter_map(|playbook| playbook.identity).map(|it| it.id).collect();
    assert!(!ids.is_empty() && !ids.contains(&"another".to_owned()), "{ids:?}");
}

const HARBOR: &str = "playbook: harbor\nversion: \"1\"\ntitle: Harbor\nextends: default@1\n";

#[tokio::test]
async fn a_document_that_is_checked_may_extend_what_comes_with_the_server() {
    let server = WireServer::start().await;
    let mut client = server.playbooks().await;
    let mut check = async |document: &str| {
        let request = ValidatePlaybookRequest { document: document.to_owned(), file_name: "harbor.yaml".to_owned() };
        client.validate_playbook(request).await.expect("it was checked").into_inner()
    };
    let sound = check(HARBOR).await;
    assert_eq!(sound.identity.expect("it is valid").id, "harbor");
    assert!(sound.diagnostics.is_empty());
    let unsound = check(&format!("{HARBOR}facts: {{setback: null}}\ntests: 1\n")).await;
    assert!(unsound.identity.is_none());
    let files: Vec<&str> = unsound.diagnostics.iter().map(|found| found.file.as_str()).collect();
    assert_eq!(files.first(), Some(&"harbor.yaml"));
    assert_eq!(files.last(), Some(&"default.yaml"));
    let fragment = check("fragment: true\nplaybook: shared\nversion: \"1\"\ntitle: Shared\n").await;
    assert!(fragment.identity.is_none() && fragment.diagnostics.is_empty() && fragment.report.is_empty());
}

#[tokio::test]
async fn a_playbook_that_extends_another_one_is_shown_whole() {
    let bases = Bases::shipped();
    let read = |text: &str, file_name: &str| {
        Loaded::read(Document { text: text.to_owned(), file_name: file_name.to_owned() }, &bases).expect("it is valid")
    };
    let loaded = read(HARBOR, "harbor.yaml").expect("it is a playbook");
    let shared = "fragment: true\nplaybook: shared\nversion: \"1\"\ntitle: Shared\n";
    assert!(read(shared, "shared.yaml").is_none());
    let playbooks = Playbooks::new(vec![loaded.into()], bases.clone());
    let server = WireServer::start_with(Shelf::new(playbooks, 0).into()).await;
    let mut client = server.playbooks().await;
    let request = |id: &str| GetPlaybookRequest { playbook: id.to_owned(), ..GetPlaybookRequest::default() };
    let playbook =
        client.get_playbook(request("harbor")).await.expect("it is loaded").into_inner().playbook.expect("it is shown");
    assert_eq!(playbook.start, "listen");
    let (whole, _) = Playbook::parse(playbook.document.as_bytes(), "whole.yaml", &Bases::none()).expect("it is whole");
    assert_eq!(whole.identity().digest, playbook.identity.expect("it has one").digest);
    assert_eq!(
        client.get_playbook(request("shared")).await.expect_err("a fragment is not loaded").code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_the_answer() {
    let server = WireServer::start().await;
    let document = "playbook: x\nversion: \"1\"\ntitle: X\nstages: {}\nactions: {}\nactoins: {}\n".to_owned();
    let request = ValidatePlaybookRequest { document, file_name: "harbor.yaml".to_owned() };
    let checked = server.playbooks().await.validate_playbook(request).await.expect("it was checked").into_inner();
    assert_eq!(checked.identity, None);
    let unknown = checked.diagnostics.iter().find(|diagnostic| diagnostic.message.contains("`actoins`"));
    let unknown = unknown.expect("the unknown key is told");
    assert_eq!((unknown.severity(), unknown.line, unknown.column), (diagnostic::Severity::Error, 6, 1));
    assert!(checked.report.contains("harbor.yaml:6:1"), "{}", checked.report);
}

#[tokio::test]
async fn a_missing_document_and_an_unknown_format_are_named() {
    let server = WireServer::start().await;
    let mut client = server.playbooks().await;
    let fields = |status: tonic::Status| {
        assert_eq!(status.code(), Code::InvalidArgument);
        let bad = status.get_details_bad_request().expect("it names the fields");
        bad.field_violations.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    let refused = client.validate_playbook(ValidatePlaybookRequest::default()).await.expect_err("it is empty");
    assert_eq!(fields(refused), ["document"]);
    let request = RenderGraphRequest { format: 9, ..RenderGraphRequest::default() };
    assert_eq!(fields(client.render_graph(request).await.expect_err("there is no such format")), ["format"]);
}

#[tokio::test]
async fn the_graph_is_drawn_in_every_language() {
    let server = WireServer::start().await;
    let mut client = server.playbooks().await;
    for (format, start) in [
        (GraphFormat::Unspecified, "flowchart"),
        (GraphFormat::Mermaid, "flowchart"),
        (GraphFormat::Dot, "digraph"),
        (GraphFormat::Svg, "<svg "),
    ] {
        let request = RenderGraphRequest { format: format.into(), ..RenderGraphRequest::default() };
        let drawn = client.render_graph(request).await.expect("it is loaded").into_inner();
        assert!(drawn.graph.starts_with(start), "{}", drawn.graph);
        assert!(drawn.graph.contains("follow_up"));
        assert_eq!(drawn.identity.expect("it says which").id, "default");
    }
}

#[tokio::test]
async fn the_server_and_each_service_are_healthy() {
    let server = WireServer::start().await;
    let mut client = HealthClient::new(server.channel().await);
    for service in ["", "ConversationService", "PlaybookService", "RecommendationService"] {
        let service = if service.is_empty() { String::new() } else { format!("composure.v1.{service}") };
        let health = client.check(HealthCheckRequest { service: service.clone() }).await.expect("it is known");
        assert_eq!(health.into_inner().status(), ServingStatus::Serving, "{service}");
    }
    let unknown = HealthCheckRequest { service: "composure.v1.Nothing".to_owned() };
    assert_eq!(client.check(unknown).await.expect_err("it is not").code(), Code::NotFound);
}

#[tokio::test]
async fn the_contract_is_shown_by_reflection_v1() {
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;
    let server = WireServer::start().await;
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    let question = v1::ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..v1::ServerReflectionRequest::default()
    };
    let mut answers = client.server_reflection_info(once(question)).await.expect("it is served").into_inner();
    let answer = answers.next().await.expect("a question gets an answer").expect("a good one");
    let Some(MessageResponse::ListServicesResponse(listed)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let mut names: Vec<_> = listed.service.iter().map(|service| service.name.as_str()).collect();
    names.sort_unstable();
    assert!(SERVICES.iter().take(4).all(|name| names.contains(name)), "{names:?}");
}

#[tokio::test]
async fn the_contract_is_shown_by_reflection_v1alpha() {
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;
    let server = WireServer::start().await;
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    // Tools show the details of an error only if they find these too.
    for symbol in ["composure.v1.RecommendationService", "google.rpc.BadRequest", "google.rpc.ErrorInfo"] {
        let question = v1alpha::ServerReflectionRequest {
            message_request: Some(MessageRequest::FileContainingSymbol(symbol.to_owned())),
            ..v1alpha::ServerReflectionRequest::default()
        };
        let mut answers = client.server_reflection_info(once(question)).await.expect("it is served").into_inner();
        let answer = answers.next().await.expect("a question gets an answer").expect("a good one");
        assert!(matches!(answer.message_response, Some(MessageResponse::FileDescriptorResponse(_))), "{answer:?}");
    }
}

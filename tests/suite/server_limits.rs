//! Limits of calls: each is told as the contract says, and the next call is answered.

use std::net::SocketAddr;
use std::time::Duration;

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::server::Settings;
use h2::Reason;
use prost::Message as _;
use prost::bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_types::StatusExt as _;

use crate::raw_client::{PATIENCE, RECOMMEND, RawClient, frame, framed};
use crate::wire_server::{WireServer, anger};

const REFLECTION: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Code, reason, and whether it says when to try again.
fn told(status: &Status) -> (Code, String, bool) {
    let info = status.get_details_error_info().expect("every error of ours says its reason");
    (status.code(), info.reason, status.get_details_retry_info().is_some())
}

fn busy() -> (Code, String, bool) {
    (Code::ResourceExhausted, "ERROR_REASON_BUSY".to_owned(), true)
}

#[tokio::test]
async fn too_much_metadata_is_refused_as_the_contract_says() {
    let server = WireServer::start().await;
    let mut client = server.recommendations().await;
    let mut request = Request::new(anger(0.5));
    let long = "x".repeat(17 * 1024);
    request.metadata_mut().insert("x-note", long.parse().expect("it is a value"));
    let status = client.recommend(request).await.expect_err("it is too large");
    let (code, reason, _) = told(&status);
    assert_eq!((code, reason.as_str()), (Code::ResourceExhausted, "ERROR_REASON_MESSAGE_TOO_LARGE"));
    assert!(status.message().contains("16384"), "{status:?}");
    client.recommend(anger(0.5)).await.expect("the connection goes on");
}

#[tokio::test]
async fn a_request_that_does_not_arrive_in_time_is_given_up() {
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    let status = client.begin(RECOMMEND, &[("grpc-timeout", "30m")]).await.status().await;
    assert_eq!(told(&status), (Code::DeadlineExceeded, "ERROR_REASON_DEADLINE_EXCEEDED".to_owned(), false));
    assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
}

#[tokio::test]
async fn the_server_grants_no_more_than_its_own_limit() {
    let settings = Settings { deadline: Duration::from_millis(30), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut client = RawClient::connect(server.address).await;
    let begun = client.begin(RECOMMEND, &[("grpc-timeout", "1H")]).await;
    assert_eq!(begun.code().await, Code::DeadlineExceeded);
    let begun = client.begin(RECOMMEND, &[]).await;
    assert_eq!(begun.code().await, Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_refused() {
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    for timeout in ["5", "5s", "-1S", "123456789S", "soon"] {
        let status = client.begin(RECOMMEND, &[("grpc-timeout", timeout)]).await.status().await;
        assert_eq!(told(&status), (Code::InvalidArgument, "ERROR_REASON_INVALID_REQUEST".to_owned(), false));
        let fields = status.get_details_bad_request().expect("it names the field").field_violations;
        assert_eq!(fields.first().map(|violation| violation.field.as_str()), Some("grpc-timeout"));
    }
    assert_eq!(client.call(RECOMMEND, &[("grpc-timeout", "5S")], frame(&anger(0.5))).await, Code::Ok);
}

#[tokio::test]
async fn a_stream_ends_when_its_client_said() {
    let server = WireServer::start().await;
    let mut health = HealthClient::new(server.channel().await);
    let mut request = Request::new(HealthCheckRequest::default());
    // Set by hand, so that it is the server that keeps it.
    request.metadata_mut().insert("grpc-timeout", "50m".parse().expect("it is a value"));
    let mut watch = health.watch(request).await.expect("it is served").into_inner();
    watch.next().await.expect("a watch begins with the state").expect("which is good");
    let status = watch.next().await.expect("it ends with a status").expect_err("which is no answer");
    assert_eq!(told(&status), (Code::DeadlineExceeded, "ERROR_REASON_DEADLINE_EXCEEDED".to_owned(), false));
}

#[tokio::test]
async fn one_caller_gets_half_and_others_are_answered_meanwhile() {
    let server = WireServer::start_special(Settings { calls: 4, ..Settings::default() }).await;
    let mut flood = RawClient::connect(server.address).await;
    let mut held = vec![flood.begin(RECOMMEND, &[]).await, flood.begin(RECOMMEND, &[]).await];
    let turned_away = flood.begin(RECOMMEND, &[]).await.status().await;
    assert_eq!(told(&turned_away), busy());
    assert!(server.metrics.render(None).1.contains("composure_calls_shed_total{reason=\"caller\"} 1"));
    let mut other = RecommendationServiceClient::new(server.channel_from(2).await);
    other.recommend(anger(0.5)).await.expect("there is room for whoever comes next");
    for call in &mut held {
        call.finish(&anger(0.5));
    }
    for call in held {
        assert_eq!(call.code().await, Code::Ok);
    }
    assert_eq!(flood.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
}

#[tokio::test]
async fn in_a_crowd_calls_are_turned_away_and_health_is_told() {
    let server = WireServer::start_special(Settings { calls: 3, ..Settings::default() }).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(RawClient::connect(server.address).await);
    }
    let mut held = Vec::new();
    for last in 2..5 {
        let mut client = RawClient::connect_from(last, server.address).await;
        held.push(client.begin(RECOMMEND, &[]).await);
        clients.push(client);
    }
    let client = &mut clients[0];
    // Those above may not have arrived yet: each is a connection of its own.
    let turned_away = async {
        loop {
            let status = client.begin(RECOMMEND, &[("grpc-timeout", "20m")]).await.status().await;
            if status.code() == Code::ResourceExhausted {
                break status;
            }
        }
    };
    let turned_away = timeout(PATIENCE, turned_away).await.expect("there is a limit");
    assert_eq!(told(&turned_away), busy());
    assert!(server.metrics.render(None).1.contains("composure_calls_shed_total{reason=\"server\"}"));
    let mut health = HealthClient::new(server.channel().await);
    health.check(HealthCheckRequest::default()).await.expect("health is always told");
    for call in &mut held {
        call.finish(&anger(0.5));
    }
    for call in held {
        assert_eq!(call.code().await, Code::Ok);
    }
    assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
}

#[tokio::test]
async fn an_open_stream_counts_until_it_ends() {
    let server = WireServer::start_special(Settings { calls: 2, ..Settings::default() }).await;
    let mut client = RawClient::connect(server.address).await;
    for path in REFLECTION {
        let mut open = client.begin(path, &[]).await.opened().await;
        let turned_away = client.begin(RECOMMEND, &[]).await.status().await;
        assert_eq!(told(&turned_away), busy(), "{path}");
        open.body.send_data(Bytes::new(), true).expect("it is open");
        assert_eq!(open.code().await, Code::Ok);
        let answered = async { while client.call(RECOMMEND, &[], frame(&anger(0.5))).await != Code::Ok {} };
        timeout(PATIENCE, answered).await.expect("what it had is given back");
    }
    let mut other = RawClient::connect_from(2, server.address).await;
    let _held =
        [client.begin(REFLECTION[0], &[]).await.opened().await, other.begin(REFLECTION[0], &[]).await.opened().await];
    let mut third = RawClient::connect_from(3, server.address).await;
    assert_eq!(third.begin(RECOMMEND, &[]).await.code().await, Code::ResourceExhausted);
    assert!(server.metrics.render(None).1.contains("composure_calls_shed_total{reason=\"server\"} 1"));
}

#[tokio::test]
async fn streams_end_when_the_server_says_but_for_those_that_watch_its_health() {
    let settings = Settings { deadline: Duration::from_millis(50), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("it is served").into_inner();
    watch.next().await.expect("a watch begins with the state").expect("which is good");
    let mut client = RawClient::connect(server.address).await;
    for path in REFLECTION {
        for metadata in [&[][..], &[("grpc-timeout", "1H")]] {
            let open = client.begin(path, metadata).await.opened().await;
            assert_eq!(open.code().await, Code::DeadlineExceeded, "{path} {metadata:?}");
        }
    }
    server.stop.send(()).await.expect("it runs");
    let state = watch.next().await.expect("it goes on").expect("it is older than any deadline");
    assert_eq!(state.status(), ServingStatus::NotServing);
}

#[tokio::test]
async fn what_its_client_does_not_take_ends_at_the_deadline_and_gives_its_place_back() {
    let settings = Settings { calls: 2, deadline: Duration::from_millis(50), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut attentive = RawClient::connect(server.address).await;
    let question = framed(0, &list_services().encode_to_vec());
    // Nothing at all is taken, or a part of the first of two answers.
    for (window, questions) in [(0, 1), (16, 2)] {
        let mut client = RawClient::connect_with_window(window, server.address).await;
        for path in REFLECTION {
            let mut begun = client.begin(path, &[]).await;
            for _ in 0..questions {
                begun.body.send_data(question.clone(), false).expect("it is open");
            }
            assert_eq!(begun.opened().await.reset().await, Some(Reason::CANCEL), "{path} {window}");
            // The one place that this address may have.
            let answered = async { while attentive.call(RECOMMEND, &[], frame(&anger(0.5))).await != Code::Ok {} };
            timeout(PATIENCE, answered).await.expect("it is given back");
        }
    }
    let mut begun = RawClient::connect_with_window(0, server.address).await.begin(RECOMMEND, &[]).await;
    begun.finish(&anger(0.5));
    assert_eq!(begun.opened().await.reset().await, Some(Reason::CANCEL));
}

/// A question after the contract, of either version.
fn list_services() -> ServerReflectionRequest {
    let message_request = Some(MessageRequest::ListServices(String::new()));
    ServerReflectionRequest { host: String::new(), message_request }
}

#[tokio::test]
async fn one_address_gets_half_of_the_connections_and_others_find_room() {
    let server = WireServer::start_special(Settings { connections: 4, ..Settings::default() }).await;
    let mut flood = Vec::new();
    for _ in 0..8 {
        // A server that took all would leave one waiting.
        let taken = timeout(PATIENCE, greeted(server.address)).await.expect("it is taken or turned away");
        flood.extend(taken);
    }
    assert_eq!(flood.len(), 2);
    assert!(server.metrics.render(None).1.contains("composure_connections_refused_total{reason=\"address\"} 6"));
    let mut other = RecommendationServiceClient::new(server.channel_from(2).await);
    other.recommend(anger(0.5)).await.expect("there is room for whoever comes next");
    drop(flood);
    let taken_again = async { while greeted(server.address).await.is_none() {} };
    timeout(PATIENCE, taken_again).await.expect("what it had is given back");
}

/// A connection from the first address, where it is taken.
async fn greeted(address: SocketAddr) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    matches!(stream.read(&mut [0; 9]).await, Ok(9)).then_some(stream)
}

//! The admin port: for those who run the server.

use composure::server::Reloaded;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::http_client::{ask, get, post};
use crate::wire_server::{WireServer, anger};

#[tokio::test]
async fn it_says_that_the_server_lives_and_which_it_is() {
    let server = WireServer::start().await;
    assert_eq!(get(server.admin, "/livez").await, (200, "ok\n".to_owned()));
    let (code, version) = get(server.admin, "/version").await;
    let version: serde_json::Value = serde_json::from_str(&version).expect("it is JSON");
    assert_eq!((code, version["version"].as_str()), (200, Some(env!("CARGO_PKG_VERSION"))));
    assert_eq!(get(server.admin, "/").await.0, 404);
    assert_eq!(get(server.admin, "/-/reload").await.0, 405);
}

#[tokio::test]
async fn what_was_refused_is_told_and_the_server_stays_ready() {
    let server = WireServer::start().await;
    server.problems.send_replace([("playbooks", "the last reload was refused".to_owned())].into());
    assert_eq!(get(server.admin, "/readyz").await, (200, "ready\nplaybooks: the last reload was refused\n".to_owned()));
}

#[tokio::test]
async fn metrics_come_in_both_formats() {
    let server = WireServer::start().await;
    server.recommend(anger(0.5)).await.expect("it is valid");
    let (code, text) = get(server.admin, "/metrics").await;
    assert_eq!(code, 200);
    assert!(text.contains("grpc_server_handled_total{"), "{text}");
    let accept = "accept: application/openmetrics-text; version=1.0.0\r\n";
    let (_, open) = ask(server.admin, "GET", "/metrics", accept).await;
    assert!(open.ends_with("# EOF\n"), "{open}");
    assert!(!text.contains("# EOF"));
}

#[tokio::test]
async fn a_reload_is_waited_for_and_told() {
    let mut server = WireServer::start().await;
    let admin = server.admin;
    for (refused, code) in [(Vec::new(), 200), (vec!["playbooks: broken".to_owned()], 422)] {
        let reloaded = Reloaded { loaded: vec!["playbooks: harbor 3".to_owned()], refused };
        let asked = tokio::spawn(post(admin, "/-/reload"));
        let answer = server.reloads.recv().await.expect("it was asked for");
        answer.send(reloaded.clone()).expect("somebody waits");
        let (got, body) = asked.await.expect("it is answered");
        assert_eq!(got, code);
        let expected = serde_json::to_value(&reloaded).expect("it is data");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).expect("it is JSON"), expected);
    }
}

#[tokio::test]
async fn kubelets_ask_by_grpc() {
    let server = WireServer::start().await;
    let endpoint = Endpoint::from_shared(format!("http://{}", server.admin)).expect("an address is a URI");
    let mut health = HealthClient::new(endpoint.connect().await.expect("it listens"));
    let answer = health.check(HealthCheckRequest::default()).await.expect("it is told");
    assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
}

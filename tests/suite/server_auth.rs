//! Who may call what, over the wire.

use std::fs;
use std::sync::Arc;

use composure::auth::{Auth, Settings};
use composure::grpc::generated::playbook_service_client::PlaybookServiceClient;
use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::{ListPlaybooksRequest, RecommendRequest};
use prost::bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::raw_client::RawClient;
use crate::wire_server::{Special, WireServer, anger};

const KEY: &str = "0f5d3b1c9a7e4d2b8c6a0f5d3b1c9a7e";

/// A server that asks for an API key, and the folder of its file.
async fn start(roles: &str) -> (WireServer, TempDir) {
    let (auth, folder) = keys(&[("acme", KEY)], roles);
    (WireServer::start_special(Special { auth, ..Special::default() }).await, folder)
}

/// A key for each of these tenants, and the folder of their file.
pub(crate) fn keys(tenants: &[(&str, &str)], roles: &str) -> (Arc<Auth>, TempDir) {
    let folder = TempDir::new().expect("there is room");
    let file = folder.path().join("keys.yaml");
    let entry = |(tenant, key): &(&str, &str)| {
        let digest = hexadecimal(&Sha256::digest(key));
        format!("- {{id: crm-{tenant}, sha256: {digest}, tenant: {tenant}, roles: {roles}}}\n")
    };
    fs::write(&file, tenants.iter().map(entry).collect::<String>()).expect("it is writable");
    let auth = Auth::load(Settings { api_keys: Some(file), ..Settings::default() }).expect("the file is good");
    (Arc::new(auth), folder)
}

/// In hexadecimal digits.
fn hexadecimal(digest: &[u8]) -> String {
    let (high, low) = digest.split_at(16);
    let half = |bytes: &[u8]| u128::from_be_bytes(bytes.try_into().expect("it has 16 bytes"));
    format!("{:032x}{:032x}", half(high), half(low))
}

fn with_key<T>(message: T, key: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().expect("it is a value"));
    request
}

async fn recommend(server: &WireServer, request: Request<RecommendRequest>) -> Result<(), Status> {
    RecommendationServiceClient::new(server.channel().await).recommend(request).await.map(drop)
}

/// Code, reason and cause.
fn told(status: &Status) -> (Code, String, String) {
    let info = status.get_details_error_info().expect("every error of ours says its reason");
    (status.code(), info.reason, info.metadata.get("cause").cloned().unwrap_or_default())
}

#[tokio::test]
async fn without_a_key_nothing_is_answered_but_health() {
    let (server, _folder) = start("[recommend, read_playbooks]").await;
    let status = recommend(&server, Request::new(anger(0.5))).await.expect_err("it shows nothing");
    let unauthenticated =
        |cause: &str| (Code::Unauthenticated, "ERROR_REASON_UNAUTHENTICATED".to_owned(), cause.to_owned());
    assert_eq!(told(&status), unauthenticated("missing"));
    assert!(status.message().contains("x-api-key"), "{status:?}");
    let wrong = recommend(&server, with_key(anger(0.5), "0123456789abcdef0123456789abcdef")).await;
    assert_eq!(told(&wrong.expect_err("nobody has this key")), unauthenticated("unknown_api_key"));
    let health = HealthClient::new(server.channel().await).check(HealthCheckRequest::default()).await;
    health.expect("health is told to everybody");
    let text = server.metrics.render(None).1;
    assert!(text.contains("composure_credentials_refused_total{reason=\"missing\"} 1"), "{text}");
}

#[tokio::test]
async fn a_key_opens_what_its_roles_say() {
    let (server, _folder) = start("[recommend]").await;
    recommend(&server, with_key(anger(0.5), KEY)).await.expect("it may");
    let mut playbooks = PlaybookServiceClient::new(server.channel().await);
    let status = playbooks.list_playbooks(with_key(ListPlaybooksRequest {}, KEY)).await.expect_err("it may not");
    let (code, reason, cause) = told(&status);
    assert_eq!(
        (code, reason.as_str(), cause.as_str()),
        (Code::PermissionDenied, "ERROR_REASON_PERMISSION_DENIED", "forbidden")
    );
    assert!(status.message().contains("read_playbooks"), "{status:?}");

    let (server, _folder) = start("[read_playbooks]").await;
    let mut playbooks = PlaybookServiceClient::new(server.channel().await);
    playbooks.list_playbooks(with_key(ListPlaybooksRequest {}, KEY)).await.expect("it may");
    let status = recommend(&server, with_key(anger(0.5), KEY)).await.expect_err("it may not");
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn what_is_not_served_is_told_to_whoever_may_call_at_all() {
    let (server, _folder) = start("[recommend]").await;
    let mut client = RawClient::connect(server.address).await;
    let path = "/composure.v1.NothingService/Nothing";
    assert_eq!(client.call(path, &[("x-api-key", KEY)], Bytes::new()).await, Code::Unimplemented);
    assert_eq!(client.call(path, &[], Bytes::new()).await, Code::Unauthenticated);
}

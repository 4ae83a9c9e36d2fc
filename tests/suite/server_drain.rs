//! How a server ends: out of rotation, then the calls that are under way, then in time, whatever clients do.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use composure::server::{Ended, Settings};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::http_client::get;
use crate::process::apart;
use crate::raw_client::{PATIENCE, RECOMMEND, RawClient, frame};
use crate::wire_process::mute_client;
use crate::wire_server::{WireServer, anger};

async fn ended(server: WireServer) -> Ended {
    let ended = timeout(PATIENCE, server.ended).await.expect("it ends");
    ended.expect("it does not panic").expect("nor fail")
}

#[tokio::test]
async fn a_call_that_is_under_way_is_answered_and_no_new_connection_is_taken() {
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    let mut begun = client.begin(RECOMMEND, &[]).await;
    // Once another call is answered, the first has arrived, too.
    assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
    server.stop.send(()).await.expect("it runs");
    let address = server.address;
    apart(move || while TcpStream::connect(address).is_ok() {}).await;
    begun.finish(&anger(0.5));
    assert_eq!(begun.code().await, Code::Ok);
    assert_eq!(ended(server).await, Ended::Drained);
}

#[tokio::test]
async fn a_call_that_never_ends_is_left_at_the_deadline() {
    let settings = Settings { drain_deadline: Duration::from_millis(100), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut client = RawClient::connect(server.address).await;
    let _begun = client.begin(RECOMMEND, &[]).await;
    assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
    server.stop.send(()).await.expect("it runs");
    assert_eq!(ended(server).await, Ended::CutShort);
}

#[tokio::test]
async fn while_others_learn_of_the_end_calls_are_taken() {
    let settings = Settings { drain_wait: PATIENCE, ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    assert_eq!(get(server.admin, "/readyz").await, (200, "ready\n".to_owned()));
    server.stop.send(()).await.expect("it runs");
    while get(server.admin, "/readyz").await.0 == 200 {}
    assert_eq!(get(server.admin, "/readyz").await, (503, "draining\n".to_owned()));
    assert_eq!(get(server.admin, "/livez").await.0, 200);
    let health = HealthClient::new(server.channel().await).check(HealthCheckRequest::default()).await;
    assert_eq!(health.expect("it is told").into_inner().status(), ServingStatus::NotServing);
    server.recommend(anger(0.5)).await.expect("calls are still taken");
    server.stop.send(()).await.expect("it runs");
    assert_eq!(ended(server).await, Ended::CutShort);
}

#[tokio::test]
async fn a_watch_is_told_of_the_end_and_ended() {
    let server = WireServer::start().await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("it is served").into_inner();
    let state = |state: Option<Result<HealthCheckResponse, tonic::Status>>| {
        state.expect("the watch goes on").map(|state| state.status())
    };
    assert_eq!(state(watch.next().await).ok(), Some(ServingStatus::Serving));
    server.stop.send(()).await.expect("it runs");
    assert_eq!(state(watch.next().await).ok(), Some(ServingStatus::NotServing));
    assert_eq!(state(watch.next().await).expect_err("it ends").code(), Code::Unavailable);
    drop((watch, health));
    assert_eq!(ended(server).await, Ended::Drained);
}

#[tokio::test]
async fn whoever_says_nothing_is_not_waited_for() {
    let server = WireServer::start().await;
    let address = server.address;
    let silent = apart(move || TcpStream::connect(address).expect("it listens")).await;
    let since = Instant::now();
    server.stop.send(()).await.expect("it runs");
    assert_eq!(ended(server).await, Ended::Drained);
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    drop(silent);
}

#[tokio::test]
async fn a_second_wish_to_stop_is_heeded_at_once() {
    let server = WireServer::start().await;
    let address = server.address;
    let mute = apart(move || mute_client(address)).await;
    let since = Instant::now();
    server.stop.send(()).await.expect("it runs");
    server.stop.send(()).await.expect("it runs");
    assert_eq!(ended(server).await, Ended::CutShort);
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    drop(mute);
}

#[tokio::test]
async fn an_old_connection_takes_no_new_calls_and_answers_those_under_way() {
    let settings = Settings { connection_age: Duration::from_millis(20), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut client = RawClient::connect(server.address).await;
    let mut begun = client.begin(RECOMMEND, &[]).await;
    let told_to_leave = async {
        while client.sender.clone().ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, told_to_leave).await.expect("it is told in time");
    begun.finish(&anger(0.5));
    assert_eq!(begun.code().await, Code::Ok);
    let ended = timeout(PATIENCE, client.ended).await.expect("it is closed").expect("it does not panic");
    assert!(ended.is_ok(), "it was asked to leave, not thrown out: {ended:?}");
    server.recommend(anger(0.5)).await.expect("the next connection is there");
}

#[tokio::test]
async fn a_stream_ends_with_its_old_connection() {
    let settings = Settings { connection_age: Duration::from_millis(20), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("it is served").into_inner();
    watch.next().await.expect("a watch begins with the state").expect("which is good");
    let end = timeout(PATIENCE, watch.next()).await.expect("it ends").expect("with a status");
    assert_eq!(end.expect_err("which is no answer").code(), Code::Unavailable);
}

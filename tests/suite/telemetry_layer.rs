//! Every call ends exactly once, whatever becomes of it.

use std::convert::Infallible;
use std::future::pending;

use composure::grpc::generated::FILE_DESCRIPTOR_SET;
use composure::telemetry::{Metrics, Observe, ObservedBody};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use prost_reflect::DescriptorPool;
use tokio_stream::{Stream, StreamExt as _, iter, pending as pending_stream};
use tonic::body::Body;
use tonic::codegen::Bytes;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::telemetry::series;

const RECOMMEND: &str = "/composure.v1.RecommendationService/Recommend";
const LABELS: &str = r#"grpc_type="unary",grpc_service="composure.v1.RecommendationService",grpc_method="Recommend""#;

type Frames = Vec<Result<Frame<Bytes>, &'static str>>;

fn status(code: &str) -> HeaderMap {
    [(http::HeaderName::from_static("grpc-status"), code.parse().expect("a code is plain text"))].into_iter().collect()
}

fn data() -> Frame<Bytes> {
    Frame::data(Bytes::from_static(b"data"))
}

fn trailers(code: &str) -> Frame<Bytes> {
    Frame::trailers(status(code))
}

/// The answer of a service that answers with these frames.
async fn answer<S>(metrics: &Metrics, path: &str, frames: S) -> Response<ObservedBody<StreamBody<S>>>
where
    S: Stream<Item = Result<Frame<Bytes>, &'static str>>,
{
    let mut frames = Some(frames);
    let service = service_fn(move |_: Request<Body>| {
        let body = frames.take().expect("it is called once");
        async move { Ok::<_, Infallible>(Response::new(StreamBody::new(body))) }
    });
    let request = Request::builder().uri(path).body(Body::empty()).expect("it is well formed");
    Observe::counting(metrics.clone()).layer(service).oneshot(request).await.expect("it answers")
}

/// Reads the answer to its end, or to its failure.
async fn read(metrics: &Metrics, frames: Frames) {
    let mut body = Box::pin(answer(metrics, RECOMMEND, iter(frames)).await.into_body());
    while let Some(Ok(_)) = body.frame().await {}
    drop(body.frame().await);
}

/// How calls ended, by code, and how many were timed.
fn ends(metrics: &Metrics) -> (Vec<(String, u64)>, f64) {
    let (_, text) = metrics.render(None);
    let handled = format!("grpc_server_handled_total{{{LABELS},grpc_code=\"");
    let codes = text.lines().filter_map(|line| line.strip_prefix(&handled)?.split_once("\"} "));
    let codes = codes.map(|(code, count)| (code.to_owned(), count.parse().expect("it is a number")));
    let timed = series(metrics, &format!("grpc_server_handling_seconds_count{{{LABELS}}}")).expect("it is told");
    (codes.filter(|(_, count)| *count > 0).collect(), timed)
}

#[track_caller]
fn assert_ended_once(metrics: &Metrics, code: &str) {
    assert_eq!(ends(metrics), (vec![(code.to_owned(), 1)], 1.0));
    assert_eq!(series(metrics, &format!("grpc_server_started_total{{{LABELS}}}")), Some(1.0));
}

#[tokio::test]
async fn trailers_tell_how_an_answer_ended() {
    for (code, name) in [("0", "OK"), ("3", "InvalidArgument"), ("16", "Unauthenticated"), ("99", "Unknown")] {
        let metrics = Metrics::new();
        read(&metrics, vec![Ok(data()), Ok(trailers(code))]).await;
        assert_ended_once(&metrics, name);
    }
}

#[tokio::test]
async fn a_head_may_tell_already() {
    let metrics = Metrics::new();
    let service = service_fn(|_: Request<Body>| async {
        let mut response = Response::new(Empty::<Bytes>::new());
        *response.headers_mut() = status("8");
        Ok::<_, Infallible>(response)
    });
    let request = Request::builder().uri(RECOMMEND).body(Body::empty()).expect("it is well formed");
    let response = Observe::counting(metrics.clone()).layer(service).oneshot(request).await.expect("it answers");
    assert_ended_once(&metrics, "ResourceExhausted");
    assert!(response.into_body().collect().await.expect("it is empty").trailers().is_none());
    assert_ended_once(&metrics, "ResourceExhausted");
}

#[tokio::test]
async fn what_is_not_of_grpc_is_taken_as_clients_take_it() {
    for (http, name) in [(404, "Unimplemented"), (503, "Unavailable"), (415, "Unknown")] {
        let metrics = Metrics::new();
        let service =
            service_fn(
                move |_: Request<Body>| async move { Response::builder().status(http).body(Empty::<Bytes>::new()) },
            );
        let request = Request::builder().uri(RECOMMEND).body(Body::empty()).expect("it is well formed");
        drop(Observe::counting(metrics.clone()).layer(service).oneshot(request).await.expect("it answers"));
        assert_ended_once(&metrics, name);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unknown() {
    for frames in [vec![Ok(data()), Err("broken")], vec![Ok(data())], vec![Err("broken")]] {
        let metrics = Metrics::new();
        read(&metrics, frames).await;
        assert_ended_once(&metrics, "Unknown");
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_canceled() {
    let metrics = Metrics::new();
    let service = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let request = Request::builder().uri(RECOMMEND).body(Body::empty()).expect("it is well formed");
    let call = Observe::counting(metrics.clone()).layer(service).oneshot(request);
    assert!(tokio::time::timeout(std::time::Duration::ZERO, call).await.is_err());
    assert_ended_once(&metrics, "Canceled");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_canceled() {
    let metrics = Metrics::new();
    drop(answer(&metrics, RECOMMEND, iter(vec![Ok(data()), Ok(trailers("0"))])).await);
    assert_ended_once(&metrics, "Canceled");
    let metrics = Metrics::new();
    let frames = iter(vec![Ok(data())]).chain(pending_stream());
    let mut body = Box::pin(answer(&metrics, RECOMMEND, frames).await.into_body());
    assert!(body.frame().await.is_some());
    assert_eq!(ends(&metrics), (vec![], 0.0));
    drop(body);
    assert_ended_once(&metrics, "Canceled");
}

#[tokio::test]
async fn a_service_that_fails_is_unknown() {
    let metrics = Metrics::new();
    let service = service_fn(|_: Request<Body>| async { Err::<Response<Body>, _>("broken") });
    let request = Request::builder().uri(RECOMMEND).body(Body::empty()).expect("it is well formed");
    let failed = Observe::counting(metrics.clone()).layer(service).oneshot(request).await;
    assert!(failed.is_err());
    assert_ended_once(&metrics, "Unknown");
}

#[tokio::test]
async fn methods_that_are_invented_are_one() {
    let metrics = Metrics::new();
    let before = metrics.render(None).1.lines().count();
    for number in 0..10_000 {
        let path = format!("/composure.v1.RecommendationService/Invented{number}");
        let mut body = Box::pin(answer(&metrics, &path, iter(vec![Ok(trailers("12"))])).await.into_body());
        while body.frame().await.is_some() {}
    }
    assert_eq!(metrics.render(None).1.lines().count(), before);
    let unknown = r#"grpc_server_handled_total{grpc_type="unary",grpc_service="unknown",grpc_method="unknown",grpc_code="Unimplemented"}"#;
    assert_eq!(series(&metrics, unknown), Some(10_000.0));
}

#[tokio::test]
async fn every_method_that_is_served_has_its_name() {
    let reflection = tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET;
    let old_reflection = tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET;
    for set in [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET, reflection, old_reflection] {
        let pool = DescriptorPool::decode(set).expect("it is a contract");
        for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let (metrics, service) = (Metrics::new(), method.parent_service().full_name().to_owned());
            let path = format!("/{service}/{}", method.name());
            drop(answer(&metrics, &path, iter(vec![Ok(trailers("0"))])).await);
            let flow = match (method.is_client_streaming(), method.is_server_streaming()) {
                (false, false) => "unary",
                (false, true) => "server_stream",
                (true, true) => "bidi_stream",
                (true, false) => panic!("no such method is served"),
            };
            let name = method.name();
            let labels = format!(r#"grpc_type="{flow}",grpc_service="{service}",grpc_method="{name}""#);
            assert_eq!(series(&metrics, &format!("grpc_server_started_total{{{labels}}}")), Some(1.0), "{path}");
        }
    }
}

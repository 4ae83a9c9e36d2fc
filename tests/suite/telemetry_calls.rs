//! What is told of calls: how they are counted, and their lines.

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::{
    GetPlaybookRequest, RecommendRequest, playbook_service_client::PlaybookServiceClient,
};
use composure::telemetry::{CredentialSource, Level, Metrics, Observe, PlaybookInfo, Refused, Reload, Shed};
use http::{Request, Response};
use serde_json::Value;
use tonic::body::Body;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::telemetry::{CALLER, Written, eventually, observed, series, telemetry};
use crate::wire_server::{anger, flag};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn handled(service: &str, method: &str, code: &str) -> String {
    format!(
        r#"grpc_server_handled_total{{grpc_type="unary",grpc_service="composure.v1.{service}",grpc_method="{method}",grpc_code="{code}"}}"#
    )
}

fn keys(line: &Value) -> Vec<&str> {
    line.as_object().expect("a line is an object").keys().map(String::as_str).collect()
}

/// A request that comes from a trace that is not recorded.
fn traced(request: RecommendRequest) -> tonic::Request<RecommendRequest> {
    let mut request = tonic::Request::new(request);
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-00");
    request.metadata_mut().insert("traceparent", parent.parse().expect("it is plain text"));
    request
}

#[tokio::test]
async fn calls_are_counted_by_method_and_code() {
    let metrics = Metrics::new();
    let channel = observed(Observe::counting(metrics.clone()), metrics.clone()).await;
    let mut recommendations = RecommendationServiceClient::new(channel.clone());
    recommendations.recommend(anger(0.8)).await.expect("it is valid");
    recommendations.recommend(anger(0.9)).await.expect("it is valid");
    recommendations.recommend(anger(1.5)).await.expect_err("it is too much");
    let unknown = GetPlaybookRequest { playbook: "nothing".to_owned(), ..GetPlaybookRequest::default() };
    PlaybookServiceClient::new(channel).get_playbook(unknown).await.expect_err("there is none");
    for (service, method, code, count) in [
        ("RecommendationService", "Recommend", "OK", 2.0),
        ("RecommendationService", "Recommend", "InvalidArgument", 1.0),
        ("RecommendationService", "Recommend", "Canceled", 0.0),
        ("PlaybookService", "GetPlaybook", "NotFound", 1.0),
        ("PlaybookService", "ListPlaybooks", "OK", 0.0),
    ] {
        eventually(|| series(&metrics, &handled(service, method, code)) == Some(count)).await;
    }
}

#[tokio::test]
async fn decisions_are_counted_by_their_names() {
    let metrics = Metrics::new();
    let channel = observed(Observe::counting(metrics.clone()), metrics.clone()).await;
    let mut recommendations = RecommendationServiceClient::new(channel);
    let first = recommendations.recommend(anger(0.8)).await.expect("it is valid").into_inner();
    let action = &first.suggestions.first().expect("there is one").action;
    let suggested =
        format!(r#"composure_suggestions_total{{playbook="default",stage="{}",action="{action}"}}"#, first.stage);
    assert_eq!(series(&metrics, &suggested), Some(1.0));
    let manager = RecommendRequest { signals: vec![flag("requests_manager")], ..RecommendRequest::default() };
    let answer = recommendations.recommend(manager).await.expect("it is valid").into_inner();
    let level = answer.escalation.expect("it is told").level().as_str_name().to_lowercase();
    let level = level.trim_start_matches("escalation_level_");
    let escalated = format!(r#"composure_escalations_total{{playbook="default",level="{level}"}}"#);
    assert_eq!(series(&metrics, &escalated), Some(1.0));
    assert_ne!(level, "none");
    recommendations.recommend(anger(1.5)).await.expect_err("it is too much");
    let (_, text) = metrics.render(None);
    let suggested = text.lines().filter(|line| line.starts_with("composure_suggestions_total{"));
    let suggested = suggested.filter_map(|line| line.rsplit(' ').next()?.parse::<u32>().ok());
    assert_eq!(suggested.sum::<u32>(), 2);
}

#[tokio::test]
async fn the_line_of_a_call_tells_this_and_no_more() {
    let written = Written::from(Level::Info);
    let telemetry = telemetry(1.0, None);
    let channel = observed(telemetry.observe(), telemetry.metrics().clone()).await;
    let mut recommendations = RecommendationServiceClient::new(channel);
    let request = RecommendRequest { signals: vec![flag("requests_manager")], ..RecommendRequest::default() };
    let answer = recommendations.recommend(traced(request)).await.expect("it is valid").into_inner();
    recommendations.recommend(anger(1.5)).await.expect_err("it is too much");
    eventually(|| written.calls().len() == 2).await;
    let calls = written.calls();
    let [decided, refused] = calls.as_slice() else { panic!("there are two: {calls:?}") };
    assert_eq!(
        keys(decided),
        [
            "timestamp",
            "level",
            "message",
            "method",
            "code",
            "duration_us",
            "playbook",
            "digest",
            "stage",
            "action",
            "escalation",
            "caller",
            "trace_id",
            "target",
        ]
    );
    let playbook = answer.playbook.expect("it is told");
    assert_eq!(decided["method"], "composure.v1.RecommendationService/Recommend");
    assert_eq!((&decided["code"], &decided["playbook"]), (&"OK".into(), &"default".into()));
    assert_eq!(decided["digest"], playbook.digest.split_at(12).0);
    assert_eq!(decided["stage"], answer.stage);
    assert_eq!(decided["action"], answer.suggestions[0].action);
    assert!(["offer", "recommend", "require"].contains(&decided["escalation"].as_str().expect("it is a word")));
    assert_eq!((&decided["caller"], &decided["trace_id"]), (&CALLER.into(), &TRACE.into()));
    assert!(decided["duration_us"].as_u64().is_some_and(|micros| micros < 60_000_000));
    assert_eq!(keys(refused), ["timestamp", "level", "message", "method", "code", "duration_us", "caller", "target"]);
    assert_eq!(refused["code"], "InvalidArgument");
}

/// The lines of a hundred calls that end with `code`, of which this share has a line.
async fn lines_of(code: i32, share: f64, level: Level) -> usize {
    let written = Written::from(level);
    let telemetry = telemetry(share, None);
    let service = service_fn(move |_: Request<Body>| async move {
        Response::builder().header("grpc-status", code).body(Body::empty())
    });
    for _ in 0..100 {
        let request = Request::builder().uri("/x/y").body(Body::empty()).expect("it is well formed");
        telemetry.observe().layer(service).oneshot(request).await.expect("it answers");
    }
    written.calls().len()
}

#[tokio::test]
async fn a_share_of_calls_has_lines_and_failures_of_ours_always_have() {
    assert_eq!(lines_of(0, 0.0, Level::Info).await, 0);
    assert_eq!(lines_of(3, 0.0, Level::Info).await, 0);
    assert!((23..=27).contains(&lines_of(0, 0.25, Level::Info).await));
    assert_eq!(lines_of(0, 1.0, Level::Info).await, 100);
    assert_eq!(lines_of(13, 0.0, Level::Info).await, 100);
    assert_eq!(lines_of(2, 0.0, Level::Info).await, 100);
    assert_eq!(lines_of(0, 1.0, Level::Warn).await, 0);
}

#[test]
fn what_happens_beside_calls_is_counted() {
    let metrics = Metrics::new();
    let moves: [(&str, &dyn Fn()); 15] = [
        (r#"composure_playbook_reloads_total{result="loaded"}"#, &|| metrics.playbook_reload(Reload::Loaded)),
        (r#"composure_playbook_reloads_total{result="failed"}"#, &|| metrics.playbook_reload(Reload::Failed)),
        (r#"composure_calls_shed_total{reason="server"}"#, &|| metrics.shed(Shed::Server)),
        (r#"composure_calls_shed_total{reason="caller"}"#, &|| metrics.shed(Shed::Caller)),
        (r#"composure_connections_refused_total{reason="handshake"}"#, &|| {
            metrics.connection_refused(Refused::Handshake);
        }),
        (r#"composure_connections_refused_total{reason="tls"}"#, &|| metrics.connection_refused(Refused::Tls)),
        (r#"composure_certificate_reloads_total{result="loaded"}"#, &|| metrics.certificate_reload(Reload::Loaded)),
        (r#"composure_certificate_reloads_total{result="failed"}"#, &|| metrics.certificate_reload(Reload::Failed)),
        (r#"composure_credentials_refused_total{reason="expired"}"#, &|| metrics.credentials_refused("expired")),
        (r#"composure_credential_reloads_total{source="api_keys",result="loaded"}"#, &|| {
            metrics.credential_reload(CredentialSource::ApiKeys, Reload::Loaded);
        }),
        (r#"composure_credential_reloads_total{source="jwks",result="failed"}"#, &|| {
            metrics.credential_reload(CredentialSource::Jwks, Reload::Failed);
        }),
        ("composure_panics_total", &|| metrics.panicked()),
        ("composure_snapshots_total", &|| metrics.snapshot()),
        (r#"composure_subscriptions_shed_total{reason="server"}"#, &|| metrics.subscription_shed(Shed::Server)),
        (r#"composure_subscriptions_shed_total{reason="caller"}"#, &|| metrics.subscription_shed(Shed::Caller)),
    ];
    for (name, happens) in moves {
        let before = series(&metrics, name).unwrap_or(0.0);
        happens();
        assert_eq!(series(&metrics, name), Some(before + 1.0), "{name}");
    }
}

#[test]
fn what_is_the_case_is_told() {
    let metrics = Metrics::new();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(series(&metrics, &format!(r#"composure_build_info{{version="{version}"}}"#)), Some(1.0));
    metrics.playbook_reload(Reload::Failed);
    assert_eq!(series(&metrics, "composure_playbook_reload_failed"), Some(1.0));
    metrics.playbook_reload(Reload::Loaded);
    assert_eq!(series(&metrics, "composure_playbook_reload_failed"), Some(0.0));
    let connection = metrics.connection();
    assert_eq!(series(&metrics, "composure_connections"), Some(1.0));
    drop(connection);
    assert_eq!(series(&metrics, "composure_connections"), Some(0.0));
    let (stream, subscriptions) = (metrics.stream(), [metrics.subscription(), metrics.subscription()]);
    assert_eq!(series(&metrics, "composure_streams_open"), Some(1.0));
    assert_eq!(series(&metrics, "composure_subscriptions"), Some(2.0));
    drop((stream, subscriptions));
    assert_eq!(series(&metrics, "composure_streams_open"), Some(0.0));
    assert_eq!(series(&metrics, "composure_subscriptions"), Some(0.0));
    assert_eq!(series::<f64>(&metrics, "composure_certificate_expiry_timestamp_seconds"), None);
    metrics.certificate_expires(1_800_000_000);
    assert_eq!(series(&metrics, "composure_certificate_expiry_timestamp_seconds"), Some(1_800_000_000.0));
}

#[test]
fn playbooks_are_replaced_as_a_whole() {
    let metrics = Metrics::new();
    let info = |version: &str| PlaybookInfo {
        playbook: "default".to_owned(),
        version: version.to_owned(),
        digest: "d1".to_owned(),
    };
    let told = || metrics.render(None).1.lines().filter(|line| line.starts_with("composure_playbook_info{")).count();
    assert_eq!(told(), 0);
    metrics.set_playbooks(vec![info("1"), info("2")]);
    assert_eq!(told(), 2);
    metrics.set_playbooks(vec![info("3\"\n\\")]);
    assert_eq!(told(), 1);
    let escaped = r#"composure_playbook_info{playbook="default",version="3\"\n\\",digest="d1"}"#;
    assert_eq!(series(&metrics, escaped), Some(1.0));
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_tells_what_it_uses() {
    let metrics = Metrics::new();
    let told = |name| series::<f64>(&metrics, name).expect("it is told");
    assert!(told("process_resident_memory_bytes") > 1_000_000.0);
    assert!(told("process_open_fds") >= 3.0 && told("process_open_fds") < told("process_max_fds"));
    assert!(told("process_cpu_seconds_total") >= 0.0);
    let started = told("process_start_time_seconds");
    let now = std::fs::metadata("/proc/self").and_then(|process| process.modified()).expect("it has begun");
    let now = now.duration_since(std::time::UNIX_EPOCH).expect("it is later").as_secs_f64();
    assert!((started - now).abs() < 3_600.0, "{started} {now}");
}

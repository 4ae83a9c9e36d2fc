//! What a collector gets, what it never gets, and that nobody waits for it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use composure::grpc::generated::conversation_service_client::ConversationServiceClient;
use composure::grpc::generated::playbook_service_client::PlaybookServiceClient;
use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::{
    ActionReport, ActionState, AgentReport, Commitment, ConversationState, DeleteConversationRequest, FactState,
    GetConversationRequest, GetPlaybookRequest, ListDueCommitmentsRequest, PhrasingState, RecommendRequest,
    RenderGraphRequest, SignalState, ValidatePlaybookRequest,
};
use composure::telemetry::{Level, OtlpSettings, Secret, Telemetry};
use http::{HeaderMap, Request, Response};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::{Channel, Server};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::telemetry::{Written, eventually, observed, telemetry};
use crate::wire_server::{anger, flag, level};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
const PATIENCE: Duration = Duration::from_secs(20);
/// In everything that a client says.
pub(crate) const CANARY: &str = "canary7d1f";

/// A collector that keeps what it gets, once it is let.
#[derive(Clone)]
pub(crate) struct Inbox {
    spans: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    metrics: Arc<Mutex<Vec<ExportMetricsServiceRequest>>>,
    headers: Arc<Mutex<Vec<HeaderMap>>>,
    gate: Arc<Semaphore>,
    pub(crate) address: String,
}

#[tonic::async_trait]
impl TraceService for Inbox {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, Status> {
        let _let_in = self.gate.acquire().await.expect("it is never closed");
        self.headers.lock().expect("nobody panics here").push(request.metadata().clone().into_headers());
        self.spans.lock().expect("nobody panics here").push(request.into_inner());
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Inbox {
    async fn export(
        &self,
        request: tonic::Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, Status> {
        self.headers.lock().expect("nobody panics here").push(request.metadata().clone().into_headers());
        self.metrics.lock().expect("nobody panics here").push(request.into_inner());
        Ok(tonic::Response::new(ExportMetricsServiceResponse::default()))
    }
}

impl Inbox {
    /// One that takes so many messages of spans at once.
    pub(crate) async fn start(at_once: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = format!("http://{}", listener.local_addr().expect("a listener has an address"));
        let gate = Arc::new(Semaphore::new(at_once));
        let (spans, metrics, headers) = (Arc::default(), Arc::default(), Arc::default());
        let inbox = Self { spans, metrics, headers, gate, address };
        let server = Server::builder()
            .add_service(TraceServiceServer::new(inbox.clone()))
            .add_service(MetricsServiceServer::new(inbox.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        inbox
    }

    fn telemetry(&self, traces: f64) -> Telemetry {
        telemetry(0.0, Some(settings(&self.address, traces)))
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let messages = self.spans.lock().expect("nobody panics here");
        let resources = messages.iter().flat_map(|message| &message.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    /// All that ever came.
    pub(crate) fn everything(&self) -> String {
        format!("{:?} {:?} {:?}", self.spans.lock(), self.metrics.lock(), self.headers.lock())
    }
}

fn settings(address: &str, traces: f64) -> OtlpSettings {
    OtlpSettings { endpoint: address.to_owned(), traces, metrics: false, headers: None }
}

/// The answer to a call with this header.
async fn call(telemetry: &Telemetry, parent: Option<&str>) {
    let service =
        service_fn(|_: Request<Body>| async { Response::builder().header("grpc-status", 0).body(Body::empty()) });
    let mut request = Request::builder().uri("/composure.v1.RecommendationService/Recommend");
    if let Some(parent) = parent {
        request = request.header("traceparent", parent);
    }
    let request = request.body(Body::empty()).expect("it is well formed");
    telemetry.observe().layer(service).oneshot(request).await.expect("it answers");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> &'a str {
    let attribute = attributes.iter().find(|attribute| attribute.key == name);
    match attribute.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{name} is {other:?} in {attributes:?}"),
    }
}

#[tokio::test]
async fn the_span_of_a_call_tells_what_was_decided() {
    let inbox = Inbox::start(1).await;
    let telemetry = inbox.telemetry(1.0);
    let channel = observed(telemetry.observe(), telemetry.metrics().clone()).await;
    let mut recommendations = RecommendationServiceClient::new(channel);
    let answer = recommendations.recommend(anger(0.8)).await.expect("it is valid").into_inner();
    recommendations.recommend(anger(1.5)).await.expect_err("it is too much");
    // The client has the trailers a moment before the span ends.
    let handled = || telemetry.metrics().render(None).1.contains("grpc_code=\"InvalidArgument\"} 1");
    eventually(handled).await;
    telemetry.stop(PATIENCE).await;
    let spans = inbox.spans();
    let [decided, refused] = spans.as_slice() else { panic!("there are two: {spans:?}") };
    assert_eq!(decided.name, "composure.v1.RecommendationService/Recommend");
    assert_eq!(decided.kind(), SpanKind::Server);
    assert_eq!(text(&decided.attributes, "rpc.method"), "Recommend");
    assert_eq!(text(&decided.attributes, "composure.playbook"), "default");
    assert_eq!(text(&decided.attributes, "composure.stage"), answer.stage);
    assert_eq!(text(&decided.attributes, "composure.action"), answer.suggestions[0].action);
    assert!(decided.parent_span_id.is_empty() && decided.end_time_unix_nano > decided.start_time_unix_nano);
    assert_eq!(refused.attributes.len(), 4, "{refused:?}");
    let messages = inbox.spans.lock().expect("nobody panics here").clone();
    let resource = messages[0].resource_spans[0].resource.clone().expect("it is told");
    assert_eq!(text(&resource.attributes, "service.name"), "composure");
    assert_eq!(text(&resource.attributes, "service.version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&resource.attributes, "service.instance.id").len(), 36);
}

#[tokio::test]
async fn the_caller_decides_what_is_traced() {
    let inbox = Inbox::start(1).await;
    let never = inbox.telemetry(0.0);
    call(&never, None).await;
    call(&never, Some(&format!("00-{TRACE}-{SPAN}-00"))).await;
    call(&never, Some(&format!("00-{TRACE}-{SPAN}-01"))).await;
    call(&never, Some(&format!("00-{TRACE}-{SPAN}"))).await;
    never.stop(PATIENCE).await;
    let spans = inbox.spans();
    let [span] = spans.as_slice() else { panic!("there is one: {spans:?}") };
    assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.to_owned(), SPAN.to_owned()));
    let always = inbox.telemetry(1.0);
    call(&always, Some(&format!("00-{TRACE}-{SPAN}-00"))).await;
    call(&always, Some("malformed")).await;
    always.stop(PATIENCE).await;
    let spans = inbox.spans();
    let [_, root] = spans.as_slice() else { panic!("there is one more: {spans:?}") };
    assert!(root.parent_span_id.is_empty() && hex(&root.trace_id) != TRACE);
}

#[tokio::test]
async fn a_share_is_traced_where_nobody_decided() {
    let inbox = Inbox::start(1).await;
    let telemetry = inbox.telemetry(0.1);
    for _ in 0..1_000 {
        call(&telemetry, None).await;
    }
    telemetry.stop(PATIENCE).await;
    let spans = inbox.spans().len();
    assert!((95..=105).contains(&spans), "{spans}");
}

#[tokio::test]
async fn times_of_traced_calls_name_their_trace_to_whoever_can_read_it() {
    let inbox = Inbox::start(1).await;
    let telemetry = inbox.telemetry(0.0);
    call(&telemetry, None).await;
    call(&telemetry, Some(&format!("00-{TRACE}-{SPAN}-00"))).await;
    let open = || telemetry.metrics().render(Some("application/openmetrics-text")).1;
    assert!(!open().contains("trace_id"));
    call(&telemetry, Some(&format!("00-{TRACE}-{SPAN}-01"))).await;
    let exemplar = format!("# {{trace_id=\"{TRACE}\"}}");
    let text = open();
    let lines: Vec<_> = text.lines().filter(|line| line.contains(&exemplar)).collect();
    assert!(
        matches!(lines.as_slice(), [line] if line.starts_with("grpc_server_handling_seconds_bucket{")),
        "{lines:?}"
    );
    assert!(!telemetry.metrics().render(None).1.contains(TRACE));
    telemetry.stop(PATIENCE).await;
}

#[tokio::test]
async fn metrics_are_pushed_with_the_headers_that_were_asked_for() {
    let inbox = Inbox::start(1).await;
    let headers = Some(Secret::new("authorization=Bearer%20token,x-tenant=harbor".to_owned()));
    let telemetry = telemetry(0.0, Some(OtlpSettings { metrics: true, headers, ..settings(&inbox.address, 1.0) }));
    call(&telemetry, None).await;
    telemetry.stop(PATIENCE).await;
    let messages = inbox.metrics.lock().expect("nobody panics here").clone();
    let [message] = messages.as_slice() else { panic!("a last one is sent: {messages:?}") };
    let resource = &message.resource_metrics[0];
    let attributes = &resource.resource.as_ref().expect("it is told").attributes;
    assert_eq!(text(attributes, "service.name"), "composure");
    let metrics = &resource.scope_metrics[0].metrics;
    let of = |name: &str| metrics.iter().find(|metric| metric.name == name).map(|metric| format!("{metric:?}"));
    assert!(of("grpc_server_handled").is_some_and(|metric| metric.contains("AsDouble(1.0)")));
    assert!(of("grpc_server_handling_seconds").is_some_and(|metric| metric.contains("count: 1")));
    let headers = inbox.headers.lock().expect("nobody panics here").clone();
    assert_eq!(headers.len(), 2);
    assert!(
        headers.iter().all(|headers| headers["authorization"] == "Bearer token" && headers["x-tenant"] == "harbor")
    );
}

/// Many traced calls, and the end.
async fn assert_costs_nobody_anything(address: &str) {
    let telemetry = telemetry(0.0, Some(OtlpSettings { metrics: true, ..settings(address, 1.0) }));
    let began = Instant::now();
    for _ in 0..5_000 {
        call(&telemetry, None).await;
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "a call took {:?}", took / 5_000);
    let began = Instant::now();
    telemetry.stop(Duration::from_millis(300)).await;
    assert!(began.elapsed() < Duration::from_secs(3), "it ended after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_collector_that_refuses_costs_nobody_anything() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = gone.local_addr().expect("a listener has an address");
    drop(gone);
    assert_costs_nobody_anything(&format!("http://{address}")).await;
}

#[tokio::test]
async fn a_collector_that_never_answers_costs_nobody_anything() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = silent.local_addr().expect("a listener has an address");
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            taken.push(connection);
        }
    });
    assert_costs_nobody_anything(&format!("http://{address}")).await;
}

#[tokio::test]
async fn what_a_slow_collector_does_not_take_is_not_kept() {
    let inbox = Inbox::start(0).await;
    let telemetry = inbox.telemetry(1.0);
    for _ in 0..20_000 {
        call(&telemetry, None).await;
    }
    inbox.gate.add_permits(1);
    telemetry.stop(PATIENCE).await;
    let spans = inbox.spans().len();
    assert!((1..=4_096).contains(&spans), "{spans}");
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_told_before_anything_is_served() {
    use composure::telemetry::{LogSettings, Settings};
    for address in ["collector:4317", "nowhere"] {
        let settings = Settings { log: LogSettings::default(), otlp: Some(settings(address, 1.0)) };
        let error = Telemetry::start(settings).expect_err("it is no address").to_string();
        assert!(error.contains(&format!("`{address}`")), "{error}");
    }
}

/// A request with the canary in every text.
fn sung() -> RecommendRequest {
    let song = || CANARY.to_owned();
    let report = ActionReport { action: song(), phrasing: song(), ..ActionReport::default() };
    RecommendRequest {
        request_id: song(),
        signals: vec![level(CANARY, 0.5), flag("requests_manager"), level("anger", 0.8)],
        facts: [(song(), true)].into(),
        unknown_facts: vec![format!("{CANARY}_unknown")],
        values: [("customer_name".to_owned(), song()), (song(), song())].into(),
        agent_report: Some(AgentReport { actions: vec![report] }),
        commitments: vec![Commitment { id: song(), ..Commitment::default() }],
        excluded_actions: vec![song()],
        ..RecommendRequest::default()
    }
}

/// A state with the canary in every text.
fn sung_state() -> ConversationState {
    let song = || CANARY.to_owned();
    let phrasings = vec![PhrasingState { id: song(), count: 1 }];
    ConversationState {
        playbook: song(),
        playbook_version: song(),
        stage: song(),
        signals: vec![SignalState { name: song(), level: 0.5, turn: 1, ..SignalState::default() }],
        facts: vec![FactState { name: song(), value: Some(true), turn: 1, ..FactState::default() }],
        actions: vec![ActionState { name: song(), phrasings, ..ActionState::default() }],
        ..ConversationState::default()
    }
}

fn with_headers<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    for name in ["authorization", "x-canary", "cookie", "traceparent", "tracestate", "baggage", "x-request-id"] {
        request.metadata_mut().insert(name, format!("Bearer {CANARY}").parse().expect("it is plain text"));
    }
    request
}

/// Sings in every way that there is, and tells how often it was answered and refused.
pub(crate) async fn sing(channel: Channel) -> (usize, usize) {
    let mut recommendations = RecommendationServiceClient::new(channel.clone());
    let mut playbooks = PlaybookServiceClient::new(channel.clone());
    let song = || CANARY.to_owned();
    let mut ends = Vec::new();
    for request in [
        RecommendRequest { commitments: Vec::new(), ..sung() },
        sung(),
        RecommendRequest { strict: true, ..sung() },
        RecommendRequest { playbook: song(), ..sung() },
        RecommendRequest { playbook: "default".to_owned(), playbook_version: song(), ..anger(0.8) },
        RecommendRequest { locale: song(), ..sung() },
        RecommendRequest { state: Some(sung_state()), ..anger(0.8) },
        RecommendRequest { request_id: CANARY.repeat(50), ..anger(0.8) },
        RecommendRequest { conversation_id: song(), commitments: Vec::new(), ..sung() },
        RecommendRequest { conversation_id: song(), ..anger(0.8) },
        RecommendRequest { conversation_id: CANARY.repeat(50), ..anger(0.8) },
    ] {
        ends.push(recommendations.recommend(with_headers(request)).await.is_ok());
    }
    let mut conversations = ConversationServiceClient::new(channel.clone());
    let get = GetConversationRequest { conversation_id: song() };
    ends.push(conversations.get_conversation(with_headers(get)).await.is_ok());
    let due = ListDueCommitmentsRequest { page_token: song(), ..ListDueCommitmentsRequest::default() };
    ends.push(conversations.list_due_commitments(with_headers(due)).await.is_ok());
    let delete = DeleteConversationRequest { conversation_id: song() };
    ends.push(conversations.delete_conversation(with_headers(delete)).await.is_ok());
    let get = GetPlaybookRequest { playbook: song(), version: song() };
    ends.push(playbooks.get_playbook(with_headers(get)).await.is_ok());
    let draw = RenderGraphRequest { playbook: song(), version: song(), ..RenderGraphRequest::default() };
    ends.push(playbooks.render_graph(with_headers(draw)).await.is_ok());
    let document =
        ValidatePlaybookRequest { document: format!("playbook: {CANARY}\n{CANARY}: 1\n"), file_name: song() };
    ends.push(playbooks.validate_playbook(with_headers(document)).await.is_ok());
    let path = format!("/{CANARY}/{CANARY}").parse().expect("it is a path");
    let mut any = tonic::client::Grpc::new(channel);
    any.ready().await.expect("the server listens");
    let codec = tonic_prost::ProstCodec::<RecommendRequest, RecommendRequest>::default();
    ends.push(any.unary(with_headers(sung()), path, codec).await.is_ok());
    (ends.iter().filter(|ok| **ok).count(), ends.iter().filter(|ok| !**ok).count())
}

#[tokio::test]
async fn what_clients_say_is_told_to_nobody() {
    let written = Written::from(Level::Debug);
    let inbox = Inbox::start(1).await;
    let settings = OtlpSettings { metrics: true, ..settings(&inbox.address, 1.0) };
    let telemetry = telemetry(1.0, Some(settings));
    let channel = observed(telemetry.observe(), telemetry.metrics().clone()).await;
    let (answered, refused) = Box::pin(sing(channel)).await;
    assert!(answered >= 2 && refused >= 6, "{answered} {refused}");
    eventually(|| written.calls().len() == answered + refused).await;
    let metrics = telemetry.metrics().clone();
    telemetry.stop(PATIENCE).await;
    assert_eq!(inbox.spans().len(), answered + refused);
    let (open, plain) = (metrics.render(Some("application/openmetrics-text")).1, metrics.render(None).1);
    for (place, text) in [
        ("lines", written.text()),
        ("metrics for whoever scrapes", open + &plain),
        ("the collector", inbox.everything()),
    ] {
        assert!(text.contains("InvalidArgument") || text.contains("Recommend"), "{place} tell something");
        assert!(!text.contains(CANARY) && !text.contains(&CANARY.to_uppercase()), "{place} tell what a client said");
    }
}

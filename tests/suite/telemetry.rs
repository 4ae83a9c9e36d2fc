//! A server whose calls are observed, and what there is to read of them.

use std::fmt::Debug;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use composure::grpc::generated::playbook_service_server::PlaybookServiceServer;
use composure::grpc::generated::recommendation_service_server::RecommendationServiceServer;
use composure::grpc::{PlaybookShelf, Recommendations};
use composure::telemetry::{
    CallerName, Format, Level, Lines, LogSettings, Metrics, Observe, OtlpSettings, Settings, Telemetry, subscriber,
};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint, Server};
use tower::util::MapResponseLayer;
use tracing::subscriber::DefaultGuard;

use crate::wire_server::shelf;

/// Whoever calls the server of these tests.
pub(crate) const CALLER: &str = "harbor";

/// Telemetry that is silent, but for what is asked for.
pub(crate) fn telemetry(calls: f64, otlp: Option<OtlpSettings>) -> Telemetry {
    let log = LogSettings { level: Level::Error, format: Format::Json, calls };
    Telemetry::start(Settings { log, otlp }).expect("it starts, also when it has started before")
}

/// A connection to a server whose calls are observed; it ends with the test.
pub(crate) async fn observed(observe: Observe, metrics: Metrics) -> Channel {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let named = MapResponseLayer::new(|mut response: http::Response<Body>| {
        response.extensions_mut().insert(CallerName(CALLER.into()));
        response
    });
    let (_, health) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .layer(observe)
        .layer(named)
        .add_service(RecommendationServiceServer::new(Recommendations::new(shelf(), metrics)))
        .add_service(PlaybookServiceServer::new(PlaybookShelf::new(shelf())))
        .add_service(health);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address is a URI");
    endpoint.connect().await.expect("the server listens")
}

/// The value of a series; its name with its labels as they are written.
pub(crate) fn series<T: FromStr<Err: Debug>>(metrics: &Metrics, name: &str) -> Option<T> {
    let (_, text) = metrics.render(None);
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(value.parse().expect("a value is such a number"))
}

/// The lines that this thread writes from now on.
pub(crate) struct Written {
    pub(crate) text: Arc<Mutex<Vec<u8>>>,
    pub(crate) lines: Lines,
    _here: DefaultGuard,
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics here").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    pub(crate) fn from(level: Level) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let log = LogSettings { level, format: Format::Json, calls: 1.0 };
        let (subscriber, lines) = subscriber(log, Sink(Arc::clone(&text)), &Metrics::new()).expect("there are threads");
        Self { text, lines, _here: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        self.lines.flush(Duration::from_secs(10));
        String::from_utf8(self.text.lock().expect("nobody panics here").clone()).expect("lines are text")
    }

    /// The lines of calls.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is an object"));
        lines.filter(|line| line["target"] == "composure::calls").collect()
    }
}

/// Waits until `is_so`.
pub(crate) async fn eventually(mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it comes to be so");
}

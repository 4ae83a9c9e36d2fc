//! The admin port: plain HTTP for those who run the server. Never for the world: it asks nobody who they are.

use std::collections::BTreeMap;
use std::io;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::ServiceExt as _;

use super::layers::Calls;
use super::readiness::Standing;
use crate::telemetry::Metrics;

/// What is wrong now, by what it is about.
pub type Problems = BTreeMap<&'static str, String>;

/// What those who run the server can do with it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Whom to ask for a reload; the answer comes when it is done.
    pub reload: mpsc::Sender<oneshot::Sender<Reloaded>>,
    /// What is wrong now: content that was refused, so that the last good is in use.
    pub problems: watch::Receiver<Problems>,
}

/// What came of a reload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reloaded {
    /// What is new, a line each; empty: nothing was.
    pub loaded: Vec<String>,
    /// What was refused, with everything that is wrong in it.
    pub refused: Vec<String>,
}

/// What the pages tell of.
#[derive(Debug, Clone)]
pub(super) struct Admin {
    pub(super) metrics: Metrics,
    pub(super) operation: Operation,
    pub(super) standing: watch::Receiver<Standing>,
}

#[derive(Debug, Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
}

/// Answers at `listener`, where there is one. It takes connections until what is returned is dropped; those that are open by then end
/// with the process, so that its last words can still be asked for.
pub(super) fn start<H>(listener: Option<TcpListener>, admin: Admin, health: H) -> JoinSet<io::Result<()>>
where
    H: Calls + NamedService + Sync,
{
    let mut serving = JoinSet::new();
    if let Some(listener) = listener {
        let router = router(admin, health);
        serving.spawn(async { axum::serve(listener, router).await });
    }
    serving
}

/// The pages, and `health` for those who ask by gRPC.
fn router<H: Calls + NamedService + Sync>(admin: Admin, health: H) -> Router {
    let health = health.map_request(|request: Request<axum::body::Body>| request.map(Body::new));
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/version", get(async || Json(VERSION)))
        .route("/-/reload", post(reload))
        .route_service(&format!("/{}/{{*method}}", H::NAME), health)
        .with_state(admin)
}

const VERSION: Version = Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

/// A line for each thing that there is to say; what was refused leaves the server ready, for the last good is in use.
async fn ready(State(admin): State<Admin>) -> impl IntoResponse {
    let (code, first) = match *admin.standing.borrow() {
        Standing::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Standing::Ready => (StatusCode::OK, "ready"),
        Standing::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
    };
    let problems = admin.operation.problems.borrow();
    let lines = problems.iter().map(|(about, problem)| format!("{about}: {problem}\n"));
    (code, std::iter::once(format!("{first}\n")).chain(lines).collect::<String>())
}

async fn metrics(State(admin): State<Admin>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let (content_type, text) = admin.metrics.render(accept);
    ([(CONTENT_TYPE, content_type)], text)
}

/// All is as it should be, or what was refused and why.
async fn reload(State(admin): State<Admin>) -> impl IntoResponse {
    let (answer, answered) = oneshot::channel();
    let asked = admin.operation.reload.send(answer).await.is_ok();
    match if asked { answered.await.ok() } else { None } {
        Some(reloaded) if reloaded.refused.is_empty() => (StatusCode::OK, Json(reloaded)).into_response(),
        Some(reloaded) => (StatusCode::UNPROCESSABLE_ENTITY, Json(reloaded)).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n").into_response(),
    }
}

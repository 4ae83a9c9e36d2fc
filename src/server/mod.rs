//! The gRPC server around the services: listener, TLS, limits, health, reflection, and an end that comes in time whatever clients do.
//!
//! Listeners and the wish to stop are passed in, so that tests bind port 0 and end a server without a signal.
//!
//! A connection's way: `accept` (slots) → `session` (fair share, TLS, HTTP/2, age) → `connection` (patience) → `layers` (every call) →
//! `routes` (services).

mod accept;
mod admin;
mod connection;
mod drain;
mod layers;
mod outbox;
mod overdue;
mod peer;
mod readiness;
mod routes;
mod session;
mod settings;
mod stop;
mod tls;

use std::convert::Infallible;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tonic::body::Body;

pub use admin::{Operation, Problems, Reloaded};
pub use settings::Settings;
pub use tls::{Tls, TlsError, TlsFiles};

use crate::auth::Auth;
use crate::service::{Conversations, Shelf};
use crate::shares::Shares;
use crate::telemetry::{Metrics, Observe, ObservedBody};
use accept::Gate;
use admin::Admin;
use drain::Drain;
use layers::{Calls, EndsInTime, Guards};
use readiness::Readiness;
use session::Sessions;
use stop::Stopping;

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All calls were answered.
    Drained,
    /// Clients that would not leave were left.
    CutShort,
}

/// Why a server could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The contract can't be shown.
    #[error("the contract cannot be served: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Where the server is reached.
#[derive(Debug)]
pub struct Listeners {
    /// By those who call.
    pub api: TcpListener,
    /// By those who run it.
    pub admin: Option<TcpListener>,
}

/// What is served, and by which rules.
#[derive(Debug, Clone)]
pub struct Served {
    /// The playbooks.
    pub shelf: Arc<Shelf>,
    /// Conversations that are held; `None`: their state travels with the callers.
    pub conversations: Option<Conversations>,
    /// Who may call.
    pub auth: Arc<Auth>,
    /// How the connections are encrypted; `None`: they are not.
    pub tls: Option<Arc<Tls>>,
    /// Limits.
    pub settings: Settings,
    /// What is counted.
    pub metrics: Metrics,
    /// What is told of each call.
    pub observe: Observe,
    /// What those who run it can do.
    pub operation: Operation,
}

/// Serves until `stop` says so. Calls are answered from the beginning; where conversations are outside of this process, the server says
/// that it is ready once it has reached them, or has tried for some seconds.
///
/// The first message takes the server out of rotation, waits as long as the settings say, and ends it as soon as the calls under way
/// are answered, at the latest when the drain's deadline has passed; the second ends it at once. A sender that is gone says both.
///
/// # Errors
///
/// The server can't run.
pub async fn serve(listeners: Listeners, served: Served, mut stop: mpsc::Receiver<()>) -> Result<Ended, ServerError> {
    let (health, health_service) = routes::health();
    let health_service = EndsInTime(health_service);
    let conversations = served.conversations.clone();
    let readiness = Readiness::new(health, conversations.as_ref()).await;
    let (metrics, operation) = (served.metrics.clone(), served.operation.clone());
    let pages = Admin { metrics, operation, standing: readiness.standing() };
    let drain = Drain { readiness, settings: served.settings };
    let _admin = admin::start(listeners.admin, pages, health_service.clone());
    let (stopper, stopping) = stop::channel();
    let _following = follow(&served);
    let sessions = sessions(served, health_service, stopping)?;
    let (gate, open) = (Gate::new(listeners.api, drain.settings.connections), TaskTracker::new());
    let haste = tokio::select! {
        never = accept(&gate, sessions, &open) => match never {},
        haste = drain.announced(drain.readiness.reach(conversations.as_ref()), &mut stop) => haste,
    };
    drop(gate);
    stopper.request();
    open.close();
    Ok(drain.ended(haste, &open, &mut stop).await)
}

/// Tells streams of what others change, until this is dropped.
fn follow(served: &Served) -> Option<AbortOnDropHandle<()>> {
    let (conversations, shelf) = (served.conversations.clone()?, Arc::clone(&served.shelf));
    Some(AbortOnDropHandle::new(tokio::spawn(async move { conversations.follow(&shelf).await })))
}

/// Everything that a connection needs.
fn sessions(
    served: Served,
    health: impl Calls,
    stopping: Stopping,
) -> Result<Sessions<impl Calls<ObservedBody<Body>>>, tonic_reflection::server::Error> {
    let Served { shelf, conversations, auth, tls, settings, metrics, observe, operation: _ } = served;
    let callers = Shares::default();
    let api = routes::api(&shelf, conversations.as_ref(), &metrics, settings)?;
    let guards = Guards { settings, observe, metrics: metrics.clone(), auth, callers: callers.clone() };
    let stack = layers::stack(guards, api, health);
    Ok(Sessions { stack, settings, tls, addresses: Shares::default(), callers, metrics, stopping })
}

/// Takes every connection that comes.
async fn accept(gate: &Gate, sessions: Sessions<impl Calls<ObservedBody<Body>>>, open: &TaskTracker) -> Infallible {
    loop {
        let accepted = gate.accept().await;
        open.spawn(sessions.clone().serve(accepted));
    }
}

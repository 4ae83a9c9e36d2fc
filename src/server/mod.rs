//! The gRPC server around the services: listener, limits, health, reflection, and an end that comes in time whatever clients do.
//!
//! The listener and the wish to stop are passed in, so that tests bind port 0 and end a server without a signal.

mod connection;
mod incoming;
mod limits;
mod outbox;
mod routes;
mod stop;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::service::Shelf;
use crate::telemetry::Metrics;
use stop::Stop;

/// For calls that are under way when the server is told to stop.
const DRAIN: Duration = Duration::from_secs(8);
/// Of one connection, so that one client can't take all.
const CONCURRENT_STREAMS: u32 = 200;
/// How long a connection may be silent before it is asked whether it is still there, and how long it may take to say so.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(10);
/// Streams that a client may make us reset (the flood called `MadeYouReset`) before it is shut out.
const RESETS: usize = 1024;

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
    #[error("the contract cannot be served")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the server failed")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves what is on `shelf` until `stop` says so: the first message ends the server as soon as the calls under way are answered, at the
/// latest after eight seconds, and the second at once. A sender that is gone says both.
///
/// # Errors
///
/// The server can't run.
pub async fn serve(
    listener: TcpListener,
    shelf: Arc<Shelf>,
    mut stop: mpsc::Receiver<()>,
) -> Result<Ended, ServerError> {
    let (stopper, stopping) = stop::channel();
    let (health, health_service) = routes::health().await;
    let routes = routes::routes(shelf, Metrics::new(), health_service, &stopping)?;
    let incoming = incoming::connections(listener, stopping.clone());
    let serving = builder().serve_with_incoming_shutdown(routes, incoming, stopping.requested());
    let deadline = async {
        stop.recv().await;
        announce(&health).await;
        stopper.request();
        tokio::select! {
            () = sleep(DRAIN) => {}
            _ = stop.recv() => {}
        }
    };
    tokio::select! {
        served = serving => served.map(|()| Ended::Drained).map_err(ServerError::from),
        () = deadline => Ok(Ended::CutShort),
    }
}

fn builder() -> Server<limits::Layers> {
    Server::builder()
        .max_concurrent_streams(CONCURRENT_STREAMS)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE_ANSWER))
        .http2_max_local_error_reset_streams(Some(RESETS))
        .layer(limits::refusals())
}

/// Tells those who watch that there will be no more.
async fn announce(health: &HealthReporter) {
    for name in routes::SERVICE_NAMES {
        health.set_service_status(name, ServingStatus::NotServing).await;
    }
}

//! Whether calls should be led to this server: said alike by `/readyz` and by gRPC health, and never a reason to refuse a call.
//!
//! It goes one way, from starting to ready to draining: once ready, a server stays so whatever becomes of the store, or all replicas
//! would leave together.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::routes::SERVICE_NAMES;
use crate::service::Conversations;

/// How long the store is tried before the server is ready all the same. Two attempts to connect, of two seconds each, and what is
/// asked then have room in it: a lost packet, or a network policy that does not know of a new pod yet, costs one attempt. More would
/// keep servers away from callers for longer where the store is down, and buy nothing. The chart's rules count on it.
const REACHED_WITHIN: Duration = Duration::from_secs(5);

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The store is being reached; calls that come are answered.
    Starting,
    /// Calls are wanted.
    Ready,
    /// Calls are taken, and better made elsewhere.
    Draining,
}

/// What is said of it.
#[derive(Debug)]
pub(super) struct Readiness {
    health: HealthReporter,
    standing: watch::Sender<Standing>,
}

impl Readiness {
    /// Ready, unless a store has to be reached first.
    pub(super) async fn new(health: HealthReporter, conversations: Option<&Conversations>) -> Self {
        let has_to_reach = conversations.is_some_and(Conversations::are_outside);
        let standing = if has_to_reach { Standing::Starting } else { Standing::Ready };
        let readiness = Self { health, standing: watch::Sender::new(standing) };
        readiness.report(standing).await;
        readiness
    }

    /// How far the server is, at any time.
    pub(super) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Reaches what has to be reached, is ready then, and stays so until it is dropped.
    pub(super) async fn reach(&self, conversations: Option<&Conversations>) -> Infallible {
        if let Some(conversations) = conversations.filter(|conversations| conversations.are_outside()) {
            // Who could not be reached is complained of there, and calls go on without it.
            let _ = conversations.reach(Instant::now() + REACHED_WITHIN).await;
            self.becomes(Standing::Ready).await;
        }
        pending().await
    }

    /// Says so from now on.
    pub(super) async fn becomes(&self, standing: Standing) {
        self.standing.send_replace(standing);
        self.report(standing).await;
    }

    async fn report(&self, standing: Standing) {
        let status = match standing {
            Standing::Ready => ServingStatus::Serving,
            Standing::Starting | Standing::Draining => ServingStatus::NotServing,
        };
        for name in SERVICE_NAMES {
            self.health.set_service_status(name, status).await;
        }
    }
}

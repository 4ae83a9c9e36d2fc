//! What every call passes through, outermost first. The order is the design: see [`stack`].

mod crowd;
mod deadline;
mod ending;
mod identity;
mod panics;
mod shares;
mod sizes;
mod triage;

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use tonic::body::Body;
use tower::{Service, ServiceBuilder};

pub(super) use ending::EndsInTime;
pub(super) use shares::{Callers, Share};

use super::settings::Settings;
use crate::auth::Auth;
use crate::telemetry::{Metrics, Observe, ObservedBody};

/// What the layers work with.
#[derive(Debug, Clone)]
pub(super) struct Guards {
    pub(super) settings: Settings,
    pub(super) observe: Observe,
    pub(super) metrics: Metrics,
    pub(super) auth: Arc<Auth>,
    pub(super) callers: Callers,
}

/// Whatever answers calls, and is always ready to.
pub(super) trait Calls<B = Body>:
    Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<B, S> Calls<B> for S where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

/// `api` behind all guards, and `health` behind those alone that never turn it away.
pub(super) fn stack(guards: Guards, api: impl Calls, health: impl Calls) -> impl Calls<ObservedBody<Body>> {
    let Guards { settings, observe, metrics, auth, callers } = guards;
    ServiceBuilder::new()
        // Sees every call and its end, whatever happens to it.
        .layer(observe)
        // What panics further in has an answer that is counted.
        .layer(panics::Panics(metrics.clone()))
        // Before anything is done for a call: is it of a size, and how long may it take?
        .layer(sizes::Sizes::of(settings.metadata_bytes))
        .layer(deadline::Deadlines::within(settings.deadline))
        // Whoever asks for our health is told in the thick of a crowd and without a credential.
        .layer(triage::HealthFirst(health))
        // Turning away comes before looking at credentials, which costs more than an answer.
        .layer(crowd::Crowd::of(settings.calls, metrics.clone()))
        .layer(identity::Identities { auth, metrics: metrics.clone() })
        // Whose share it is takes knowing who calls.
        .layer(shares::Shares { callers, calls: settings.calls, metrics })
        .service(api)
}

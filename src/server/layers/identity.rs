//! Who calls, and whether they may. What a call needs is said by its service, so that a new method can't be forgotten.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tower::{Layer, Service};

use crate::auth::{Auth, Caller, Refusal, Role};
use crate::grpc::generated::playbook_service_server::PlaybookServiceServer;
use crate::grpc::generated::recommendation_service_server::RecommendationServiceServer;
use crate::grpc::{PlaybookShelf, Recommendations, clock, status};
use crate::server::peer::Peer;
use crate::telemetry::Metrics;

/// Who calls, in the extensions of a request that showed a credential.
#[derive(Debug, Clone)]
pub(super) struct Identified(pub(super) Arc<Caller>);

/// Turns away whoever shows no valid credential, or may not do what it wants to.
#[derive(Debug, Clone)]
pub(in crate::server) struct Identities {
    pub(in crate::server) auth: Arc<Auth>,
    pub(in crate::server) metrics: Metrics,
}

impl<S> Layer<S> for Identities {
    type Service = Identifying<S>;

    fn layer(&self, inner: S) -> Identifying<S> {
        Identifying { inner, identities: self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Identifying<S> {
    inner: S,
    identities: Identities,
}

impl Identities {
    fn identify(&self, request: &Request<Body>) -> Result<Arc<Caller>, Refusal> {
        let certified = request.extensions().get::<Arc<Peer>>().and_then(|peer| peer.certified.as_ref());
        let caller = self.auth.authenticate(request.headers(), certified, clock::system())?;
        if let Some(role) = role(request.uri().path()) {
            caller.require(role)?;
        }
        Ok(caller)
    }
}

/// What the method at `path` needs. The contract itself may be read by whoever has a credential.
fn role(path: &str) -> Option<Role> {
    let service = path.strip_prefix('/')?.split('/').next()?;
    match service {
        <RecommendationServiceServer<Recommendations> as NamedService>::NAME => Some(Role::Recommend),
        <PlaybookServiceServer<PlaybookShelf> as NamedService>::NAME => Some(Role::ReadPlaybooks),
        _ => None,
    }
}

impl<S> Service<Request<Body>> for Identifying<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.identities.identify(&request) {
            Ok(caller) => {
                if !caller.tenant().is_empty() {
                    request.extensions_mut().insert(Identified(caller));
                }
                Either::Right(self.inner.call(request))
            }
            Err(refusal) => {
                self.identities.metrics.credential_refused(refusal.reason());
                Either::Left(ready(Ok(status::refused(&refusal).into_http())))
            }
        }
    }
}

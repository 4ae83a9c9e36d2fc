//! Who calls, and whether they may. What a call takes is said by its service, so that a new method can't be forgotten; a test sees to it
//! that no service is.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic_reflection::pb::{v1, v1alpha};
use tower::{Layer, Service};

use crate::auth::{Auth, Caller, Refusal, Role};
use crate::grpc::call::Identified;
use crate::grpc::generated::conversation_service_server::ConversationServiceServer;
use crate::grpc::generated::playbook_service_server::PlaybookServiceServer;
use crate::grpc::generated::recommendation_service_server::RecommendationServiceServer;
use crate::grpc::{ConversationDesk, PlaybookShelf, Recommendations, clock, status};
use crate::server::peer::Peer;
use crate::telemetry::{CallerName, Metrics, Wanted};

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

/// Each service, and what a call of it takes beside a credential. The contract is shown to whoever has one.
const TAKES: [(&str, Option<Role>); 5] = [
    (<RecommendationServiceServer<Recommendations> as NamedService>::NAME, Some(Role::Recommend)),
    (<ConversationServiceServer<ConversationDesk> as NamedService>::NAME, Some(Role::Recommend)),
    (<PlaybookServiceServer<PlaybookShelf> as NamedService>::NAME, Some(Role::ReadPlaybooks)),
    (v1::server_reflection_server::SERVICE_NAME, None),
    (v1alpha::server_reflection_server::SERVICE_NAME, None),
];

/// What the method at `path` takes; nothing where there is no such service, so that whoever calls is told that.
fn role(path: &str) -> Option<Role> {
    let service = path.strip_prefix('/')?.split('/').next()?;
    TAKES.iter().find(|(known, _)| *known == service).and_then(|(_, role)| *role)
}

impl<S> Service<Request<Body>> for Identifying<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Named<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.identities.identify(&request) {
            Ok(caller) => {
                let name = name(&caller, &request);
                if !caller.tenant().is_empty() {
                    request.extensions_mut().insert(Identified(caller));
                }
                Either::Right(Named { inner: self.inner.call(request), name })
            }
            Err(refusal) => {
                self.identities.metrics.credentials_refused(refusal.reason());
                Either::Left(ready(Ok(status::refused(&refusal).into_http())))
            }
        }
    }
}

/// Who calls, where somebody wants to know.
fn name(caller: &Caller, request: &Request<Body>) -> Option<CallerName> {
    let is_wanted = !caller.tenant().is_empty() && request.extensions().get::<Wanted>().is_some();
    is_wanted.then(|| CallerName(caller.tenant().into()))
}

pin_project! {
    /// A call whose answer tells who called.
    pub(in crate::server) struct Named<F> {
        #[pin]
        inner: F,
        name: Option<CallerName>,
    }
}

impl<F: Future<Output = Result<Response<Body>, Infallible>>> Future for Named<F> {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Poll::Ready(Ok(mut answer)) = this.inner.poll(cx) else { return Poll::Pending };
        if let Some(name) = this.name.take() {
            answer.extensions_mut().insert(name);
        }
        Poll::Ready(Ok(answer))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;
    use crate::grpc::generated::FILE_DESCRIPTOR_SET;

    #[test]
    fn of_each_service_it_is_known_what_a_call_takes() {
        let sets = [FILE_DESCRIPTOR_SET, v1::FILE_DESCRIPTOR_SET, v1alpha::FILE_DESCRIPTOR_SET];
        let files = sets.into_iter().flat_map(|set| FileDescriptorSet::decode(set).unwrap().file);
        let services: BTreeSet<_> = files
            .flat_map(|file| {
                let names = file.service.iter().map(|service| format!("{}.{}", file.package(), service.name()));
                names.collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(services, TAKES.iter().map(|(service, _)| (*service).to_owned()).collect());
    }
}

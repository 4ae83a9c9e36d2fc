//! What every call passes through, outermost first. The order is the design: see [`stack`].

mod crowd;
mod deadline;
mod ending;
mod fairness;
mod heard;
mod identity;
mod panics;
mod sizes;
mod streams;
mod triage;

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use tonic::body::Body;
use tower::{Service, ServiceBuilder};

pub(super) use ending::EndsInTime;

use super::settings::Settings;
use crate::auth::Auth;
use crate::shares::Shares;
use crate::telemetry::{Metrics, Observe, ObservedBody};

/// What the layers work with.
#[derive(Debug, Clone)]
pub(super) struct Guards {
    pub(super) settings: Settings,
    pub(super) observe: Observe,
    pub(super) metrics: Metrics,
    pub(super) auth: Arc<Auth>,
    pub(super) callers: Shares,
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
        .layer(fairness::Fairness { callers, calls: settings.calls, metrics })
        .service(EndsInTime(api))
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use tonic::{Code, Status};
    use tower::service_fn;

    use super::*;
    use crate::auth;
    use crate::server::peer::Peer;
    use crate::server::stop;
    use crate::shares::Share;

    fn guards(settings: Settings) -> Guards {
        let metrics = Metrics::new();
        let auth = Arc::new(Auth::load(auth::Settings::default()).unwrap());
        Guards { settings, observe: Observe::counting(metrics.clone()), metrics, auth, callers: Shares::default() }
    }

    /// A call to `path` by one and the same client.
    fn request(path: &str) -> Request<Body> {
        thread_local! {
            static SHARE: Arc<Share> = Shares::default().of("client");
        }
        let (_, leaving) = stop::channel();
        let peer = Peer { certified: None, share: SHARE.with(Arc::clone), leaving };
        Request::post(path).extension(Arc::new(peer)).body(Body::default()).unwrap()
    }

    fn fine() -> impl Calls {
        service_fn(|_: Request<Body>| ready(Ok(answer())))
    }

    fn answer() -> Response<Body> {
        Response::builder().header("grpc-status", "0").body(Body::default()).unwrap()
    }

    fn stuck() -> impl Calls {
        service_fn(|_: Request<Body>| pending())
    }

    async fn code(stack: &impl Calls<ObservedBody<Body>>, request: Request<Body>) -> Code {
        let answer = stack.clone().call(request).await.unwrap_or_else(|never| match never {});
        Status::from_header_map(answer.headers()).unwrap().code()
    }

    const CALL: &str = "/composure.v1.RecommendationService/Recommend";
    const HEALTH: &str = "/grpc.health.v1.Health/Check";

    #[tokio::test]
    async fn a_panic_is_an_internal_error_that_is_counted_and_tells_nothing() {
        let guards = guards(Settings::default());
        let metrics = guards.metrics.clone();
        let api = service_fn(|request: Request<Body>| async move {
            assert!(request.headers().is_empty(), "the customer said something");
            Ok(answer())
        });
        let stack = stack(guards, api, fine());
        let mut panicking = request(CALL);
        panicking.headers_mut().insert("x-any", "thing".parse().unwrap());
        let answer = stack.clone().call(panicking).await.unwrap_or_else(|never| match never {});
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!((status.code(), status.message()), (Code::Internal, "the server failed"));
        assert_eq!(code(&stack, request(CALL)).await, Code::Ok);
        let (_, text) = metrics.render(None);
        assert!(text.contains("composure_panics_total 1"), "{text}");
        // Counting is around everything: it saw the answer that took the panic's place.
        assert!(text.contains("grpc_code=\"Internal\"} 1"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_after_a_wait_is_caught_too() {
        let api = service_fn(|_: Request<Body>| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            panic!("late")
        });
        assert_eq!(code(&stack(guards(Settings::default()), api, fine()), request(CALL)).await, Code::Internal);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_is_around_all_waiting_and_gives_the_place_back() {
        let guards = guards(Settings { calls: 2, ..Settings::default() });
        let stack = stack(guards, stuck(), fine());
        for _ in 0..10 {
            assert_eq!(code(&stack, request(CALL)).await, Code::DeadlineExceeded);
        }
    }

    #[tokio::test]
    async fn health_comes_before_the_crowd_and_the_crowd_before_credentials() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys.yaml");
        let entry = format!("- {{id: a, sha256: {}, tenant: a, roles: [recommend]}}\n", "0".repeat(64));
        std::fs::write(&keys, entry).unwrap();
        let auth = Auth::load(auth::Settings { api_keys: Some(keys), ..auth::Settings::default() }).unwrap();
        let strict = |calls| Guards { auth: Arc::new(auth), ..guards(Settings { calls, ..Settings::default() }) };
        // With no room at all, a call without credentials is told of the crowd.
        let full = stack(strict(0), fine(), fine());
        assert_eq!(code(&full, request(CALL)).await, Code::ResourceExhausted);
        assert_eq!(code(&full, request(HEALTH)).await, Code::Ok);
    }

    #[tokio::test]
    async fn what_is_too_large_is_refused_before_anything_else() {
        let stack = stack(guards(Settings { calls: 0, metadata_bytes: 10, ..Settings::default() }), fine(), fine());
        let mut large = request(CALL);
        large.headers_mut().insert("x-any", "0123456789".parse().unwrap());
        let answer = stack.clone().call(large).await.unwrap_or_else(|never| match never {});
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert!(status.message().contains("metadata"), "{status:?}");
    }

    #[tokio::test]
    async fn a_caller_is_known_before_its_share_is_looked_at() {
        let (open, metrics) = (guards(Settings { calls: 2, ..Settings::default() }), Metrics::new());
        let stack = stack(Guards { metrics: metrics.clone(), ..open }, stuck(), fine());
        let held = stack.clone().call(request(CALL));
        assert_eq!(code(&stack, request(CALL)).await, Code::ResourceExhausted);
        assert!(metrics.render(None).1.contains("composure_calls_shed_total{reason=\"caller\"} 1"));
        drop(held);
    }

    #[tokio::test]
    async fn calls_beyond_a_share_take_no_place_from_others_while_their_answers_wait() {
        let stack = stack(guards(Settings { calls: 4, ..Settings::default() }), fine(), fine());
        // Answers that nobody has taken yet: two within the share, and many beyond.
        let waiting: Vec<_> = (0..100).map(|_| stack.clone().call(request(CALL))).collect();
        let (_, leaving) = stop::channel();
        let other = Arc::new(Peer { certified: None, share: Shares::default().of("other"), leaving });
        let other = Request::post(CALL).extension(other).body(Body::default()).unwrap();
        assert_eq!(code(&stack, other).await, Code::Ok);
        drop(waiting);
    }
}

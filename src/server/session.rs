//! One connection from the handshake to its end: TLS, HTTP/2, its age, and that it ends when the server does.

use std::convert::Infallible;
use std::error::Error as _;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::either::Either;
use tonic::body::Body;

use super::accept::Accepted;
use super::connection::{Connection, Transport};
use super::layers::Calls;
use super::overdue::Tasks;
use super::peer::{Peer, neighbourhood};
use super::settings::Settings;
use super::stop::{self, Stopping};
use super::tls::Tls;
use crate::auth::{Caller, Certified};
use crate::shares::Shares;
use crate::telemetry::{Metrics, ObservedBody, Refused};

/// How long a connection may be silent before it is asked whether it is still there, and how long it may take to say so.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(10);
/// Streams that a client may make us reset (the flood called `MadeYouReset`) before it is shut out.
const RESETS: usize = 1024;
/// How much more metadata than is allowed is read, so that it can be refused as the contract says.
const METADATA_READ: usize = 4;

/// What all connections have in common.
#[derive(Debug, Clone)]
pub(super) struct Sessions<S> {
    pub(super) stack: S,
    pub(super) settings: Settings,
    pub(super) tls: Option<Arc<Tls>>,
    /// Who has connections.
    pub(super) addresses: Shares,
    /// Who has calls under way.
    pub(super) callers: Shares,
    pub(super) metrics: Metrics,
    pub(super) stopping: Stopping,
}

impl<S: Calls<ObservedBody<Body>>> Sessions<S> {
    /// Serves `accepted` until it ends.
    pub(super) async fn serve(self, accepted: Accepted) {
        let _open = self.metrics.connection();
        let Accepted { stream, from, slot: _slot } = accepted;
        let from = neighbourhood(from);
        let Some(_part) = self.addresses.of(&from).enter(self.settings.connections) else {
            return self.metrics.connection_refused(Refused::Address);
        };
        let patience = Instant::now() + self.settings.handshake;
        let Some((transport, certified)) = self.greet(stream, patience).await else { return };
        let (leave, leaving) = stop::channel();
        let peer = Arc::new(Peer { certified, share: self.callers.of(&from), leaving });
        let io = Connection::new(transport, patience, self.stopping.clone());
        let door = Door { stack: self.stack.clone(), peer };
        let mut connection = pin!(self.http2().serve_connection(TokioIo::new(io), door));
        let mut ends = pin!(self.ends());
        tokio::select! {
            () = ends.as_mut() => {}
            ended = connection.as_mut() => {
                if ended.is_err_and(|error| ran_out_of_patience(&error)) {
                    self.metrics.connection_refused(Refused::Handshake);
                }
                return;
            }
        }
        leave.request();
        connection.as_mut().graceful_shutdown();
        // Whoever has not left by then has stopped reading.
        let _ = timeout(self.settings.deadline + self.settings.drain_deadline, connection).await;
    }

    /// The bytes after the handshake, and whom the client's certificate names.
    async fn greet(&self, stream: TcpStream, patience: Instant) -> Option<(Transport, Option<Certified>)> {
        let Some(tls) = &self.tls else { return Some((Either::Left(stream), None)) };
        let handshake = timeout_at(patience, tls.acceptor().accept(stream));
        let greeted = tokio::select! {
            greeted = handshake => greeted,
            () = self.stopping.clone().requested() => return None,
        };
        let Ok(Ok(stream)) = greeted else {
            self.metrics.connection_refused(Refused::Tls);
            return None;
        };
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let certified = shown.map(|certificate| Caller::of_certificate(certificate).map(Arc::new));
        Some((Either::Right(stream), certified))
    }

    /// Ends once the connection is old enough, or the server is to stop.
    async fn ends(&self) {
        tokio::select! {
            () = sleep(jittered(self.settings.connection_age)) => {}
            () = self.stopping.clone().requested() => {}
        }
    }

    fn http2(&self) -> http2::Builder<Tasks> {
        let metadata = u32::try_from(self.settings.metadata_bytes.saturating_mul(METADATA_READ)).unwrap_or(u32::MAX);
        let mut builder = http2::Builder::new(Tasks);
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.settings.streams)
            .max_header_list_size(metadata)
            .max_local_error_reset_streams(RESETS)
            .keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE_ANSWER);
        builder
    }
}

/// Whether it was us who gave up, because the client did not say that it speaks HTTP/2.
fn ran_out_of_patience(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A tenth more or less, so that connections that were opened together are not all closed together.
fn jittered(age: Duration) -> Duration {
    let chance = RandomState::new().hash_one(0_u8) % 1_000;
    let share = 0.9 + f64::from(u32::try_from(chance).unwrap_or_default()) / 5_000.0;
    age.mul_f64(share)
}

/// Where the calls of one connection come in. Layers see a call as soon as its headers are here, not when its task first runs.
struct Door<S> {
    stack: S,
    peer: Arc<Peer>,
}

impl<S: Calls<ObservedBody<Body>>> hyper::service::Service<Request<Incoming>> for Door<S> {
    type Response = Response<ObservedBody<Body>>;
    type Error = Infallible;
    type Future = S::Future;

    fn call(&self, request: Request<Incoming>) -> S::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&self.peer));
        // Every layer of ours is always ready.
        self.stack.clone().call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_differ_by_a_tenth_at_most() {
        let ages: Vec<_> = (0..200).map(|_| jittered(Duration::from_secs(1_000)).as_secs_f64()).collect();
        assert!(ages.iter().all(|age| (900.0..=1_100.0).contains(age)), "{ages:?}");
        let spread = ages.iter().fold(f64::MIN, |a, b| a.max(*b)) - ages.iter().fold(f64::MAX, |a, b| a.min(*b));
        assert!(spread > 100.0, "{spread}");
    }
}

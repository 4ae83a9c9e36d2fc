//! Replicas of the program that hold conversations together, and clients that keep to the contract.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::{RecommendRequest, RecommendResponse, WarningCode};
use tokio::time::sleep;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::process::{PATIENCE, Program, Served};
use crate::redis_servers::{MASTER, Server, Watched};

/// The longest that a caller waits.
const DEADLINE: Duration = Duration::from_secs(2);

/// A pause before what was not done is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// A replica over this server, that is to be started.
pub(crate) fn over(redis: &Server) -> Program {
    Program::new()
        .flag("conversations-store", "redis")
        .flag("redis-addresses", redis.address())
        .flag("limits-calls", 1_000)
}

/// A replica over this server.
pub(crate) fn replica(redis: &Server) -> Served {
    over(redis).start()
}

/// A replica over whichever of these servers takes writes.
pub(crate) fn replica_by_sentinels(servers: &Watched) -> Served {
    over(&servers.primary)
        .flag("redis-mode", "sentinel")
        .flag("redis-master", MASTER)
        .flag("redis-addresses", servers.addresses())
        .start()
}

pub(crate) async fn ask(channel: &Channel, request: RecommendRequest) -> Result<RecommendResponse, Status> {
    ask_within(DEADLINE, channel, request).await
}

/// The same by a caller of more patience or less.
pub(crate) async fn ask_within(
    deadline: Duration,
    channel: &Channel,
    request: RecommendRequest,
) -> Result<RecommendResponse, Status> {
    let mut request = Request::new(request);
    request.set_timeout(deadline);
    RecommendationServiceClient::new(channel.clone()).recommend(request).await.map(tonic::Response::into_inner)
}

pub(crate) fn lazily(served: &Served) -> Channel {
    served.endpoint().connect_lazy()
}

pub(crate) fn is_repeated(answer: &RecommendResponse) -> bool {
    answer.warnings.iter().any(|warning| warning.code() == WarningCode::RequestRepeated)
}

/// A turn that somebody was told to be done.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) conversation: String,
    pub(crate) id: String,
    /// Which turn it became; 0: nobody knows, as it had been counted before it was told.
    pub(crate) turn: u32,
    /// When the call was begun that was told so, and when it was told.
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// What came of turns by many writers.
#[derive(Default)]
pub(crate) struct Ledger {
    done: Mutex<Vec<Done>>,
    /// Answers that may be forgotten.
    degraded: AtomicUsize,
}

impl Ledger {
    pub(crate) fn done(&self) -> Vec<Done> {
        self.done.lock().expect("nobody panics here").clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.done.lock().expect("nobody panics here").len()
    }

    pub(crate) fn degraded(&self) -> usize {
        self.degraded.load(Ordering::Relaxed)
    }

    /// Sends a turn, which has an id, to one replica after the other until it is done. The one thing that may fail a call whose replica
    /// lives is that others write all the time.
    pub(crate) async fn write(&self, replicas: &[Channel], turn: &RecommendRequest) {
        let since = Instant::now();
        for replica in replicas.iter().cycle() {
            let began = Instant::now();
            match ask(replica, turn.clone()).await {
                Ok(answer) if !answer.degraded => return self.is_done(turn, &answer, began),
                Ok(_) => {
                    self.degraded.fetch_add(1, Ordering::Relaxed);
                }
                Err(status) => assert!(is_contended(&status), "{status:?}"),
            }
            assert!(since.elapsed() < PATIENCE, "{} of {} is never done", turn.request_id, turn.conversation_id);
            sleep(PAUSE).await;
        }
    }

    fn is_done(&self, turn: &RecommendRequest, answer: &RecommendResponse, began: Instant) {
        let done = Done {
            conversation: turn.conversation_id.clone(),
            id: turn.request_id.clone(),
            turn: if is_repeated(answer) { 0 } else { answer.turn },
            began,
            ended: Instant::now(),
        };
        self.done.lock().expect("nobody panics here").push(done);
    }
}

fn is_contended(status: &Status) -> bool {
    let reason = status.get_details_error_info().map(|info| info.reason);
    status.code() == Code::Aborted
        && reason.as_deref() == Some("ERROR_REASON_CONVERSATION_CONTENDED")
        && status.get_details_retry_info().is_some_and(|retry| retry.retry_delay.is_some())
}

/// Where replicas are that take calls, as clients are told by whoever keeps the list. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Rotation {
    endpoints: Arc<Mutex<Vec<(SocketAddr, Endpoint)>>>,
    turn: Arc<AtomicUsize>,
}

impl Rotation {
    pub(crate) fn join(&self, served: &Served) {
        self.endpoints.lock().expect("nobody panics here").push((served.api, served.endpoint()));
    }

    pub(crate) fn leave(&self, address: SocketAddr) {
        self.endpoints.lock().expect("nobody panics here").retain(|(other, _)| *other != address);
    }

    /// The next that is there, by turns.
    pub(crate) fn next(&self) -> (SocketAddr, Endpoint) {
        let endpoints = self.endpoints.lock().expect("nobody panics here");
        endpoints[self.turn.fetch_add(1, Ordering::Relaxed) % endpoints.len()].clone()
    }

    /// A connection of its own to the next.
    pub(crate) async fn channel(&self) -> Channel {
        loop {
            if let Ok(channel) = self.next().1.connect().await {
                return channel;
            }
            sleep(PAUSE).await;
        }
    }
}

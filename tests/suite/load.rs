//! Clients that call without a pause, and what came of it.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use composure::grpc::generated::RecommendRequest;
use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::transport::Channel;

use crate::process::until;

/// Whether it says that nobody listens any more.
pub(crate) fn is_refused_connection(status: &Status) -> bool {
    is_caused_by(status, |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Whether no server has taken the call, so that clients of gRPC send it to another one by themselves: nobody listens, the connection
/// was closed before it was sent, or the server had said goodbye and names it among those that it does not look at.
pub(crate) fn is_taken_by_nobody(status: &Status) -> bool {
    let is_passed_over =
        |error: &h2::Error| error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR);
    is_refused_connection(status)
        || is_caused_by(status, hyper::Error::is_canceled)
        || is_caused_by(status, is_passed_over)
}

fn is_caused_by<E: std::error::Error + 'static>(status: &Status, is_it: impl Fn(&E) -> bool) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(&is_it) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What came of the calls of one client.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) times: Vec<Duration>,
    /// Version and digest of every playbook that decided.
    pub(crate) playbooks: BTreeSet<(String, String)>,
    /// What ended it before it was told to stop.
    pub(crate) failed: Option<Status>,
}

impl Tally {
    pub(crate) fn answered(&self) -> usize {
        self.times.len()
    }

    /// The time that this share of the calls kept to.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "there are not that many calls"
        )]
        let at = ((times.len() - 1) as f64 * share) as usize;
        times[at]
    }

    fn join(mut self, other: Self) -> Self {
        self.times.extend(other.times);
        self.playbooks.extend(other.playbooks);
        self.failed = self.failed.or(other.failed);
        self
    }
}

/// Clients at work. Each ends with its first failure.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Tally>>,
}

impl Load {
    /// A client for each channel.
    pub(crate) fn start(channels: Vec<Channel>, requests: &[RecommendRequest]) -> Self {
        let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let clients = channels.into_iter().map(|channel| {
            let client = RecommendationServiceClient::new(channel);
            tokio::spawn(calls(client, requests.to_vec(), Arc::clone(&stop), Arc::clone(&answered)))
        });
        Self { clients: clients.collect(), stop, answered }
    }

    /// Waits until so many more calls were answered.
    pub(crate) async fn has_answered(&self, more: usize) {
        let before = self.answered.load(Ordering::Relaxed);
        let is_over = || self.clients.iter().all(JoinHandle::is_finished);
        until("calls are answered", || async { self.answered.load(Ordering::Relaxed) >= before + more || is_over() })
            .await;
    }

    /// Lets every client end with the call that it is at.
    pub(crate) async fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        self.ended().await
    }

    /// Waits until every client had a failure.
    pub(crate) async fn ended(self) -> Tally {
        let mut whole = Tally::default();
        for client in self.clients {
            whole = whole.join(client.await.expect("it does not panic"));
        }
        whole
    }
}

async fn calls(
    mut client: RecommendationServiceClient<Channel>,
    requests: Vec<RecommendRequest>,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) -> Tally {
    let mut tally = Tally::default();
    for request in requests.into_iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let since = Instant::now();
        match client.recommend(request).await {
            Ok(answer) => {
                tally.times.push(since.elapsed());
                let playbook = answer.into_inner().playbook.expect("it is told");
                tally.playbooks.insert((playbook.version, playbook.digest));
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Err(status) => {
                tally.failed = Some(status);
                break;
            }
        }
    }
    tally
}

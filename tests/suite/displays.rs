//! Screens that are looked at without a pause, each with what it showed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{RecommendationSnapshot, StreamError, Subscribe};
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::process::until;
use crate::screen::{Screen, to};

/// What was shown of a conversation, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) sequence: u64,
    pub(crate) digest: String,
    pub(crate) turn: u32,
    pub(crate) degraded: bool,
    pub(crate) at: Instant,
}

impl From<RecommendationSnapshot> for Shown {
    fn from(snapshot: RecommendationSnapshot) -> Self {
        let RecommendationSnapshot { conversation_id: _, sequence, answer_digest, recommendation } = snapshot;
        let answer = recommendation.expect("there is one in each snapshot");
        Self { sequence, digest: answer_digest, turn: answer.turn, degraded: answer.degraded, at: Instant::now() }
    }
}

/// What a screen showed of each of its conversations, the latest last.
pub(crate) type History = BTreeMap<String, Vec<Shown>>;

/// A screen, which goes on at another replica when it is told to.
pub(crate) struct Display {
    log: Arc<Log>,
    _reading: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Log {
    history: Mutex<History>,
    said: Mutex<Said>,
}

/// What else came.
#[derive(Debug, Default, Clone)]
pub(crate) struct Said {
    /// How often it was told to go on elsewhere.
    pub(crate) moved: usize,
    /// What was wrong with each conversation with which something was.
    pub(crate) troubles: BTreeMap<String, Vec<Trouble>>,
    /// What should never come.
    pub(crate) failure: Option<String>,
}

/// That something is wrong with a conversation, and when it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) code: Code,
    pub(crate) at: Instant,
}

impl Display {
    /// One that shows these, by whichever replica `connect` leads to.
    pub(crate) fn open<F>(conversations: Vec<String>, connect: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Channel> + Send,
    {
        let log = Arc::<Log>::default();
        let history = conversations.into_iter().map(|conversation| (conversation, Vec::new())).collect();
        *log.history() = history;
        let reading = tokio::spawn({
            let log = Arc::clone(&log);
            async move { while log.read(connect().await).await {} }
        });
        Self { log, _reading: AbortOnDropHandle::new(reading) }
    }

    /// What it showed until now.
    pub(crate) fn history(&self) -> History {
        self.log.history().clone()
    }

    /// What else came until now.
    pub(crate) fn said(&self) -> Said {
        self.log.said().clone()
    }

    /// Waits until it shows of each conversation what `is_wanted` of it.
    pub(crate) async fn shows(&self, what: &str, is_wanted: impl Fn(&str, &Shown) -> bool) {
        let is_shown = || {
            let history = self.log.history();
            history.iter().all(|(conversation, shown)| shown.last().is_some_and(|last| is_wanted(conversation, last)))
        };
        until(what, async || {
            assert_eq!(self.said().failure, None);
            is_shown()
        })
        .await;
    }
}

impl Log {
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().expect("nobody panics here")
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().expect("nobody panics here")
    }

    /// Reads a stream to its end; whether to go on with another.
    async fn read(&self, channel: Channel) -> bool {
        // A replica that ends before it takes the stream is one to leave, too.
        let Ok(mut screen) = Screen::try_open_on(channel).await else { return true };
        let wishes: Vec<_> = self.history().iter().map(|(id, shown)| resumed(id, shown.last())).collect();
        for wish in wishes {
            if screen.try_send(Command::Subscribe(wish)).await.is_err() {
                // How it ended is to be read.
                break;
            }
        }
        loop {
            match screen.next().await {
                Ok(Event::Snapshot(snapshot)) => {
                    let conversation = snapshot.conversation_id.clone();
                    self.history().get_mut(&conversation).expect("it is subscribed to").push(snapshot.into());
                }
                Ok(Event::Heartbeat(_)) => {}
                Ok(Event::Error(error)) => self.is_troubled(error),
                Ok(other @ (Event::Forgotten(_) | Event::Accepted(_))) => return self.fails(format!("{other:?}")),
                Err(status) if is_to_go(&status) => {
                    self.said().moved += 1;
                    return true;
                }
                Err(status) => return self.fails(format!("{status:?}")),
            }
        }
    }

    fn is_troubled(&self, error: StreamError) {
        let trouble = Trouble { code: Code::from(error.code), at: Instant::now() };
        self.said().troubles.entry(error.conversation_id).or_default().push(trouble);
    }

    fn fails(&self, why: String) -> bool {
        self.said().failure = Some(why);
        false
    }
}

fn resumed(conversation: &str, last: Option<&Shown>) -> Subscribe {
    Subscribe { after_sequence: last.map(|last| last.sequence), ..to(conversation) }
}

fn is_to_go(status: &Status) -> bool {
    status.code() == Code::Unavailable
        && status.get_details_error_info().is_some_and(|info| info.reason == "ERROR_REASON_STOPPING")
}

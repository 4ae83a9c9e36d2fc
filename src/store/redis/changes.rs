//! What the other replicas tell of what they wrote.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt as _, unfold};
use redis::aio::{PubSubSink, PubSubStream};
use tokio::time::{sleep, timeout};

use super::failure::Failure;
use super::place::CONNECTED_WITHIN;
use super::{Inner, keys, value};
use crate::store::record::{Change, Key};

/// After so long without a word the server is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(3);

/// From the shortest to the longest pause between attempts to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Who listens.
struct Listener {
    inner: Arc<Inner>,
    line: Option<Line>,
    pause: Duration,
}

/// A connection that changes come over.
struct Line {
    sink: PubSubSink,
    messages: PubSubStream,
    /// Which connection others used for their requests when this one was made.
    generation: u64,
}

/// Changes by others, without end. Connects when it is first asked for one.
pub(super) fn changes(inner: Arc<Inner>) -> impl Stream<Item = Change> + Send + 'static {
    unfold(Listener { inner, line: None, pause: Duration::ZERO }, async |mut listener| {
        let change = listener.next().await;
        Some((change, listener))
    })
}

impl Listener {
    async fn next(&mut self) -> Change {
        loop {
            match &mut self.line {
                None => {
                    if self.connect().await {
                        return Change::Any;
                    }
                }
                Some(line) => match line.next(&self.inner).await {
                    Some(Some(change)) => return change,
                    Some(None) => {}
                    None => self.line = None,
                },
            }
        }
    }

    async fn connect(&mut self) -> bool {
        sleep(self.pause).await;
        let late = || Failure::lost("no connection in time");
        match timeout(CONNECTED_WITHIN, Line::open(&self.inner)).await.unwrap_or_else(|_| Err(late())) {
            Ok(line) => {
                self.line = Some(line);
                self.pause = PAUSES.0;
                true
            }
            Err(failure) => {
                self.inner.complaints.tell(&failure.reason);
                self.pause = (self.pause * 2).clamp(PAUSES.0, PAUSES.1);
                false
            }
        }
    }
}

impl Line {
    async fn open(inner: &Inner) -> Result<Self, Failure> {
        let generation = inner.link.generation();
        let (mut sink, messages) = inner.place.announcer().await?.get_async_pubsub().await?.split();
        sink.subscribe(keys::CHANGES).await?;
        Ok(Self { sink, messages, generation })
    }

    /// The next change by somebody else; `Some(None)`: nothing to tell; `None`: the connection is of no use.
    async fn next(&mut self, inner: &Inner) -> Option<Option<Change>> {
        match timeout(QUIET, self.messages.next()).await {
            Ok(message) => Some(heard(inner, message?.get_payload_bytes())),
            Err(_) => self.lives(inner).await.then_some(None),
        }
    }

    /// Whether the server is there, and the one that is spoken to.
    async fn lives(&mut self, inner: &Inner) -> bool {
        let ping = timeout(inner.settings_timeout.max(Duration::from_secs(1)), self.sink.ping::<redis::Value>());
        ping.await.is_ok_and(|answer| answer.is_ok()) && inner.link.generation() == self.generation
    }
}

fn heard(inner: &Inner, message: &[u8]) -> Option<Change> {
    let (replica, change) = value::read_change(message)?;
    if replica == inner.replica {
        return None;
    }
    if let Change::Of { tenant, conversation, stamp } = &change {
        let name = keys::Names::of(Key { tenant, conversation }).record;
        match stamp {
            Some(stamp) => inner.seen.outdate(&name, *stamp),
            None => inner.seen.forget(&name),
        }
    }
    Some(change)
}

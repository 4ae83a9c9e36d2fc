//! The connection that all share: made when it is wanted, thrown away when it is of no use.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, try_join_all};
use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, RedisResult, Value};
use tokio::time::timeout;

use super::failure::{Failure, Kind};
use super::place::{CONNECTED_WITHIN, Place};
use super::request::Request;

/// So many answers in a row that don't come in time, and the connection may lead nowhere.
const SLOW: u32 = 3;

/// A connection; clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    /// To a server.
    Node(MultiplexedConnection),
    /// To a cluster, whose client finds other servers by itself.
    Cluster(Box<ClusterConnection>),
}

impl Connection {
    /// What is answered.
    pub(super) async fn ask(&mut self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Node(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => command.query_async(connection.as_mut()).await,
        }
    }
}

/// Whoever wants the connection waits for the same attempt, which goes on if they don't.
type Attempt = Shared<BoxFuture<'static, Result<Connection, Failure>>>;

/// The connection that all share.
#[derive(Debug)]
pub(super) struct Link {
    place: Arc<Place>,
    current: Mutex<Current>,
    slow: AtomicU32,
}

#[derive(Default)]
struct Current {
    /// How many connections were there before.
    generation: u64,
    attempt: Option<Attempt>,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Link {
    /// To `place`; nobody is asked yet.
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self { place, current: Mutex::default(), slow: AtomicU32::new(0) }
    }

    /// Answers to all `requests`, which are asked at once. What finds the connection broken is asked once more over another.
    pub(super) async fn ask(&self, requests: &[Request]) -> Result<Vec<Value>, Failure> {
        let (generation, connection) = self.open().await?;
        let replaceable = matches!(connection, Connection::Node(_));
        match all(&connection, requests).await {
            Err(failure) if failure.kind == Kind::Lost && replaceable => {
                self.close(generation);
                let (generation, connection) = self.open().await?;
                let answers = all(&connection, requests).await;
                if answers.as_ref().is_err_and(|failure| failure.kind == Kind::Lost) {
                    self.close(generation);
                }
                answers
            }
            other => other,
        }
    }

    /// Makes a connection where there is none; how many were there before it.
    pub(super) async fn connect(&self) -> Result<u64, Failure> {
        self.open().await.map(|(generation, _)| generation)
    }

    /// How many connections were there before this one.
    pub(super) fn generation(&self) -> u64 {
        self.with(|current| current.generation)
    }

    /// Somebody got an answer.
    pub(super) fn answered(&self) {
        self.slow.store(0, Ordering::Relaxed);
    }

    /// Somebody got none who asked when the connection was the one of this generation.
    pub(super) fn silent(&self, generation: u64) {
        if self.slow.fetch_add(1, Ordering::Relaxed) + 1 >= SLOW {
            self.slow.store(0, Ordering::Relaxed);
            self.close(generation);
        }
    }

    async fn open(&self) -> Result<(u64, Connection), Failure> {
        let (generation, attempt) = self.with(|current| {
            let attempt = current.attempt.get_or_insert_with(|| attempt(Arc::clone(&self.place)));
            (current.generation, attempt.clone())
        });
        match attempt.await {
            Ok(connection) => Ok((generation, connection)),
            Err(failure) => {
                self.close(generation);
                Err(failure)
            }
        }
    }

    /// Throws the connection away, unless that was done.
    fn close(&self, generation: u64) {
        self.with(|current| {
            if current.generation == generation {
                current.generation += 1;
                current.attempt = None;
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Current) -> T) -> T {
        act(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn attempt(place: Arc<Place>) -> Attempt {
    let connecting = tokio::spawn(async move {
        let late = || Failure::lost("no connection in time");
        timeout(CONNECTED_WITHIN, place.connect()).await.unwrap_or_else(|_| Err(late()))
    });
    let ended = || Failure::lost("the attempt to connect ended");
    async move { connecting.await.unwrap_or_else(|_| Err(ended())) }.boxed().shared()
}

async fn all(connection: &Connection, requests: &[Request]) -> Result<Vec<Value>, Failure> {
    let asked = requests.iter().map(|request| {
        let mut connection = connection.clone();
        async move { request.send(&mut connection).await }
    });
    Ok(try_join_all(asked).await?)
}

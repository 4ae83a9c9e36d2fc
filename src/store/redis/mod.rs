//! Conversations in Redis, which several replicas share.
//!
//! Each write is one script on the server: it compares the stamp, replaces the record and its time to live, keeps the index of open
//! promises and tells the other replicas; or it changes nothing and answers what is there. So a write takes one round trip, whether
//! it is won or lost. An operation ends within the time that it is given, whatever state Redis is in; connections are made when they
//! are wanted, and anew when they are of no use, so that nobody has to restart anything.
//!
//! What it can't promise: a write whose answer does not come in time was done, or was not, or will be; and what Redis acknowledged
//! may be lost when another server takes over before it was copied. The stamps show both to the next who writes.

mod breaker;
mod changes;
mod failure;
mod keys;
mod link;
mod place;
mod reach;
mod request;
mod seen;
mod settings;
mod value;

use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use redis::Value;
use tokio::time::{Instant, timeout};

use self::breaker::Breaker;
use self::failure::{Complaints, Failure, Kind};
use self::keys::{BUCKETS, Names};
use self::link::Link;
use self::place::Place;
use self::request::{DELETE, DUE, PUT, Request};
use self::seen::{Seen, Sight};
pub use self::settings::{BadRedisSettings, Mode, RedisSettings, Tls};
use super::record::{Change, Due, DueQuery, Hint, Key, Put, Record, Stamp, Unavailable, Unwritten, Written};
use crate::telemetry::{Metrics, StoreOperation, StoreResult};

/// Conversations in Redis; clones share connections and what was seen.
#[derive(Debug, Clone)]
pub struct Redis(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Arc<Place>,
    link: Link,
    /// One for each bucket where buckets fail apart, else one.
    breakers: Vec<Breaker>,
    /// For questions to all buckets, which take longer than others: that they are late says nothing of those.
    breaker_of_all: Breaker,
    complaints: Complaints,
    seen: Seen,
    /// Tells the own changes from those of others.
    replica: u64,
    settings_timeout: Duration,
    metrics: Metrics,
}

/// What is asked, where, and until when.
#[derive(Debug, Clone, Copy)]
struct Errand {
    operation: StoreOperation,
    /// Which bucket it concerns, or all of them if it is none.
    bucket: u64,
    since: Instant,
    until: Instant,
}

impl Redis {
    /// Asks nobody: whether Redis is there shows when it is wanted.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings.
    pub fn new(settings: RedisSettings, metrics: &Metrics) -> Result<Self, BadRedisSettings> {
        let buckets = match settings.mode {
            Mode::Single | Mode::Sentinel { .. } => 1,
            Mode::Cluster => BUCKETS,
        };
        let settings_timeout = settings.timeout;
        let place = Arc::new(Place::new(settings)?);
        Ok(Self(Arc::new(Inner {
            link: Link::new(Arc::clone(&place)),
            place,
            breakers: (0..buckets).map(|_| Breaker::default()).collect(),
            breaker_of_all: Breaker::default(),
            complaints: Complaints::default(),
            seen: Seen::default(),
            replica: uuid::Uuid::new_v4().as_u64_pair().0,
            settings_timeout,
            metrics: metrics.clone(),
        })))
    }

    /// What this process saw last of a conversation.
    #[must_use]
    pub fn hint(&self, key: Key<'_>) -> Hint {
        match self.0.seen.get(&Names::of(key).record) {
            Some(Sight::Held(record)) => Hint::Perhaps(Some(record)),
            Some(Sight::Ahead(unwritten)) => Hint::Ahead(unwritten),
            None => Hint::Perhaps(None),
        }
    }

    /// Keeps in mind what could not be written; false: it was decided `on` what is no longer what was seen last.
    #[must_use]
    pub fn remember(&self, key: Key<'_>, unwritten: Unwritten, on: Option<Stamp>) -> bool {
        self.0.seen.remember(Names::of(key).record, unwritten, on)
    }

    /// What is held under `key`.
    ///
    /// # Errors
    ///
    /// Redis does not answer until `until`.
    pub async fn get(&self, key: Key<'_>, until: Instant) -> Result<Option<Record>, Unavailable> {
        let names = Names::of(key);
        let mut command = redis::cmd("GET");
        command.arg(&names.record);
        let errand = Errand::new(StoreOperation::Get, names.bucket, until);
        let answer = self.0.ask_one(errand, Request::Plain(command)).await?;
        let found = self.0.read(errand, record(answer))?;
        self.0.seen.find(names.record, found.clone());
        self.0.ended(errand, StoreResult::Done);
        Ok(found)
    }

    /// Writes `put`, if what it replaces is what is there. One that was written by an earlier attempt counts as written.
    ///
    /// # Errors
    ///
    /// Redis does not answer until `until`: it may have been written, or not, or may yet be.
    pub async fn put(&self, put: Put<'_>, until: Instant) -> Result<Written, Unavailable> {
        let names = Names::of(put.key);
        let lasts = u64::try_from(put.lasts.as_millis()).unwrap_or(u64::MAX).clamp(1, LONGEST);
        let request = Request::Scripted {
            script: &PUT,
            keys: vec![names.record.clone(), names.promises],
            arguments: vec![
                put.replaces.map(|stamp| value::stamp(stamp).to_vec()).unwrap_or_default(),
                value::record(&put),
                lasts.to_string().into_bytes(),
                keys::sorted_conversation(put.key.conversation),
                names.records,
                keys::CHANGES.as_bytes().to_vec(),
                value::change(self.0.replica, put.key, Some(put.record.stamp)),
            ],
        };
        let errand = Errand::new(StoreOperation::Put, names.bucket, until);
        let answer = self.0.ask_one(errand, request).await?;
        if answer == Value::Int(1) {
            self.0.seen.keep(names.record, put.record);
            self.0.ended(errand, StoreResult::Done);
            return Ok(Written::Kept);
        }
        let there = self.0.read(errand, record(answer))?;
        self.0.seen.find(names.record, there.clone());
        self.0.ended(errand, StoreResult::Outrun);
        Ok(Written::Outrun(there))
    }

    /// Forgets a conversation and its promises; whether there was one.
    ///
    /// # Errors
    ///
    /// Redis does not answer until `until`: it may have been forgotten, or not, or may yet be.
    pub async fn delete(&self, key: Key<'_>, until: Instant) -> Result<bool, Unavailable> {
        let names = Names::of(key);
        let request = Request::Scripted {
            script: &DELETE,
            keys: vec![names.record.clone(), names.promises],
            arguments: vec![
                keys::sorted_conversation(key.conversation),
                keys::CHANGES.as_bytes().to_vec(),
                value::change(self.0.replica, key, None),
            ],
        };
        // Whatever comes of it, this process no longer goes on from it.
        self.0.seen.forget(&names.record);
        let errand = Errand::new(StoreOperation::Delete, names.bucket, until);
        let answer = self.0.ask_one(errand, request).await?;
        // Somebody else here may have seen it in the meantime.
        self.0.seen.forget(&names.record);
        self.0.ended(errand, StoreResult::Done);
        Ok(answer == Value::Int(1))
    }

    /// Promises of a tenant that fall due, the earliest first.
    ///
    /// # Errors
    ///
    /// Redis does not answer until `until`.
    pub async fn due(&self, query: &DueQuery<'_>, until: Instant) -> Result<Vec<Due>, Unavailable> {
        if query.most == 0 {
            return Ok(Vec::new());
        }
        let asked: Vec<Request> = (0..BUCKETS).map(|bucket| due_in(bucket, query)).collect();
        let errand = Errand::new(StoreOperation::Due, BUCKETS, until);
        let answers = self.0.ask(errand, &asked).await?;
        self.0.ended(errand, StoreResult::Done);
        let members = answers.into_iter().flat_map(|answer| answer.into_sequence().unwrap_or_default());
        let mut due: Vec<Due> = members.filter_map(|member| keys::due(&bytes(member)?)).collect();
        due.sort();
        due.truncate(query.most);
        Ok(due)
    }

    /// Of which writes the records are that are held under `keys`, one answer for each.
    ///
    /// # Errors
    ///
    /// Redis does not answer until `until`.
    pub async fn stamps(&self, keys: &[Key<'_>], until: Instant) -> Result<Vec<Option<Stamp>>, Unavailable> {
        let asked: Vec<Request> = keys.iter().map(|key| stamp_of(*key)).collect();
        let errand = Errand::new(StoreOperation::Listen, BUCKETS, until);
        let answers = self.0.ask(errand, &asked).await?;
        self.0.ended(errand, StoreResult::Done);
        Ok(answers.into_iter().map(|answer| value::stamp_of(&bytes(answer)?)).collect())
    }

    /// Reaches Redis before anybody wants to, so that whoever then comes first need not wait for a connection.
    ///
    /// # Errors
    ///
    /// Redis does not answer until `until`.
    pub async fn reach(&self, until: Instant) -> Result<(), Unavailable> {
        reach::reach(&self.0, until).await
    }

    /// Changes by other replicas, without end. It connects when it is first asked, and again whenever the connection breaks; after
    /// each time comes [`Change::Any`], as something may have been missed.
    pub fn changes(&self) -> impl Stream<Item = Change> + Send + 'static {
        changes::changes(Arc::clone(&self.0))
    }
}

/// As long as a server takes without counting beyond its numbers: a hundred years.
const LONGEST: u64 = 100 * 366 * 86_400_000;

impl Errand {
    fn new(operation: StoreOperation, bucket: u64, until: Instant) -> Self {
        Self { operation, bucket, since: Instant::now(), until }
    }
}

impl Inner {
    async fn ask_one(&self, errand: Errand, request: Request) -> Result<Value, Unavailable> {
        self.ask(errand, &[request]).await?.pop().ok_or(Unavailable)
    }

    /// Answers to all requests, as the errand says. Whoever has them says what came of it.
    async fn ask(&self, errand: Errand, requests: &[Request]) -> Result<Vec<Value>, Unavailable> {
        let Errand { bucket, until, .. } = errand;
        let breaker = self.breaker(bucket);
        if !breaker.admits() {
            return Err(self.unavailable(errand, StoreResult::Failed));
        }
        // The caller still has to answer, and may have to ask again.
        let within = self.settings_timeout.min(until.saturating_duration_since(Instant::now()) / 2);
        let generation = self.link.generation();
        match timeout(within, self.link.ask(requests)).await {
            Ok(Ok(answers)) => {
                breaker.succeeded();
                self.link.answered();
                Ok(answers)
            }
            Ok(Err(failure)) => {
                self.failed(breaker, &failure);
                Err(self.unavailable(errand, StoreResult::Failed))
            }
            Err(_) => {
                // Who is in too great a hurry proves nothing.
                if within >= self.settings_timeout / 4 {
                    breaker.failed();
                    if bucket < BUCKETS {
                        self.link.silent(generation);
                    }
                    self.complaints.tell("no answer in time");
                }
                Err(self.unavailable(errand, StoreResult::Late))
            }
        }
    }

    fn breaker(&self, bucket: u64) -> &Breaker {
        let own = usize::try_from(bucket).ok().and_then(|bucket| self.breakers.get(bucket));
        let of_one = || self.breakers.first().filter(|_| bucket < BUCKETS);
        own.or_else(of_one).unwrap_or(&self.breaker_of_all)
    }

    fn failed(&self, breaker: &Breaker, failure: &Failure) {
        self.complaints.tell(&failure.reason);
        match failure.kind {
            Kind::Lost | Kind::Busy => breaker.failed(),
            // A server that is full, or lets nobody write, may still be read.
            Kind::Refused => breaker.succeeded(),
        }
    }

    fn read<T>(&self, errand: Errand, read: Result<T, Failure>) -> Result<T, Unavailable> {
        read.map_err(|failure| {
            self.complaints.tell(&failure.reason);
            self.unavailable(errand, StoreResult::Failed)
        })
    }

    fn unavailable(&self, errand: Errand, result: StoreResult) -> Unavailable {
        self.ended(errand, result);
        Unavailable
    }

    fn ended(&self, errand: Errand, result: StoreResult) {
        self.metrics.store_operation(errand.operation, result, errand.since.elapsed());
    }
}

fn due_in(bucket: u64, query: &DueQuery<'_>) -> Request {
    let from = match &query.after {
        Some(after) => [b"(", keys::sorted_due(after).as_slice()].concat(),
        None => b"-".to_vec(),
    };
    // Whatever falls due a millisecond later is too late.
    let later = query.until.plus_millis(1);
    let to = if later == query.until { b"+".to_vec() } else { [b"(", keys::sorted_time(later).as_slice()].concat() };
    Request::Scripted {
        script: &DUE,
        keys: vec![keys::promises(bucket, query.tenant)],
        arguments: vec![from, to, query.most.to_string().into_bytes(), keys::records(bucket, query.tenant)],
    }
}

fn stamp_of(key: Key<'_>) -> Request {
    let mut command = redis::cmd("GETRANGE");
    command.arg(Names::of(key).record).arg(0).arg(7);
    Request::Plain(command)
}

fn record(answer: Value) -> Result<Option<Record>, Failure> {
    match answer {
        Value::Nil => Ok(None),
        other => bytes(other).and_then(value::read).map(Some).ok_or_else(Failure::unreadable),
    }
}

fn bytes(answer: Value) -> Option<Vec<u8>> {
    match answer {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}

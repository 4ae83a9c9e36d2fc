//! A rolling upgrade: one replica after the other ends and another one comes in its place, while agents work and their screens are open.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use composure::grpc::generated::{RecommendRequest, RecommendResponse};
use tonic::transport::Channel;

use crate::displays::Display;
use crate::load::is_taken_by_nobody;
use crate::process::{Served, measured, scale, until};
use crate::redis_proxy::{Proxy, Way};
use crate::redis_servers::Server;
use crate::replicas::{Rotation, ask_within, over};
use crate::screen::{calm, venting};
use crate::wire_server::named;

const REPLICAS: usize = 3;
const SCREENS: usize = 60;
/// Each screen shows some of them, each of them is shown on several.
const CONVERSATIONS: usize = 20;
const SHOWN_BY_EACH: usize = 4;
const CALLERS: usize = 6;
/// So many connections of a new replica to Redis come to nothing.
const SHUT_OUT: usize = 8;
/// What a caller waits for an answer, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(20);

fn conversation(number: usize) -> String {
    format!("c{}", number % CONVERSATIONS)
}

/// One that takes calls for a while after it was told to end, and has the time for everything that a busy machine takes.
async fn replica(redis: &Server) -> Served {
    let program = over(redis).flag("redis-addresses", opened_late(redis).await).flag("redis-timeout", "2s");
    let program = program.flag("drain-wait", "300ms").flag("log-calls", 0);
    program.flag("limits-deadline", "20s").flag("drain-deadline", "20s").start()
}

/// A way to Redis that lets nobody pass at first, like a network policy that does not know of a new replica yet.
async fn opened_late(redis: &Server) -> String {
    let way = Proxy::to(redis.port).await;
    way.goes(Way::Cut);
    let address = way.address();
    tokio::spawn(async move {
        until("some attempts", async || way.connections() >= SHUT_OUT).await;
        way.goes(Way::Open);
    });
    address
}

/// What callers had done.
#[derive(Default)]
struct Work {
    stop: AtomicBool,
    /// Turns that were told to be done.
    done: AtomicUsize,
    /// Calls that nobody took, and that went elsewhere.
    moved: AtomicUsize,
    /// Answers that may be forgotten.
    degraded: AtomicUsize,
    /// How long the slowest call took, in milliseconds.
    slowest: AtomicUsize,
}

/// A client that has a connection to each replica that it knows of.
struct Caller {
    rotation: Rotation,
    channels: HashMap<SocketAddr, Channel>,
    work: Arc<Work>,
}

impl Caller {
    /// Sends a turn until it is done. A call that nobody took is sent to another replica, as clients do by themselves; none fails.
    async fn turn(&mut self, conversation: &str, request: &RecommendRequest) -> RecommendResponse {
        let id = uuid::Uuid::new_v4().to_string();
        loop {
            let (address, endpoint) = self.rotation.next();
            let channel = self.channels.entry(address).or_insert_with(|| endpoint.connect_lazy());
            let since = Instant::now();
            match ask_within(PATIENCE, channel, named(conversation, &id, request.clone())).await {
                Ok(answer) if answer.degraded => self.work.degraded.fetch_add(1, Ordering::Relaxed),
                Ok(answer) => {
                    self.work.done(since);
                    return answer;
                }
                Err(status) => {
                    assert!(is_taken_by_nobody(&status), "after {:?} a call failed: {status:?}", since.elapsed());
                    self.work.moved.fetch_add(1, Ordering::Relaxed)
                }
            };
        }
    }

    /// Turns of one conversation after the other, without a pause.
    async fn works(mut self, first: usize) {
        for number in first.. {
            if self.work.stop.load(Ordering::Relaxed) {
                return;
            }
            let request = if number % 3 == 0 { calm() } else { venting() };
            self.turn(&conversation(number), &request).await;
        }
    }

    /// A turn that is not answered as the one before was.
    async fn last_turn(&mut self, conversation: &str) -> u32 {
        for request in [venting(), calm(), venting(), calm()] {
            let answer = self.turn(conversation, &request).await;
            if !answer.unchanged {
                return answer.turn;
            }
        }
        panic!("nothing changes the answer for {conversation}")
    }
}

impl Work {
    fn done(&self, since: Instant) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.slowest.fetch_max(since.elapsed().as_millis().try_into().expect("it fits"), Ordering::Relaxed);
    }

    async fn goes_on(&self) {
        let before = self.done.load(Ordering::Relaxed);
        until("more turns", || async { self.done.load(Ordering::Relaxed) >= before + 50 * scale() }).await;
    }
}

/// Screens at whichever replica comes next, each with its part of the conversations.
async fn screens(rotation: &Rotation) -> Vec<Display> {
    let open = |number: usize| {
        let (shown, rotation) = ((number..number + SHOWN_BY_EACH).map(conversation).collect(), rotation.clone());
        Display::open(shown, move || {
            let rotation = rotation.clone();
            async move { rotation.channel().await }
        })
    };
    let displays: Vec<_> = (0..SCREENS).map(open).collect();
    for display in &displays {
        display.shows("how each begins", |_, _| true).await;
    }
    displays
}

/// One that clients hear of once it says that it is ready.
async fn joined(redis: &Server, rotation: &Rotation) -> Served {
    let new = replica(redis).await;
    until("it is ready", async || new.page("/readyz").await.0 == 200).await;
    rotation.join(&new);
    new
}

/// Ends a replica, and starts another one in its place.
async fn replaced(redis: &Server, rotation: &Rotation, old: Served) -> Served {
    let address = old.api;
    old.signal("TERM");
    let (code, _, said) = old.ends().await;
    // Clients hear of it late, and find nobody there.
    rotation.leave(address);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Drained"), "{said}");
    joined(redis, rotation).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn with_each_replica_replaced_under_load_no_call_fails_and_every_screen_goes_on() {
    let redis = Server::start(&[]);
    let rotation = Rotation::default();
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(joined(&redis, &rotation).await);
    }
    let displays = screens(&rotation).await;
    let work = Arc::<Work>::default();
    let caller = || Caller { rotation: rotation.clone(), channels: HashMap::new(), work: Arc::clone(&work) };
    let callers: Vec<_> = (0..CALLERS).map(|number| tokio::spawn(caller().works(number * 7))).collect();
    for _ in 0..REPLICAS * scale() {
        work.goes_on().await;
        let old = replicas.remove(0);
        replicas.push(replaced(&redis, &rotation, old).await);
    }
    work.goes_on().await;
    work.stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.expect("no call failed");
    }
    assert_eq!(work.degraded.load(Ordering::Relaxed), 0, "nobody is led to a replica that has not reached Redis");
    let mut last = HashMap::new();
    for conversation in (0..CONVERSATIONS).map(conversation) {
        let turn = caller().last_turn(&conversation).await;
        last.insert(conversation, turn);
    }
    let counted: usize = last.values().map(|turn| *turn as usize).sum();
    assert_eq!(counted, work.done.load(Ordering::Relaxed), "each turn is counted once");
    let (mut moved, mut snapshots) = (0, 0);
    for display in &displays {
        display.shows("the last turn", |conversation, shown| shown.turn == last[conversation]).await;
        for (conversation, shown) in display.history() {
            let grows = shown.windows(2).all(|pair| pair[0].sequence < pair[1].sequence);
            assert!(grows, "nothing is shown twice, and nothing falls: {conversation}: {shown:?}");
            snapshots += shown.len();
        }
        assert_eq!(display.said().troubles, BTreeMap::new(), "nothing is wrong with any conversation");
        moved += display.said().moved;
    }
    assert!(moved >= SCREENS * scale(), "{moved}: each replica had a third of the screens, three times over");
    measured(
        "rolling upgrade",
        format_args!(
            "{} replicas replaced, {counted} turns: 0 calls failed, {} were taken by nobody and went elsewhere, none degraded, the slowest took {} ms; {SCREENS} screens went on {moved} times, {snapshots} snapshots",
            REPLICAS * scale(),
            work.moved.load(Ordering::Relaxed),
            work.slowest.load(Ordering::Relaxed),
        ),
    );
}

//! Replicas over a Redis that sentinels watch, while its primary is killed: what callers were told is done, what may be lost, and
//! what screens show meanwhile.

use std::sync::Arc;
use std::time::Instant;

use composure::grpc::generated::RecommendRequest;
use tonic::Code;
use tonic::transport::Channel;

use crate::displays::{Display, Shown};
use crate::process::{Served, measured, scale, until};
use crate::redis_servers::Watched;
use crate::replicas::{Done, Ledger, ask, lazily, replica_by_sentinels};
use crate::screen::{calm, venting};
use crate::wire_server::named;

const REPLICAS: usize = 3;
/// Conversations, of two agents each.
const CONVERSATIONS: usize = 8;
const WRITERS: usize = 2;
/// Turns of each writer; all that one conversation has are remembered by their ids.
const TURNS: usize = 14;
/// Turns that are done at least while nothing is copied any more.
const UNCOPIED: usize = 10;

/// The turn of this id, which observes the same whenever it is sent.
fn turn(conversation: &str, id: &str) -> RecommendRequest {
    let observed = if id.ends_with(['0', '2', '4', '6', '8']) { venting() } else { calm() };
    named(conversation, id, observed)
}

/// Servers, replicas over them, and screens at each that show every conversation.
struct Scene {
    servers: Watched,
    _replicas: Vec<Served>,
    channels: Vec<Channel>,
    conversations: Vec<String>,
    displays: Vec<Display>,
    ledger: Arc<Ledger>,
}

/// From when to when nobody took writes: the primary was killed between the first two, and the first turn was done after that at the
/// third.
#[derive(Debug, Clone, Copy)]
struct Outage {
    before: Instant,
    after: Instant,
    over: Instant,
}

impl Scene {
    async fn set() -> Self {
        let servers = Watched::start().await;
        let replicas: Vec<_> = (0..REPLICAS).map(|_| replica_by_sentinels(&servers)).collect();
        let conversations: Vec<_> = (0..CONVERSATIONS * scale()).map(|number| format!("c{number}")).collect();
        let displays: Vec<_> = replicas
            .iter()
            .map(|served| {
                let channel = lazily(served);
                Display::open(conversations.clone(), move || std::future::ready(channel.clone()))
            })
            .collect();
        for display in &displays {
            display.shows("how each begins", |_, shown| shown.sequence == 0).await;
        }
        let channels = replicas.iter().map(lazily).collect();
        Self { servers, _replicas: replicas, channels, conversations, displays, ledger: Arc::default() }
    }

    /// Turns of every writer, each sent until it is done.
    fn write(&self) -> Vec<tokio::task::JoinHandle<()>> {
        let writers = self.conversations.iter().flat_map(|conversation| (0..WRITERS).map(move |it| (conversation, it)));
        let write = |(conversation, writer): (&String, usize)| {
            let (mut channels, ledger) = (self.channels.clone(), Arc::clone(&self.ledger));
            channels.rotate_left(writer % REPLICAS);
            let conversation = conversation.clone();
            tokio::spawn(async move {
                for at in 0..TURNS {
                    ledger.write(&channels, &turn(&conversation, &format!("{writer}-{at}"))).await;
                    channels.rotate_left(1);
                }
            })
        };
        writers.map(write).collect()
    }

    /// Kills the primary, and waits until a turn is done again that was begun after that.
    async fn take_over(&mut self) -> Outage {
        let before = Instant::now();
        self.servers.primary.kill();
        let after = Instant::now();
        self.servers.copy.go_on();
        self.servers.have_another_primary().await;
        let first = || self.ledger.done().into_iter().filter(|done| done.began > after).map(|done| done.ended).min();
        until("a turn that is done", || async { first().is_some() }).await;
        Outage { before, after, over: first().expect("there is one") }
    }

    /// Once each replica has found the new primary, everything is done at the first attempt.
    async fn is_whole_again(&self) {
        for replica in &self.channels {
            until("an answer of the store", || async {
                ask(replica, named(&self.conversations[0], "", RecommendRequest::default()))
                    .await
                    .is_ok_and(|answer| !answer.degraded)
            })
            .await;
        }
        let degraded = self.ledger.degraded();
        for conversation in &self.conversations {
            for (at, replica) in self.channels.iter().enumerate() {
                let turn = turn(conversation, &format!("after-{at}"));
                self.ledger.write(std::slice::from_ref(replica), &turn).await;
            }
        }
        assert_eq!(self.ledger.degraded(), degraded, "it is not degraded any more");
    }

    async fn turn_of(&self, conversation: &str) -> u32 {
        let answer = ask(&self.channels[0], named(conversation, "", RecommendRequest::default())).await.unwrap();
        assert!(!answer.degraded);
        answer.turn
    }

    /// Turns that were told to be done and are not known any more: sent again, they count anew. Whatever else was told to be done
    /// counted exactly once.
    async fn lost(&self) -> Vec<Done> {
        let mut lost = Vec::new();
        for conversation in &self.conversations {
            let mut done: Vec<_> =
                self.ledger.done().into_iter().filter(|it| it.conversation == *conversation).collect();
            done.sort_by_key(|done| (done.turn, done.ended));
            let counted = self.turn_of(conversation).await as usize;
            let (mut reached, mut gone) = (counted, 0);
            for done in &done {
                let again = ask(&self.channels[0], turn(conversation, &done.id)).await.unwrap();
                if again.turn as usize > reached {
                    reached = again.turn as usize;
                    gone += 1;
                    lost.push(done.clone());
                }
            }
            assert_eq!(counted + gone, done.len(), "each turn of {conversation} that is not lost is counted once");
        }
        lost
    }

    /// Each screen shows how everything stands, and what it showed before fell back only where that was not done for good.
    async fn screens_are_right(&self, outage: Outage) -> usize {
        let fresh = self.channels[0].clone();
        let fresh = Display::open(self.conversations.clone(), move || std::future::ready(fresh.clone()));
        fresh.shows("something", |_, _| true).await;
        let stands = fresh.history();
        let mut falls = 0;
        for display in &self.displays {
            let is_so = |id: &str, shown: &Shown| stands[id].last().is_some_and(|now| now.digest == shown.digest);
            display.shows("how everything stands", is_so).await;
            let said = display.said();
            for (conversation, shown) in display.history() {
                let troubles = said.troubles.get(&conversation).map_or([].as_slice(), Vec::as_slice);
                assert!(troubles.iter().all(|trouble| trouble.code == Code::Unavailable), "{troubles:?}");
                for (earlier, later) in shown.iter().zip(&shown[1..]) {
                    let is_the_same = earlier.digest == later.digest;
                    // Whoever was told of trouble with a conversation is shown how it stands when that is over.
                    let was_in_doubt = troubles.iter().any(|trouble| (earlier.at..=later.at).contains(&trouble.at));
                    assert!(!is_the_same || earlier.degraded || was_in_doubt, "{conversation} is not shown twice");
                    if later.sequence < earlier.sequence || later.sequence == earlier.sequence && !is_the_same {
                        falls += 1;
                        let may_be_lost = earlier.degraded || earlier.at < outage.over;
                        assert!(may_be_lost && later.at > outage.before, "{conversation}: {earlier:?}, {later:?}");
                    }
                }
            }
            assert_eq!(said.moved, 0);
        }
        falls
    }
}

/// Whatever was lost was done before the primary's end, and it is the last that was: what came before it is there.
fn only_the_last_are_lost(scene: &Scene, lost: &[Done], outage: Outage) {
    for gone in lost.iter().filter(|gone| gone.turn > 0) {
        assert!(gone.began <= outage.after, "{gone:?} was done when the other server took writes");
        let is_kept_behind = |done: &Done| {
            done.conversation == gone.conversation
                && done.ended < outage.before
                && done.turn > gone.turn
                && !lost.iter().any(|other| (&other.conversation, &other.id) == (&done.conversation, &done.id))
        };
        let kept = scene.ledger.done().into_iter().find(is_kept_behind);
        assert!(kept.is_none(), "{gone:?} is lost and {kept:?} is not");
    }
}

async fn is_told(scene: &Scene, outage: Outage, lost: usize, what: &str) {
    let falls = scene.screens_are_right(outage).await;
    measured(
        what,
        format_args!(
            "{} turns done, {lost} of them lost, {} answers degraded, none failed; nothing was done for {:?}; screens fell back {falls} times",
            scene.ledger.count(),
            scene.ledger.degraded(),
            outage.over - outage.before,
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server and redis-sentinel"]
async fn with_the_primary_killed_under_load_another_takes_over_and_every_later_turn_is_counted_once() {
    let mut scene = Scene::set().await;
    let writers = scene.write();
    let half = writers.len() * TURNS / 2;
    until("half of the turns", || async { scene.ledger.count() >= half }).await;
    let outage = scene.take_over().await;
    for writer in writers {
        writer.await.expect("each of its turns is done, and no call failed");
    }
    scene.is_whole_again().await;
    let screens = scene.displays.len();
    let lost = scene.lost().await;
    only_the_last_are_lost(&scene, &lost, outage);
    is_told(&scene, outage, lost.len(), &format!("primary killed under 3 replicas and {screens} screens")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server and redis-sentinel"]
async fn of_what_was_not_copied_before_another_took_over_the_last_turns_are_lost_and_nothing_else() {
    let mut scene = Scene::set().await;
    let writers = scene.write();
    let third = writers.len() * TURNS / 3;
    until("a third of the turns", || async { scene.ledger.count() >= third }).await;
    scene.servers.copies_no_more().await;
    let (cut, copied) = (Instant::now(), scene.ledger.count());
    // Of each writer one turn may have been under way.
    until("more turns", || async { scene.ledger.count() >= copied + writers.len() + UNCOPIED }).await;
    let outage = scene.take_over().await;
    for writer in writers {
        writer.await.expect("each of its turns is done, and no call failed");
    }
    scene.is_whole_again().await;
    let lost = scene.lost().await;
    only_the_last_are_lost(&scene, &lost, outage);
    let uncopied = scene.ledger.done().into_iter().filter(|done| done.began > cut && done.ended < outage.before);
    for done in uncopied {
        assert!(lost.iter().any(|lost| (&lost.conversation, &lost.id) == (&done.conversation, &done.id)), "{done:?}");
    }
    assert!(lost.len() >= UNCOPIED, "{}", lost.len());
    is_told(&scene, outage, lost.len(), "primary killed that was not copied any more").await;
}

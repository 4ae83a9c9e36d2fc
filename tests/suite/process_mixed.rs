//! A day of work in short, again and again: conversations begin, go on, are read, deleted and evicted, and screens come and go as
//! they please. Whatever it was, nothing of it stays in memory.

use std::collections::BTreeMap;
use std::time::Instant;

use composure::grpc::generated::conversation_service_client::ConversationServiceClient;
use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    ActionReport, AgentReport, Commitment, DeleteConversationRequest, GetConversationRequest,
    ListDueCommitmentsRequest, RecommendRequest, StreamRecommendationsRequest, Subscribe,
};
use prost::Message as _;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::Channel;

use crate::process::{Program, Served, measured, scale, until};
use crate::raw_client::{Opened, RawClient, framed};
use crate::redis_servers::Server;
use crate::replicas::{ask, over};
use crate::screen::{Screen, calm, to, venting};
use crate::wire_server::named;

/// Conversations of a round, each of two turns.
const CONVERSATIONS: usize = 200;
/// One in so many has a promise, and one in so many is deleted.
const PROMISED: usize = 5;
const DELETED: usize = 10;
/// Screens of a round, and how many conversations each shows.
const SCREENS: usize = 8;
const SHOWN_BY_EACH: usize = CONVERSATIONS / SCREENS;
/// What the process may grow by, in KiB, after the first rounds: two kilobytes of each conversation after that would show.
const GROWTH: u64 = 2 * 1024;
const FIRST_ROUNDS: usize = 5;

/// What clients do with one server.
struct Day {
    served: Served,
    channel: Channel,
    desk: ConversationServiceClient<Channel>,
    calls: usize,
}

impl Day {
    async fn begin(program: Program) -> Self {
        let served = program.flag("conversations-ttl", "1m").flag("log-calls", 0).start();
        let channel = served.channel().await;
        Self { desk: ConversationServiceClient::new(channel.clone()), served, channel, calls: 0 }
    }

    /// One round; each has conversations of its own.
    async fn round(&mut self, round: usize) {
        let names: Vec<_> = (0..CONVERSATIONS).map(|number| format!("{round}-{number}")).collect();
        let (late, left_lying) = (watch::Sender::new(false), self.left_lying(&names).await);
        let reading = self.are_read(&names, &late).await;
        self.begin_all(&names).await;
        // Cut without a word, with answers on their way.
        for (client, _) in &left_lying {
            client.ended.abort();
        }
        self.go_on_with_all(&names).await;
        self.are_looked_up(&names).await;
        self.delete_some(&names).await;
        late.send_replace(true);
        for reader in reading {
            reader.await.expect("it is shown how everything stands");
        }
        self.streams_are_over().await;
    }

    /// Screens that share the conversations, each with somebody who reads it, and leaves it in another way.
    async fn are_read(&self, names: &[String], late: &watch::Sender<bool>) -> Vec<AbortOnDropHandle<()>> {
        let mut reading = Vec::new();
        for (number, part) in names.chunks(SHOWN_BY_EACH).enumerate() {
            let viewer = Viewer::open(self.served.channel().await, part.to_vec()).await;
            let reads = viewer.reads(Leaves::of(number), late.subscribe());
            reading.push(AbortOnDropHandle::new(tokio::spawn(reads)));
        }
        reading
    }

    async fn streams_are_over(&self) {
        until("all streams are over", || async {
            let [streams, subscriptions] = ["composure_streams_open", "composure_subscriptions"];
            (self.served.metric(streams).await, self.served.metric(subscriptions).await) == (Some(0.0), Some(0.0))
        })
        .await;
    }

    async fn turn(&mut self, name: &str, turn: u32, request: RecommendRequest) {
        let answer = ask(&self.channel, named(name, &turn.to_string(), request)).await.expect("it is answered");
        assert_eq!((answer.turn, answer.unchanged, answer.degraded), (turn, false, false), "{name}");
        self.calls += 1;
    }

    async fn begin_all(&mut self, names: &[String]) {
        for name in names {
            let commitments = if is_promised(name) { vec![in_days(1)] } else { Vec::new() };
            self.turn(name, 1, RecommendRequest { commitments, ..venting() }).await;
        }
    }

    async fn go_on_with_all(&mut self, names: &[String]) {
        for name in names {
            let listened = ActionReport { action: "keep_listening".to_owned(), ..ActionReport::default() };
            let agent_report = Some(AgentReport { actions: vec![listened] });
            self.turn(name, 2, RecommendRequest { agent_report, ..calm() }).await;
        }
    }

    async fn delete_some(&mut self, names: &[String]) {
        for name in names.iter().filter(|name| is_deleted(name)) {
            self.deletes(name).await;
        }
    }

    async fn deletes(&mut self, name: &str) {
        let request = DeleteConversationRequest { conversation_id: name.to_owned() };
        let deleted = self.desk.delete_conversation(request).await.expect("it is held").into_inner();
        assert!(deleted.existed, "{name}");
    }

    /// What was promised in this round is listed, and what is held is told.
    async fn are_looked_up(&mut self, names: &[String]) {
        let get = GetConversationRequest { conversation_id: names[names.len() - 1].clone() };
        self.desk.get_conversation(get).await.expect("it is held");
        let all = ListDueCommitmentsRequest { due_before: in_days(2).due_time, page_size: 1_000, ..Default::default() };
        let due = self.desk.list_due_commitments(all).await.expect("it is listed").into_inner().commitments;
        for name in names.iter().filter(|name| is_promised(name)) {
            assert!(due.iter().any(|promise| promise.conversation_id == *name), "{name}");
        }
    }

    /// Clients that ask for everything and read next to nothing.
    async fn left_lying(&self, names: &[String]) -> Vec<(RawClient, Opened)> {
        let mut clients = Vec::new();
        for _ in 0..2 {
            let mut client = RawClient::connect_with_window(1_024, self.served.api).await;
            let mut begun = client.begin("/composure.v1.RecommendationService/StreamRecommendations", &[]).await;
            for name in names {
                let request = StreamRecommendationsRequest { command: Some(Command::Subscribe(to(name))) };
                begun.body.send_data(framed(0, &request.encode_to_vec()), false).expect("it is open");
            }
            clients.push((client, begun.opened().await));
        }
        clients
    }
}

/// Round after round, each of which is followed by what `afterwards` does, which names the next; the memory stays as it is.
async fn stays_small(day: &mut Day, mut afterwards: impl AsyncFnMut(&mut Day, usize) -> usize) {
    let (rounds, since) = (10 * scale(), Instant::now());
    let (mut name, mut first, mut highest) = (0, 0, 0);
    for round in 0..rounds {
        day.round(name).await;
        name = afterwards(day, name).await;
        highest = highest.max(day.served.memory());
        if round < FIRST_ROUNDS {
            first = highest;
        }
    }
    let (calls, elapsed) = (day.calls, since.elapsed());
    let done = format!("{rounds} rounds with {SCREENS} screens each, {calls} turns, within {elapsed:?}");
    let memory = format!("memory {first} KiB after {FIRST_ROUNDS} rounds, and {highest} KiB at most");
    measured("mixed load", format_args!("{done}; {memory}"));
    assert!(highest <= first + GROWTH, "{memory}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_load_leaves_memory_flat() {
    let mut day = Day::begin(Program::new().flag("conversations-most", 500)).await;
    stays_small(&mut day, async |_, name| name + 1).await;
    let evicted = day.served.metric(r#"composure_conversations_evicted_total{reason="count"}"#).await;
    assert!(evicted > Some(0.0), "there was more than there is room for");
    let held = day.served.metric("composure_conversations_held").await.expect("it is told");
    assert!(held <= 500.0, "{held}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn mixed_load_over_redis_leaves_memory_flat_and_nothing_behind() {
    let redis = Server::start(&[]);
    let mut day = Day::begin(over(&redis).flag("redis-timeout", "2s")).await;
    // The same names again: what a server has seen of conversations it keeps in mind, up to a bound that is far away.
    stays_small(&mut day, async |day, name| {
        for number in (0..CONVERSATIONS).filter(|number| !is_deleted(&format!("-{number}"))) {
            day.deletes(&format!("{name}-{number}")).await;
        }
        name
    })
    .await;
    assert_eq!(redis.ask::<u32>("DBSIZE").await, 0, "no record and no index is left");
}

fn number(name: &str) -> usize {
    name.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).expect("it ends with its number")
}

fn is_promised(name: &str) -> bool {
    number(name).is_multiple_of(PROMISED)
}

fn is_deleted(name: &str) -> bool {
    number(name) % DELETED == 3
}

/// How a screen goes when it has seen enough.
#[derive(Clone, Copy)]
enum Leaves {
    /// In good order.
    Unsubscribing,
    /// Before it has seen the end, and comes back for the rest.
    AndResumes,
    /// By cancelling.
    Cancelling,
    /// After it did not read for a long time.
    ReadingLate,
}

impl Leaves {
    fn of(number: usize) -> Self {
        [Self::Unsubscribing, Self::AndResumes, Self::Cancelling, Self::ReadingLate][number % 4]
    }
}

/// What was shown last of a conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Turn(u32, u64),
    Forgotten,
}

/// Who reads one screen.
struct Viewer {
    channel: Channel,
    screen: Screen,
    shown: BTreeMap<String, Last>,
}

impl Viewer {
    async fn open(channel: Channel, conversations: Vec<String>) -> Self {
        let screen = Screen::open_on(channel.clone()).await;
        let shown = conversations.into_iter().map(|name| (name, Last::Nothing)).collect();
        let mut viewer = Self { channel, screen, shown };
        viewer.subscribe().await;
        viewer
    }

    /// To all that it shows, from where it was.
    async fn subscribe(&mut self) {
        for (name, last) in &self.shown {
            let after_sequence = match last {
                Last::Turn(_, sequence) => Some(*sequence),
                Last::Nothing | Last::Forgotten => None,
            };
            self.screen.send(Command::Subscribe(Subscribe { after_sequence, ..to(name) })).await;
        }
    }

    /// Reads until it has seen enough.
    async fn reads(mut self, leaves: Leaves, mut late: watch::Receiver<bool>) {
        match leaves {
            Leaves::Unsubscribing => {
                self.until_all(is_over).await;
                let names: Vec<_> = self.shown.keys().cloned().collect();
                for name in names {
                    self.screen.unsubscribe(&name).await;
                }
                self.screen.half_close();
            }
            Leaves::AndResumes => {
                self.until_all(has_begun).await;
                self.screen = Screen::open_on(self.channel.clone()).await;
                self.subscribe().await;
                self.until_all(is_over).await;
            }
            Leaves::Cancelling => self.until_all(has_begun).await,
            Leaves::ReadingLate => {
                late.wait_for(|is_late| *is_late).await.expect("it becomes late");
                self.until_all(is_over).await;
            }
        }
    }

    async fn until_all(&mut self, is_enough: fn(&str, Last) -> bool) {
        while !self.shown.iter().all(|(name, last)| is_enough(name, *last)) {
            match self.screen.event().await {
                Event::Snapshot(snapshot) => {
                    let turn = snapshot.recommendation.expect("there is one in each").turn;
                    self.shown.insert(snapshot.conversation_id, Last::Turn(turn, snapshot.sequence));
                }
                Event::Forgotten(forgotten) => {
                    self.shown.insert(forgotten.conversation_id, Last::Forgotten);
                }
                other @ (Event::Heartbeat(_) | Event::Accepted(_) | Event::Error(_)) => panic!("{other:?}"),
            }
        }
    }
}

/// One that was not looked at until it was deleted is not told of.
fn has_begun(name: &str, last: Last) -> bool {
    match last {
        Last::Nothing => false,
        Last::Turn(turn, _) => turn > 0 || is_deleted(name),
        Last::Forgotten => true,
    }
}

fn is_over(name: &str, last: Last) -> bool {
    match last {
        Last::Nothing => false,
        Last::Turn(turn, _) => turn == 2 || (turn == 0 && is_deleted(name)),
        Last::Forgotten => is_deleted(name),
    }
}

/// A promise that nobody has to keep today.
fn in_days(days: i64) -> Commitment {
    let now = std::time::UNIX_EPOCH.elapsed().expect("it is later than 1970").as_secs();
    let seconds = i64::try_from(now).expect("it is not so late") + days * 24 * 60 * 60;
    Commitment {
        id: "call-back".to_owned(),
        due_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        ..Default::default()
    }
}

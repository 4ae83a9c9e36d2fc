//! What streams do as time passes, by a clock that passes at once.

use std::sync::Arc;
use std::time::Duration;

use composure::grpc::call::Asked;
use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    Commitment, CommitmentStatus, RecommendRequest, StreamRecommendationsRequest, StreamRecommendationsResponse,
};
use composure::grpc::{Answer, Asks, Received, Recommendations};
use composure::playbook::{Bases, Time};
use composure::service::{Conversations, Document, Loaded, Playbooks, Shelf};
use composure::store::{Key, Store};
use composure::telemetry::Metrics;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use prost::Message as _;
use prost_types::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance};
use tonic::Status;

use crate::screen::{in_, to, venting};
use crate::wire_server::{memory, shelf};

const TEN_MINUTES: Duration = Duration::from_secs(600);

/// A replica without a network.
struct Replica {
    desk: Recommendations,
    conversations: Conversations,
    playbooks: Arc<Shelf>,
}

impl Replica {
    fn over(store: &Store) -> Self {
        let conversations = Conversations::new(store.clone(), Duration::from_secs(3_600));
        let playbooks = shelf();
        let desk = Recommendations::new(Arc::clone(&playbooks), Metrics::new()).holding(conversations.clone());
        Self { desk, conversations, playbooks }
    }

    fn follow(&self) -> JoinHandle<()> {
        let (conversations, playbooks) = (self.conversations.clone(), Arc::clone(&self.playbooks));
        tokio::spawn(async move { conversations.follow(&playbooks).await })
    }

    /// A stream of this tenant that sends these commands and no more.
    fn stream(&self, tenant: &str, commands: Vec<Command>) -> Events {
        let command = |command| Ok(Received::of(&StreamRecommendationsRequest { command: Some(command) }));
        let commands = stream::iter(commands.into_iter().map(command).collect::<Vec<_>>());
        let asks = Asks { tenant: tenant.into(), counted_as: tenant.into(), until: None };
        Events(self.desk.stream(asks, commands).expect("some are held"))
    }

    async fn recommend(&self, tenant: &str, request: RecommendRequest) {
        let now = std::time::UNIX_EPOCH.elapsed().expect("it is later").as_millis();
        let received = Time::from_millis(now.try_into().expect("it fits"));
        let asked = Asked { tenant, received, until: Instant::now() + TEN_MINUTES };
        self.desk.answer_held(&request, asked).await.expect("it is valid");
    }
}

struct Events(BoxStream<'static, Result<Answer, Status>>);

impl Events {
    async fn next(&mut self) -> Event {
        let answer = self.0.next().await.expect("it goes on").expect("without an error");
        StreamRecommendationsResponse::decode(answer.as_bytes()).expect("it is one").event.expect("there is one")
    }

    /// The next is a heartbeat, after so long.
    async fn heartbeat_after(&mut self, time: Duration) {
        let began = Instant::now();
        let Event::Heartbeat(heartbeat) = self.next().await else { panic!("nothing else happens") };
        let waited = began.elapsed();
        assert!(waited.abs_diff(time) < Duration::from_millis(100), "{waited:?}");
        assert!(heartbeat.time.is_some());
    }

    /// What comes next but for heartbeats, after whole minutes: so many.
    async fn news(&mut self) -> (Event, u64) {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < Duration::from_secs(48 * 3_600), "nothing else comes");
            match self.next().await {
                Event::Heartbeat(_) => {}
                // The clock of the machine goes on meanwhile.
                event => return (event, (began.elapsed() + Duration::from_secs(20)).as_secs() / 60),
            }
        }
    }

    /// The sequence of the next snapshot, and how many heartbeats came before it.
    async fn snapshot(&mut self) -> (u64, usize) {
        let mut heartbeats = 0;
        loop {
            assert!(heartbeats < 1_000, "nothing else comes");
            match self.next().await {
                Event::Heartbeat(_) => heartbeats += 1,
                Event::Snapshot(snapshot) => return (snapshot.sequence, heartbeats),
                other => panic!("no snapshot: {other:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_on_which_nothing_happens_has_a_heartbeat_every_fifteen_seconds() {
    let replica = Replica::over(&memory());
    let mut events = replica.stream("", vec![Command::Subscribe(to("c"))]);
    assert_eq!(events.snapshot().await, (0, 0));
    for _ in 0..3 {
        events.heartbeat_after(Duration::from_secs(15)).await;
    }
    // Whatever else is sent says the same.
    advance(Duration::from_secs(10)).await;
    replica.recommend("", in_("c", venting())).await;
    assert_eq!(events.snapshot().await, (256, 0));
    events.heartbeat_after(Duration::from_secs(15)).await;
}

/// A promise of a call back in so many hours.
fn promise(id: &str, hours: i64) -> Commitment {
    let now = std::time::UNIX_EPOCH.elapsed().expect("it is later").as_secs();
    let due_time = Some(Timestamp { seconds: now.cast_signed() + hours * 3_600, nanos: 0 });
    Commitment { id: id.to_owned(), due_time, ..Commitment::default() }
}

/// Its sequence, whether it reminds of what was promised, which promises were missed, and whether time brings about another.
fn told(event: Event) -> (u64, bool, Vec<String>, bool) {
    let Event::Snapshot(snapshot) = event else { panic!("no snapshot: {event:?}") };
    let answer = snapshot.recommendation.expect("it has an answer");
    let reminds = answer.suggestions.iter().any(|suggestion| suggestion.action == "give_progress_update");
    let missed = answer.commitments.into_iter().filter(|promise| promise.status() == CommitmentStatus::Missed);
    (snapshot.sequence, reminds, missed.map(|promise| promise.id).collect(), answer.next_check_time.is_some())
}

#[tokio::test(start_paused = true)]
async fn a_promise_falls_due_and_is_missed_at_its_time() {
    let replica = Replica::over(&memory());
    let mut events = replica.stream("", vec![Command::Subscribe(to("c"))]);
    events.snapshot().await;
    let commitments = vec![promise("later", 4), promise("p", 3)];
    replica.recommend("", in_("c", RecommendRequest { commitments, ..venting() })).await;
    // Each is due ten minutes before its time, and missed after that. That the later one falls due changes nothing for an agent who
    // is reminded already.
    for (after, sequence, reminds, missed, goes_on) in [
        (0, 256, false, &[][..], true),
        (170, 257, true, &[], true),
        (10, 258, true, &["p"], true),
        (60, 260, true, &["later", "p"], false),
    ] {
        let (event, minutes) = events.news().await;
        let missed = missed.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!((minutes, told(event)), (after, (sequence, reminds, missed, goes_on)));
    }
    assert!(matches!(events.next().await, Event::Heartbeat(_)), "nothing more comes of them");
}

#[tokio::test(start_paused = true)]
async fn a_promise_that_is_kept_or_put_off_is_not_told_at_its_old_time() {
    let replica = Replica::over(&memory());
    let mut events =
        replica.stream("", ["kept", "put off"].map(|conversation| Command::Subscribe(to(conversation))).into());
    events.snapshot().await;
    events.snapshot().await;
    for conversation in ["kept", "put off"] {
        let commitments = vec![promise("p", 3)];
        replica.recommend("", in_(conversation, RecommendRequest { commitments, ..venting() })).await;
        assert_eq!(events.snapshot().await.0, 256);
    }
    let kept = Commitment { status: CommitmentStatus::Kept.into(), ..promise("p", 3) };
    for (conversation, promise) in [("kept", kept), ("put off", promise("p", 6))] {
        replica.recommend("", in_(conversation, RecommendRequest { commitments: vec![promise], ..venting() })).await;
        assert_eq!(events.snapshot().await.0, 512);
    }
    let (event, minutes) = events.news().await;
    let Event::Snapshot(snapshot) = event else { panic!("no snapshot: {event:?}") };
    assert_eq!((snapshot.conversation_id.as_str(), snapshot.sequence, minutes), ("put off", 513, 350));
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_expires_is_told_of() {
    let replica = Replica::over(&memory());
    let _following = replica.follow();
    let mut events = replica.stream("", vec![Command::Subscribe(to("c"))]);
    events.snapshot().await;
    replica.recommend("", in_("c", venting())).await;
    assert_eq!(events.snapshot().await, (256, 0));
    let (event, minutes) = events.news().await;
    let Event::Forgotten(forgotten) = event else { panic!("it is forgotten: {event:?}") };
    assert_eq!((forgotten.conversation_id.as_str(), minutes), ("c", 60));
    replica.recommend("", in_("c", venting())).await;
    assert_eq!(events.snapshot().await, (256, 0), "it begins anew");
}

#[tokio::test(start_paused = true)]
async fn what_no_message_tells_is_found_by_asking() {
    let store = memory();
    let (one, other) = (Replica::over(&store), Replica::over(&store));
    let _following = one.follow();
    let mut events = one.stream("", vec![Command::Subscribe(to("c"))]);
    events.snapshot().await;
    other.recommend("", in_("c", venting())).await;
    let began = Instant::now();
    assert_eq!(events.snapshot().await, (256, 0));
    assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
    // One that is gone, too.
    let key = Key { tenant: "", conversation: "c" };
    assert_eq!(store.delete(key, Instant::now() + TEN_MINUTES).await, Ok(true));
    let Event::Forgotten(forgotten) = events.next().await else { panic!("it is forgotten") };
    assert_eq!(forgotten.conversation_id, "c");
}

#[tokio::test(start_paused = true)]
async fn a_stream_shows_nothing_of_other_tenants() {
    let replica = Replica::over(&memory());
    let mut events = replica.stream("acme", vec![Command::Subscribe(to("c"))]);
    events.snapshot().await;
    replica.recommend("other", in_("c", venting())).await;
    assert!(matches!(events.next().await, Event::Heartbeat(_)));
    replica.recommend("acme", in_("c", venting())).await;
    assert_eq!(events.snapshot().await, (256, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_watches_nothing_and_gives_its_places_back() {
    let replica = Replica::over(&memory());
    let desk = replica.desk.clone().subscribed_to(1);
    let replica = Replica { desk, ..replica };
    for _ in 0..3 {
        let mut events = replica.stream("", vec![Command::Subscribe(to("c")), Command::Subscribe(to("d"))]);
        let told = (events.next().await, events.next().await);
        let told = match told {
            (Event::Snapshot(shown), Event::Error(refused)) | (Event::Error(refused), Event::Snapshot(shown)) => {
                (shown.conversation_id, refused.conversation_id)
            }
            other => panic!("there is room for one: {other:?}"),
        };
        assert_eq!(told, ("c".to_owned(), "d".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn new_playbooks_show_at_once_where_they_change_the_answer() {
    let replica = Replica::over(&memory());
    let _following = replica.follow();
    let mut events = replica.stream("", ["new", "old"].map(|conversation| Command::Subscribe(to(conversation))).into());
    events.snapshot().await;
    events.snapshot().await;
    replica.recommend("", in_("old", venting())).await;
    assert_eq!(events.snapshot().await, (256, 0));
    // Whatever else has them looked at comes before this.
    assert!(matches!(events.next().await, Event::Heartbeat(_)));
    let text = include_str!("../../playbooks/default.yaml").replace("title: De-escalation,", "title: Another,");
    let bases = Bases::shipped();
    let loaded = Loaded::read(Document { text, file_name: "default.yaml".to_owned() }, &bases);
    let loaded = loaded.expect("it is valid").expect("it is no fragment");
    replica.playbooks.replace(Playbooks::new(vec![Arc::new(loaded)], bases));
    let began = Instant::now();
    assert_eq!(events.snapshot().await, (0, 0), "that of the conversation that has not begun");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(matches!(events.next().await, Event::Heartbeat(_)), "the other one stays with its playbook");
}

//! Streams of a server whose Redis can't be reached for a while: they say so, go on, and show what is so once it is back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{ErrorReason, RecommendationSnapshot, StreamError, Subscribe};
use composure::service::{Conversations, Playbooks, Shelf};
use composure::store::{Mode, Redis, Store};
use composure::telemetry::Metrics;
use tonic::Code;

use crate::redis_proxy::{Proxy, Way};
use crate::redis_servers::{Server, settings, single, until};
use crate::screen::{Screen, calm, in_, to, venting};
use crate::telemetry::series;
use crate::wire_server::{Special, WireServer, shelf};

/// A server, its playbooks, and the way to its Redis.
struct Apart {
    server: WireServer,
    shelf: Arc<Shelf>,
    way: Proxy,
    redis: Server,
}

impl Apart {
    async fn start() -> Self {
        let redis = Server::start(&[]);
        let way = Proxy::to(redis.port).await;
        let store = Store::Redis(single(&way.address()));
        let conversations = Some(Conversations::new(store, Duration::from_secs(3_600)));
        let shelf = shelf();
        let special = Special { shelf: Arc::clone(&shelf), conversations, ..Special::default() };
        Self { server: WireServer::start_special(special).await, shelf, way, redis }
    }

    /// Has everything that is watched looked at.
    fn looks(&self) {
        self.shelf.replace(Playbooks::shipped().expect("the playbooks in the program are valid"));
    }
}

fn is_unavailable(told: &StreamError, conversation: &str) {
    assert_eq!((told.conversation_id.as_str(), told.code), (conversation, Code::Unavailable.into()), "{told:?}");
    assert_eq!((told.reason(), &told.retry_after), (ErrorReason::StoreUnavailable, &None), "the stream looks again");
}

/// Where a snapshot stands, and whether it may not count.
fn shown(snapshot: &RecommendationSnapshot) -> (u64, bool) {
    (snapshot.sequence, snapshot.recommendation.as_ref().expect("it has an answer").degraded)
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_store_that_is_down_is_told_on_the_stream_and_a_snapshot_follows_when_it_is_back() {
    let apart = Apart::start().await;
    let mut screen = Screen::showing(&apart.server, &["begun", "fresh", "quiet"]).await;
    for conversation in ["begun", "quiet"] {
        apart.server.recommend(in_(conversation, venting())).await.expect("it is valid");
        assert_eq!(shown(&screen.snapshot().await), (256, false));
    }
    apart.way.goes(Way::Cut);
    screen.subscribe("new").await;
    is_unavailable(&screen.error().await, "new");
    // What is observed meanwhile is shown, and marked.
    screen.recommend(in_("begun", calm())).await;
    let mut degraded = BTreeMap::new();
    for _ in 0..2 {
        match screen.event().await {
            Event::Accepted(accepted) => degraded.insert("accepted", (accepted.sequence, accepted.degraded)),
            Event::Snapshot(snapshot) => degraded.insert("shown", shown(&snapshot)),
            other => panic!("nothing else comes: {other:?}"),
        };
    }
    assert_eq!(degraded, [("accepted", (512, true)), ("shown", (512, true))].into());
    // Of what was begun this server knows, so that there is nothing new; of what was not, nobody does now. Each says so once.
    apart.looks();
    is_unavailable(&screen.error().await, "fresh");
    apart.looks();
    apart.way.goes(Way::Open);
    let mut healed = BTreeMap::new();
    while healed.len() < 3 {
        let snapshot = screen.snapshot().await;
        let (sequence, is_degraded) = shown(&snapshot);
        assert!(!is_degraded, "{snapshot:?}");
        healed.insert(snapshot.conversation_id, sequence);
    }
    assert_eq!(
        healed,
        [("begun", 512), ("fresh", 0), ("new", 0)].map(|(id, sequence)| (id.to_owned(), sequence)).into()
    );
    for conversation in ["begun", "fresh", "new"] {
        apart.server.recommend(in_(conversation, venting())).await.expect("it is valid");
        let snapshot = screen.snapshot().await;
        assert_eq!((snapshot.conversation_id.as_str(), shown(&snapshot).1), (conversation, false));
    }
    screen.shows_nothing_new().await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_was_looked_at_is_not_read_again_because_nobody_had_told_of_it() {
    let redis = Server::start(&[]);
    let metrics = Metrics::new();
    let store = Redis::new(settings(Mode::Single, &[redis.address()]), &metrics).expect("the settings are good");
    let conversations = Some(Conversations::new(Store::Redis(store), Duration::from_secs(3_600)));
    let server = WireServer::start_special(Special { conversations, ..Special::default() }).await;
    server.recommend(in_("begun", venting())).await.expect("it is valid");
    let done = |operation: &str| -> u64 {
        let name = format!("composure_store_operations_total{{operation=\"{operation}\",result=\"done\"}}");
        series(&metrics, &name).expect("it is told")
    };
    let (before, polls) = (done("get"), done("listen"));
    let _screen = Screen::showing(&server, &["begun", "fresh"]).await;
    // One poll may have begun before, and what it found may not have been looked at yet when it has ended.
    until("some polls", async || (done("listen") >= polls + 3).then_some(())).await;
    assert_eq!(done("get"), before + 2);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn whoever_comes_back_while_the_store_is_down_is_shown_how_it_stands_when_it_is_back() {
    let apart = Apart::start().await;
    let mut screen = Screen::open(&apart.server).await;
    apart.way.goes(Way::Cut);
    screen.send(Command::Subscribe(Subscribe { after_sequence: Some(0), ..to("fresh") })).await;
    is_unavailable(&screen.error().await, "fresh");
    screen.send(Command::Subscribe(Subscribe { after_sequence: Some(512), ..to("gone") })).await;
    is_unavailable(&screen.error().await, "gone");
    apart.way.goes(Way::Open);
    let mut told = BTreeMap::new();
    for _ in 0..2 {
        match screen.event().await {
            Event::Snapshot(snapshot) => told.insert(snapshot.conversation_id.clone(), Some(shown(&snapshot))),
            Event::Forgotten(forgotten) => told.insert(forgotten.conversation_id, None),
            other => panic!("nothing else comes: {other:?}"),
        };
    }
    assert_eq!(told, [("fresh".to_owned(), Some((0, false))), ("gone".to_owned(), None)].into());
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_is_remembered_while_the_store_is_down_is_shown_and_then_what_is_held() {
    let apart = Apart::start().await;
    let other = Conversations::new(Store::Redis(single(&apart.redis.address())), Duration::from_secs(3_600));
    let other = WireServer::start_special(Special { conversations: Some(other), ..Special::default() }).await;
    apart.server.recommend(in_("c", venting())).await.expect("it is valid");
    apart.way.goes(Way::Cut);
    // It opens a stream anew, as after the end of another server.
    let mut screen = Screen::open(&apart.server).await;
    screen.subscribe("c").await;
    assert_eq!(shown(&screen.snapshot().await), (256, true));
    apart.way.goes(Way::Open);
    assert_eq!(shown(&screen.snapshot().await), (256, false), "nothing was written since, and that is known now");
    apart.way.goes(Way::Cut);
    until("a turn that can't be written", async || {
        let answer = apart.server.recommend(in_("c", calm())).await.expect("it is valid");
        answer.degraded.then_some(())
    })
    .await;
    other.recommend(in_("c", calm())).await.expect("it is valid");
    apart.way.goes(Way::Open);
    // Whatever was shown meanwhile, in the end it is what everybody is shown.
    let mut elsewhere = Screen::open(&other).await;
    elsewhere.subscribe("c").await;
    let is = elsewhere.snapshot().await;
    loop {
        let snapshot = screen.snapshot().await;
        if (snapshot.sequence, &snapshot.answer_digest) == (is.sequence, &is.answer_digest) && !shown(&snapshot).1 {
            break;
        }
    }
}

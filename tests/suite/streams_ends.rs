//! Streams at their bounds: slow readers, too many subscriptions, what can't be read, and the end.

use std::time::Duration;

use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    Commitment, CommitmentStatus, ErrorReason, RecommendRequest, RecommendationSnapshot, StreamRecommendationsRequest,
    StreamRecommendationsResponse, Subscribe, Unsubscribe,
};
use composure::server::{Ended, Settings};
use prost::Message as _;
use prost::bytes::{Buf as _, Bytes, BytesMut};
use prost_types::Timestamp;
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::raw_client::{Begun, Opened, PATIENCE, RawClient, framed};
use crate::screen::{Screen, calm, in_, to, venting};
use crate::server_auth::keys;
use crate::telemetry::series;
use crate::wire_server::{Special, WireServer, conversations};

const STREAM: &str = "/composure.v1.RecommendationService/StreamRecommendations";

fn command(command: Command) -> Bytes {
    framed(0, &StreamRecommendationsRequest { command: Some(command) }.encode_to_vec())
}

/// The messages that come on a stream, as they are read.
struct Messages {
    stream: Opened,
    read: BytesMut,
}

impl Messages {
    async fn of(begun: Begun) -> Self {
        Self { stream: begun.opened().await, read: BytesMut::new() }
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.complete() {
                return event;
            }
            let body = self.stream.answer.body_mut();
            let data = timeout(PATIENCE, body.data()).await.expect("it comes in time");
            let data = data.expect("it goes on").expect("it arrives");
            body.flow_control().release_capacity(data.len()).expect("it was received");
            self.read.extend_from_slice(&data);
        }
    }

    fn complete(&mut self) -> Option<Event> {
        let length = self.read.get(1..5)?.iter().fold(0, |length, byte| length * 256 + usize::from(*byte));
        self.read.get(..5 + length)?;
        let mut message = self.read.split_to(5 + length);
        message.advance(5);
        StreamRecommendationsResponse::decode(message).expect("it is one").event
    }

    async fn snapshot(&mut self) -> RecommendationSnapshot {
        loop {
            if let Event::Snapshot(snapshot) = self.next().await {
                return snapshot;
            }
        }
    }
}

#[tokio::test]
async fn a_reader_that_is_slow_gets_the_newest_and_not_all_between() {
    const CHANGES: u64 = 400;
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    let mut begun = client.begin(STREAM, &[]).await;
    begun.body.send_data(command(Command::Subscribe(to("c"))), false).expect("it is open");
    let mut messages = Messages::of(begun).await;
    let mut others = server.recommendations().await;
    for change in 0..CHANGES {
        let request = if change % 2 == 0 { venting() } else { calm() };
        others.recommend(in_("c", request)).await.expect("it is valid");
    }
    let sent: f64 = series(&server.metrics, "composure_snapshots_total").expect("it is told");
    assert!(sent < 100.0, "{sent} snapshots were made for somebody who reads none");
    let mut read = 1.0;
    while messages.snapshot().await.sequence < CHANGES * 256 {
        read += 1.0;
    }
    assert!(read <= sent + 2.0, "{read} were read, and {sent} had been sent");
}

#[tokio::test]
async fn what_is_no_message_is_told_and_the_stream_goes_on() {
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    let mut begun = client.begin(STREAM, &[]).await;
    begun.body.send_data(framed(0, &[0xff; 9]), false).expect("it is open");
    // A command that is not known yet: the fifteenth field, and it is empty.
    begun.body.send_data(framed(0, &[15 << 3 | 2, 0]), false).expect("it is open");
    begun.body.send_data(command(Command::Subscribe(to("c"))), false).expect("it is open");
    let mut messages = Messages::of(begun).await;
    let Event::Error(told) = messages.next().await else { panic!("it is told") };
    assert_eq!((told.code, told.reason()), (Code::InvalidArgument.into(), ErrorReason::InvalidRequest));
    let Event::Error(told) = messages.next().await else { panic!("it is told") };
    assert_eq!(told.violations.first().map(|violation| violation.field.as_str()), Some("command"));
    assert_eq!(messages.snapshot().await.sequence, 0);
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_stream_as_the_contract_says() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    let long = "x".repeat(300 * 1024);
    screen
        .recommend(in_("c", RecommendRequest { values: [("customer_name".to_owned(), long)].into(), ..venting() }))
        .await;
    let ended = screen.next().await.expect_err("it is too large");
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::ResourceExhausted, "ERROR_REASON_MESSAGE_TOO_LARGE"));
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().expect("every error of ours says its reason").reason
}

#[tokio::test]
async fn without_conversations_there_are_no_streams() {
    let server = WireServer::start_special(Special { conversations: None, ..Special::default() }).await;
    let refused = Screen::try_open_on(server.channel().await).await.err().expect("nothing is held");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(reason(&refused), "ERROR_REASON_CONVERSATIONS_NOT_HELD");
}

#[tokio::test]
async fn beyond_their_share_subscriptions_are_turned_away_and_calls_are_not() {
    let server = WireServer::start_special(Settings { subscriptions: 6, ..Settings::default() }).await;
    let mut screen = Screen::showing(&server, &["a", "b", "c"]).await;
    screen.subscribe("d").await;
    let told = screen.error().await;
    assert_eq!((told.conversation_id.as_str(), told.reason()), ("d", ErrorReason::Busy));
    assert!(told.code == i32::from(Code::ResourceExhausted) && told.retry_after.is_some());
    assert!(told.message.contains("your share"), "{}", told.message);
    // One that is there can be replaced, but not by one that takes more room.
    screen.send(Command::Subscribe(Subscribe { max_suggestions: 1, ..to("a") })).await;
    assert_eq!(screen.snapshot().await.conversation_id, "a");
    screen.send(Command::Subscribe(large("a"))).await;
    assert_eq!(screen.error().await.conversation_id, "a");
    server.recommend(in_("d", venting())).await.expect("calls are answered");
    server.recommend(in_("a", venting())).await.expect("calls are answered");
    let shown = screen.snapshot().await.recommendation.expect("it has an answer");
    assert_eq!(shown.suggestions.len(), 1, "it is as it was");
    screen.unsubscribe("b").await;
    screen.send(Command::Subscribe(large("a"))).await;
    assert_eq!(screen.snapshot().await.conversation_id, "a");
    // And one that takes less gives back what it had.
    screen.subscribe("d").await;
    assert_eq!(screen.error().await.conversation_id, "d");
    screen.subscribe("a").await;
    assert_eq!(screen.snapshot().await.conversation_id, "a");
    screen.subscribe("d").await;
    assert_eq!(screen.snapshot().await.conversation_id, "d");
}

/// Subscriptions that were turned away, for who came to its limit.
fn shed(server: &WireServer, reason: &str) -> Option<f64> {
    series(&server.metrics, &format!("composure_subscriptions_shed_total{{reason=\"{reason}\"}}"))
}

#[tokio::test]
async fn one_caller_s_flood_of_subscriptions_leaves_room_for_another() {
    let server = WireServer::start_special(Settings { subscriptions: 6, ..Settings::default() }).await;
    let mut flood = Screen::showing(&server, &["a", "b", "c"]).await;
    // Another stream is no other caller.
    let mut again = Screen::open(&server).await;
    for conversation in ["d", "e"] {
        again.subscribe(conversation).await;
        assert_eq!(again.error().await.reason(), ErrorReason::Busy);
    }
    assert_eq!((shed(&server, "caller"), shed(&server, "server")), (Some(2.0), Some(0.0)));
    let mut other = Screen::open_on(server.channel_from(2).await).await;
    for conversation in ["a", "x"] {
        other.subscribe(conversation).await;
        assert_eq!(other.snapshot().await.conversation_id, conversation);
    }
    // Of six, two callers get two each; the first one keeps what it has, and gets nothing new.
    other.subscribe("y").await;
    assert_eq!(other.error().await.conversation_id, "y");
    flood.unsubscribe("c").await;
    again.subscribe("d").await;
    assert_eq!(again.error().await.conversation_id, "d");
    flood.unsubscribe("b").await;
    finds_a_place(&mut again, "d").await;
}

/// Asks for a conversation until there is a place for it.
async fn finds_a_place(screen: &mut Screen, conversation: &str) {
    let shown = async {
        loop {
            screen.subscribe(conversation).await;
            match screen.event().await {
                Event::Snapshot(snapshot) => return snapshot.conversation_id,
                Event::Error(told) => assert_eq!(told.reason(), ErrorReason::Busy),
                other => panic!("nothing else comes: {other:?}"),
            }
        }
    };
    assert_eq!(timeout(PATIENCE, shown).await.as_deref(), Ok(conversation), "places are given back");
}

#[tokio::test]
async fn tenants_have_shares_of_their_own_wherever_they_call_from() {
    const KEYS: [(&str, &str); 2] =
        [("acme", "0f5d3b1c9a7e4d2b8c6a0f5d3b1c9a7e"), ("bank", "7e9a1c3b5d0f4a6c8b2d4e7a9c1b3d5f")];
    let (auth, _folder) = keys(&KEYS, "[recommend]");
    let settings = Settings { subscriptions: 2, ..Settings::default() };
    let server = WireServer::start_special(Special { settings, auth, ..Special::default() }).await;
    let mut open = Vec::new();
    for (tenant, key) in KEYS {
        let mut screen = Screen::try_open_with(server.channel().await, &[("x-api-key", key)]).await.expect("it may");
        screen.subscribe("a").await;
        assert_eq!(screen.snapshot().await.conversation_id, "a", "{tenant}");
        open.push(screen);
        let elsewhere = server.channel_from(2).await;
        let mut screen = Screen::try_open_with(elsewhere, &[("x-api-key", key)]).await.expect("it may");
        screen.subscribe("b").await;
        assert_eq!(screen.error().await.reason(), ErrorReason::Busy, "{tenant}");
    }
}

#[tokio::test]
async fn in_all_there_are_no_more_subscriptions_than_the_limit() {
    let server = WireServer::start_special(Settings { subscriptions: 2, ..Settings::default() }).await;
    let mut open = Vec::new();
    for last in 2..4 {
        let mut screen = Screen::open_on(server.channel_from(last).await).await;
        screen.subscribe("c").await;
        screen.snapshot().await;
        open.push(screen);
    }
    let mut third = Screen::open_on(server.channel_from(4).await).await;
    third.subscribe("c").await;
    let told = third.error().await;
    assert!(told.reason() == ErrorReason::Busy && told.message.contains("another replica"), "{told:?}");
    assert_eq!((shed(&server, "caller"), shed(&server, "server")), (Some(0.0), Some(1.0)));
    open.pop();
    finds_a_place(&mut third, "c").await;
}

/// Ways for a stream to end.
#[derive(Debug, Clone, Copy)]
enum Way {
    Cancelled,
    Disconnected,
    TooLarge,
    OutOfTime,
    Unsubscribed,
}

/// A stream that is subscribed to `c`, and whose end is this way.
async fn ends(server: &WireServer, way: Way) {
    let metadata: &[_] = if let Way::OutOfTime = way { &[("grpc-timeout", "300m")] } else { &[] };
    let mut client = RawClient::connect(server.address).await;
    let mut begun = client.begin(STREAM, metadata).await;
    begun.body.send_data(command(Command::Subscribe(to("c"))), false).expect("it is open");
    let mut messages = Messages::of(begun).await;
    messages.snapshot().await;
    match way {
        Way::Cancelled => drop(messages),
        Way::Disconnected => client.ended.abort(),
        Way::TooLarge => {
            messages.stream.body.send_data(framed(0, &vec![0; 300 * 1024]), false).expect("it is open");
            assert_eq!(messages.stream.code().await, Code::ResourceExhausted);
        }
        Way::OutOfTime => assert_eq!(messages.stream.code().await, Code::DeadlineExceeded),
        Way::Unsubscribed => {
            let unsubscribe = Unsubscribe { conversation_id: "c".to_owned() };
            messages.stream.body.send_data(command(Command::Unsubscribe(unsubscribe)), false).expect("it is open");
            has_places(server).await;
        }
    }
}

/// Whether nobody is subscribed any more, and whoever was may be again.
async fn has_places(server: &WireServer) {
    let mut screen = Screen::open(server).await;
    finds_a_place(&mut screen, "d").await;
    drop(screen);
    let gone = async {
        while series(&server.metrics, "composure_subscriptions") > Some(0.0) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.expect("nothing is subscribed to");
}

#[tokio::test]
async fn places_are_given_back_however_a_subscription_ends() {
    let server = WireServer::start_special(Settings { subscriptions: 2, ..Settings::default() }).await;
    for way in [Way::Cancelled, Way::Disconnected, Way::TooLarge, Way::OutOfTime, Way::Unsubscribed] {
        ends(&server, way).await;
        has_places(&server).await;
    }
}

/// One that takes two places.
fn large(conversation: &str) -> Subscribe {
    let values = ["customer_name", "issue_summary", "agent_name"].map(|name| (name.to_owned(), "x".repeat(2_000)));
    Subscribe { values: values.into(), ..to(conversation) }
}

#[tokio::test]
async fn a_stream_lasts_as_long_as_its_client_says() {
    let server =
        WireServer::start_special(Settings { deadline: Duration::from_millis(50), ..Settings::default() }).await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    let mut client = RawClient::connect(server.address).await;
    let begun = client.begin(STREAM, &[("grpc-timeout", "300m")]).await;
    assert_eq!(begun.opened().await.code().await, Code::DeadlineExceeded);
    // The other one is older than either.
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn when_a_server_stops_its_streams_go_on_at_another() {
    let conversations = conversations();
    let special = || Special { conversations: Some(conversations.clone()), ..Special::default() };
    let (one, other) = (WireServer::start_special(special()).await, WireServer::start_special(special()).await);
    let mut screen = Screen::showing(&one, &["c"]).await;
    other.recommend(in_("c", venting())).await.expect("it is valid");
    let seen = screen.snapshot().await;
    assert_eq!(seen.sequence, 256, "what one replica is told is shown by the other");
    one.stop.send(()).await.expect("it runs");
    let ended = screen.next().await.expect_err("it ends");
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::Unavailable, "ERROR_REASON_STOPPING"));
    let mut again = Screen::open(&other).await;
    again.send(Command::Subscribe(Subscribe { after_sequence: Some(seen.sequence), ..to("c") })).await;
    again.shows_nothing_new().await;
    drop(screen);
    let ended = timeout(PATIENCE, one.ended).await.expect("it ends").expect("it does not panic");
    assert_eq!(ended.expect("nor fail"), Ended::Drained);
    assert!(one.metrics.render(None).1.contains("composure_streams_open 0\n"));
    assert!(other.metrics.render(None).1.contains("composure_streams_open 1\n"));
}

#[tokio::test]
async fn a_promise_falls_due_and_is_missed_without_a_word() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c", "d"]).await;
    let soon = Duration::from_millis(700);
    let now = std::time::UNIX_EPOCH.elapsed().expect("it is later");
    let promise = |due: Duration| Commitment {
        id: "p".to_owned(),
        due_time: Some(Timestamp {
            seconds: due.as_secs().try_into().expect("it fits"),
            nanos: due.subsec_nanos().cast_signed(),
        }),
        ..Commitment::default()
    };
    for (conversation, due) in [("c", now + soon), ("d", now + Duration::from_secs(600) + soon)] {
        let request = RecommendRequest { commitments: vec![promise(due)], ..venting() };
        server.recommend(in_(conversation, request)).await.expect("it is valid");
    }
    let mut seen = Vec::new();
    for _ in 0..4 {
        let snapshot = screen.snapshot().await;
        let answer = snapshot.recommendation.expect("it has an answer");
        let status = answer.commitments.first().expect("one is promised").status();
        seen.push((snapshot.conversation_id, snapshot.sequence, status));
    }
    seen.sort();
    let (open, missed) = (CommitmentStatus::Open, CommitmentStatus::Missed);
    let told = [("c", 257, open), ("c", 258, missed), ("d", 256, open), ("d", 257, open)];
    assert_eq!(seen, told.map(|(conversation, sequence, status)| (conversation.to_owned(), sequence, status)));
    screen.shows_nothing_new().await;
}

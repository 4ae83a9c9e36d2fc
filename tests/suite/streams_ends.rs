//! Streams at their bounds: slow readers, too many subscriptions, what can't be read, and the end.

use std::time::Duration;

use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    Commitment, CommitmentStatus, ErrorReason, RecommendRequest, RecommendationSnapshot, StreamRecommendationsRequest,
    StreamRecommendationsResponse, Subscribe,
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
    let sent = series(&server.metrics, "composure_snapshots_total").expect("it is told");
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
    begun.body.send_data(command(Command::Subscribe(to("c"))), false).expect("it is open");
    let mut messages = Messages::of(begun).await;
    let Event::Error(told) = messages.next().await else { panic!("it is told") };
    assert_eq!((told.code, told.reason()), (Code::InvalidArgument.into(), ErrorReason::InvalidRequest));
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
async fn beyond_their_limit_subscriptions_are_turned_away_and_calls_are_not() {
    let server = WireServer::start_special(Settings { subscriptions: 3, ..Settings::default() }).await;
    let mut screen = Screen::showing(&server, &["a", "b", "c"]).await;
    screen.subscribe("d").await;
    let told = screen.error().await;
    assert_eq!((told.conversation_id.as_str(), told.reason()), ("d", ErrorReason::Busy));
    assert!(told.code == i32::from(Code::ResourceExhausted) && told.retry_after.is_some());
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
    drop(screen);
    let free = async {
        while series(&server.metrics, "composure_subscriptions") > Some(0.0) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, free).await.expect("what a stream had is given back");
    Screen::showing(&server, &["x", "y", "z"]).await;
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

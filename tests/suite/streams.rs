//! Streams that keep screens up to date: what changes is shown at once, and nothing else is.

use composure::grpc::generated::conversation_service_client::ConversationServiceClient;
use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::{
    Acknowledge, Channel, DeleteConversationRequest, ErrorReason, RecommendRequest, RecommendationSnapshot, Subscribe,
    Unsubscribe, Warning, WarningCode,
};
use tonic::Code;

use crate::screen::{Screen, calm, in_, to, venting};
use crate::wire_server::{WireServer, anger, flag, level};

/// What a snapshot says of where the conversation stands.
fn stands(snapshot: &RecommendationSnapshot) -> (u64, &str, u32) {
    let answer = snapshot.recommendation.as_ref().expect("it has an answer");
    (snapshot.sequence, &answer.stage, answer.turn)
}

fn first_action(snapshot: &RecommendationSnapshot) -> &str {
    let answer = snapshot.recommendation.as_ref().expect("it has an answer");
    &answer.suggestions.first().expect("it suggests something").action
}

async fn delete(server: &WireServer, conversation: &str) {
    let request = DeleteConversationRequest { conversation_id: conversation.to_owned() };
    ConversationServiceClient::new(server.channel().await).delete_conversation(request).await.expect("it is held");
}

#[tokio::test]
async fn whoever_is_subscribed_sees_what_others_observe() {
    let server = WireServer::start().await;
    let mut screen = Screen::open(&server).await;
    screen.subscribe("c").await;
    assert_eq!(stands(&screen.snapshot().await), (0, "listen", 0), "how it will begin");
    let answer = server.recommend(in_("c", venting())).await.expect("it is valid");
    let snapshot = screen.snapshot().await;
    assert_eq!((snapshot.conversation_id.as_str(), stands(&snapshot)), ("c", (256, "listen", 1)));
    let shown = snapshot.recommendation.expect("it has an answer");
    assert_eq!((shown.suggestions, shown.state), (answer.suggestions, answer.state));
    assert!(!shown.unchanged && !shown.degraded);
}

#[tokio::test]
async fn what_is_observed_on_a_stream_is_accepted_and_shown_on_all() {
    let server = WireServer::start().await;
    let (mut one, mut other) = (Screen::showing(&server, &["c"]).await, Screen::showing(&server, &["c"]).await);
    let mut request = RecommendRequest { request_id: "r".to_owned(), ..venting() };
    request.signals.push(flag("angr"));
    one.recommend(in_("c", request.clone())).await;
    let accepted = one.accepted().await;
    assert_eq!((accepted.conversation_id.as_str(), accepted.request_id.as_str(), accepted.sequence), ("c", "r", 256));
    assert_eq!(accepted.warnings.iter().map(Warning::code).collect::<Vec<_>>(), [WarningCode::UnknownSignal]);
    assert_eq!((one.snapshot().await.sequence, other.snapshot().await.sequence), (256, 256));
    one.recommend(in_("c", request)).await;
    assert_eq!(one.accepted().await.sequence, 256, "it was counted before");
    one.shows_nothing_new().await;
    other.shows_nothing_new().await;
}

#[tokio::test]
async fn an_answer_that_stays_the_same_is_not_sent_again() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    let first = screen.snapshot().await;
    // Nothing observed, then something in the same turn that is written down and changes no answer.
    server.recommend(in_("c", RecommendRequest::default())).await.expect("it is valid");
    let slight = RecommendRequest { turn: 1, signals: vec![level("confusion", 0.01)], ..RecommendRequest::default() };
    let again = server.recommend(in_("c", slight)).await.expect("it is valid");
    assert_eq!((again.unchanged, again.state.map(|state| state.revision)), (true, Some(2)));
    screen.shows_nothing_new().await;
    let changed = server.recommend(in_("c", RecommendRequest { turn: 1, ..calm() })).await.expect("it is valid");
    assert!(!changed.unchanged);
    assert!(screen.snapshot().await.sequence > first.sequence);
}

#[tokio::test]
async fn each_subscriber_is_shown_what_it_asked_for() {
    let server = WireServer::start().await;
    let mut screen = Screen::open(&server).await;
    let values = [("customer_name".to_owned(), "Ana Lima".to_owned())].into();
    let wish = Subscribe { channel: Channel::Voice.into(), max_suggestions: 1, values, ..to("c") };
    screen.send(Command::Subscribe(wish)).await;
    screen.subscribe("d").await;
    let (one, other) = (screen.snapshot().await, screen.snapshot().await);
    let (one, other) = if one.conversation_id == "c" { (one, other) } else { (other, one) };
    assert_eq!(one.recommendation.expect("it has an answer").suggestions.len(), 1);
    assert!(other.recommendation.expect("it has an answer").suggestions.len() > 1);
}

#[tokio::test]
async fn subscribing_again_replaces_what_was_asked_before() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    screen.send(Command::Subscribe(Subscribe { max_suggestions: 1, ..to("c") })).await;
    assert_eq!(screen.snapshot().await.recommendation.expect("it has an answer").suggestions.len(), 1);
    server.recommend(in_("c", venting())).await.expect("it is valid");
    assert_eq!(screen.snapshot().await.recommendation.expect("it has an answer").suggestions.len(), 1);
    assert!(server.metrics.render(None).1.contains("composure_subscriptions 1\n"));
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn what_is_not_subscribed_to_any_more_is_not_shown() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c", "d"]).await;
    screen.unsubscribe("c").await;
    screen.unsubscribe("never").await;
    screen.shows_nothing_new().await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    server.recommend(in_("d", venting())).await.expect("it is valid");
    assert_eq!(screen.snapshot().await.conversation_id, "d");
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn a_conversation_that_is_deleted_is_told_of_and_may_begin_anew() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    assert_eq!(screen.snapshot().await.sequence, 256);
    delete(&server, "c").await;
    assert_eq!(screen.forgotten().await, "c");
    delete(&server, "c").await;
    screen.shows_nothing_new().await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    assert_eq!(screen.snapshot().await.sequence, 256);
}

#[tokio::test]
async fn mistakes_are_told_on_the_stream_which_goes_on() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    screen.send_nothing().await;
    let told = screen.error().await;
    assert_eq!((told.code, told.reason()), (Code::InvalidArgument.into(), ErrorReason::InvalidRequest));
    assert_eq!(told.violations.first().map(|violation| violation.field.as_str()), Some("command"));

    let wrong = Subscribe { locale: "english".to_owned(), after_answer_digest: "x".to_owned(), ..to("c") };
    screen.send(Command::Subscribe(wrong)).await;
    let told = screen.error().await;
    assert_eq!((told.conversation_id.as_str(), told.reason()), ("c", ErrorReason::InvalidRequest));
    let fields: Vec<_> = told.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["after_answer_digest", "locale"]);

    screen.recommend(RecommendRequest { request_id: "r".to_owned(), ..anger(0.5) }).await;
    let told = screen.error().await;
    assert_eq!((told.request_id.as_str(), told.reason()), ("r", ErrorReason::InvalidRequest));

    screen.recommend(in_("c", anger(7.0))).await;
    assert_eq!(screen.error().await.violations.len(), 1);
    screen.recommend(in_("c", RecommendRequest { playbook: "harbour".to_owned(), ..anger(0.5) })).await;
    let told = screen.error().await;
    assert_eq!((told.code, told.reason()), (Code::NotFound.into(), ErrorReason::UnknownPlaybook));
    assert!(told.metadata.contains_key("loaded"), "{told:?}");

    screen.subscribe(&"x".repeat(129)).await;
    let told = screen.error().await;
    assert_eq!((told.conversation_id.as_str(), told.violations.len()), ("", 1), "it is not said again");
    server.recommend(in_("c", venting())).await.expect("it is valid");
    assert_eq!(screen.snapshot().await.sequence, 256, "the subscription is as it was");
}

#[tokio::test]
async fn commands_that_name_no_conversation_or_too_long_a_one_are_told() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    for wrong in [String::new(), "x".repeat(129)] {
        let acknowledge = Acknowledge { conversation_id: wrong.clone(), sequence: 256 };
        for command in [
            Command::Subscribe(to(&wrong)),
            Command::Unsubscribe(Unsubscribe { conversation_id: wrong.clone() }),
            Command::Recommend(in_(&wrong, venting())),
            Command::Acknowledge(acknowledge),
        ] {
            screen.send(command.clone()).await;
            let told = screen.error().await;
            assert_eq!((told.code, told.conversation_id.as_str()), (Code::InvalidArgument.into(), ""), "{command:?}");
            let fields: Vec<_> = told.violations.iter().map(|violation| violation.field.as_str()).collect();
            assert_eq!(fields, ["conversation_id"], "{command:?}");
        }
    }
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn acknowledgements_of_what_nobody_waits_for_are_passed_over() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    for (conversation, sequence) in [("c", 0), ("c", 9), ("never", 256)] {
        screen.send(Command::Acknowledge(Acknowledge { conversation_id: conversation.to_owned(), sequence })).await;
    }
    screen.shows_nothing_new().await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    assert_eq!(screen.snapshot().await.sequence, 256);
}

#[tokio::test]
async fn a_higher_acknowledgement_counts_as_that_of_the_last_snapshot() {
    let server = WireServer::start().await;
    let mut screen = Screen::open(&server).await;
    screen.send(Command::Subscribe(Subscribe { acknowledged: true, ..to("c") })).await;
    screen.snapshot().await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    screen.shows_nothing_new().await;
    screen.send(Command::Acknowledge(Acknowledge { conversation_id: "c".to_owned(), sequence: u64::MAX })).await;
    assert_eq!(screen.snapshot().await.sequence, 256);
}

#[tokio::test]
async fn a_client_that_has_seen_what_is_later_than_what_is_held_is_shown_what_is_held() {
    let server = WireServer::start().await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    let mut screen = Screen::open(&server).await;
    for after in [512, u64::MAX] {
        screen.send(Command::Subscribe(Subscribe { after_sequence: Some(after), ..to("c") })).await;
        assert_eq!(screen.snapshot().await.sequence, 256);
    }
    // What has not begun was seen by whoever saw its beginning.
    screen.send(Command::Subscribe(Subscribe { after_sequence: Some(0), ..to("fresh") })).await;
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn a_client_that_sends_no_more_still_receives() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    screen.half_close();
    for sequence in 1..=3 {
        let strength = if sequence % 2 == 0 { anger(0.2) } else { venting() };
        server.recommend(in_("c", strength)).await.expect("it is valid");
        assert_eq!(screen.snapshot().await.sequence, sequence * 256);
    }
}

#[tokio::test]
async fn the_next_snapshot_waits_until_the_last_is_acknowledged() {
    let server = WireServer::start().await;
    let mut screen = Screen::open(&server).await;
    screen.send(Command::Subscribe(Subscribe { acknowledged: true, ..to("c") })).await;
    let beginning = screen.snapshot().await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    server.recommend(in_("c", anger(0.2))).await.expect("it is valid");
    screen.shows_nothing_new().await;
    screen.acknowledge(&beginning).await;
    let newest = screen.snapshot().await;
    assert_eq!(stands(&newest).2, 2, "the first turn is passed over");
    server.recommend(in_("c", venting())).await.expect("it is valid");
    screen.acknowledge(&beginning).await;
    screen.shows_nothing_new().await;
    screen.acknowledge(&newest).await;
    assert_eq!(stands(&screen.snapshot().await).2, 3);
}

#[tokio::test]
async fn a_client_goes_on_from_what_it_has_seen() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    let seen = screen.snapshot().await;
    drop(screen);
    let resumed = Subscribe { after_sequence: Some(seen.sequence), ..to("c") };
    let mut screen = Screen::open(&server).await;
    screen.send(Command::Subscribe(resumed.clone())).await;
    screen.shows_nothing_new().await;
    drop(screen);
    server.recommend(in_("c", anger(0.2))).await.expect("it is valid");
    server.recommend(in_("c", venting())).await.expect("it is valid");
    let mut screen = Screen::open(&server).await;
    screen.send(Command::Subscribe(resumed)).await;
    assert_eq!(screen.snapshot().await.sequence, 3 * 256, "the newest alone");
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn a_client_that_names_the_answer_is_sent_only_another_one() {
    let server = WireServer::start().await;
    let mut screen = Screen::showing(&server, &["c"]).await;
    server.recommend(in_("c", venting())).await.expect("it is valid");
    let seen = screen.snapshot().await;
    server.recommend(in_("c", RecommendRequest { turn: 1, ..venting() })).await.expect("it is valid");
    drop(screen);
    let mut screen = Screen::open(&server).await;
    let resumed =
        Subscribe { after_sequence: Some(seen.sequence), after_answer_digest: seen.answer_digest.clone(), ..to("c") };
    // Written since, and yet the same answer.
    screen.send(Command::Subscribe(resumed.clone())).await;
    screen.shows_nothing_new().await;
    // Nothing written since, and yet another answer.
    let elsewhere = Subscribe { after_sequence: Some(512), after_answer_digest: "0".repeat(16), ..resumed };
    screen.send(Command::Subscribe(elsewhere)).await;
    assert_eq!(screen.snapshot().await.answer_digest, seen.answer_digest);
}

#[tokio::test]
async fn a_conversation_that_is_gone_when_a_client_comes_back_is_told_of() {
    let server = WireServer::start().await;
    let mut screen = Screen::open(&server).await;
    screen.send(Command::Subscribe(Subscribe { after_sequence: Some(768), ..to("c") })).await;
    assert_eq!(screen.forgotten().await, "c");
    screen.shows_nothing_new().await;
}

#[tokio::test]
async fn how_a_conversation_begins_is_shown_by_the_playbook_that_is_named() {
    let server = WireServer::start().await;
    let mut screen = Screen::open(&server).await;
    let wish = Subscribe { playbook: "kahle".to_owned(), ..to("c") };
    screen.send(Command::Subscribe(wish)).await;
    let playbook = |snapshot: RecommendationSnapshot| {
        snapshot.recommendation.and_then(|answer| answer.playbook).expect("one decides").id
    };
    assert_eq!(playbook(screen.snapshot().await), "kahle");
    server.recommend(in_("c", venting())).await.expect("it is valid");
    assert_eq!(playbook(screen.snapshot().await), "default", "by which the conversation is led");
    let unknown = Subscribe { playbook: "harbour".to_owned(), ..to("d") };
    screen.send(Command::Subscribe(unknown)).await;
    assert_eq!(screen.error().await.reason(), ErrorReason::UnknownPlaybook);
    server.recommend(in_("d", venting())).await.expect("it is valid");
    assert_eq!(first_action(&screen.snapshot().await), "keep_listening");
}

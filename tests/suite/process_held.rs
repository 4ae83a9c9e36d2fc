//! Conversations that several replicas hold together in Redis, seen from outside while something dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use composure::grpc::generated::conversation_service_client::ConversationServiceClient;
use composure::grpc::generated::{
    DeleteConversationRequest, GetConversationRequest, ListDueCommitmentsRequest, RecommendRequest, WarningCode,
};
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

use crate::process::{Program, measured, scale, until};
use crate::redis_servers::{Encrypted, RULE, Server};
use crate::replicas::{ask, is_repeated, lazily, replica};
use crate::screen::{Screen, calm, venting};
use crate::wire_server::{anger, named};

/// One agent's screen: sends each turn until somebody has counted it, to whichever replica answers.
async fn write(replicas: Vec<Channel>, conversation: String, ids: Vec<String>, counted: Arc<AtomicUsize>) {
    for (turn, id) in ids.into_iter().enumerate() {
        let since = Instant::now();
        for attempt in turn.. {
            assert!(since.elapsed() < Duration::from_secs(60), "it is never counted");
            let replica = &replicas[attempt % replicas.len()];
            match ask(replica, named(&conversation, &id, anger(0.5))).await {
                Ok(answer) if !answer.degraded => break,
                Ok(_) => {}
                Err(status) => assert!(
                    matches!(status.code(), Code::Unavailable | Code::Aborted | Code::Unknown | Code::Cancelled),
                    "{status}"
                ),
            }
        }
        counted.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn with_a_replica_killed_under_load_every_turn_is_counted_once() {
    const WRITERS: usize = 6;
    let turns = 20 * scale();
    let redis = Server::start(&[]);
    let mut replicas = vec![replica(&redis), replica(&redis), replica(&redis)];
    let channels: Vec<_> = replicas.iter().map(lazily).collect();
    let counted = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let ids = (0..turns).map(|turn| format!("{writer}-{turn}")).collect();
            let conversation = format!("c{}", writer % 2);
            tokio::spawn(write(channels.clone(), conversation, ids, Arc::clone(&counted)))
        })
        .collect();
    until("half of the turns", || async { counted.load(Ordering::Relaxed) >= WRITERS * turns / 2 }).await;
    let killed = replicas.remove(0);
    killed.signal("KILL");
    for writer in writers {
        writer.await.expect("each of its turns was acknowledged");
    }
    let mut held = 0;
    for conversation in ["c0", "c1"] {
        let end = ask(&channels[1], named(conversation, "", RecommendRequest::default())).await.unwrap();
        assert!(!end.degraded);
        held += end.turn as usize;
    }
    assert_eq!(held, WRITERS * turns);
    measured("turns of 6 writers by 3 replicas, one killed: counted", held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn while_redis_is_dead_recommendations_go_on_and_say_so() {
    let mut redis = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let served = replica(&redis);
    let channel = served.channel().await;
    let mut slowest = Duration::ZERO;
    let mut turn = 0;
    let mut next = async |want_degraded: Option<bool>| {
        turn += 1;
        let since = Instant::now();
        let answer = ask(&channel, named("c", &turn.to_string(), anger(0.6))).await.expect("it is answered in time");
        slowest = slowest.max(since.elapsed());
        if let Some(degraded) = want_degraded {
            assert_eq!(answer.degraded, degraded);
        }
        assert!(!answer.suggestions.is_empty());
        answer
    };
    for _ in 0..5 {
        next(Some(false)).await;
    }
    redis.kill();
    for _ in 0..20 {
        let answer = next(Some(true)).await;
        assert!(answer.turn > 5, "it goes on from what this server remembers");
    }
    // Another conversation is unknown here: nothing is made up of its past.
    let unknown = ask(&channel, named("other", "1", anger(0.9))).await.unwrap();
    assert!(unknown.degraded && unknown.state.is_none());
    assert!(unknown.warnings.iter().any(|warning| warning.code() == WarningCode::PastUnknown));
    must_be_kept(&channel).await;
    let (ready, _) = served.page("/readyz").await;
    assert_eq!(ready, 200, "other replicas could do no better");
    for (series, least) in [
        ("composure_degraded_total", 21.0),
        (r#"composure_store_operations_total{operation="put",result="done"}"#, 5.0),
        (r#"composure_store_operations_total{operation="put",result="failed"}"#, 1.0),
    ] {
        let count = served.metric(series).await.expect("it is told");
        assert!(count >= least, "{series}: {count}");
    }
    redis.start_again();
    let mut last = next(None).await;
    while last.degraded {
        last = next(None).await;
    }
    // What happened meanwhile is not lost.
    assert!(last.turn > 25, "{}", last.turn);
    assert!(!next(Some(false)).await.degraded);
    measured("slowest answer while Redis is dead", format!("{slowest:?}"));
}

/// What can't go on without a store says when to try again.
async fn must_be_kept(channel: &Channel) {
    let mut desk = ConversationServiceClient::new(channel.clone());
    let get = GetConversationRequest { conversation_id: "other".to_owned() };
    let delete = DeleteConversationRequest { conversation_id: "other".to_owned() };
    let refusals = [
        desk.get_conversation(get).await.map(drop),
        desk.delete_conversation(delete).await.map(drop),
        desk.list_due_commitments(ListDueCommitmentsRequest::default()).await.map(drop),
    ];
    for refusal in refusals {
        let status = refusal.expect_err("nobody knows");
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status.get_details_error_info().unwrap().reason, "ERROR_REASON_STORE_UNAVAILABLE");
        assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn while_redis_hangs_every_call_is_answered_in_its_time() {
    let redis = Server::start(&[]);
    let served = replica(&redis);
    let channel = served.channel().await;
    ask(&channel, named("c", "0", anger(0.6))).await.unwrap();
    redis.hang();
    for at in 1..30 {
        let answer = ask(&channel, named("c", &at.to_string(), anger(0.6))).await.expect("it is answered in time");
        assert!(answer.degraded);
    }
    redis.go_on();
    until("an answer that is not degraded", || async {
        ask(&channel, named("c", "", RecommendRequest::default())).await.is_ok_and(|answer| !answer.degraded)
    })
    .await;
    let next = ask(&channel, named("c", "30", anger(0.6))).await.expect("it is answered");
    assert_eq!((next.turn, next.degraded), (31, false), "nothing of what came meanwhile is lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn what_one_replica_began_another_goes_on_with() {
    let redis = Server::start(&[]);
    let (one, other) = (replica(&redis), replica(&redis));
    let (one, other) = (one.channel().await, other.channel().await);
    for turn in 1..=6 {
        let replica = if turn % 2 == 0 { &one } else { &other };
        let answer = ask(replica, named("c", &turn.to_string(), anger(0.6))).await.unwrap();
        assert_eq!((answer.turn, answer.degraded), (turn, false));
    }
    let again = ask(&one, named("c", "5", anger(0.6))).await.unwrap();
    assert!(is_repeated(&again) && again.turn == 6, "who is behind is told how it stands now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn what_one_replica_is_told_is_seen_on_screens_at_another() {
    let redis = Server::start(&[]);
    let (one, other) = (replica(&redis), replica(&redis));
    let teller = one.channel().await;
    let mut screen = Screen::open_on(other.channel().await).await;
    screen.subscribe("c").await;
    assert_eq!(screen.snapshot().await.sequence, 0, "it has not begun");
    let mut last = 0;
    for turn in 1..=5 {
        let request = if turn % 2 == 0 { calm() } else { venting() };
        let answer = ask(&teller, named("c", &turn.to_string(), request)).await.unwrap();
        let snapshot = screen.snapshot().await;
        assert_eq!(snapshot.recommendation.unwrap().turn, answer.turn);
        assert!(snapshot.sequence > last);
        last = snapshot.sequence;
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn redis_is_asked_as_the_configuration_says() {
    let redis = Encrypted::start();
    redis.server.ask::<String>(&format!("ACL SETUSER composure on >s3cret {RULE}")).await;
    redis.server.ask::<String>("ACL SETUSER default off").await;
    let program = |ca: &str| {
        Program::new()
            .flag("conversations-store", "redis")
            .flag("redis-addresses", &redis.address)
            .flag("redis-username", "composure")
            .flag("redis-tls", "true")
            .flag("redis-ca", redis.folder.path().join(ca).display())
    };
    let served = program("ca").environment("COMPOSURE_REDIS_PASSWORD", "s3cret").start();
    until("it is ready", async || served.page("/readyz").await.0 == 200).await;
    for turn in 1..=2 {
        let answer = ask(&served.channel().await, named("c", &turn.to_string(), anger(0.6))).await.unwrap();
        assert_eq!((answer.turn, answer.degraded), (turn, false));
    }
    let guessing = program("ca").environment("COMPOSURE_REDIS_PASSWORD", "guessed").start();
    assert!(ask(&guessing.channel().await, named("c", "3", anger(0.6))).await.unwrap().degraded);
    // What can't be read is told before anything is served.
    let refused = program("missing").environment("COMPOSURE_REDIS_PASSWORD", "s3cret").refused();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("missing"), "{said}");
}

//! Replicas over one Redis of which one can't reach it for a while: what the others were told is done stays done.

use std::time::Duration;

use composure::grpc::Recommendations;
use composure::grpc::call::Asked;
use composure::grpc::generated::{RecommendRequest, RecommendResponse};
use composure::playbook::Time;
use composure::service::{Conversations, Visit};
use composure::store::{Key, Redis, Store};
use composure::telemetry::Metrics;
use prost::Message as _;
use tokio::time::Instant;

use crate::redis_proxy::{Proxy, Way};
use crate::redis_servers::{Server, single, until};
use crate::wire_server::{anger, named, shelf};

/// A replica, and what it holds conversations in.
struct Replica {
    desk: Recommendations,
    conversations: Conversations,
}

impl Replica {
    fn over(redis: Redis) -> Self {
        let conversations = Conversations::new(Store::Redis(redis), Duration::from_secs(3_600));
        let desk = Recommendations::new(shelf(), Metrics::new()).holding(conversations.clone());
        Self { desk, conversations }
    }

    async fn ask(&self, request: RecommendRequest) -> RecommendResponse {
        let until = Instant::now() + Duration::from_secs(4);
        let asked = Asked { tenant: "bank", received: Time::from_millis(1_767_268_800_000), until };
        let answer = self.desk.answer_held(&request, asked).await.expect("it is answered");
        RecommendResponse::decode(answer.as_bytes()).expect("it is an answer")
    }

    async fn turn(&self, request_id: &str) -> RecommendResponse {
        self.ask(named("c", request_id, anger(0.6))).await
    }

    /// How the conversation stands, once the store answers again.
    async fn stands(&self) -> RecommendResponse {
        until("an answer of the store", async || {
            let answer = self.ask(named("c", "", RecommendRequest::default())).await;
            (!answer.degraded).then_some(answer)
        })
        .await
    }

    async fn delete(&self) -> bool {
        let key = Key { tenant: "bank", conversation: "c" };
        let visit = Visit { key, until: Instant::now() + Duration::from_secs(4) };
        self.conversations.delete(visit).await.expect("the store answers")
    }
}

/// One that reaches Redis by a way that can be cut, and one that always does; the conversation has had two turns, by the first.
async fn two(server: &Server) -> (Replica, Replica, Proxy) {
    let proxy = Proxy::to(server.port).await;
    let (apart, other) = (Replica::over(single(&proxy.address())), Replica::over(single(&server.address())));
    assert!(!apart.turn("1").await.degraded);
    assert_eq!(apart.turn("2").await.turn, 2);
    (apart, other, proxy)
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_was_counted_elsewhere_is_not_written_over_by_one_who_was_cut_off() {
    let server = Server::start(&[]);
    let (apart, other, proxy) = two(&server).await;
    proxy.goes(Way::Cut);
    for id in ["a", "b", "c"] {
        assert!(apart.turn(id).await.degraded);
    }
    for (id, turn) in [("d", 3), ("e", 4)] {
        let answer = other.turn(id).await;
        assert_eq!((answer.turn, answer.degraded), (turn, false));
    }
    proxy.goes(Way::Open);
    // Three turns apart are more than two, and none of them was told to be done.
    let answer = until("a turn that is done", async || {
        let answer = apart.turn("f").await;
        (!answer.degraded).then_some(answer)
    })
    .await;
    assert_eq!(answer.turn, 5);
    let again = other.turn("d").await;
    assert_eq!(again.turn, 5, "it was counted before, and is still known");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn of_two_calls_at_once_that_can_not_be_written_neither_is_lost() {
    let server = Server::start(&[]);
    let (apart, _, proxy) = two(&server).await;
    proxy.goes(Way::Swallowed);
    let (one, two, three) = tokio::join!(apart.turn("a"), apart.turn("b"), apart.turn("c"));
    let mut turns = [one.turn, two.turn, three.turn];
    turns.sort_unstable();
    assert_eq!(turns, [3, 4, 5]);
    proxy.goes(Way::Open);
    let answer = until("a turn that is done", async || {
        let answer = apart.turn("d").await;
        (!answer.degraded).then_some(answer)
    })
    .await;
    assert_eq!(answer.turn, 6);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn an_answer_is_not_degraded_only_once_what_it_builds_on_is_held() {
    let server = Server::start(&[]);
    let (apart, other, proxy) = two(&server).await;
    proxy.goes(Way::Cut);
    assert!(apart.turn("a").await.degraded);
    assert_eq!(other.stands().await.turn, 2);
    proxy.goes(Way::Open);
    // Its client asks the same again, until it is told that it is done.
    let again = until("it is done", async || {
        let again = apart.turn("a").await;
        (!again.degraded).then_some(again)
    })
    .await;
    assert_eq!((again.turn, other.stands().await.turn), (3, 3));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_was_deleted_does_not_come_back_with_one_who_was_cut_off() {
    let server = Server::start(&[]);
    let (apart, other, proxy) = two(&server).await;
    proxy.goes(Way::Cut);
    assert!(apart.turn("a").await.degraded);
    assert!(other.delete().await);
    proxy.goes(Way::Open);
    assert_eq!(apart.stands().await.turn, 0, "nothing is known of it any more");
    assert_eq!(other.stands().await.turn, 0);
}

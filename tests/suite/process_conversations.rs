//! Conversations that the program holds, where it is told to.

use composure::grpc::generated::RecommendRequest;
use tonic::Code;

use crate::process::Program;
use crate::wire_server::anger;

fn named(conversation: &str) -> RecommendRequest {
    RecommendRequest { conversation_id: conversation.to_owned(), ..anger(0.5) }
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_held_in_memory_within_the_bounds_that_were_chosen() {
    let served = Program::new().flag("conversations-most", 2).start();
    let mut client = served.recommendations().await;
    for conversation in ["a", "b", "b", "c"] {
        client.recommend(named(conversation)).await.expect("it is answered");
    }
    assert_eq!(served.metric("composure_conversations_held").await, Some(2.0));
    assert_eq!(served.metric("composure_conversations_evicted_total{reason=\"count\"}").await, Some(1.0));
    served.signal("TERM");
    let (code, _, said) = served.ends().await;
    assert_eq!((code, said.matches("conversations are given up before their time").count()), (Some(0), 1), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_are_to_be_held_none_are() {
    let served = Program::new().flag("conversations-store", "none").start();
    let refused = served.recommendations().await.recommend(named("a")).await.expect_err("nobody holds it");
    assert_eq!(refused.code(), Code::FailedPrecondition);
}

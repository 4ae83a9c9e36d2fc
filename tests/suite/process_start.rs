//! How a replica starts that holds conversations in Redis: ready when it has reached that, or soon all the same.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::process::{Served, measured, until};
use crate::redis_proxy::{Proxy, Way};
use crate::redis_servers::Server;
use crate::replicas::{ask, over};
use crate::wire_server::{anger, named};

/// As long as a replica tries to reach Redis before it is ready all the same.
const REACHED_WITHIN: Duration = Duration::from_secs(5);
/// What else takes time on a machine that has other things to do.
const SLACK: Duration = Duration::from_secs(4);

async fn health(served: &Served) -> ServingStatus {
    let health = HealthClient::new(served.channel().await).check(HealthCheckRequest::default()).await;
    health.expect("it is always told").into_inner().status()
}

async fn is_starting(served: &Served) {
    assert_eq!(served.page("/readyz").await, (503, "starting\n".to_owned()));
    assert_eq!(health(served).await, ServingStatus::NotServing);
    assert_eq!(served.page("/livez").await.0, 200);
}

async fn becomes_ready(served: &Served) {
    until("it is ready", async || served.page("/readyz").await == (200, "ready\n".to_owned())).await;
    until("it says so", async || health(served).await == ServingStatus::Serving).await;
}

/// First turns of conversations that begin, all at once: which answers are degraded.
async fn degraded(served: &Served, of: &str) -> Vec<bool> {
    let channel = served.channel().await;
    let turn = async |number: u32| {
        let request = named(&format!("{of}-{number}"), "1", anger(0.6));
        ask(&channel, request).await.expect("it is answered in time").degraded
    };
    join_all((0..8).map(turn)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn a_replica_is_ready_once_redis_has_answered_and_not_degraded_from_then_on() {
    let redis = Server::start(&[]);
    let way = Proxy::to(redis.port).await;
    way.goes(Way::Swallowed);
    let served = over(&redis).flag("redis-addresses", way.address()).start();
    let started = Instant::now();
    is_starting(&served).await;
    // Nobody told these to wait.
    assert_eq!(degraded(&served, "early").await, [true; 8]);
    is_starting(&served).await;
    way.goes(Way::Open);
    let opened = Instant::now();
    becomes_ready(&served).await;
    let (after_start, after_opening) = (started.elapsed(), opened.elapsed());
    assert_eq!(degraded(&served, "first").await, [false; 8]);
    assert!(after_start < REACHED_WITHIN, "{after_start:?}: it was reached, and not given up");
    measured("from when Redis answers until a replica is ready", format!("{after_opening:?}"));
    way.goes(Way::Swallowed);
    assert_eq!(degraded(&served, "late").await, [true; 8]);
    assert_eq!((served.page("/readyz").await.0, health(&served).await), (200, ServingStatus::Serving), "it stays so");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn with_redis_down_a_replica_is_ready_soon_all_the_same_and_complains_once() {
    let mut redis = Server::start(&[]);
    redis.kill();
    let served = over(&redis).start();
    let started = Instant::now();
    is_starting(&served).await;
    assert_eq!(degraded(&served, "early").await, [true; 8]);
    becomes_ready(&served).await;
    let after = started.elapsed();
    assert!(after < REACHED_WITHIN + SLACK, "{after:?}");
    assert_eq!(degraded(&served, "later").await, [true; 8]);
    let said = served.said();
    assert_eq!(said.matches("Redis does not do what it is asked").count(), 1, "{said}");
    measured("from when a replica without Redis listens until it is ready", format!("{after:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server"]
async fn a_replica_that_has_not_reached_redis_ends_when_it_is_told_to() {
    let mut redis = Server::start(&[]);
    redis.kill();
    let served = over(&redis).start();
    is_starting(&served).await;
    served.signal("TERM");
    let (code, elapsed, said) = served.ends().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Drained"), "{said}");
    assert!(elapsed < REACHED_WITHIN, "{elapsed:?}");
}

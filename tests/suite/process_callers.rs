//! More calls than can be answered: who floods does so at the own cost, and a crowd is turned away politely.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use tokio::task::JoinSet;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::load::{Load, Tally};
use crate::process::{Program, Served, measured, scale};
use crate::raw_client::{RECOMMEND, RawClient, frame};
use crate::wire_server::anger;

/// As many calls as asked for, one after the other, from an address of its own.
async fn other(served: &Served, calls: usize) -> Tally {
    let load = Load::start(vec![served.channel_from(2).await], &[anger(0.5)]);
    load.has_answered(calls).await;
    let tally = load.stop().await;
    assert!(tally.failed.is_none(), "never refused: {:?}", tally.failed);
    tally
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_does_not_slow_another() {
    let served = Program::new().flag("limits-calls", 32).flag("log-calls", 0).start();
    let calls = 200 * scale();
    let alone = other(&served, calls).await;
    let (stop, refused) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let mut flood = JoinSet::new();
    for _ in 0..4 {
        let channel = served.channel().await;
        for _ in 0..32 {
            let mut client = RecommendationServiceClient::new(channel.clone());
            let (stop, refused) = (Arc::clone(&stop), Arc::clone(&refused));
            flood.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(status) = client.recommend(anger(0.5)).await {
                        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    }
    crate::process::until("the flood is more than its share", async || refused.load(Ordering::Relaxed) > 100).await;
    let flooded = other(&served, calls).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = flood.join_next().await {
        ended.expect("it is answered or turned away, and nothing else");
    }
    for (when, tally) in [("alone", &alone), ("beside 128 streams without a pause", &flooded)] {
        let (median, late) = (tally.quantile(0.5), tally.quantile(0.99));
        measured(&format!("a caller {when}"), format_args!("median {median:?}, p99 {late:?}, 0 refused"));
    }
    assert!(flooded.quantile(0.5) < Duration::from_millis(500), "{:?}", flooded.quantile(0.5));
    assert!(flooded.quantile(0.99) < Duration::from_secs(2), "{:?}", flooded.quantile(0.99));
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_calls_are_turned_away_and_those_within_are_answered() {
    let served = Program::new().flag("limits-calls", 40).flag("log-calls", 0).start();
    let (mut clients, mut begun) = (Vec::new(), Vec::new());
    for last in 1..=8 {
        let mut client = RawClient::connect_from(last, served.api).await;
        for _ in 0..10 {
            begun.push(client.begin(RECOMMEND, &[]).await);
        }
        // Once this one is turned away or answered, those before have arrived.
        client.call(RECOMMEND, &[], frame(&anger(0.5))).await;
        clients.push(client);
    }
    let health = HealthClient::new(served.channel().await).check(HealthCheckRequest::default()).await;
    assert_eq!(health.expect("it is always told").into_inner().status(), ServingStatus::Serving);
    assert_eq!(served.page("/readyz").await.0, 200);
    for call in &mut begun {
        // Whoever was turned away need not be told more.
        let _ = call.body.send_data(frame(&anger(0.5)), true);
    }
    let (mut answered, mut refused) = (0, 0);
    for call in begun {
        let status = call.status().await;
        if status.code() == Code::Ok {
            answered += 1;
        } else {
            assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
            assert!(status.get_details_retry_info().is_some(), "{status:?}");
            refused += 1;
        }
    }
    let since = Instant::now();
    for client in &mut clients {
        assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
    }
    let elapsed = since.elapsed();
    assert!((20..=40).contains(&answered) && refused == 80 - answered, "{answered} {refused}");
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    measured(
        "80 calls where 40 may be under way",
        format_args!(
            "{answered} answered, {refused} turned away with RetryInfo, all eight callers answered {elapsed:?} later"
        ),
    );
}

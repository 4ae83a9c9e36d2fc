//! Floods: the process stays small, and a caller who means well is answered meanwhile.

use std::time::{Duration, Instant};

use prost::bytes::Bytes;
use tonic::Code;

use crate::load::Load;
use crate::process::{Program, Served, measured, scale};
use crate::raw_client::{RECOMMEND, RawClient, framed};
use crate::server_abuse::{begun_and_reset, endless_headers, flooded, gzip_of_zeros};
use crate::wire_server::anger;

/// What the process may grow by, in KiB, from the first to the last time that it is flooded.
const GROWTH: u64 = 24 * 1024;

/// Streams that are begun and left alone, a hundred a connection.
async fn idle_streams(served: &Served, connections: usize) {
    let mut held = Vec::new();
    for _ in 0..connections {
        let mut client = RawClient::connect(served.api).await;
        let mut begun = Vec::new();
        for _ in 0..100 {
            begun.push(client.begin(RECOMMEND, &[]).await);
        }
        held.push((client, begun));
    }
}

async fn bombs(served: &Served, packed: &[u8]) {
    let mut client = RawClient::connect(served.api).await;
    for _ in 0..10 {
        let code = client.call(RECOMMEND, &[("grpc-encoding", "gzip")], framed(1, packed)).await;
        assert_eq!(code, Code::ResourceExhausted);
    }
}

/// Bodies of which a byte arrives, and then one more.
async fn slow_bodies(served: &Served) {
    let mut client = RawClient::connect(served.api).await;
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(client.begin(RECOMMEND, &[("grpc-timeout", "300m")]).await);
    }
    for byte in [0, 0, 0] {
        for begun in &mut held {
            // It may have been given up already.
            let _ = begun.body.send_data(Bytes::copy_from_slice(&[byte]), false);
        }
    }
    for begun in held {
        assert!(matches!(begun.code().await, Code::DeadlineExceeded | Code::ResourceExhausted));
    }
}

async fn every_flood(served: &Served, packed: &[u8]) {
    flooded(served.api, begun_and_reset).await;
    flooded(served.api, endless_headers).await;
    idle_streams(served, 50).await;
    bombs(served, packed).await;
    slow_bodies(served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_leave_memory_flat_and_others_are_answered() {
    let served = Program::new().flag("log-calls", 0).start();
    let packed = gzip_of_zeros(16 * 1024 * 1024);
    let load = Load::start(vec![served.channel_from(2).await], &[anger(0.5)]);
    // What is allocated once, such as room for the connections, is allocated now.
    every_flood(&served, &packed).await;
    let (before, since) = (served.memory(), Instant::now());
    let mut most = before;
    for _ in 0..2 * scale() {
        every_flood(&served, &packed).await;
        most = most.max(served.memory());
    }
    let elapsed = since.elapsed();
    let tally = load.stop().await;
    assert!(tally.failed.is_none(), "{:?}", tally.failed);
    let slowest = tally.quantile(1.0);
    assert!(slowest < Duration::from_secs(5), "another's call took {slowest:?}");
    measured(
        "floods",
        format_args!(
            "memory {before} KiB after the first round, at most {most} KiB in {} more within {elapsed:?}; another's {} calls: 0 failed, median {:?}, p99 {:?}, slowest {slowest:?}",
            2 * scale(),
            tally.answered(),
            tally.quantile(0.5),
            tally.quantile(0.99),
        ),
    );
    assert!(most < before + GROWTH, "it grew from {before} to {most} KiB");
}

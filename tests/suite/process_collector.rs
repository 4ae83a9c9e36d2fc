//! A collector that is no help: calls are answered as without one, memory stays flat, and the end comes in time.

use std::time::Duration;

use crate::load::Load;
use crate::process::{Program, measured, scale};
use crate::telemetry_traces::Inbox;
use crate::wire_server::anger;

/// What the process may grow by, in KiB.
const GROWTH: u64 = 24 * 1024;

async fn assert_costs_nobody_anything(what: &str, address: &str) {
    let served = Program::new()
        .flag("otlp-endpoint", address)
        .flag("otlp-traces", "1.0")
        .flag("otlp-metrics", "true")
        .flag("log-calls", 0)
        .start();
    let mut channels = Vec::new();
    for _ in 0..4 {
        channels.push(served.channel().await);
    }
    let load = Load::start(channels, &[anger(0.5)]);
    // More than may wait to be sent.
    load.has_answered(2_500).await;
    let before = served.memory();
    load.has_answered(2_000 * scale()).await;
    let after = served.memory();
    let tally = load.stop().await;
    assert!(tally.failed.is_none(), "{:?}", tally.failed);
    served.signal("TERM");
    let (code, elapsed, said) = served.ends().await;
    assert_eq!(code, Some(0), "{said}");
    measured(
        &format!("a collector that {what}"),
        format_args!(
            "{} traced calls, 0 failed, p99 {:?}; memory {before} KiB, then {after} KiB; end after {elapsed:?}",
            tally.answered(),
            tally.quantile(0.99)
        ),
    );
    assert!(after < before + GROWTH, "it grew from {before} to {after} KiB");
    // Its last words have two seconds.
    assert!(elapsed < Duration::from_secs(6), "{elapsed:?}");
    assert!(tally.quantile(0.99) < Duration::from_secs(1), "{:?}", tally.quantile(0.99));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_down_costs_nobody_anything() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = gone.local_addr().expect("a listener has an address");
    drop(gone);
    assert_costs_nobody_anything("is down", &format!("http://{address}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_costs_nobody_anything() {
    // The system takes connections, and nobody reads from them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = silent.local_addr().expect("a listener has an address");
    assert_costs_nobody_anything("never answers", &format!("http://{address}")).await;
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_nothing_costs_nobody_anything() {
    let inbox = Inbox::start(0).await;
    assert_costs_nobody_anything("takes nothing", &inbox.address).await;
    assert!(inbox.spans().is_empty());
}

//! Certificates that change under calls, as the process sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::mount::Mount;
use crate::process::{Program, Served, measured, scale, until};
use crate::server_tls::{Authority, Pair, authority, call, pair, shown_by};

const LOADED: &str = r#"composure_certificate_reloads_total{result="loaded"}"#;
const FAILED: &str = r#"composure_certificate_reloads_total{result="failed"}"#;

fn files(pair: &Pair) -> [(&str, &str); 2] {
    [("tls.crt", &pair.certificate), ("tls.key", &pair.key)]
}

fn start(mount: &Mount) -> Served {
    Program::new()
        .flag("tls-certificate", mount.path("tls.crt").display())
        .flag("tls-key", mount.path("tls.key").display())
        .flag("log-calls", 0)
        .start()
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_change_under_calls_and_none_fails() {
    let authority: Arc<Authority> = Arc::new(authority("servers"));
    let fresh = || pair(&authority, |_| {});
    let mut mount = Mount::new(&files(&fresh()));
    let served = start(&mount);
    let stop = Arc::new(AtomicBool::new(false));
    let callers = [(); 2].map(|()| {
        let (authority, stop, api) = (Arc::clone(&authority), Arc::clone(&stop), served.api);
        tokio::spawn(async move {
            let mut calls = 0;
            while !stop.load(Ordering::Relaxed) {
                call(api, &authority, None).await.expect("no call fails");
                calls += 1;
            }
            calls
        })
    });
    let (swaps, mut slowest) = (8 * scale(), Duration::ZERO);
    let mut shown = shown_by(served.api, &authority).await;
    for _ in 0..swaps {
        let (before, since) = (shown, Instant::now());
        mount.swap(&files(&fresh()));
        until("the new certificate is shown", async || shown_by(served.api, &authority).await != before).await;
        shown = shown_by(served.api, &authority).await;
        slowest = slowest.max(since.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    let expected = swaps as f64;
    assert_eq!(served.metric(LOADED).await, Some(expected));

    let torn = Pair { key: "-----BEGIN PRIVATE KEY-----\nMIIB".to_owned(), ..fresh() };
    mount.swap(&files(&torn));
    until("the torn pair is told", async || served.metric(FAILED).await >= Some(1.0)).await;
    assert_eq!(shown_by(served.api, &authority).await, shown, "what was good is in use");
    assert!(served.page("/readyz").await.1.contains("certificate: what is new was refused"));
    mount.swap(&files(&fresh()));
    until("the mended pair is shown", async || shown_by(served.api, &authority).await != shown).await;
    assert_eq!(served.page("/readyz").await, (200, "ready\n".to_owned()));

    stop.store(true, Ordering::Relaxed);
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.expect("no call fails");
    }
    measured(
        "certificates swapped under calls",
        format_args!("{swaps} swaps, {calls} calls over a connection each, 0 failed, shown within {slowest:?}"),
    );
}

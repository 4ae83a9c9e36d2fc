//! A folder of playbooks that changes under calls, as the process sees it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use composure::grpc::generated::RecommendRequest;
use composure::playbook::{Bases, Playbook};

use crate::http_client::post;
use crate::library::{broken, small};
use crate::load::Load;
use crate::mount::Mount;
use crate::process::{PATIENCE, Program, Served, measured, scale};
use crate::wire_server::anger;

const FAILED: &str = "composure_playbook_reload_failed";

fn ask(playbook: &str) -> RecommendRequest {
    RecommendRequest { playbook: playbook.to_owned(), ..anger(0.9) }
}

/// Version and digest.
fn identity(text: &str) -> (String, String) {
    let (playbook, _) = Playbook::parse(text.as_bytes(), "small.yaml", &Bases::none()).expect("it is valid");
    let identity = playbook.identity();
    (identity.version.clone(), identity.digest.clone())
}

async fn served_now(served: &Served, playbook: &str) -> (String, String) {
    let answer = served.recommendations().await.recommend(ask(playbook)).await.expect("no call fails");
    let playbook = answer.into_inner().playbook.expect("it is told");
    (playbook.version, playbook.digest)
}

/// Waits until `wanted` decides, and tells how long that took.
async fn arrives(served: &Served, playbook: &str, wanted: &(String, String)) -> Duration {
    let since = Instant::now();
    while served_now(served, playbook).await != *wanted {
        assert!(since.elapsed() < PATIENCE, "{wanted:?} never arrives: {}", served.said());
    }
    since.elapsed()
}

async fn reload(served: &Served) -> u16 {
    post(served.admin(), "/-/reload").await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn playbooks_change_again_and_again_under_calls_and_none_fails() {
    let version = |round: usize| format!("{}", round / 3 + 1);
    let texts = |round: usize| ["linked", "plain"].map(|id| small(id, &version(round), &format!("Round {round}")));
    let mut mount = Mount::new(&[("linked.yaml", &texts(0)[0])]);
    mount.replace("plain.yaml", &texts(0)[1]);
    let mut existed: BTreeSet<_> = texts(0).iter().map(|text| identity(text)).collect();
    let served = Program::new().flag("playbooks", mount.folder().display()).flag("log-calls", 0).start();
    let channels = vec![served.channel_from(2).await, served.channel_from(3).await];
    let load = Load::start(channels, &[ask("linked"), ask("plain"), ask("")]);
    existed.insert(served_now(&served, "").await);
    let (rounds, mut slowest) = (20 * scale(), Duration::ZERO);
    for round in 1..=rounds {
        let [linked, plain] = texts(round);
        existed.extend([identity(&linked), identity(&plain)]);
        mount.swap(&[("linked.yaml", &linked)]);
        mount.replace("plain.yaml", &plain);
        match round % 10 {
            // The watch alone tells, or a signal does.
            0 => slowest = slowest.max(arrives(&served, "plain", &identity(&plain)).await),
            5 => served.signal("HUP"),
            _ => assert_eq!(reload(&served).await, 200),
        }
        for (id, text) in [("linked", &linked), ("plain", &plain)] {
            arrives(&served, id, &identity(text)).await;
        }
    }
    let tally = load.stop().await;
    assert!(tally.failed.is_none(), "{:?}", tally.failed);
    assert!(tally.playbooks.is_subset(&existed), "{:?}", tally.playbooks.difference(&existed));
    assert!(tally.playbooks.len() > rounds / 5, "calls saw {} of {}", tally.playbooks.len(), existed.len());
    measured(
        "playbooks swapped under calls",
        format_args!("{rounds} swaps, {} calls, 0 failed, by the watch alone within {slowest:?}", tally.answered()),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_set_changes_nothing_and_is_told_until_it_is_mended() {
    let good = small("small", "1", "Good");
    let mut mount = Mount::new(&[("small.yaml", &good)]);
    let served = Program::new().flag("playbooks", mount.folder().display()).flag("log-calls", 0).start();
    let load = Load::start(vec![served.channel_from(2).await], &[ask("small")]);
    assert_eq!(served.metric(FAILED).await, Some(0.0));

    mount.swap(&[("small.yaml", &broken("small"))]);
    crate::process::until("the broken set is told", async || served.metric(FAILED).await == Some(1.0)).await;
    let (code, ready) = served.page("/readyz").await;
    assert_eq!(code, 200, "{ready}");
    assert!(ready.starts_with("ready\nplaybooks: what is new was refused, what was good is in use: "), "{ready}");
    assert_eq!(reload(&served).await, 422);
    assert_eq!(served_now(&served, "small").await, identity(&good));
    load.has_answered(100).await;

    mount.swap(&[("small.yaml", &good)]);
    crate::process::until("what was good is there again", async || served.metric(FAILED).await == Some(0.0)).await;
    assert_eq!(served.page("/readyz").await, (200, "ready\n".to_owned()));

    let better = small("small", "2", "Better");
    mount.swap(&[("small.yaml", &better)]);
    arrives(&served, "small", &identity(&better)).await;
    let tally = load.stop().await;
    assert!(tally.failed.is_none(), "{:?}", tally.failed);
    assert_eq!(tally.playbooks, [identity(&good), identity(&better)].into());
}

#[test]
fn with_a_broken_folder_it_does_not_start_and_tells_every_error() {
    let mount =
        Mount::new(&[("a.yaml", &broken("a").replace("kind: question", "kind: qestion")), ("b.yaml", &broken("b"))]);
    let output = Program::new().flag("playbooks", mount.folder().display()).refused();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for place in ["a.yaml:10:", "a.yaml:26:", "b.yaml:10:"] {
        assert!(said.contains(place), "{said}");
    }
}

//! What clients say is told to nobody: a canary in all that they can say, and a look at all that the process tells.

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::panic::catch_unwind;
use std::process::Command;

use composure::telemetry::{LogSettings, Settings, Telemetry, tell_panics_by_place};
use tempfile::TempDir;

use crate::http_client::ask;
use crate::process::{Program, Served, apart, measured, until};
use crate::raw_client::{RECOMMEND, RawClient, frame};
use crate::telemetry_traces::{CANARY, Inbox, sing};
use crate::wire_server::anger;

/// Sings where only the transport listens.
async fn sing_below(served: &Served) -> usize {
    let mut client = RawClient::connect_from(3, served.api).await;
    let (own_name, own_path) =
        (format!("x-{CANARY}"), format!("/composure.v1.RecommendationService/{CANARY}?{CANARY}"));
    let calls: [(&str, &[(&str, &str)]); 5] = [
        (RECOMMEND, &[("grpc-timeout", CANARY)]),
        (RECOMMEND, &[("grpc-encoding", CANARY), ("user-agent", CANARY)]),
        (RECOMMEND, &[(&own_name, CANARY), ("x-api-key", CANARY), ("x-forwarded-for", CANARY)]),
        (
            RECOMMEND,
            &[("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("tracestate", CANARY)],
        ),
        (&own_path, &[("grpc-message-type", CANARY)]),
    ];
    for (path, metadata) in calls {
        client.call(path, metadata, frame(&anger(0.5))).await;
    }
    let api = served.api;
    for said in [
        format!("GET /{CANARY} HTTP/1.1\r\nhost: {CANARY}\r\n\r\n"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{CANARY}{CANARY}"),
    ] {
        apart(move || {
            let mut stream = TcpStream::connect(api).expect("it listens");
            stream.write_all(said.as_bytes()).expect("it reads");
            // It ends the connection, politely or not.
            let _ = stream.read_to_end(&mut Vec::new());
        })
        .await;
    }
    for path in [format!("/{CANARY}"), format!("/readyz?{CANARY}"), format!("/-/reload?{CANARY}")] {
        ask(served.admin(), "POST", &path, &format!("authorization: {CANARY}\r\n")).await;
    }
    calls.len()
}

/// Starts what `program` says, sings, and looks.
async fn assert_tells_nothing(program: Program) {
    let inbox = Inbox::start(1).await;
    let served = program
        .flag("log-level", "debug")
        .flag("log-format", "json")
        .flag("log-calls", "1.0")
        .flag("otlp-endpoint", &inbox.address)
        .flag("otlp-traces", "1.0")
        .flag("otlp-metrics", "true")
        .start();
    let (answered, refused) = Box::pin(sing(served.channel_from(2).await)).await;
    let calls = answered + refused + sing_below(&served).await;
    let lines = || served.said().lines().filter(|line| line.contains("\"target\":\"composure::calls\"")).count();
    until("every call has a line", async || lines() >= calls).await;
    let told = told(served, &inbox).await;
    let spans = inbox.spans().len();
    assert!(spans >= calls, "{spans} spans of {calls} calls");
    for (place, text) in told {
        let found = text.to_lowercase().find(CANARY);
        assert!(found.is_none(), "{place} tell what a client said: {}", text.split_at(found.unwrap_or_default()).1);
    }
    measured("canary", format_args!("{calls} calls ({answered} answered), {spans} spans, nothing told"));
}

/// All that it tells, to its end.
async fn told(served: Served, inbox: &Inbox) -> [(&'static str, String); 4] {
    let pages = [served.page("/metrics").await.1, served.page("/readyz").await.1];
    let open = ask(served.admin(), "GET", "/metrics", "accept: application/openmetrics-text\r\n").await.1;
    served.signal("TERM");
    let (code, _, said) = served.ends().await;
    assert_eq!(code, Some(0), "{said}");
    [("lines", said), ("pages", pages.join("\n")), ("metrics", open), ("the collector", inbox.everything())]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_say_leaves_the_process_nowhere() {
    assert_tells_nothing(Program::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_credentials_that_are_refused() {
    let folder = TempDir::new().expect("there is room");
    let file = folder.path().join("keys.yaml");
    let digest = "ab".repeat(32);
    fs::write(&file, format!("- {{id: crm, sha256: {digest}, tenant: acme, roles: [recommend]}}\n"))
        .expect("it is writable");
    assert_tells_nothing(Program::new().flag("auth-api-keys", file.display())).await;
}

/// Where it is set, a panic is wanted.
const PANIC: &str = "TESTED_PANIC";

/// Not a test but a panic, where one is wanted: the hook that tells of it is that of a whole process.
#[test]
fn a_panic_in_a_process_of_its_own() {
    if env::var_os(PANIC).is_none() {
        return;
    }
    Telemetry::start(Settings { log: LogSettings::default(), otlp: None }).expect("it starts");
    tell_panics_by_place();
    catch_unwind(|| panic!("{CANARY}")).expect_err("it panics");
}

#[test]
fn a_panic_is_told_by_its_place_alone() {
    let mut command = Command::new(env::current_exe().expect("it is a file"));
    command.args(["process_canary::a_panic_in_a_process_of_its_own", "--exact", "--nocapture"]).env(PANIC, "1");
    let output = command.output().expect("it is this program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("panicked") && said.contains("process_canary.rs"), "{said}");
    assert!(!said.contains(CANARY), "{said}");
}

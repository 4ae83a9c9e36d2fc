//! The end of the process under load: no call fails that was begun in time, and the end comes in time whatever clients do.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::load::{Load, is_refused_connection};
use crate::process::{Program, Served, apart, measured, scale, signal};
use crate::raw_client::{RECOMMEND, RawClient, frame};
use crate::wire_process::mute_client;
use crate::wire_server::anger;

/// Calls over a new connection each, as long as the server says that it is ready; how many.
async fn newcomers(served: &Served) -> usize {
    let mut answered = 0;
    while served.page("/readyz").await.0 == 200 {
        let mut client = RecommendationServiceClient::new(served.channel_from(2).await);
        client.recommend(anger(0.5)).await.expect("a server that is ready answers");
        answered += 1;
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_it_ends_without_a_failed_call() {
    for _ in 0..scale() {
        let served = Program::new().flag("drain-wait", "500ms").flag("log-calls", 0).start();
        let mut channels = Vec::new();
        for at in 0..4 {
            channels.push(served.channel_from(3 + at).await);
        }
        let load = Load::start(channels, &[anger(0.5)]);
        let mut client = RawClient::connect(served.api).await;
        let mut held = Vec::new();
        for _ in 0..20 {
            held.push(client.begin(RECOMMEND, &[]).await);
        }
        assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
        load.has_answered(100).await;
        let told = async {
            load.has_answered(100).await;
            served.signal("TERM");
        };
        let (new, ()) = tokio::join!(newcomers(&served), told);
        let address = served.api;
        apart(move || while TcpStream::connect(address).is_ok() {}).await;
        for begun in &mut held {
            begun.finish(&anger(0.5));
        }
        for begun in held {
            assert_eq!(begun.code().await, Code::Ok);
        }
        drop(client);
        let tally = load.ended().await;
        assert!(tally.failed.as_ref().is_some_and(is_refused_connection), "{:?}", tally.failed);
        let (code, elapsed, said) = served.ends().await;
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Drained"), "{said}");
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
        assert!(new > 0);
        measured("SIGTERM under load", format_args!("{} calls, 0 failed, {new} newcomers, 20 held", tally.answered()));
    }
}

/// What a client in a process of its own calls.
const SERVER: &str = "TESTED_CLIENT_OF";

/// Not a test but a client, where there is a server to call: it calls until it is stopped.
#[tokio::test]
async fn a_client_in_a_process_of_its_own() {
    let Some(server) = env::var_os(SERVER) else { return };
    let endpoint = Endpoint::from_shared(server.into_string().expect("it is text")).expect("it is a URI");
    let mut client = RecommendationServiceClient::new(endpoint.connect().await.expect("it listens"));
    while client.recommend(anger(0.5)).await.is_ok() {
        println!("\nanswered");
    }
}

struct Client(Child);

impl Client {
    /// One that has been answered and is then stopped, its connection open.
    fn stopped(served: &Served) -> Self {
        let mut command = Command::new(env::current_exe().expect("it is a file"));
        command.args(["process_drain::a_client_in_a_process_of_its_own", "--exact", "--nocapture"]);
        command.env(SERVER, format!("http://{}", served.api)).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it is this program");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        assert!(lines.any(|line| line.expect("it writes UTF-8") == "answered"), "it is answered");
        signal(child.id(), "STOP");
        // Whoever writes to a pipe that nobody reads would end, not stop.
        thread::spawn(move || lines.for_each(drop));
        Self(child)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.0.kill().expect("it is there");
        self.0.wait().expect("it is a child of ours");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_time_whatever_clients_do() {
    let served =
        Program::new().flag("drain-wait", "100ms").flag("drain-deadline", "1s").flag("limits-deadline", "1s").start();
    let silent: Vec<_> = (0..20).map(|_| TcpStream::connect(served.api).expect("it listens")).collect();
    let mut health = HealthClient::new(served.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("it is served").into_inner();
    watch.next().await.expect("a watch begins with the state").expect("which is good");
    let mute = mute_client(served.api);
    let mut client = RawClient::connect(served.api).await;
    let _never_finished = client.begin(RECOMMEND, &[]).await;
    assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
    let stopped = Client::stopped(&served);
    served.signal("TERM");
    let (code, elapsed, said) = served.ends().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("CutShort"), "{said}");
    assert!(elapsed < Duration::from_secs(4), "{elapsed:?}");
    measured("end after SIGTERM with clients that don't leave, of 1.1 s", format_args!("{elapsed:?}"));
    drop((silent, mute, watch, stopped));
}

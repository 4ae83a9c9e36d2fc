//! The program as a process: how it starts, and that it ends whatever clients do.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use tokio_stream::StreamExt as _;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::process::{Program, Served, program};
use crate::wire_server::anger;

/// Whether it answers a call over a new connection, sooner or later.
async fn answers(served: &Served) {
    let endpoint = served.endpoint().connect_timeout(Duration::from_secs(1));
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(20) {
        if let Ok(channel) = endpoint.connect().await
            && RecommendationServiceClient::new(channel).recommend(anger(0.5)).await.is_ok()
        {
            return;
        }
    }
    panic!("it does not answer");
}

/// A client that greets as HTTP/2 demands and then never answers, not even that it is to go away.
pub(crate) fn mute_client(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("it reads");
    let empty_settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream.write_all(&empty_settings).expect("it reads");
    stream.read_exact(&mut [0; 9]).expect("it greets back");
    stream
}

fn output(args: &[&str]) -> Output {
    Command::new(program()).args(args).output().expect("it starts")
}

#[test]
fn without_clients_it_ends_at_once() {
    for name in ["TERM", "INT"] {
        let served = Served::start();
        served.signal(name);
        let (code, elapsed, said) = served.end();
        assert_eq!(code, Some(0), "{said}");
        assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
        assert!(said.contains("stopped"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_time_with_a_silent_connection_and_an_open_watch() {
    let served = Served::start();
    let silent = TcpStream::connect(served.api).expect("it listens");
    let mut health = HealthClient::new(served.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("it is served").into_inner();
    watch.next().await.expect("a watch begins with the state").expect("which is good");
    served.signal("TERM");
    let (code, elapsed, said) = served.ends().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    drop(silent);
}

#[test]
fn a_client_that_never_answers_is_left_in_time() {
    let served = Served::start();
    let mute = mute_client(served.api);
    served.signal("TERM");
    let (code, elapsed, said) = served.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    drop(mute);
}

#[test]
fn a_port_in_use_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let output = output(&["serve", "--listen", &address]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with(&format!("error: cannot listen on `{address}`: ")), "{said}");
}

#[test]
fn help_tells_the_commands_and_the_exit_codes() {
    let output = output(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    for word in ["serve", "check", "test", "--listen", "COMPOSURE_LISTEN", "127.0.0.1:50051", "Exit codes"] {
        assert!(help.contains(word), "{word} in {help}");
    }
    assert_eq!(self::output(&["recommend"]).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_file_descriptors_it_waits_and_recovers() {
    let served = Program::new().files(40).start();
    answers(&served).await;
    let clients: Vec<_> = (0..80).map(|_| TcpStream::connect(served.api).expect("the system queues it")).collect();
    let (before, since) = (served.ticks(), Instant::now());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let ticks = f64::from(u32::try_from(served.ticks() - before).expect("it is a number"));
    let share = ticks / 100.0 / since.elapsed().as_secs_f64();
    assert!(share < 0.1, "it uses {share} of a processor while there is nothing to do");
    drop(clients);
    answers(&served).await;
}

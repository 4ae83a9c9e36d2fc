//! Clients that mean no good, or are broken: the server stays small and goes on answering others.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use composure::server::Settings;
use h2::Reason;
use prost::bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::Code;

use crate::raw_client::{PATIENCE, RECOMMEND, RawClient, frame, framed};
use crate::wire_server::{WireServer, anger};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The smallest call, by the static table of header compression.
pub(crate) const SMALLEST: &[u8] = &[0x83, 0x86, 0x84, 0x41, 0x01, b'x'];

/// A frame of HTTP/2.
pub(crate) fn http2(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("it is short").to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Sends `frames` again and again until the server has enough of it.
pub(crate) async fn flooded(address: SocketAddr, mut frames: impl FnMut(u32) -> Vec<u8>) {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let (mut reading, mut writing) = stream.into_split();
    let reader = tokio::spawn(async move {
        let mut bytes = [0; 16 * 1024];
        while reading.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    });
    let flood = async {
        writing.write_all(PREFACE).await?;
        // A client may have a million frames to send: that is more than any server should take.
        for at in 0..1_000_000 {
            writing.write_all(&frames(at)).await?;
        }
        std::io::Result::Ok(())
    };
    let ended = timeout(PATIENCE, flood).await.expect("it ends in time");
    ended.expect_err("the server shuts the client out");
    reader.abort();
}

/// The same, and that others are answered.
async fn shut_out(server: &WireServer, frames: impl FnMut(u32) -> Vec<u8>) {
    flooded(server.address, frames).await;
    server.recommend(anger(0.5)).await.expect("others are answered");
}

/// A call, and its reset.
pub(crate) fn begun_and_reset(at: u32) -> Vec<u8> {
    let stream = at * 2 + 1;
    let mut frames = http2(1, 4, stream, SMALLEST);
    frames.extend(http2(3, 0, stream, &8_u32.to_be_bytes()));
    frames
}

/// Headers that go on and on.
pub(crate) fn endless_headers(at: u32) -> Vec<u8> {
    let field = [&[0x40, 0x01, b'x', 0x7f, 0x81, 0x01][..], &[b'y'; 256]].concat();
    if at == 0 { http2(1, 0, 1, &field) } else { http2(9, 0, 1, &field) }
}

#[tokio::test]
async fn a_silent_client_is_sent_away() {
    let settings = Settings { handshake: Duration::from_millis(50), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let address = server.address;
    for said in ["", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let ended = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).expect("it listens");
            stream.set_read_timeout(Some(PATIENCE)).expect("it is a socket");
            stream.write_all(said.as_bytes()).expect("it reads");
            // Whatever it says first, it ends the connection, and not the client's patience.
            let ended = loop {
                match stream.read(&mut [0; 64]) {
                    Ok(0) => break true,
                    Ok(_) => {}
                    Err(error) => break error.kind() == ErrorKind::ConnectionReset,
                }
            };
            assert!(ended, "it waits for ever");
        });
        ended.await.unwrap_or_else(|_| panic!("after {said:?}"));
    }
    server.recommend(anger(0.5)).await.expect("others are answered");
    let text = server.metrics.render(None).1;
    assert!(text.contains("composure_connections_refused_total{reason=\"handshake\"} 2"), "{text}");
}

/// The head of a call for a recommendation, in the plainest form of header compression.
fn call_head() -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).expect("it is short")], text.as_bytes()].concat();
    let (method, scheme) = (0x83, 0x86);
    let mut head = vec![method, scheme, 0x01];
    head.extend(text("localhost"));
    head.push(0x04);
    head.extend(text(RECOMMEND));
    head.extend([0x0f, 0x10]);
    head.extend(text("application/grpc"));
    head
}

#[tokio::test]
async fn streams_beyond_the_limit_are_refused() {
    let server = WireServer::start_special(Settings { streams: 10, ..Settings::default() }).await;
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    stream.write_all(PREFACE).await.expect("it reads");
    for at in 0..11 {
        stream.write_all(&http2(1, 4, at * 2 + 1, &call_head())).await.expect("it reads");
    }
    let refused = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.expect("it goes on");
            let [_, high, low, kind, _, id @ ..] = head;
            let mut payload = vec![0; usize::from(high) * 256 + usize::from(low)];
            stream.read_exact(&mut payload).await.expect("it goes on");
            if kind == 3 {
                return (u32::from_be_bytes(id), payload);
            }
        }
    };
    let (stream, code) = timeout(PATIENCE, refused).await.expect("it is told in time");
    assert_eq!((stream, code), (21, u32::from(Reason::REFUSED_STREAM).to_be_bytes().to_vec()));
}

#[tokio::test]
async fn a_client_that_opens_streams_without_end_is_shut_out() {
    let server = WireServer::start().await;
    shut_out(&server, |at| http2(1, 4, at * 2 + 1, SMALLEST)).await;
}

#[tokio::test]
async fn a_flood_of_resets_is_shut_out() {
    let server = WireServer::start().await;
    shut_out(&server, begun_and_reset).await;
}

#[tokio::test]
async fn a_client_that_makes_the_server_reset_is_shut_out() {
    let server = WireServer::start().await;
    shut_out(&server, |at| {
        let stream = at * 2 + 1;
        let mut frames = http2(1, 4, stream, SMALLEST);
        // A window that grows by nothing is an error of the stream.
        frames.extend(http2(8, 0, stream, &[0; 4]));
        frames
    })
    .await;
}

#[tokio::test]
async fn headers_without_end_are_shut_out() {
    let server = WireServer::start().await;
    shut_out(&server, endless_headers).await;
}

#[tokio::test]
async fn a_small_request_that_unpacks_to_a_large_one_is_refused() {
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    let packed = gzip_of_zeros(64 * 1024 * 1024);
    assert!(packed.len() < 128 * 1024, "{}", packed.len());
    let code = client.call(RECOMMEND, &[("grpc-encoding", "gzip")], framed(1, &packed)).await;
    assert_eq!(code, Code::ResourceExhausted);
    assert_eq!(client.call(RECOMMEND, &[], frame(&anger(0.5))).await, Code::Ok);
}

pub(crate) fn gzip_of_zeros(bytes: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let chunk = vec![0; 1024 * 1024];
    for _ in 0..bytes / chunk.len() {
        packed.write_all(&chunk).expect("there is memory");
    }
    packed.finish().expect("there is memory")
}

#[tokio::test]
async fn questions_after_health_are_short() {
    let server = WireServer::start().await;
    let mut client = RawClient::connect(server.address).await;
    let code = client.call("/grpc.health.v1.Health/Check", &[], framed(0, &vec![0; 64 * 1024])).await;
    assert_eq!(code, Code::ResourceExhausted);
}

#[tokio::test]
async fn bodies_that_trickle_in_are_given_up_and_hold_nobody_up() {
    let settings = Settings { deadline: Duration::from_millis(200), ..Settings::default() };
    let server = WireServer::start_special(settings).await;
    let mut client = RawClient::connect(server.address).await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut begun = client.begin(RECOMMEND, &[]).await;
        begun.body.send_data(Bytes::from_static(&[0]), false).expect("it is open");
        slow.push(begun);
    }
    server.recommend(anger(0.5)).await.expect("others are answered");
    for begun in slow {
        assert_eq!(begun.code().await, Code::DeadlineExceeded);
    }
}

#[tokio::test]
async fn a_call_that_its_client_gives_up_gives_its_place_back() {
    let server = WireServer::start_special(Settings { calls: 2, ..Settings::default() }).await;
    let mut client = RawClient::connect(server.address).await;
    for _ in 0..20 {
        let mut begun = client.begin(RECOMMEND, &[]).await;
        begun.body.send_reset(Reason::CANCEL);
    }
    let answered = async { while client.call(RECOMMEND, &[], frame(&anger(0.5))).await != Code::Ok {} };
    timeout(PATIENCE, answered).await.expect("all places are given back");
}

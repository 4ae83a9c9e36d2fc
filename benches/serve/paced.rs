//! Calls at a steady rate, beside whatever else there is, and how long they took from the moment that they were due.
//!
//! `paced ADDRESS FRAME RATE SECONDS` sends the gRPC frame in the file FRAME, RATE times a second. It prints how many calls were answered,
//! and their p99 in microseconds; the same of those that were turned away with `RESOURCE_EXHAUSTED`. Any other end of a call is an error.

#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::error::Error;
use std::time::Duration;
use std::{env, fs};

use h2::client::{self, SendRequest};
use http::{HeaderMap, Request};
use prost::bytes::Bytes;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};
use tonic::{Code, Status};

/// The allocator that Composure uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As many as h2load has.
const CONNECTIONS: usize = 8;
const PATH: &str = "/composure.v1.RecommendationService/Recommend";

type Failed = Box<dyn Error + Send + Sync>;

/// One call that has ended.
struct Ended {
    took: Duration,
    code: Code,
}

// One thread: it is to take little from whoever makes the rest of the load.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, frame, rate, seconds] = arguments.as_slice() else {
        return Err("usage: paced ADDRESS FRAME RATE SECONDS".into());
    };
    let call = Call { frame: fs::read(frame)?.into(), uri: format!("http://{address}{PATH}") };
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect(address).await?);
    }
    let ended = send(&call, &connections, (rate.parse()?, seconds.parse()?)).await?;
    let (answered, answered_p99) = of(Code::Ok, &ended);
    let (refused, refused_p99) = of(Code::ResourceExhausted, &ended);
    println!("{answered} {answered_p99} {refused} {refused_p99}");
    Ok(())
}

async fn connect(address: &str) -> Result<SendRequest<Bytes>, Failed> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = client::handshake(stream).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Sends what is due each millisecond, and waits for all ends.
async fn send(
    call: &Call,
    connections: &[SendRequest<Bytes>],
    (rate, seconds): (f64, f64),
) -> Result<Vec<Ended>, Failed> {
    let (mut calls, mut turns) = (JoinSet::new(), connections.iter().cycle());
    let (mut ticks, began) = (interval(Duration::from_millis(1)), Instant::now());
    let mut left = 0.0;
    for tick in 0..Duration::from_secs_f64(seconds).as_millis() {
        ticks.tick().await;
        let due = began + Duration::from_millis(u64::try_from(tick)?);
        left += rate / 1_000.0;
        while left >= 1.0 {
            left -= 1.0;
            let sender = turns.next().ok_or("no connection")?.clone();
            calls.spawn(call.clone().make(sender, due));
        }
    }
    let mut ended = Vec::new();
    while let Some(end) = calls.join_next().await {
        ended.push(end??);
    }
    Ok(ended)
}

/// The call that is made again and again.
#[derive(Clone)]
struct Call {
    frame: Bytes,
    uri: String,
}

impl Call {
    async fn make(self, sender: SendRequest<Bytes>, due: Instant) -> Result<Ended, Failed> {
        let request = Request::post(self.uri).header("content-type", "application/grpc").header("te", "trailers");
        let (response, mut body) = sender.ready().await?.send_request(request.body(())?, false)?;
        body.send_data(self.frame, true)?;
        let (head, mut body) = response.await?.into_parts();
        while let Some(data) = body.data().await {
            body.flow_control().release_capacity(data?.len())?;
        }
        let trailers = body.trailers().await?;
        Ok(Ended { took: due.elapsed(), code: code(trailers.as_ref().unwrap_or(&head.headers))? })
    }
}

fn code(headers: &HeaderMap) -> Result<Code, Failed> {
    let status = Status::from_header_map(headers).ok_or("no grpc-status")?;
    match status.code() {
        code @ (Code::Ok | Code::ResourceExhausted) => Ok(code),
        _ => Err(status.into()),
    }
}

/// How many ended so, and the p99 of how long they took.
fn of(code: Code, ended: &[Ended]) -> (usize, u128) {
    let mut times: Vec<_> = ended.iter().filter(|end| end.code == code).map(|end| end.took).collect();
    times.sort_unstable();
    (times.len(), times.get(times.len() * 99 / 100).map_or(0, Duration::as_micros))
}

//! How many writes Redis takes from one process, beside a bare client's read and write.

use std::time::{Duration, Instant};

use composure::store::{Record, Redis, Written};
use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{Client, Script};

use crate::process::{measured, scale};
use crate::redis_servers::{Server, key, promising, put, record, single, soon};

/// About what a conversation takes after five turns.
const BYTES: usize = 1_300;

/// Calls under way at the same time.
const CALLERS: usize = 32;

/// Writes of one caller after another, each over what this process saw last.
async fn writes(redis: &Redis, name: &str, text: &str, end: Instant) -> u32 {
    let (mut count, mut last): (u32, Option<Record>) = (0, None);
    while Instant::now() < end {
        let next = record(count + 1, text);
        let wish = promising(put(key("bank", name), last.as_ref(), &next), &[(5, "call")]);
        assert_eq!(redis.put(wish, soon()).await, Ok(Written::Kept));
        (count, last) = (count + 1, Some(next));
    }
    count
}

/// What there is without a store: a read, and a script that sets what it was told.
async fn reads_and_writes(mut connection: MultiplexedConnection, name: &str, text: &str, end: Instant) -> u32 {
    let script = Script::new("return redis.call('SET', KEYS[1], ARGV[1], 'PX', 3600000)");
    let mut count = 0;
    while Instant::now() < end {
        let _: Option<Vec<u8>> = redis::cmd("GET").arg(name).query_async(&mut connection).await.unwrap();
        let _: () = script.key(name).arg(text).invoke_async(&mut connection).await.unwrap();
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server"]
async fn what_a_write_costs_beside_a_bare_client() {
    let server = Server::start(&[]);
    let (redis, text) = (single(&server.address()), "x".repeat(BYTES));
    let client = Client::open(format!("redis://{}", server.address())).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let time = Duration::from_secs(1) * u32::try_from(scale()).unwrap();
    for callers in [1, CALLERS] {
        let names: Vec<_> = (0..callers).map(|caller| format!("{callers}-{caller}")).collect();
        let (begin, end) = (Instant::now(), Instant::now() + time);
        let ours: u32 = join_all(names.iter().map(|name| writes(&redis, name, &text, end))).await.iter().sum();
        let ours = f64::from(ours) / begin.elapsed().as_secs_f64();
        let (begin, end) = (Instant::now(), Instant::now() + time);
        let bare = join_all(names.iter().map(|name| reads_and_writes(connection.clone(), name, &text, end))).await;
        let bare = f64::from(bare.iter().sum::<u32>()) / begin.elapsed().as_secs_f64();
        measured("writes per second", format!("{callers} callers: {ours:.0}, bare client {bare:.0}"));
    }
}

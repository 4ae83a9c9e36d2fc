//! What conversations in memory cost: bytes of resident memory for each, and the time of a write and of a look.
//!
//! `held [CONVERSATIONS] [RECORD]`: so many conversations (a million) with records of so many bytes (1,200) and ids of 36 characters;
//! one in ten has a promise. Each is written twice, so that what is measured is what is left after things were replaced.
#![expect(clippy::print_stdout, reason = "it is there to print")]

use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use composure::playbook::Time;
use composure::store::{Bounds, Key, Memory, Put, Record, Stamp, Written};
use composure::telemetry::Metrics;

/// The allocator that Composure uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = env::args().skip(1).map(|argument| argument.parse::<usize>());
    let conversations = numbers.next().transpose()?.unwrap_or(1_000_000);
    let length = numbers.next().transpose()?.unwrap_or(1_200);
    let metrics = Metrics::new();
    let memory = Memory::new(Bounds { most: conversations, bytes: u64::MAX }, &metrics);
    let before = resident()?;
    for (write, replaces) in [(1, None), (2, Some(Stamp(1)))] {
        let writing = Instant::now();
        (0..conversations).try_for_each(|number| put(&memory, number, (write, replaces, length)))?;
        println!("write {write}: {} ns each", each(writing, conversations));
    }
    let looking = Instant::now();
    let found = (0..conversations).filter(|number| memory.get(key(&id(*number))).is_some()).count();
    println!("look: {} ns each, {found} found", each(looking, conversations));
    let looking = Instant::now();
    thread::scope(|scope| {
        for half in 0..2 {
            let memory = &memory;
            scope.spawn(move || (half..conversations).step_by(2).for_each(|number| drop(memory.get(key(&id(number))))));
        }
    });
    println!("look, two at a time: {} ns each", each(looking, conversations));
    println!("resident: {} bytes a conversation", (resident()? - before) / conversations.max(1));
    println!("reckoned: {} bytes a conversation", reckoned(&metrics)? / conversations.max(1));
    Ok(())
}

fn put(memory: &Memory, number: usize, write: (u32, Option<Stamp>, usize)) -> Result<(), Box<dyn Error>> {
    let (revision, replaces, length) = write;
    let id = id(number);
    let record = Record { revision, stamp: Stamp(u64::from(revision)), bytes: vec![7; length].into() };
    let time = Time::from_millis(i64::try_from(number)?);
    let promises = if number.is_multiple_of(10) { vec![(time, "call-back")] } else { Vec::new() };
    match memory.put(Put { key: key(&id), replaces, record, lasts: DAY, promises }) {
        Written::Kept => Ok(()),
        Written::Outrun(_) => Err("nobody else writes".into()),
    }
}

fn key(id: &str) -> Key<'_> {
    Key { tenant: "harbor", conversation: id }
}

/// As long as a UUID, and as little in order.
fn id(number: usize) -> String {
    format!(
        "{:036x}",
        u128::try_from(number).unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    )
}

fn each(since: Instant, conversations: usize) -> u128 {
    since.elapsed().as_nanos() / u128::try_from(conversations.max(1)).unwrap_or(1)
}

/// Bytes of memory that this process uses, as Linux tells it.
fn resident() -> Result<usize, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("it is not told")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<usize>()? * 1024)
}

/// Bytes that the store thinks it takes.
fn reckoned(metrics: &Metrics) -> Result<usize, Box<dyn Error>> {
    let (_, page) = metrics.render(None);
    let line = page.lines().find_map(|line| line.strip_prefix("composure_conversations_bytes "));
    Ok(line.ok_or("it is not told")?.parse()?)
}

//! Conversations in memory: what is held, for how long, and what is given up when there are too many.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use composure::playbook::Time;
use composure::store::{Bounds, Due, DueQuery, Key, Memory, Put, Record, Stamp, Written};
use composure::telemetry::Metrics;
use proptest::prelude::*;
use tokio::time::{Instant, advance};
use tonic::codegen::Bytes;

use crate::telemetry::series;

const HOUR: Duration = Duration::from_secs(60 * 60);
const ROOMY: Bounds = Bounds { most: 1_000, bytes: 1_000_000 };

fn key(conversation: &str) -> Key<'_> {
    Key { tenant: "harbor", conversation }
}

fn record(stamp: u64, length: usize) -> Record {
    Record { revision: 1, stamp: Stamp(stamp), bytes: vec![7; length].into() }
}

/// A first write.
fn first(key: Key<'_>, record: Record) -> Put<'_> {
    Put { key, replaces: None, record, lasts: HOUR, promises: Vec::new() }
}

fn keep(memory: &Memory, put: Put<'_>) {
    assert_eq!(memory.put(put), Written::Kept);
}

fn told(metrics: &Metrics, name: &str) -> u64 {
    series(metrics, name).unwrap_or_else(|| panic!("{name} is not told"))
}

fn held(metrics: &Metrics) -> (u64, u64) {
    (told(metrics, "composure_conversations_held"), told(metrics, "composure_conversations_bytes"))
}

fn evicted(metrics: &Metrics) -> [u64; 2] {
    ["count", "bytes"]
        .map(|reason| told(metrics, &format!("composure_conversations_evicted_total{{reason=\"{reason}\"}}")))
}

/// Conversations whose promises fall due until `until`, page by page.
fn due(memory: &Memory, tenant: &str, until: i64, most: usize) -> Vec<Due> {
    let mut all: Vec<Due> = Vec::new();
    loop {
        let query = DueQuery { tenant, until: Time::from_millis(until), after: all.last().cloned(), most };
        let page = memory.due(&query);
        assert!(page.len() <= most);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[test]
fn what_was_not_used_for_longest_is_given_up_for_one_too_many() {
    let metrics = Metrics::new();
    let memory = Memory::new(Bounds { most: 3, ..ROOMY }, &metrics);
    for id in ["a", "b", "c"] {
        keep(&memory, first(key(id), record(1, 10)));
    }
    assert!(memory.get(key("a")).is_some());
    assert_eq!(
        memory.put(Put { replaces: Some(Stamp(9)), ..first(key("b"), record(2, 10)) }),
        Written::Outrun(Some(record(1, 10)))
    );
    keep(&memory, first(key("d"), record(1, 10)));
    let there = ["a", "b", "c", "d"].map(|id| memory.get(key(id)).is_some());
    assert_eq!((there, evicted(&metrics), held(&metrics).0), ([true, true, false, true], [1, 0], 3));
}

#[test]
fn what_takes_too_many_bytes_makes_room_for_itself_and_what_never_fits_is_not_held() {
    let metrics = Metrics::new();
    let memory = Memory::new(Bounds { bytes: 10_000, ..ROOMY }, &metrics);
    keep(&memory, first(key("a"), record(1, 4_000)));
    keep(&memory, first(key("b"), record(1, 1)));
    keep(&memory, first(key("c"), record(1, 7_000)));
    assert_eq!(["a", "b", "c"].map(|id| memory.get(key(id)).is_some()), [false, true, true]);
    keep(&memory, first(key("d"), record(1, 10_000)));
    assert_eq!(["b", "c", "d"].map(|id| memory.get(key(id)).is_some()), [false; 3]);
    assert_eq!((held(&metrics), evicted(&metrics)), ((0, 0), [0, 4]));
}

#[tokio::test(start_paused = true)]
async fn what_is_over_its_time_is_gone_at_once_and_makes_room_before_others() {
    let metrics = Metrics::new();
    let memory = Memory::new(Bounds { most: 2, ..ROOMY }, &metrics);
    let promises = vec![(Time::from_millis(5), "call")];
    keep(&memory, Put { promises, ..first(key("long"), record(1, 10)) });
    let brief =
        |lasts| Put { lasts, promises: vec![(Time::from_millis(6), "call")], ..first(key("brief"), record(1, 10)) };
    keep(&memory, brief(Duration::from_millis(100)));
    assert_eq!(due(&memory, "harbor", 10, 5).len(), 2);
    advance(Duration::from_millis(99)).await;
    assert!(memory.get(key("brief")).is_some());
    advance(Duration::from_millis(1)).await;
    assert_eq!(due(&memory, "harbor", 10, 5).len(), 1);
    assert_eq!(held(&metrics).0, 2);
    keep(&memory, first(key("new"), record(1, 10)));
    assert_eq!(["long", "brief", "new"].map(|id| memory.get(key(id)).is_some()), [true, false, true]);
    assert_eq!((told(&metrics, "composure_conversations_expired_total"), evicted(&metrics)), (1, [0, 0]));
    assert!(!memory.delete(key("brief")));
    assert!(memory.delete(key("new")));
    keep(&memory, brief(Duration::ZERO));
    assert_eq!(held(&metrics).0, 2);
    assert_eq!((memory.get(key("brief")), memory.delete(key("brief"))), (None, false));
}

#[tokio::test(start_paused = true)]
async fn a_write_makes_it_last_anew_or_less_long() {
    let memory = Memory::new(ROOMY, &Metrics::new());
    keep(&memory, first(key("a"), record(1, 10)));
    advance(HOUR / 2).await;
    keep(&memory, Put { replaces: Some(Stamp(1)), ..first(key("a"), record(2, 10)) });
    advance(HOUR / 2).await;
    assert_eq!(memory.get(key("a")), Some(record(2, 10)));
    keep(&memory, Put { replaces: Some(Stamp(2)), lasts: HOUR / 60, ..first(key("a"), record(3, 10)) });
    advance(HOUR / 60).await;
    assert_eq!(memory.get(key("a")), None);
    keep(&memory, Put { lasts: Duration::MAX, ..first(key("a"), record(4, 10)) });
    advance(HOUR * 24 * 365).await;
    assert!(memory.get(key("a")).is_some());
}

#[tokio::test(start_paused = true)]
async fn what_is_over_its_time_is_taken_away_in_small_steps() {
    let metrics = Metrics::new();
    let memory = Memory::new(ROOMY, &metrics);
    for number in 0..100 {
        keep(&memory, first(key(&number.to_string()), record(1, 10)));
    }
    advance(HOUR).await;
    for (write, left) in (1..=25).map(|write| (write, 100 - 4 * write)) {
        keep(&memory, first(key(&format!("new {write}")), record(1, 10)));
        assert_eq!(held(&metrics).0, left + write, "after {write} writes");
    }
}

#[test]
fn what_is_held_keeps_nothing_larger_alive() {
    let memory = Memory::new(ROOMY, &Metrics::new());
    let large = Bytes::from(vec![7; 100_000]);
    keep(&memory, first(key("a"), Record { bytes: large.slice(10..20), ..record(1, 0) }));
    let held = memory.get(key("a")).unwrap().bytes;
    assert_eq!(held, large.slice(10..20));
    assert!(!large.as_ptr_range().contains(&held.as_ptr()));
}

/// Lines that are written while this is in use.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_is_told_at_most_once_a_minute() {
    let (lines, metrics) = (Lines::default(), Metrics::new());
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let memory = Memory::new(Bounds { most: 1, ..ROOMY }, &metrics);
    let count = || String::from_utf8(lines.0.lock().unwrap().clone()).unwrap().matches("`conversations.most`").count();
    for (number, told) in [0, 1, 1, 2, 2].into_iter().enumerate() {
        keep(&memory, first(key(&number.to_string()), record(1, 10)));
        assert_eq!(count(), told);
        advance(Duration::from_secs(30)).await;
    }
    assert_eq!(evicted(&metrics), [4, 0]);
}

#[test]
fn pages_of_what_falls_due_are_exact_among_many_at_the_same_moment() {
    let memory = Memory::new(ROOMY, &Metrics::new());
    let mut expected = Vec::new();
    for conversation in ["a", "b", "c", "d"] {
        let promises: Vec<(Time, &str)> = ["x", "y", "z"]
            .into_iter()
            .flat_map(|id| [(Time::from_millis(5), id), (Time::from_millis(6), id)])
            .collect();
        expected.extend(promises.iter().filter(|(time, _)| time.millis() == 5).map(|(time, id)| Due {
            time: *time,
            conversation: conversation.to_owned(),
            commitment: (*id).to_owned(),
        }));
        keep(&memory, Put { promises, ..first(key(conversation), record(1, 10)) });
    }
    for most in 1..14 {
        assert_eq!(due(&memory, "harbor", 5, most), expected, "{most} a page");
    }
    assert_eq!((due(&memory, "harbor", 6, 5).len(), due(&memory, "harbor", 4, 5).len()), (24, 0));
    assert_eq!(due(&memory, "other", 9, 5), []);
    // Whoever goes on behind something that is gone meanwhile misses nothing and sees nothing twice.
    let query = |after| DueQuery { tenant: "harbor", until: Time::from_millis(5), after, most: 4 };
    let page = memory.due(&query(None));
    assert!(memory.delete(key("b")));
    assert_eq!(memory.due(&query(page.last().cloned())), expected[6..10]);
}

#[test]
fn of_writers_at_the_same_time_none_is_lost() {
    const WRITERS: u32 = 4;
    const WRITES: u32 = 300;
    let memory = Memory::new(Bounds { most: 100_000, bytes: 1 << 30 }, &Metrics::new());
    let write = |writer: u32| {
        for number in 0..WRITES {
            let conversation = (number % 3).to_string();
            loop {
                let there = memory.get(key(&conversation));
                let revision = there.as_ref().map_or(1, |there| there.revision + 1);
                let stamp = Stamp(u64::from(writer * WRITES + number));
                let record = Record { revision, stamp, bytes: Bytes::new() };
                let replaces = there.map(|there| there.stamp);
                let put = Put { key: key(&conversation), replaces, record, lasts: HOUR, promises: Vec::new() };
                if memory.put(put) == Written::Kept {
                    break;
                }
            }
        }
    };
    thread::scope(|scope| (0..WRITERS).for_each(|writer| drop(scope.spawn(move || write(writer)))));
    let revisions: u32 = ["0", "1", "2"].map(|id| memory.get(key(id)).unwrap().revision).iter().sum();
    assert_eq!(revisions, WRITERS * WRITES);
}

#[test]
fn bounds_hold_whoever_writes() {
    let metrics = Metrics::new();
    let bounds = Bounds { most: 5_000, bytes: 8 << 20 };
    let memory = Memory::new(bounds, &metrics);
    let write = |writer: usize| {
        for number in 0..6_000 {
            let id = format!("{writer} {}", number % 4_000);
            let there = memory.get(key(&id)).map(|there| there.stamp);
            let length = if number < 3_000 { 10 } else { number };
            let promises = vec![(Time::from_millis(1), "call"); number % 2];
            keep(&memory, Put { replaces: there, promises, ..first(key(&id), record(1, length)) });
            if number % 7 == 0 {
                assert!(memory.delete(key(&id)));
            }
        }
    };
    thread::scope(|scope| (0..3).for_each(|writer| drop(scope.spawn(move || write(writer)))));
    let (conversations, bytes) = held(&metrics);
    assert!(conversations <= 5_000 && bytes <= bounds.bytes, "{conversations} {bytes}");
    let [count, size] = evicted(&metrics);
    assert!(count > 0 && size > 0, "{count} {size}");
    let ids = (0..3).flat_map(|writer| (0..4_000).map(move |number| format!("{writer} {number}")));
    assert_eq!(ids.filter(|id| memory.delete(key(id))).count(), usize::try_from(conversations).unwrap());
    assert_eq!((held(&metrics), due(&memory, "harbor", 9, 100)), ((0, 0), Vec::new()));
}

/// What is done.
#[derive(Debug, Clone)]
enum Step {
    Put { who: usize, replaces: Replaces, length: usize, lasts: u64, promises: Vec<(i64, &'static str)> },
    Get(usize),
    Delete(usize),
    Due { tenant: usize, until: i64, most: usize },
    Wait(u64),
}

#[derive(Debug, Clone)]
enum Replaces {
    WhatIsThere,
    Nothing,
    Something,
}

/// Among them some that would be one if tenant and conversation were only put together.
const WHO: [(&str, &str); 7] = [("", "ab"), ("a", "b"), ("ab", ""), ("", "a"), ("a", ""), ("a", "a"), ("b", "b")];
const TENANTS: [&str; 4] = ["", "a", "ab", "b"];

fn step() -> impl Strategy<Value = Step> {
    let who = 0..WHO.len();
    let replaces = prop_oneof![
        8 => Just(Replaces::WhatIsThere),
        1 => Just(Replaces::Nothing),
        1 => Just(Replaces::Something)
    ];
    let promises = prop::collection::vec((0_i64..4, prop::sample::select(&["x", "y", "z"][..])), 0..3);
    prop_oneof![
        6 => (who.clone(), replaces, 0_usize..50, 0_u64..20, promises)
            .prop_map(|(who, replaces, length, lasts, promises)| Step::Put { who, replaces, length, lasts, promises }),
        3 => who.clone().prop_map(Step::Get),
        1 => who.prop_map(Step::Delete),
        2 => (0..TENANTS.len(), 0_i64..5, 1_usize..4).prop_map(|(tenant, until, most)| Step::Due { tenant, until, most }),
        2 => (0_u64..12).prop_map(Step::Wait),
    ]
}

/// The same as a plain list, the least recently used first.
struct Model {
    most: usize,
    held: Vec<Modelled>,
}

#[derive(Clone)]
struct Modelled {
    who: usize,
    record: Record,
    ends: Instant,
    promises: Vec<(i64, &'static str)>,
}

impl Model {
    /// What is there, which is used by that.
    fn touch(&mut self, who: usize) -> Option<Record> {
        self.held.retain(|held| held.ends > Instant::now());
        let place = self.held.iter().position(|held| held.who == who)?;
        let held = self.held.remove(place);
        self.held.push(held.clone());
        Some(held.record)
    }

    fn put(&mut self, new: Modelled, replaces: Option<Stamp>) -> Written {
        let there = self.touch(new.who);
        if there.as_ref().map(|there| there.stamp) != replaces {
            return Written::Outrun(there);
        }
        self.held.retain(|held| held.who != new.who);
        self.held.push(new);
        self.held.retain(|held| held.ends > Instant::now());
        if self.held.len() > self.most {
            self.held.remove(0);
        }
        Written::Kept
    }

    fn due(&self, tenant: &str, until: i64) -> Vec<Due> {
        let held = self.held.iter().filter(|held| WHO[held.who].0 == tenant && held.ends > Instant::now());
        let all = held.flat_map(|held| held.promises.iter().map(|(time, id)| (*time, WHO[held.who].1, *id)));
        let mut all: Vec<_> = all.filter(|(time, _, _)| *time <= until).collect();
        all.sort_unstable();
        all.dedup();
        let due = |(time, conversation, id): (i64, &str, &str)| Due {
            time: Time::from_millis(time),
            conversation: conversation.to_owned(),
            commitment: id.to_owned(),
        };
        all.into_iter().map(due).collect()
    }
}

fn of(who: usize) -> Key<'static> {
    let (tenant, conversation) = WHO[who];
    Key { tenant, conversation }
}

async fn same(memory: &Memory, model: &mut Model, (number, step): (usize, Step)) -> Result<(), TestCaseError> {
    match step {
        Step::Put { who, replaces, length, lasts, promises } => {
            let replaces = match replaces {
                Replaces::WhatIsThere => model.touch(who).map(|there| there.stamp),
                Replaces::Nothing => None,
                Replaces::Something => Some(Stamp(1_000_000)),
            };
            let record = record(u64::try_from(number).unwrap(), length);
            let lasts = Duration::from_secs(lasts);
            let of_put = promises.iter().map(|(time, id)| (Time::from_millis(*time), *id)).collect();
            let put = Put { key: of(who), replaces, record: record.clone(), lasts, promises: of_put };
            let modelled = Modelled { who, record, ends: Instant::now() + lasts, promises };
            prop_assert_eq!(memory.put(put), model.put(modelled, replaces));
        }
        Step::Get(who) => prop_assert_eq!(memory.get(of(who)), model.touch(who)),
        Step::Delete(who) => {
            prop_assert_eq!(memory.delete(of(who)), model.touch(who).is_some());
            model.held.retain(|held| held.who != who);
        }
        Step::Due { tenant, until, most } => {
            prop_assert_eq!(due(memory, TENANTS[tenant], until, most), model.due(TENANTS[tenant], until));
        }
        Step::Wait(seconds) => advance(Duration::from_secs(seconds)).await,
    }
    Ok(())
}

proptest! {
    #[test]
    fn it_does_what_a_plain_list_does(most in 1_usize..6, steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let metrics = Metrics::new();
            let memory = Memory::new(Bounds { most, ..ROOMY }, &metrics);
            let mut model = Model { most, held: Vec::new() };
            for step in steps.into_iter().enumerate() {
                same(&memory, &mut model, step).await?;
            }
            prop_assert!(held(&metrics).0 <= u64::try_from(most).unwrap());
            Ok(())
        })?;
    }

    #[test]
    fn bytes_stay_within_their_bound(bytes in 500_u64..4_000, steps in prop::collection::vec(step(), 1..60)) {
        let metrics = Metrics::new();
        let memory = Memory::new(Bounds { bytes, ..ROOMY }, &metrics);
        for step in steps {
            match step {
                Step::Put { who, length, promises, .. } => {
                    let replaces = memory.get(of(who)).map(|there| there.stamp);
                    let promises = promises.iter().map(|(time, id)| (Time::from_millis(*time), *id)).collect();
                    keep(&memory, Put { replaces, promises, ..first(of(who), record(1, length * 20)) });
                }
                Step::Delete(who) => drop(memory.delete(of(who))),
                Step::Get(_) | Step::Due { .. } | Step::Wait(_) => {}
            }
        }
        prop_assert!(held(&metrics).1 <= bytes);
        let all = (0..WHO.len()).filter(|who| memory.get(of(*who)).is_some()).count();
        prop_assert_eq!(held(&metrics).0, u64::try_from(all).unwrap());
        prop_assert!((0..WHO.len()).filter(|who| memory.delete(of(*who))).count() == all);
        prop_assert_eq!(held(&metrics), (0, 0));
    }
}

//! Conversations in Redis: what replicas that share a server may rely on.

use std::collections::BTreeSet;
use std::time::Duration;

use composure::playbook::Time;
use composure::store::{Change, Due, DueQuery, Hint, Put, Record, Redis, Stamp, Unwritten, Written};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::redis_servers::{KEY, Server, key, promising, put, record, single, soon, until};

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_is_put_is_got_and_what_is_deleted_is_gone() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    assert_eq!(redis.get(KEY, soon()).await, Ok(None));
    assert_eq!(redis.hint(KEY), Hint::Perhaps(None));
    let first = record(1, "first");
    assert_eq!(redis.put(put(KEY, None, &first), soon()).await, Ok(Written::Kept));
    assert_eq!(redis.hint(KEY), Hint::Perhaps(Some(first.clone())));
    assert_eq!(redis.get(KEY, soon()).await, Ok(Some(first.clone())));
    assert_eq!(redis.stamps(&[KEY, key("bank", "c-2")], soon()).await, Ok(vec![Some(first.stamp), None]));
    assert_eq!(redis.delete(KEY, soon()).await, Ok(true));
    assert_eq!(redis.hint(KEY), Hint::Perhaps(None));
    assert_eq!(redis.delete(KEY, soon()).await, Ok(false));
    assert_eq!(redis.get(KEY, soon()).await, Ok(None));
    assert_eq!(server.ask::<u32>("DBSIZE").await, 0);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_write_that_is_outrun_changes_nothing_and_learns_what_is_there() {
    let server = Server::start(&[]);
    let (one, other) = (single(&server.address()), single(&server.address()));
    let (first, second, late) = (record(1, "first"), record(2, "second"), record(2, "late"));
    assert_eq!(one.put(put(KEY, None, &first), soon()).await, Ok(Written::Kept));
    assert_eq!(other.put(put(KEY, Some(&first), &second), soon()).await, Ok(Written::Kept));
    assert_eq!(one.hint(KEY), Hint::Perhaps(Some(first.clone())));
    let outrun = Ok(Written::Outrun(Some(second.clone())));
    assert_eq!(one.put(put(KEY, Some(&first), &late), soon()).await, outrun);
    assert_eq!(one.hint(KEY), Hint::Perhaps(Some(second.clone())));
    assert_eq!(one.put(put(KEY, None, &late), soon()).await, outrun);
    assert_eq!(one.get(KEY, soon()).await, Ok(Some(second)));
    let nothing = key("bank", "c-2");
    assert_eq!(one.put(put(nothing, Some(&first), &late), soon()).await, Ok(Written::Outrun(None)));
    assert_eq!(one.get(nothing, soon()).await, Ok(None));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_write_that_is_repeated_counts_as_written() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let first = record(1, "first");
    for _ in 0..2 {
        assert_eq!(redis.put(put(KEY, None, &first), soon()).await, Ok(Written::Kept));
    }
}

/// Writes one more `count` times, over whatever others write.
async fn count_up(redis: Redis, count: u32) {
    for _ in 0..count {
        let Hint::Perhaps(mut before) = redis.hint(KEY) else { panic!("nothing is certain") };
        loop {
            let number = before.as_ref().map_or(0, |record| record.revision) + 1;
            let after = record(number, &number.to_string());
            match redis.put(put(KEY, before.as_ref(), &after), soon()).await.expect("it answers") {
                Written::Kept => break,
                Written::Outrun(there) => before = there,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server"]
async fn of_many_writers_in_two_replicas_none_loses_a_write() {
    let server = Server::start(&[]);
    let replicas = [single(&server.address()), single(&server.address())];
    let writers: Vec<_> = (0..16).map(|writer| tokio::spawn(count_up(replicas[writer % 2].clone(), 25))).collect();
    for writer in writers {
        writer.await.expect("it counts");
    }
    let end = replicas[0].get(KEY, soon()).await.unwrap().expect("it is there");
    assert_eq!((end.revision, &*end.bytes), (400, b"400".as_slice()));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn time_to_live_slides_with_each_write_and_runs_out() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let name = "composure:1:{59}:record:4:bankc-1";
    let (first, second) = (record(1, "first"), record(2, "second"));
    redis.put(put(KEY, None, &first), soon()).await.unwrap();
    let left: i64 = server.ask(&format!("PTTL {name}")).await;
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");
    let short = Put { lasts: Duration::from_millis(500), ..promising(put(KEY, Some(&first), &second), &[(5, "call")]) };
    assert_eq!(redis.put(short, soon()).await, Ok(Written::Kept));
    let left: i64 = server.ask(&format!("PTTL {name}")).await;
    assert!(left <= 500, "{left}");
    until("its end", async || redis.get(KEY, soon()).await.unwrap().is_none().then_some(())).await;
    // The index of promises goes with the last that is in it.
    until("the index's end", async || (server.ask::<u32>("DBSIZE").await == 0).then_some(())).await;
}

fn due(time: i64, conversation: &str, commitment: &str) -> Due {
    Due { time: Time::from_millis(time), conversation: conversation.to_owned(), commitment: commitment.to_owned() }
}

fn query(until: i64, after: Option<Due>, most: usize) -> DueQuery<'static> {
    DueQuery { tenant: "bank", until: Time::from_millis(until), after, most }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn promises_are_listed_in_order_and_page_by_page() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let mut all = BTreeSet::new();
    for number in 0..60 {
        let conversation = format!("c\0\u{1}{}", number % 20);
        let conversation = if number < 20 { conversation } else { format!("c-{number}") };
        // Many at the same moment, some before 1970, ids that are the beginning of others.
        let promises = [(number / 7, "a"), (number / 7, "a\0"), (-5, "b"), (i64::MAX, "z")];
        redis.put(promising(put(key("bank", &conversation), None, &record(1, "")), &promises), soon()).await.unwrap();
        all.extend(promises.map(|(time, id)| due(time, &conversation, id)));
        redis.put(promising(put(key("ban", &conversation), None, &record(1, "")), &[(1, "x")]), soon()).await.unwrap();
    }
    for (until, most) in [(6, 7), (i64::MAX, 50), (-6, 10), (-5, 60)] {
        let mut found = Vec::new();
        loop {
            let page = redis.due(&query(until, found.last().cloned(), most), soon()).await.unwrap();
            assert!(page.len() <= most);
            found.extend(page.iter().cloned());
            if page.len() < most {
                break;
            }
        }
        let wanted: Vec<_> = all.iter().filter(|due| due.time <= Time::from_millis(until)).cloned().collect();
        assert_eq!(found, wanted, "until {until}");
    }
    assert_eq!(redis.due(&query(i64::MAX, None, 0), soon()).await, Ok(Vec::new()));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn promises_go_with_what_is_replaced_deleted_or_expired() {
    let server = Server::start(&[]);
    let (redis, other) = (single(&server.address()), single(&server.address()));
    let listed = async || redis.due(&query(100, None, 10), soon()).await.unwrap();
    let (first, second) = (record(1, ""), record(2, ""));
    redis.put(promising(put(KEY, None, &first), &[(1, "call"), (2, "mail")]), soon()).await.unwrap();
    assert_eq!(listed().await, [due(1, "c-1", "call"), due(2, "c-1", "mail")]);
    // Who replaces it need not know of them.
    other.put(promising(put(KEY, Some(&first), &second), &[(3, "mail")]), soon()).await.unwrap();
    assert_eq!(listed().await, [due(3, "c-1", "mail")]);
    other.put(promising(put(KEY, Some(&first), &record(3, "")), &[(4, "lost")]), soon()).await.unwrap();
    assert_eq!(listed().await, [due(3, "c-1", "mail")]);
    assert_eq!(other.delete(KEY, soon()).await, Ok(true));
    other.put(promising(put(KEY, None, &first), &[(4, "other")]), soon()).await.unwrap();
    assert_eq!(listed().await, [due(4, "c-1", "other")]);
    assert_eq!(other.delete(KEY, soon()).await, Ok(true));
    assert_eq!(listed().await, []);
    // What falls due later keeps every index.
    for number in 0..300 {
        let conversation = format!("d-{number}");
        let later = promising(put(key("bank", &conversation), None, &first), &[(200, "later")]);
        redis.put(later, soon()).await.unwrap();
    }
    let short = promising(put(KEY, None, &first), &[(5, "call")]);
    redis.put(Put { lasts: Duration::from_millis(50), ..short }, soon()).await.unwrap();
    until("its end", async || listed().await.is_empty().then_some(())).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn promises_of_expired_conversations_are_passed_over() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let all = half_of_which_expire(&redis, |number| number).await;
    let mut found: Vec<Due> = Vec::new();
    while found.len() < all.len() {
        let page = redis.due(&query(9_999, found.last().cloned(), 10), soon()).await.unwrap();
        assert_eq!(page.len(), 10);
        found.extend(page);
    }
    assert_eq!(found, all);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn promises_of_expired_conversations_do_not_pile_up() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let all = half_of_which_expire(&redis, |_| 9_000).await;
    let mut entries = 0;
    for bucket in 0..64 {
        entries += server.ask::<usize>(&format!("ZCARD composure:1:{{{bucket}}}:promises:bank")).await;
    }
    // The last of each bucket may still be there.
    assert!((all.len()..=all.len() + 128).contains(&entries), "{entries}");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_page_is_filled_from_behind_what_has_expired_and_holds_nothing_twice() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    for number in 0..200 {
        let (long, short) = (format!("c-{number}"), format!("d-{number}"));
        let later = [(1_000 + number, "call")];
        redis.put(promising(put(key("bank", &long), None, &record(1, "")), &later), soon()).await.unwrap();
        let sooner = [(number, "call")];
        let expiring = promising(put(key("bank", &short), None, &record(1, "")), &sooner);
        redis.put(Put { lasts: Duration::from_secs(2), ..expiring }, soon()).await.unwrap();
    }
    let last = key("bank", "d-199");
    until("the last one's end", async || redis.get(last, soon()).await.unwrap().is_none().then_some(())).await;
    let page = redis.due(&query(9_999, None, 2), soon()).await.unwrap();
    assert_eq!(page, [due(1_000, "c-0", "call"), due(1_001, "c-1", "call")]);
}

/// Holds hundreds of conversations, those that last with a promise at `time`, between as many that expire at once; what lasts.
async fn half_of_which_expire(redis: &Redis, time: impl Fn(i64) -> i64) -> Vec<Due> {
    let mut lasting = Vec::new();
    for number in 0..600 {
        let (long, short) = (format!("c-{number}"), format!("d-{number}"));
        let promise = [(number, "call")];
        let expiring = promising(put(key("bank", &short), None, &record(1, "")), &promise);
        redis.put(Put { lasts: Duration::from_millis(1), ..expiring }, soon()).await.unwrap();
        let promise = [(time(number), "call")];
        redis.put(promising(put(key("bank", &long), None, &record(1, "")), &promise), soon()).await.unwrap();
        lasting.push(due(time(number), &long, "call"));
    }
    lasting
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn other_replicas_hear_of_changes_and_outdate_what_they_saw() {
    let server = Server::start(&[]);
    let (one, other) = (single(&server.address()), single(&server.address()));
    assert_eq!(server.ask::<String>("CLIENT LIST").await.lines().count(), 1, "nobody asks before it is wanted");
    let mut changes = Box::pin(other.changes());
    let mut next = async || timeout(Duration::from_secs(5), changes.next()).await.expect("it is heard of").unwrap();
    assert_eq!(next().await, Change::Any);
    let first = record(1, "first");
    one.put(put(KEY, None, &first), soon()).await.unwrap();
    let of = |stamp: Option<Stamp>| Change::Of { tenant: "bank".into(), conversation: "c-1".into(), stamp };
    assert_eq!(next().await, of(Some(first.stamp)));
    assert_eq!(other.get(KEY, soon()).await, Ok(Some(first.clone())));
    // The own writes are not told to oneself; what comes next is of the other again.
    other.put(put(key("bank", "c-2"), None, &record(1, "")), soon()).await.unwrap();
    let second = record(2, "second");
    one.put(put(KEY, Some(&first), &second), soon()).await.unwrap();
    assert_eq!(next().await, of(Some(second.stamp)));
    assert_eq!(other.hint(KEY), Hint::Perhaps(None));
    one.put(put(KEY, Some(&first), &record(2, "lost")), soon()).await.unwrap();
    one.delete(KEY, soon()).await.unwrap();
    assert_eq!(next().await, of(None));
    server.ask::<u32>("CLIENT KILL TYPE pubsub").await;
    assert_eq!(next().await, Change::Any);
    one.put(put(KEY, None, &first), soon()).await.unwrap();
    assert_eq!(next().await, of(Some(first.stamp)));
    drop(changes);
    until("silence", async || {
        let list: String = server.ask("CLIENT LIST TYPE pubsub").await;
        list.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_could_not_be_written_is_remembered() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let lost = record(3, "lost");
    let unwritten = |record: &Record| Unwritten {
        record: record.clone(),
        replaces: None,
        own: Vec::new(),
        lasts: Duration::from_secs(60),
        promises: Vec::new(),
    };
    assert!(redis.remember(KEY, unwritten(&lost), None));
    assert!(!redis.remember(KEY, unwritten(&lost), None), "it was decided without the one before it");
    assert_eq!(redis.get(KEY, soon()).await, Ok(None));
    assert_eq!(redis.hint(KEY), Hint::Ahead(unwritten(&lost)), "nobody has written since");
    let kept = record(4, "kept");
    assert_eq!(redis.put(put(KEY, None, &kept), soon()).await, Ok(Written::Kept));
    assert_eq!(redis.hint(KEY), Hint::Perhaps(Some(kept)));
    // Somebody who deletes it is obeyed, by those who know of something that was never written, too.
    let other = single(&server.address());
    assert_eq!(redis.delete(KEY, soon()).await, Ok(true));
    assert!(other.remember(KEY, unwritten(&record(5, "lost")), None));
    let mut changes = Box::pin(other.changes());
    assert_eq!(changes.next().await, Some(Change::Any));
    assert_eq!(redis.delete(KEY, soon()).await, Ok(false));
    changes.next().await;
    assert_eq!(other.hint(KEY), Hint::Perhaps(None));
}

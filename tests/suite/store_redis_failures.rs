//! Whatever happens to Redis, operations end in their time, and go on when it is back, without a restart.

use std::fs;
use std::time::Duration;

use composure::playbook::Time;
use composure::store::{Change, DueQuery, Hint, Mode, Record, Redis, Tls, Unavailable, Written};
use composure::telemetry::Metrics;
use futures_util::StreamExt as _;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use crate::process::measured;
use crate::redis_proxy::{Proxy, Way};
use crate::redis_servers::{
    Encrypted, KEY, RULE, SHUT_OUT, Server, TIMEOUT, as_user, free_port, in_time, key, promising, put, record,
    recovers, settings, single, soon, until, writes,
};
use crate::server_tls::authority;

/// All operations end in their time and say that there is no answer.
async fn nothing_answers(redis: &Redis) {
    assert_eq!(in_time(redis.get(KEY, soon())).await, Err(Unavailable));
    assert_eq!(in_time(redis.put(put(KEY, None, &record(1, "lost")), soon())).await, Err(Unavailable));
    assert_eq!(in_time(redis.delete(KEY, soon())).await, Err(Unavailable));
    assert_eq!(in_time(redis.stamps(&[KEY], soon())).await, Err(Unavailable));
    let query = DueQuery { tenant: "bank", until: Time::from_millis(9), after: None, most: 9 };
    assert_eq!(in_time(redis.due(&query, soon())).await, Err(Unavailable));
}

/// Soon nobody waits any longer: an answer comes without asking, but for single ones who are let through, to see.
async fn nobody_waits(redis: &Redis) {
    let many = async {
        for _ in 0..1_000 {
            assert_eq!(redis.get(KEY, soon()).await, Err(Unavailable));
        }
    };
    timeout(TIMEOUT * 3, many).await.expect("nobody waits");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn down_at_the_start_it_is_found_when_it_comes() {
    let port = free_port();
    let redis = single(&format!("127.0.0.1:{port}"));
    let mut changes = Box::pin(redis.changes());
    nothing_answers(&redis).await;
    nobody_waits(&redis).await;
    let _server = Server::start_on(port, &[]);
    recovers(&redis, KEY).await;
    assert_eq!(timeout(Duration::from_secs(10), changes.next()).await, Ok(Some(Change::Any)));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn killed_and_started_again_it_is_found_again() {
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let redis = single(&server.address());
    let mut changes = Box::pin(redis.changes());
    assert_eq!(timeout(Duration::from_secs(10), changes.next()).await, Ok(Some(Change::Any)));
    let first = record(1, "first");
    redis.put(put(KEY, None, &first), soon()).await.unwrap();
    for _ in 0..3 {
        server.kill();
        nothing_answers(&redis).await;
        nobody_waits(&redis).await;
        assert_eq!(redis.hint(KEY), Hint::Perhaps(None));
        server.start_again();
        // A server that was started knows no script.
        let found = until("an answer", async || in_time(redis.get(KEY, soon())).await.ok()).await;
        assert_eq!(found, Some(first.clone()));
        assert!(writes(&redis, key("bank", "c-2")).await);
        assert_eq!(timeout(Duration::from_secs(10), changes.next()).await, Ok(Some(Change::Any)));
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn restarted_between_two_calls_it_is_not_noticed() {
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let redis = single(&server.address());
    let mut last: Option<Record> = None;
    for revision in 1..4 {
        let next = record(revision, "text");
        assert_eq!(redis.put(put(KEY, last.as_ref(), &next), soon()).await, Ok(Written::Kept));
        last = Some(next);
        server.kill();
        server.start_again();
    }
    assert_eq!(redis.get(KEY, soon()).await, Ok(last));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn hung_it_is_waited_for_in_time_and_found_again() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let first = record(1, "first");
    redis.put(put(KEY, None, &first), soon()).await.unwrap();
    server.hang();
    // Whoever has less time waits for less: half of it.
    let since = Instant::now();
    assert_eq!(redis.get(KEY, Instant::now() + Duration::from_millis(100)).await, Err(Unavailable));
    assert!(since.elapsed() < TIMEOUT, "{:?}", since.elapsed());
    nothing_answers(&redis).await;
    nobody_waits(&redis).await;
    server.go_on();
    recovers(&redis, KEY).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn who_is_out_of_time_shuts_nobody_out() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    assert_eq!(redis.get(KEY, soon()).await, Ok(None));
    server.hang();
    for _ in 0..20 {
        assert_eq!(redis.get(KEY, Instant::now() + TIMEOUT / 10).await, Err(Unavailable));
    }
    server.go_on();
    assert_eq!(redis.get(KEY, soon()).await, Ok(None));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn what_a_slow_cut_or_lossy_way_breaks_is_mended() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let redis = single(&proxy.address());
    assert!(writes(&redis, KEY).await);
    assert_eq!(proxy.connections(), 1);
    proxy.goes(Way::Slow(TIMEOUT / 10));
    assert!(writes(&redis, KEY).await, "slow is not too slow");
    for way in [Way::Slow(TIMEOUT * 4), Way::Cut, Way::Swallowed, Way::NoAnswers] {
        proxy.goes(way);
        nothing_answers(&redis).await;
        nobody_waits(&redis).await;
        proxy.goes(Way::Open);
        recovers(&redis, KEY).await;
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_write_whose_answer_was_lost_is_not_written_twice() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let redis = single(&proxy.address());
    let (first, second) = (record(1, "first"), record(2, "second"));
    redis.put(put(KEY, None, &first), soon()).await.unwrap();
    proxy.goes(Way::NoAnswers);
    assert_eq!(in_time(redis.put(put(KEY, Some(&first), &second), soon())).await, Err(Unavailable));
    proxy.goes(Way::Open);
    let written = until("an answer", async || redis.put(put(KEY, Some(&first), &second), soon()).await.ok()).await;
    assert_eq!(written, Written::Kept);
    let outrun = redis.put(put(KEY, Some(&first), &record(2, "other")), soon()).await;
    assert_eq!(outrun, Ok(Written::Outrun(Some(second))));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_server_that_forgot_everything_is_written_to_again() {
    let server = Server::start(&[]);
    let redis = single(&server.address());
    let (first, second) = (record(1, "first"), record(2, "second"));
    redis.put(promising(put(KEY, None, &first), &[(1, "call")]), soon()).await.unwrap();
    server.ask::<String>("FLUSHALL").await;
    server.ask::<String>("SCRIPT FLUSH").await;
    assert_eq!(redis.put(put(KEY, Some(&first), &second), soon()).await, Ok(Written::Outrun(None)));
    assert_eq!(redis.put(put(KEY, None, &second), soon()).await, Ok(Written::Kept));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn full_it_is_still_read_and_changes_nothing_by_halves() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let redis = single(&server.address());
    let (first, second) = (record(1, "first"), record(2, "second"));
    redis.put(promising(put(KEY, None, &first), &[(1, "call")]), soon()).await.unwrap();
    server.ask::<String>("CONFIG SET maxmemory 1").await;
    for _ in 0..20 {
        let more = promising(put(KEY, Some(&first), &second), &[(2, "mail")]);
        assert_eq!(in_time(redis.put(more, soon())).await, Err(Unavailable));
    }
    assert_eq!(in_time(redis.get(KEY, soon())).await, Ok(Some(first.clone())));
    let query = DueQuery { tenant: "bank", until: Time::from_millis(9), after: None, most: 9 };
    let due = redis.due(&query, soon()).await.unwrap();
    assert_eq!(due.iter().map(|due| due.commitment.as_str()).collect::<Vec<_>>(), ["call"]);
    server.ask::<String>("CONFIG SET maxmemory 0").await;
    assert_eq!(redis.put(put(KEY, Some(&first), &second), soon()).await, Ok(Written::Kept));
    server.ask::<String>("CONFIG SET maxmemory 1").await;
    assert_eq!(redis.delete(KEY, soon()).await, Ok(true), "what is full can be emptied");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_server_that_takes_no_writes_any_more_is_left_for_the_one_that_does() {
    let (old, new) = (Server::start(&[]), Server::start(&[]));
    let proxy = Proxy::to(old.port).await;
    let redis = single(&proxy.address());
    assert!(writes(&redis, KEY).await);
    // The address leads to another server from now on, and the connection to the old one stays.
    proxy.leads_to(new.port);
    old.ask::<String>(&format!("REPLICAOF 127.0.0.1 {}", new.port)).await;
    recovers(&redis, KEY).await;
    assert_eq!(new.ask::<u32>("DBSIZE").await, 1);
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn of_two_addresses_the_one_that_takes_writes_is_found() {
    let primary = Server::start(&[]);
    let replica = Server::start(&["--replicaof", &format!("127.0.0.1 {}", primary.port)]);
    let addresses = [format!("127.0.0.1:{}", free_port()), replica.address(), primary.address()];
    let redis = Redis::new(settings(Mode::Single, &addresses), &Metrics::new()).unwrap();
    recovers(&redis, KEY).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn certificates_of_the_own_authority_are_believed_and_others_are_not() {
    let other = authority("other");
    let Encrypted { server: _server, address, authority: own, folder: _folder } = Encrypted::start();
    let with = |tls| {
        let settings = settings(Mode::Single, std::slice::from_ref(&address));
        Redis::new(composure::store::RedisSettings { tls, ..settings }, &Metrics::new()).unwrap()
    };
    let believing = with(Tls::Own(own.pem().into_bytes()));
    recovers(&believing, KEY).await;
    let mut changes = Box::pin(believing.changes());
    assert_eq!(timeout(Duration::from_secs(5), changes.next()).await, Ok(Some(Change::Any)));
    for disbelieving in [with(Tls::Own(other.pem().into_bytes())), with(Tls::Public), with(Tls::Off)] {
        for _ in 0..3 {
            assert_eq!(in_time(disbelieving.get(KEY, soon())).await, Err(Unavailable));
        }
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_user_needs_no_more_than_is_documented() {
    let server = Server::start(&[]);
    server.ask::<String>(&format!("ACL SETUSER composure on >secret {RULE}")).await;
    let as_user =
        |password| Redis::new(as_user(settings(Mode::Single, &[server.address()]), password), &Metrics::new()).unwrap();
    let (redis, other) = (as_user("secret"), as_user("secret"));
    let mut changes = Box::pin(other.changes());
    assert_eq!(timeout(Duration::from_secs(5), changes.next()).await, Ok(Some(Change::Any)));
    let first = record(1, "first");
    assert_eq!(redis.put(promising(put(KEY, None, &first), &[(1, "call")]), soon()).await, Ok(Written::Kept));
    let second = record(2, "second");
    assert_eq!(redis.put(promising(put(KEY, Some(&first), &second), &[(2, "call")]), soon()).await, Ok(Written::Kept));
    assert_eq!(redis.put(put(KEY, Some(&first), &second), soon()).await, Ok(Written::Kept));
    assert_eq!(redis.put(put(KEY, None, &first), soon()).await, Ok(Written::Outrun(Some(second.clone()))));
    assert_eq!(redis.get(KEY, soon()).await, Ok(Some(second.clone())));
    assert_eq!(redis.stamps(&[KEY], soon()).await, Ok(vec![Some(second.stamp)]));
    let query = DueQuery { tenant: "bank", until: Time::from_millis(9), after: None, most: 9 };
    assert_eq!(redis.due(&query, soon()).await.map(|due| due.len()), Ok(1));
    assert_eq!(redis.delete(KEY, soon()).await, Ok(true));
    assert!(matches!(changes.next().await, Some(Change::Of { .. })));
    nothing_answers(&as_user("guessed")).await;
}

/// A log is read again by the default user, and what that may not do is not done.
#[tokio::test]
#[ignore = "needs redis-server"]
async fn where_the_default_user_is_shut_out_as_documented_a_restart_loses_nothing() {
    let folder = TempDir::new().expect("there is room");
    let users = folder.path().join("users");
    fs::write(&users, format!("{SHUT_OUT}\nuser composure on >secret {RULE}\n")).expect("there is room");
    let users = users.to_str().expect("it is text");
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always", "--aclfile", users]);
    let settings = settings(Mode::Single, &[server.address()]);
    let redis = Redis::new(as_user(settings, "secret"), &Metrics::new()).unwrap();
    let written = record(1, "written");
    assert_eq!(redis.put(promising(put(KEY, None, &written), &[(1, "call")]), soon()).await, Ok(Written::Kept));
    server.kill();
    server.start_again();
    recovers(&redis, key("bank", "another")).await;
    assert_eq!(redis.get(KEY, soon()).await, Ok(Some(written)));
}

/// Counts up `count` times, whatever happens; how many of the writes were acknowledged at once, and how many may have been done.
async fn count_up_through_failures(redis: Redis, count: u32) -> (u32, u32) {
    let (mut sure, mut unsure, mut before) = (0, 0, None);
    while sure < count {
        let revision = before.as_ref().map_or(0, |record: &Record| record.revision) + 1;
        let after = record(revision, "");
        match in_time(redis.put(put(KEY, before.as_ref(), &after), soon())).await {
            Ok(Written::Kept) => (sure, before) = (sure + 1, Some(after)),
            Ok(Written::Outrun(there)) => before = there,
            Err(Unavailable) => {
                unsure += 1;
                before = loop {
                    match in_time(redis.get(KEY, soon())).await {
                        Ok(there) => break there,
                        Err(Unavailable) => sleep(Duration::from_millis(10)).await,
                    }
                };
            }
        }
    }
    (sure, unsure)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server"]
async fn what_was_acknowledged_is_there_whoever_was_killed_meanwhile() {
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let replicas = [single(&server.address()), single(&server.address()), single(&server.address())];
    let writers: Vec<_> =
        (0..6).map(|writer| tokio::spawn(count_up_through_failures(replicas[writer % 3].clone(), 100))).collect();
    for part in 1..4 {
        let written =
            async || in_time(replicas[0].get(KEY, soon())).await.ok().flatten().map_or(0, |there| there.revision);
        until("some writes", async || (written().await >= part * 60).then_some(())).await;
        server.kill();
        server.start_again();
    }
    let (mut sure, mut unsure) = (0, 0);
    for writer in writers {
        let (its_sure, its_unsure) = writer.await.expect("it counts");
        (sure, unsure) = (sure + its_sure, unsure + its_unsure);
    }
    let end = replicas[0].get(KEY, soon()).await.unwrap().expect("it is there").revision;
    measured("writes acknowledged, perhaps done, done", format!("{sure}, {unsure}, {end}"));
    assert!((sure..=sure + unsure).contains(&end), "{sure} {unsure} {end}");
}

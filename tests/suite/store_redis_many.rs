//! Several servers: sentinels that let another take over, and clusters.

use std::time::Duration;

use composure::playbook::Time;
use composure::store::{Change, DueQuery, Key, Mode, Redis, Unavailable, Written};
use composure::telemetry::Metrics;
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};

use crate::redis_servers::{
    CLUSTER_RULE, KEY, MASTER, RULE, SENTINEL_RULE, Server, TIMEOUT, as_user, free_port, in_time, key,
    knows_the_replica, promising, put, record, recovers, sentinel, settings, soon, until, writes,
};

fn by_sentinels(addresses: &[String]) -> Redis {
    Redis::new(settings(Mode::Sentinel { master: MASTER.to_owned() }, addresses), &Metrics::new())
        .expect("the settings are good")
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn when_sentinels_let_another_take_over_it_is_followed() {
    let mut primary = Server::start(&[]);
    let replica =
        Server::start(&["--replicaof", &format!("127.0.0.1 {}", primary.port), "--repl-diskless-sync-delay", "0"]);
    let mut sentinels = [sentinel(&primary, 1, ""), sentinel(&primary, 1, "")];
    for sentinel in &sentinels {
        knows_the_replica(sentinel).await;
    }
    // The first address is of a sentinel that is gone.
    let addresses = [format!("127.0.0.1:{}", free_port()), sentinels[0].address(), sentinels[1].address()];
    let (redis, other) = (by_sentinels(&addresses), by_sentinels(&addresses));
    let mut changes = Box::pin(other.changes());
    assert_eq!(timeout(Duration::from_secs(5), changes.next()).await, Ok(Some(Change::Any)));
    recovers(&redis, KEY).await;
    primary.kill();
    assert!(!writes(&redis, KEY).await);
    recovers(&redis, KEY).await;
    assert_eq!(replica.ask::<Vec<redis::Value>>("ROLE").await[0], redis::Value::BulkString(b"master".to_vec()));
    // Changes come from the new one, too.
    loop {
        let change = timeout(Duration::from_secs(20), async {
            let (change, ()) = tokio::join!(changes.next(), recovers(&redis, key("bank", "c-2")));
            change
        });
        if matches!(change.await, Ok(Some(Change::Of { conversation, .. })) if conversation == "c-2") {
            break;
        }
    }
    // A sentinel that is silent is passed over, once the other one has heard from it.
    let taken_over = vec!["127.0.0.1".to_owned(), replica.port.to_string()];
    until("the other sentinel's knowledge", async || {
        let told: Vec<String> = sentinels[1].ask(&format!("SENTINEL GET-MASTER-ADDR-BY-NAME {MASTER}")).await;
        (told == taken_over).then_some(())
    })
    .await;
    sentinels[0].hang();
    recovers(&by_sentinels(&addresses), KEY).await;
    sentinels[1].kill();
    assert!(!writes(&by_sentinels(&addresses), KEY).await);
    // Who is connected needs no sentinel.
    recovers(&redis, KEY).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn sentinels_that_ask_for_credentials_get_them() {
    let primary = Server::start(&[]);
    let rule = format!(
        "user default off
user composure on >secret {SENTINEL_RULE}
"
    );
    let asking = sentinel(&primary, 1, &rule);
    primary.ask::<String>(&format!("ACL SETUSER composure on >secret {RULE}")).await;
    let with = |password: &str, master: &str| {
        let settings = settings(Mode::Sentinel { master: master.to_owned() }, &[asking.address()]);
        Redis::new(as_user(settings, password), &Metrics::new()).unwrap()
    };
    recovers(&with("secret", MASTER), KEY).await;
    assert!(!writes(&with("guessed", MASTER), KEY).await);
    assert!(!writes(&with("secret", "others"), KEY).await);
}

/// A server that is to be part of a cluster, and its port for the others.
fn node() -> (Server, String) {
    let bus = free_port().to_string();
    let options = ["--cluster-enabled", "yes", "--cluster-port", &bus, "--cluster-node-timeout", "1000"];
    let more = ["--cluster-require-full-coverage", "no", "--appendonly", "yes", "--appendfsync", "always"];
    let sync = ["--repl-diskless-sync-delay", "0"];
    (Server::start(&[options.as_slice(), &more, &sync].concat()), bus)
}

/// Three servers that share the keys, and those that belong to it without a part of their own; others go on when one is gone.
async fn cluster(others: usize) -> Vec<Server> {
    let nodes: Vec<_> = (0..3 + others).map(|_| node()).collect();
    let parts = ["0 5460", "5461 10922", "10923 16383"];
    for ((node, _), part) in nodes.iter().zip(parts) {
        node.ask::<String>(&format!("CLUSTER ADDSLOTSRANGE {part}")).await;
    }
    for (number, (node, bus)) in nodes.iter().enumerate() {
        node.ask::<String>(&format!("CLUSTER SET-CONFIG-EPOCH {}", number + 1)).await;
        nodes[0].0.ask::<String>(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", node.port)).await;
    }
    let known = format!("cluster_known_nodes:{}", nodes.len());
    for (node, _) in &nodes {
        until("a cluster", async || {
            let info: String = node.ask("CLUSTER INFO").await;
            let whole = ["cluster_state:ok", &known, "cluster_slots_ok:16384"];
            whole.iter().all(|line| info.contains(line)).then_some(())
        })
        .await;
    }
    nodes.into_iter().map(|(node, _)| node).collect()
}

fn names() -> Vec<String> {
    (0..96).map(|number| format!("c-{number}")).collect()
}

/// Which conversations can be written.
async fn written(redis: &Redis, names: &[String]) -> Vec<bool> {
    let mut all = Vec::new();
    for name in names {
        all.push(writes(redis, key("bank", name)).await);
    }
    all
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_cluster_goes_on_where_its_servers_do() {
    let mut nodes = cluster(0).await;
    let addresses = [nodes[0].address(), nodes[1].address()];
    let one = Redis::new(settings(Mode::Cluster, &addresses), &Metrics::new()).unwrap();
    let user = format!("ACL SETUSER composure on >secret {RULE} {CLUSTER_RULE}");
    for node in &nodes {
        node.ask::<String>(&user).await;
    }
    let other = Redis::new(as_user(settings(Mode::Cluster, &addresses), "secret"), &Metrics::new()).unwrap();
    let mut changes = Box::pin(other.changes());
    assert_eq!(timeout(Duration::from_secs(5), changes.next()).await, Ok(Some(Change::Any)));
    let mut keys = Vec::new();
    let names = names();
    for (number, name) in names.iter().enumerate() {
        let key: Key<'_> = key("bank", name);
        let promises = [(i64::try_from(number).unwrap(), "call")];
        assert_eq!(
            in_time(one.put(promising(put(key, None, &record(1, "")), &promises), soon())).await,
            Ok(Written::Kept)
        );
        // Wherever it was written, everybody hears of it.
        let heard = timeout(Duration::from_secs(5), changes.next()).await.unwrap();
        assert!(matches!(heard, Some(Change::Of { conversation, .. }) if conversation == *name));
        keys.push(key);
    }
    for node in &nodes {
        assert!(node.ask::<u32>("DBSIZE").await > 20, "each has its part");
    }
    let query = DueQuery { tenant: "bank", until: Time::from_millis(99), after: None, most: 99 };
    let due = in_time(other.due(&query, soon())).await.unwrap();
    assert_eq!(due.iter().map(|due| &due.conversation).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
    assert!(other.stamps(&keys, soon()).await.unwrap().iter().all(Option::is_some));

    let of_third: Vec<String> = nodes[2].ask("KEYS *:record:*").await;
    let is_of_third = |name: &String| of_third.iter().any(|key| key.ends_with(&format!(":4:bank{name}")));
    // First those that can't be reached, in a row: that others can is not forgotten over it.
    let (gone, there): (Vec<_>, Vec<_>) = names.iter().cloned().partition(is_of_third);
    let alive = [vec![false; gone.len()], vec![true; there.len()]].concat();
    let order = [gone, there].concat();
    nodes[2].kill();
    for _ in 0..3 {
        until("writes to the others alone", async || (written(&one, &order).await == alive).then_some(())).await;
    }
    assert_eq!(in_time(one.due(&query, soon())).await, Err(Unavailable), "a part is missing");
    nodes[2].start_again();
    nodes[2].ask::<String>(&user).await;
    for name in &names {
        recovers(&one, key("bank", name)).await;
    }
    until("all that falls due", async || in_time(other.due(&query, soon())).await.ok()).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_cluster_is_reached_when_each_of_its_servers_has_answered() {
    let mut nodes = cluster(0).await;
    let user = format!("ACL SETUSER composure on >secret {RULE} {CLUSTER_RULE}");
    for node in &nodes {
        node.ask::<String>(&user).await;
    }
    let addresses = [nodes[0].address(), nodes[1].address()];
    let redis = || Redis::new(as_user(settings(Mode::Cluster, &addresses), "secret"), &Metrics::new()).unwrap();
    let other = redis();
    assert_eq!(other.reach(soon()).await, Ok(()));
    for node in &nodes {
        assert!(node.info("commandstats").await.contains("cmdstat_get:"), "each has answered for its part");
    }
    nodes[2].kill();
    for redis in [&other, &redis()] {
        assert_eq!(in_time(redis.reach(Instant::now() + TIMEOUT)).await, Err(Unavailable), "a part is missing");
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn in_a_cluster_too_another_takes_over() {
    let mut nodes = cluster(1).await;
    let primary: String = nodes[2].ask("CLUSTER MYID").await;
    nodes[3].ask::<String>(&format!("CLUSTER REPLICATE {primary}")).await;
    until("a copy", async || nodes[3].info("replication").await.contains("link_status:up").then_some(())).await;
    let redis = Redis::new(settings(Mode::Cluster, &[nodes[0].address()]), &Metrics::new()).unwrap();
    assert_eq!(written(&redis, &names()).await, vec![true; names().len()]);
    nodes[2].kill();
    for name in names() {
        recovers(&redis, key("bank", &name)).await;
    }
    assert_eq!(written(&redis, &names()).await, vec![true; names().len()]);
    // Nothing is known any longer of the address that was given, and it goes on.
    nodes[0].kill();
    assert!(written(&redis, &names()).await.contains(&true));
}

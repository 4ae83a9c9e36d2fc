//! Redis servers for tests: each on ports of its own, gone when the test ends.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use composure::playbook::Time;
use composure::store::{Key, Mode, Put, Record, Redis, RedisSettings, Stamp, Tls};
use composure::telemetry::Metrics;
use rcgen::SanType;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};
use tonic::codegen::Bytes;

use crate::process::signal;
use crate::server_tls::{Authority, authority, pair};

/// The longest operation that is allowed in most tests.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(500);

/// Long enough for everything that is to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server.
pub(crate) struct Server {
    child: Child,
    program: &'static str,
    arguments: Vec<String>,
    pub(crate) port: u16,
    pub(crate) folder: TempDir,
}

impl Server {
    /// With these options beside the usual.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_on(free_port(), options)
    }

    pub(crate) fn start_on(port: u16, options: &[&str]) -> Self {
        let usual = ["--port", &port.to_string(), "--save", "", "--bind", "127.0.0.1"].map(str::to_owned);
        let arguments = usual.into_iter().chain(options.iter().map(|option| (*option).to_owned())).collect();
        Self::run("redis-server", "Ready to accept connections", port, arguments)
    }

    /// A sentinel with this configuration beside its port.
    pub(crate) fn sentinel(config: &str) -> Self {
        let port = free_port();
        let folder = TempDir::new().expect("there is room");
        let file = folder.path().join("sentinel.conf");
        fs::write(&file, format!("port {port}\nbind 127.0.0.1\n{config}")).expect("there is room");
        let arguments = vec![file.to_str().expect("it is text").to_owned()];
        let mut server = Self::run("redis-sentinel", "+monitor", port, arguments);
        server.folder = folder;
        server
    }

    fn run(program: &'static str, ready: &str, port: u16, arguments: Vec<String>) -> Self {
        let folder = TempDir::new().expect("there is room");
        let child = run(program, ready, &arguments, folder.path());
        Self { child, program, arguments, port, folder }
    }

    /// Ends it at once, as a crash does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is a child of ours");
    }

    /// Starts it again where it was, with what it wrote to its folder.
    pub(crate) fn start_again(&mut self) {
        self.child = run(self.program, "Ready to accept connections", &self.arguments, self.folder.path());
    }

    /// Stops it for a while, connections open.
    pub(crate) fn hang(&self) {
        signal(self.child.id(), "STOP");
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) {
        signal(self.child.id(), "CONT");
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it says of itself.
    pub(crate) async fn info(&self, section: &str) -> String {
        self.ask(&format!("INFO {section}")).await
    }

    /// What it answers to a command that is no part of the product.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &str) -> T {
        self.answers(command).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn answers<T: FromRedisValue>(&self, command: &str) -> RedisResult<T> {
        let client = Client::open(format!("redis://{}", self.address())).expect("it is an address");
        let patient =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let mut connection = client.get_multiplexed_async_connection_with_config(&patient).await?;
        spoken(command).query_async(&mut connection).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What sentinels call the server that takes writes.
pub(crate) const MASTER: &str = "conversations";

/// A sentinel that watches `primary`; so many of its like must find that it is gone.
pub(crate) fn sentinel(primary: &Server, quorum: usize, more: &str) -> Server {
    let config = format!(
        "sentinel monitor {MASTER} 127.0.0.1 {} {quorum}\nsentinel down-after-milliseconds {MASTER} 500\n\
         sentinel failover-timeout {MASTER} 3000\n{more}",
        primary.port
    );
    Server::sentinel(&config)
}

/// Until the sentinel knows of the replica, which it learns from the primary.
pub(crate) async fn knows_the_replica(sentinel: &Server) {
    until("knowledge of the replica", async || {
        let replicas: Vec<redis::Value> = sentinel.ask(&format!("SENTINEL REPLICAS {MASTER}")).await;
        (replicas.len() == 1).then_some(())
    })
    .await;
}

/// A server, another one that copies it, and three sentinels of which two decide who takes writes.
pub(crate) struct Watched {
    pub(crate) primary: Server,
    pub(crate) copy: Server,
    sentinels: [Server; 3],
}

impl Watched {
    /// Ready for the primary's end.
    pub(crate) async fn start() -> Self {
        let primary = Server::start(&[]);
        let of = format!("127.0.0.1 {}", primary.port);
        let copy = Server::start(&["--replicaof", &of, "--repl-diskless-sync-delay", "0"]);
        until("a copy", async || copy.info("replication").await.contains("master_link_status:up").then_some(())).await;
        let sentinels = [(); 3].map(|()| sentinel(&primary, 2, ""));
        for sentinel in &sentinels {
            knows_the_replica(sentinel).await;
            until("a quorum", async || {
                let quorum: RedisResult<String> = sentinel.answers(&format!("SENTINEL CKQUORUM {MASTER}")).await;
                quorum.is_ok_and(|answer| answer.starts_with("OK 3 usable")).then_some(())
            })
            .await;
        }
        Self { primary, copy, sentinels }
    }

    /// Where the sentinels are.
    pub(crate) fn addresses(&self) -> String {
        self.sentinels.each_ref().map(Server::address).join(",")
    }

    /// Waits until the copy takes writes.
    pub(crate) async fn have_another_primary(&self) {
        until("a take-over", async || {
            // Whoever takes over cuts all connections.
            let role: RedisResult<Vec<redis::Value>> = self.copy.answers("ROLE").await;
            let is_primary = |role: Vec<_>| role.first() == Some(&redis::Value::BulkString(b"master".to_vec()));
            role.is_ok_and(is_primary).then_some(())
        })
        .await;
    }

    /// From now on nothing more is copied until the primary's end, though it goes on.
    pub(crate) async fn copies_no_more(&self) {
        self.copy.hang();
        let cut: u32 = self.primary.ask("CLIENT KILL TYPE replica").await;
        assert_eq!(cut, 1, "it was copied until now");
    }
}

fn spoken(words: &str) -> Cmd {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().expect("there is a word"));
    for word in words {
        command.arg(word);
    }
    command
}

fn run(program: &str, ready: &str, arguments: &[String], folder: &Path) -> Child {
    let mut command = Command::new(program);
    let command = command.args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap_or_else(|error| {
        panic!(
            "{program} can't be run ({error}): install it, on Debian with `apt-get install redis-server redis-sentinel`"
        )
    });
    let mut said = BufReader::new(child.stdout.take().expect("it is a pipe")).lines();
    let mut all = Vec::new();
    loop {
        let Some(Ok(line)) = said.next() else { panic!("{program} ended: {}", all.join("\n")) };
        if line.contains(ready) {
            break;
        }
        all.push(line);
    }
    thread::spawn(move || said.for_each(drop));
    child
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are ports");
    listener.local_addr().expect("it is bound").port()
}

/// How `addresses` are asked by a replica of the service.
pub(crate) fn settings(mode: Mode, addresses: &[String]) -> RedisSettings {
    let addresses = addresses.to_vec();
    RedisSettings { mode, addresses, username: None, password: None, tls: Tls::Off, timeout: TIMEOUT }
}

/// A replica's store on one server.
pub(crate) fn single(address: &str) -> Redis {
    Redis::new(settings(Mode::Single, &[address.to_owned()]), &Metrics::new()).expect("the settings are good")
}

/// What a user needs, as the README says.
pub(crate) const RULE: &str = "~composure:1:* &composure:1:* +evalsha +eval +get +getrange +set +del +exists +pttl +pexpire \
                               +zadd +zrem +zrangebylex +publish +subscribe +ping";

/// And in a cluster.
pub(crate) const CLUSTER_RULE: &str = "+cluster|slots +asking";

/// What is needed of sentinels that ask for a user, as the README says.
pub(crate) const SENTINEL_RULE: &str = "+sentinel|get-master-addr-by-name";

/// How the default user is shut out in a file, as the README says.
pub(crate) const SHUT_OUT: &str = "user default off ~* &* +@all";

/// By the user that the README makes.
pub(crate) fn as_user(settings: RedisSettings, password: &str) -> RedisSettings {
    RedisSettings { username: Some("composure".to_owned()), password: Some(password.to_owned()), ..settings }
}

/// A caller with some seconds left.
pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(4)
}

/// A conversation of a tenant.
pub(crate) fn key<'a>(tenant: &'a str, conversation: &'a str) -> Key<'a> {
    Key { tenant, conversation }
}

/// The first conversation of the first tenant.
pub(crate) const KEY: Key<'static> = Key { tenant: "bank", conversation: "c-1" };

/// Another record each time.
pub(crate) fn record(revision: u32, text: &str) -> Record {
    let stamp = Stamp(uuid::Uuid::new_v4().as_u64_pair().0);
    Record { revision, stamp, bytes: Bytes::from(text.to_owned()) }
}

/// A wish to write `record` for an hour, over what was `before`.
pub(crate) fn put<'a>(key: Key<'a>, before: Option<&Record>, record: &Record) -> Put<'a> {
    let replaces = before.map(|record| record.stamp);
    Put { key, replaces, record: record.clone(), lasts: Duration::from_secs(3_600), promises: Vec::new() }
}

/// The same with promises.
pub(crate) fn promising<'a>(put: Put<'a>, promises: &[(i64, &'a str)]) -> Put<'a> {
    let promises = promises.iter().map(|(time, id)| (Time::from_millis(*time), *id)).collect();
    Put { promises, ..put }
}

/// Tries until it happens, and says what did.
pub(crate) async fn until<T>(what: &str, attempt: impl AsyncFn() -> Option<T>) -> T {
    let trying = async {
        loop {
            if let Some(result) = attempt().await {
                return result;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, trying).await.unwrap_or_else(|_| panic!("{what} does not happen"))
}

/// Until `redis` takes writes again: each attempt ends in its time.
pub(crate) async fn recovers(redis: &Redis, key: Key<'_>) {
    until("a write", async || writes(redis, key).await.then_some(())).await;
}

/// Whether a write over whatever is there succeeds; it takes no longer than it may.
pub(crate) async fn writes(redis: &Redis, key: Key<'_>) -> bool {
    let Ok(before) = in_time(redis.get(key, soon())).await else { return false };
    let written = in_time(redis.put(put(key, before.as_ref(), &record(1, "again")), soon())).await;
    written == Ok(composure::store::Written::Kept)
}

/// What comes of an operation, which ends within its time and what a machine takes that does other things.
pub(crate) async fn in_time<T>(operation: impl Future<Output = T>) -> T {
    timeout(TIMEOUT + Duration::from_millis(1_500), operation).await.expect("it ends in its time")
}

/// A server that speaks TLS on a port of its own, by a certificate of an authority that nobody knows.
pub(crate) struct Encrypted {
    pub(crate) server: Server,
    pub(crate) address: String,
    pub(crate) authority: Authority,
    /// Where the authority's certificate is, too.
    pub(crate) folder: TempDir,
}

impl Encrypted {
    pub(crate) fn start() -> Self {
        let own = authority("own");
        let pair = pair(&own, |params| params.subject_alt_names.push(SanType::IpAddress([127, 0, 0, 1].into())));
        let folder = TempDir::new().expect("there is room");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("there is room");
            path.to_str().expect("it is text").to_owned()
        };
        let port = free_port();
        let options = [
            ["--tls-port", &port.to_string()],
            ["--tls-cert-file", &file("cert", &pair.certificate)],
            ["--tls-key-file", &file("key", &pair.key)],
            ["--tls-ca-cert-file", &file("ca", &own.pem())],
            ["--tls-auth-clients", "no"],
        ];
        let server = Server::start(&options.concat());
        Self { server, address: format!("127.0.0.1:{port}"), authority: own, folder }
    }
}

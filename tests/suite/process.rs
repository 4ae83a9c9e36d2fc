//! The program as a process, on free ports, and what of it can be seen from outside.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{env, fs};

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use serde_json::Value;
use tonic::transport::{Channel, Endpoint};

use crate::http_client;

/// Long enough for everything that is to happen on a machine that has other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program: the one that `TESTED_PROGRAM` names, such as a release build; else the one that was built with this test.
pub(crate) fn program() -> PathBuf {
    env::var_os("TESTED_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_composure").into()).into()
}

/// How many times as much as usual is to be done: the number in `TESTED_SECONDS`.
pub(crate) fn scale() -> usize {
    let asked = env::var_os("TESTED_SECONDS").map(|text| text.to_str().and_then(|text| text.parse().ok()));
    asked.map_or(1, |number| number.expect("`TESTED_SECONDS` is a whole number"))
}

/// Tells a figure to whoever runs the tests with `--nocapture`.
pub(crate) fn measured(what: &str, figure: impl std::fmt::Display) {
    println!("measured: {what}: {figure}");
}

/// What is to be started.
pub(crate) struct Program {
    flags: BTreeMap<String, String>,
    environment: Vec<(String, String)>,
    files: Option<u32>,
}

impl Program {
    /// A server on free ports that ends soon.
    pub(crate) fn new() -> Self {
        Self { flags: BTreeMap::new(), environment: Vec::new(), files: None }
            .flag("listen", "127.0.0.1:0")
            .flag("admin", "127.0.0.1:0")
            .flag("drain-deadline", "5s")
            .flag("limits-deadline", "5s")
    }

    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are written as they are")]
    pub(crate) fn flag(mut self, name: &str, value: impl ToString) -> Self {
        self.flags.insert(format!("--{name}"), value.to_string());
        self
    }

    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are written as they are")]
    pub(crate) fn environment(mut self, name: &str, value: impl ToString) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// With as few file descriptors as that.
    pub(crate) fn files(mut self, files: u32) -> Self {
        self.files = Some(files);
        self
    }

    fn command(self) -> Command {
        let mut command = match self.files {
            None => Command::new(program()),
            Some(files) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]).arg(program());
                shell
            }
        };
        let flags = self.flags.into_iter().map(|(name, value)| format!("{name}={value}"));
        command.arg("serve").args(flags).envs(self.environment);
        command
    }

    /// What it says where it does not start.
    pub(crate) fn refused(self) -> Output {
        let mut command = self.command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("there is a program");
        ended(&mut child);
        child.wait_with_output().expect("it has ended")
    }

    /// Starts it, and waits until it serves.
    pub(crate) fn start(self) -> Served {
        let mut child = self.command().stderr(Stdio::piped()).spawn().expect("there is a program");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let said = Arc::new(Mutex::new(String::new()));
        let (first, came) = std::sync::mpsc::channel();
        let reader = thread::spawn({
            let said = Arc::clone(&said);
            move || {
                for line in stderr.lines() {
                    let line = line.expect("it writes UTF-8");
                    let mut said = said.lock().expect("nobody panics here");
                    said.push_str(&line);
                    said.push('\n');
                    // Only the first is waited for.
                    let _ = first.send(line);
                }
            }
        });
        let line = came.recv().expect("it says something");
        let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it serves, instead of: {line}"));
        let address = |name: &str| line[name].as_str().map(|it| it.parse().expect("it is an address"));
        let (api, admin) = (address("address").expect("it says where"), address("admin"));
        Served { child, reader: Some(reader), said, api, admin }
    }
}

/// A server that is killed with the test.
pub(crate) struct Served {
    child: Child,
    reader: Option<JoinHandle<()>>,
    said: Arc<Mutex<String>>,
    /// Where it is called.
    pub(crate) api: SocketAddr,
    admin: Option<SocketAddr>,
}

impl Served {
    /// The same, where the test needs nothing special.
    pub(crate) fn start() -> Self {
        Program::new().start()
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.expect("it has an admin port")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// What it said until now.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("nobody panics here").clone()
    }

    /// A channel from another address of this machine, hence another caller.
    pub(crate) async fn channel_from(&self, last: u8) -> Channel {
        let from = [127, 0, 0, last].into();
        self.endpoint().local_address(Some(from)).connect().await.expect("it listens")
    }

    pub(crate) async fn channel(&self) -> Channel {
        self.channel_from(1).await
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::from_shared(format!("http://{}", self.api)).expect("an address is a URI")
    }

    pub(crate) async fn recommendations(&self) -> RecommendationServiceClient<Channel> {
        RecommendationServiceClient::new(self.channel().await)
    }

    /// A page of the admin port.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        http_client::get(self.admin(), path).await
    }

    /// What a metric, given with its labels, says now.
    pub(crate) async fn metric(&self, series: &str) -> Option<f64> {
        let (_, text) = self.page("/metrics").await;
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ').map(str::to_owned))?;
        Some(value.parse().expect("it is a number"))
    }

    /// Memory in use, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is told");
        line.trim().trim_end_matches(" kB").parse().expect("it is a number")
    }

    /// Processor time that it has used, in hundredths of a second.
    pub(crate) fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).expect("it runs");
        let (_, fields) = stat.rsplit_once(") ").expect("its name is in brackets");
        let fields: Vec<_> = fields.split(' ').collect();
        [11, 12].into_iter().map(|at| fields[at].parse::<u64>().expect("it is a number")).sum()
    }

    /// Waits for its end: how it ended, after how long, and what it said.
    pub(crate) fn end(mut self) -> (Option<i32>, Duration, String) {
        let since = Instant::now();
        let code = ended(&mut self.child).code();
        let elapsed = since.elapsed();
        self.reader.take().expect("it ends once").join().expect("it does not panic");
        (code, elapsed, self.said())
    }

    /// The same where others go on meanwhile.
    pub(crate) async fn ends(self) -> (Option<i32>, Duration, String) {
        apart(move || self.end()).await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(child: &mut Child) -> ExitStatus {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("it is a child of ours") {
            return status;
        }
        if since.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn signal(process: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(sent.expect("there is a shell").success());
}

/// In a thread that may wait.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("it does not panic")
}

/// Waits until `happened`.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut happened: impl FnMut() -> F) {
    let since = Instant::now();
    while !happened().await {
        assert!(since.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

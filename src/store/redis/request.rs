//! What is asked of Redis: a command, or a script by its digest.

use std::sync::LazyLock;

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value};

use super::link::Connection;

/// Writes a record if what it replaces is what is there.
pub(super) static PUT: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("scripts/shared.lua"), include_str!("scripts/put.lua"))));

/// Forgets a record.
pub(super) static DELETE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("scripts/shared.lua"), include_str!("scripts/delete.lua"))));

/// Lists promises of one bucket.
pub(super) static DUE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("scripts/shared.lua"), include_str!("scripts/due.lua"))));

/// A script, and the digest by which a server knows it that has seen it.
#[derive(Debug)]
pub(super) struct Script {
    code: &'static str,
    digest: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { code, digest: redis::Script::new(code).get_hash().to_owned() }
    }
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Request {
    /// A command.
    Plain(Cmd),
    /// A script with its keys and arguments.
    Scripted {
        /// Which.
        script: &'static Script,
        /// Keys of one bucket.
        keys: Vec<Vec<u8>>,
        /// What else it is told.
        arguments: Vec<Vec<u8>>,
    },
}

impl Request {
    /// What `connection` answers.
    pub(super) async fn send(&self, connection: &mut Connection) -> RedisResult<Value> {
        match self {
            Self::Plain(command) => connection.ask(command).await,
            Self::Scripted { script, keys, arguments } => {
                let known = invocation("EVALSHA", &script.digest, keys, arguments);
                match connection.ask(&known).await {
                    // A server that has not seen it, as after a restart, keeps it from now on.
                    Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                        connection.ask(&invocation("EVAL", script.code, keys, arguments)).await
                    }
                    other => other,
                }
            }
        }
    }
}

fn invocation(name: &str, script: &str, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
    command
}

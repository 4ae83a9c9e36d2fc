//! Why Redis did not do what was asked, and what follows from it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::time::Instant;

/// Why something was not done.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// What follows from it.
    pub(super) kind: Kind,
    /// For operators: neither keys nor values are in it.
    pub(super) reason: String,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The connection is of no use: it is broken, or leads to who takes no writes.
    Lost,
    /// The server can't answer at the moment.
    Busy,
    /// The server answers, and won't do it.
    Refused,
}

impl Failure {
    /// A connection that could not be had.
    pub(super) fn lost(reason: impl Into<String>) -> Self {
        Self { kind: Kind::Lost, reason: reason.into() }
    }

    /// An answer that is none.
    pub(super) fn unreadable() -> Self {
        Self { kind: Kind::Refused, reason: "it answers what can't be read".to_owned() }
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self { kind: kind(&error), reason: reason(&error) }
    }
}

fn kind(error: &RedisError) -> Kind {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => Kind::Lost,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::TryAgain
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => Kind::Busy,
        ErrorKind::Server(_) | ErrorKind::UnexpectedReturnType => Kind::Refused,
        ErrorKind::Extension => match error.code() {
            Some("NOAUTH" | "WRONGPASS") => Kind::Lost,
            Some("BUSY") => Kind::Busy,
            Some(_) | None => Kind::Refused,
        },
        _ => Kind::Lost,
    }
}

/// Servers repeat parts of what they were asked: of what they say, the code alone is told.
fn reason(error: &RedisError) -> String {
    match (error.code(), error.kind()) {
        (Some(code), _) => code.to_owned(),
        (None, ErrorKind::Io) => error.to_string(),
        (None, _) => error.category().to_owned(),
    }
}

/// How often at most operators are told.
const PAUSE: Duration = Duration::from_secs(10);

/// Tells operators of failures, once in a while.
#[derive(Debug, Default)]
pub(super) struct Complaints(Mutex<Option<Instant>>);

impl Complaints {
    /// Tells `reason`, unless something was told a moment ago.
    pub(super) fn tell(&self, reason: &str) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if last.is_none_or(|last| now.duration_since(last) >= PAUSE) {
            *last = Some(now);
            tracing::warn!(reason, "Redis does not do what it is asked; told at most every ten seconds");
        }
    }
}

#[cfg(test)]
mod tests {
    use redis::{ErrorKind, RedisError, ServerErrorKind};

    use super::{Failure, Kind};

    #[test]
    fn what_servers_repeat_of_a_question_is_not_told() {
        let error = RedisError::from((ErrorKind::Server(ServerErrorKind::NoPerm), "no", "key `c-1`".to_owned()));
        let failure = Failure::from(error);
        assert_eq!((failure.kind, failure.reason.as_str()), (Kind::Refused, "NOPERM"));
    }

    #[test]
    fn a_connection_to_who_takes_no_writes_is_of_no_use() {
        let of = |kind| Failure::from(RedisError::from((ErrorKind::Server(kind), "no"))).kind;
        assert_eq!(of(ServerErrorKind::ReadOnly), Kind::Lost);
        assert_eq!(of(ServerErrorKind::BusyLoading), Kind::Busy);
        assert_eq!(Failure::from(RedisError::from(std::io::Error::other("cut"))).kind, Kind::Lost);
    }
}

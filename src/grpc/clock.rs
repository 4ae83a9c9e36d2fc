//! The clock: the only place where the present is read.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::playbook::Time;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "requests are answered for when they arrived, and credentials expire")]
#[must_use]
pub fn system() -> SystemTime {
    SystemTime::now()
}

/// The same for the engine; 1970 if the machine's clock is set to before it.
pub(super) fn now() -> Time {
    let since = system().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

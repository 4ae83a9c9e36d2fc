//! The clock: the only place where the present is read.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::playbook::Time;

/// The present moment; 1970 if the machine's clock is set to before it.
#[expect(clippy::disallowed_methods, reason = "a request without a time of evaluation is answered for when it arrived")]
pub(super) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

//! Reaching Redis before anybody wants to: the connection that calls share is made, and has answered.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::failure::{Failure, Kind};
use super::request::Request;
use super::{Inner, keys};
use crate::store::record::Unavailable;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Tries until Redis has answered over that connection as it answers calls, `until` at the latest; in a cluster, for each bucket.
pub(super) async fn reach(inner: &Inner, until: Instant) -> Result<(), Unavailable> {
    timeout_at(until, answered(inner)).await.map_err(|_| Unavailable)
}

async fn answered(inner: &Inner) {
    while let Err(failure) = ask(inner).await {
        inner.complaints.tell(&failure.reason);
        if failure.kind == Kind::Refused {
            // That is an answer, and waiting brings no other.
            break;
        }
        sleep(PAUSE).await;
    }
    inner.link.answered();
    // Whoever asked meanwhile may have failed, and would keep out those who come now.
    for breaker in inner.breakers.iter().chain([&inner.breaker_of_all]) {
        breaker.succeeded();
    }
}

/// A connection may take its time, as nobody waits for it; the answer must come as soon as one does to a call.
async fn ask(inner: &Inner) -> Result<(), Failure> {
    let generation = inner.link.connect().await?;
    let questions: Vec<Request> = (0..).zip(&inner.breakers).map(|(bucket, _)| question(bucket)).collect();
    let late = |_| {
        inner.link.silent(generation);
        Err(Failure::lost("no answer in time"))
    };
    timeout(inner.settings_timeout, inner.link.ask(&questions)).await.unwrap_or_else(late).map(drop)
}

/// What costs least of that which calls ask: a record that nobody has. A ping would pass by servers that can't be reached.
fn question(bucket: u64) -> Request {
    let mut command = redis::cmd("GET");
    command.arg(keys::records(bucket, ""));
    Request::Plain(command)
}

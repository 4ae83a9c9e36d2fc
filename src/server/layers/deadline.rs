//! A call's deadline: what the client grants, and never more than the server does.
//!
//! The transport would answer `CANCELLED`, and pass over a deadline that it can't read.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::Either;
use http::{HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::body::Body;
use tower::{Layer, Service};

use super::streams::{Lasts, lasts};
use crate::grpc::call::Until;
use crate::grpc::status;
use crate::server::overdue;

const HEADER: &str = "grpc-timeout";
/// Digits that the protocol allows.
const MOST_DIGITS: usize = 8;

/// Ends calls that take too long with `DEADLINE_EXCEEDED`. Of a stream, this is so until it begins: its body has an end of its own, and
/// what its client does not take is [overdue].
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Deadlines {
    longest: Duration,
}

impl Deadlines {
    /// No call takes longer than this, but for streams that last as long as their clients say.
    pub(in crate::server) fn within(longest: Duration) -> Self {
        Self { longest }
    }
}

impl<S> Layer<S> for Deadlines {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Timed<S> {
        Timed { inner, longest: self.longest }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Timed<S> {
    inner: S,
    longest: Duration,
}

impl<S> Service<Request<Body>> for Timed<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, InTime<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let granted = match granted(request.headers()) {
            Ok(granted) => granted,
            Err(unreadable) => return Either::Left(ready(Ok(status::bad_metadata(HEADER, unreadable).into_http()))),
        };
        let stream = lasts(request.uri().path());
        let longest = match stream {
            Some(Lasts::AsItsClientSays) => granted,
            Some(Lasts::AsACall) | None => Some(granted.map_or(self.longest, |granted| granted.min(self.longest))),
        };
        let until = longest.map(|longest| Instant::now() + longest);
        if let Some(until) = until.filter(|_| stream.is_some() || granted.is_some()) {
            request.extensions_mut().insert(Until(until));
        }
        Either::Right(InTime { inner: self.inner.call(request), until, sleep: None })
    }
}

/// What the client grants.
fn granted(headers: &HeaderMap) -> Result<Option<Duration>, &'static str> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    value.to_str().ok().and_then(duration).map(Some).ok_or("must be at most 8 digits and one of H, M, S, m, u, n")
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number =
        !digits.is_empty() && digits.len() <= MOST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok()).flatten()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

pin_project! {
    /// The clock is asked only of calls that have to wait.
    pub(in crate::server) struct InTime<F> {
        #[pin]
        inner: F,
        until: Option<Instant>,
        sleep: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = Result<Response<Body>, Infallible>>> Future for InTime<F> {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = this.inner.poll(cx);
        let Some(until) = *this.until else { return answer };
        if answer.is_ready() {
            overdue::is_due(until);
            return answer;
        }
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
        sleep.as_mut().poll(cx).map(|()| Ok(status::deadline_exceeded().into_http()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_protocol_allows_is_read_and_nothing_else() {
        for (text, read) in [
            ("2H", Some(Duration::from_secs(7200))),
            ("3M", Some(Duration::from_secs(180))),
            ("99999999S", Some(Duration::from_secs(99_999_999))),
            ("250m", Some(Duration::from_millis(250))),
            ("7u", Some(Duration::from_micros(7))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("100000000S", None),
            ("-1S", None),
            ("+1S", None),
            ("1 S", None),
            ("1s", None),
            ("1.5S", None),
            ("1é", None),
        ] {
            assert_eq!(duration(text), read, "{text}");
        }
    }
}

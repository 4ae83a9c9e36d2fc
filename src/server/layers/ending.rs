//! Streams that end: a client may watch the health of a server forever, and a connection that is to be closed waits for every open
//! stream. So does a deadline mean the whole stream, not its beginning alone, and an open stream keeps what a call takes: its place in
//! the crowd, and its part of what its caller may have.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use tokio::time::sleep_until;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Bytes};
use tonic::server::NamedService;
use tower::Service;

use super::fairness::Held;
use super::heard::{Listening, while_listening};
use super::streams::lasts;
use crate::grpc::call::Until;
use crate::grpc::status;
use crate::server::peer::Peer;

/// Whatever answers calls; its open streams end when their connection is to be closed, or when their time is up.
#[derive(Debug, Clone)]
pub(in crate::server) struct EndsInTime<S>(pub(in crate::server) S);

impl<S: NamedService> NamedService for EndsInTime<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for EndsInTime<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if lasts(request.uri().path()).is_none() {
            return Either::Left(self.0.call(request));
        }
        let (end, taken) = (end_of(&request), request.extensions_mut().remove());
        let (parts, body) = request.into_parts();
        let (body, listening) = while_listening(body);
        let open = Open { end, _held: taken, _listening: listening };
        let answered = self.0.call(Request::from_parts(parts, body));
        Either::Right(Box::pin(async {
            let ending = |body| Body::new(EndingBody { body, open: Some(open) });
            answered.await.map(|response| response.map(ending))
        }))
    }
}

/// Why a stream is ended.
#[derive(Clone, Copy)]
enum End {
    Leaving,
    Late,
}

type Ends = Pin<Box<dyn Future<Output = End> + Send>>;

fn end_of(request: &Request<Body>) -> Ends {
    let leaving = request.extensions().get::<Arc<Peer>>().map(|peer| peer.leaving.clone());
    let until = request.extensions().get::<Until>().copied();
    Box::pin(async move {
        let left = async {
            match leaving {
                Some(leaving) => leaving.requested().await,
                None => std::future::pending().await,
            }
        };
        let late = async {
            match until {
                Some(Until(until)) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = left => End::Leaving,
            () = late => End::Late,
        }
    })
}

/// What the inner body still has goes first.
struct EndingBody {
    body: Body,
    open: Option<Open>,
}

/// A stream that is not over.
struct Open {
    end: Ends,
    /// What it takes, where it is in the crowd.
    _held: Option<Held>,
    _listening: Listening,
}

impl http_body::Body for EndingBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(open) = self.open.as_mut() else { return Poll::Ready(None) };
        let end = open.end.as_mut().poll(cx);
        match (Pin::new(&mut self.body).poll_frame(cx), end) {
            (Poll::Pending, Poll::Ready(end)) => {
                self.open = None;
                Poll::Ready(Some(goodbye(end).map(Frame::trailers)))
            }
            (Poll::Ready(Some(frame)), Poll::Ready(end)) => {
                // It is known and must not be asked for again.
                if let Some(open) = self.open.as_mut() {
                    open.end = Box::pin(std::future::ready(end));
                }
                Poll::Ready(Some(frame))
            }
            (other, _) => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

fn goodbye(end: End) -> Result<HeaderMap, Status> {
    let status = match end {
        End::Leaving => status::stopping(),
        End::Late => status::deadline_exceeded(),
    };
    let mut trailers = HeaderMap::new();
    status.add_header(&mut trailers)?;
    Ok(trailers)
}

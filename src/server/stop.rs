//! The wish to stop, and streams that heed it: a graceful shutdown waits for every open stream, and a client may watch the health
//! of a server forever.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::Frame;
use tokio::sync::watch;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::codegen::{BoxFuture, Bytes};
use tonic::server::NamedService;
use tower::Service;

use crate::grpc::status;

/// Makes the wish known.
#[derive(Debug)]
pub(super) struct Stopper(watch::Sender<bool>);

/// Learns of it.
#[derive(Debug, Clone)]
pub(super) struct Stopping(watch::Receiver<bool>);

pub(super) trait Stop {
    /// Ends once the server is to stop.
    fn requested(self) -> impl Future<Output = ()> + Send + 'static;
}

pub(super) fn channel() -> (Stopper, Stopping) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stopping(receiver))
}

impl Stopper {
    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Stop for Stopping {
    async fn requested(mut self) {
        // Without a sender there is no server any more.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}

/// A service whose open streams end when the server is to stop.
#[derive(Debug, Clone)]
pub(super) struct EndsInTime<S> {
    inner: S,
    stopping: Stopping,
}

impl<S> EndsInTime<S> {
    pub(super) fn new(inner: S, stopping: &Stopping) -> Self {
        Self { inner, stopping: stopping.clone() }
    }
}

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
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (answered, stopping) = (self.inner.call(request), self.stopping.clone());
        Box::pin(async {
            let ending = |body| Body::new(EndingBody { body, stop: Some(Box::pin(stopping.requested())) });
            answered.await.map(|response| response.map(ending))
        })
    }
}

/// What the inner body still has goes first.
struct EndingBody {
    body: Body,
    stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl http_body::Body for EndingBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(stop) = self.stop.as_mut() else { return Poll::Ready(None) };
        let stop = stop.as_mut().poll(cx);
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Pending if stop.is_ready() => {
                self.stop = None;
                Poll::Ready(Some(goodbye().map(Frame::trailers)))
            }
            Poll::Ready(Some(frame)) if stop.is_ready() => {
                // The wish is known and must not be asked for again.
                self.stop = Some(Box::pin(std::future::ready(())));
                Poll::Ready(Some(frame))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

fn goodbye() -> Result<HeaderMap, Status> {
    let mut trailers = HeaderMap::new();
    status::stopping().add_header(&mut trailers)?;
    Ok(trailers)
}

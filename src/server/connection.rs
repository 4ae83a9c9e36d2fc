//! One client's byte stream, plain or encrypted, with patience: whoever connects and says nothing is sent away.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::outbox::Outbox;
use super::stop::Stopping;

/// Bytes with which every HTTP/2 connection begins.
const PREFACE_BYTES: usize = 24;

/// What the bytes travel on: as they are, or in TLS.
pub(super) type Transport = Either<TcpStream, TlsStream<TcpStream>>;

/// A connection whose client must begin to speak HTTP/2 before patience ends.
pub(super) struct Connection {
    stream: Outbox<Transport>,
    /// While the preface is not complete.
    greeting: Option<Greeting>,
}

struct Greeting {
    missing_bytes: usize,
    /// Ends when nobody wants to wait any longer, also because the server stops.
    patience: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Connection {
    /// Patience ends at `patience`, or when the server is to stop.
    pub(super) fn new(stream: Transport, patience: Instant, stopping: Stopping) -> Self {
        let patience = Box::pin(async move {
            tokio::select! {
                () = sleep_until(patience) => {}
                () = stopping.requested() => {}
            }
        });
        Self { stream: Outbox::new(stream), greeting: Some(Greeting { missing_bytes: PREFACE_BYTES, patience }) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let Some(greeting) = &mut self.greeting else { return polled };
        greeting.missing_bytes = greeting.missing_bytes.saturating_sub(buf.filled().len() - before);
        if greeting.missing_bytes == 0 {
            self.greeting = None;
        } else if polled.is_pending() && greeting.patience.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

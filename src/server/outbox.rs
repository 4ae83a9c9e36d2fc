//! Answers on their way out. HTTP/2 hands headers and data to the socket in one write and the trailers in another, answer by
//! answer; each write costs as much as the decision. The outbox gathers what the calls that are ready at the same time have
//! to say, and writes it once the connection's task gets its next turn, which the outbox asks for.
//!
//! What has been taken is written before the stream is shut down, and there is never much of it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use prost::bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// From here on whoever writes waits for the reader.
const MOST_BYTES: usize = 64 * 1024;
/// What a connection that has nothing to say may keep for its next answers.
const KEPT_BYTES: usize = 32 * 1024;

/// A stream whose writes are gathered. Reading sends them off: every turn of a connection's task reads.
#[derive(Debug)]
pub(super) struct Outbox<S> {
    stream: S,
    waiting: BytesMut,
    /// Whether the task was asked to come back and send off what waits.
    comes_back: bool,
}

impl<S> Outbox<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, waiting: BytesMut::new(), comes_back: false }
    }
}

impl<S: AsyncWrite + Unpin> Outbox<S> {
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.waiting))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.advance(sent);
        }
        if self.waiting.capacity() > KEPT_BYTES {
            self.waiting = BytesMut::new();
        }
        self.comes_back = false;
        Poll::Ready(Ok(()))
    }

    /// Makes room, if there is none.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.waiting.len() < MOST_BYTES { Poll::Ready(Ok(())) } else { self.poll_send(cx) }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Outbox<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // A socket that takes no more wakes the task itself: asking for turns meanwhile would spin.
        self.comes_back = self.poll_send(cx)?.is_pending();
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Outbox<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(cx))?;
        self.waiting.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(cx))?;
        for buf in bufs {
            self.waiting.extend_from_slice(buf);
        }
        Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Asks for another turn, which reads and so sends off what waits; once for all flushes until then.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.waiting.is_empty() && !self.comes_back {
            self.comes_back = true;
            cx.waker().wake_by_ref();
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::*;

    /// A socket that notes what is written to it, and takes only so much.
    #[derive(Default)]
    struct Socket {
        writes: Vec<Vec<u8>>,
        room: usize,
        is_shut: bool,
    }

    impl AsyncRead for Socket {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Socket {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            let takes = buf.len().min(self.room);
            if takes == 0 {
                return Poll::Pending;
            }
            self.room -= takes;
            self.writes.push(buf.iter().copied().take(takes).collect());
            Poll::Ready(Ok(takes))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.is_shut = true;
            Poll::Ready(Ok(()))
        }
    }

    #[derive(Default)]
    struct Turns(AtomicUsize);

    impl Wake for Turns {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn outbox(room: usize) -> Pin<Box<Outbox<Socket>>> {
        Box::pin(Outbox::new(Socket { room, ..Socket::default() }))
    }

    fn write(outbox: &mut Pin<Box<Outbox<Socket>>>, cx: &mut Context<'_>, bytes: &[u8]) -> bool {
        let is_taken = outbox.as_mut().poll_write(cx, bytes).is_ready();
        assert!(outbox.as_mut().poll_flush(cx).is_ready());
        is_taken
    }

    fn read(outbox: &mut Pin<Box<Outbox<Socket>>>, cx: &mut Context<'_>) {
        assert!(outbox.as_mut().poll_read(cx, &mut ReadBuf::new(&mut [0; 8])).is_pending());
    }

    #[test]
    fn what_is_ready_together_goes_out_in_one_write_and_one_more_turn_is_asked_for() {
        let turns = Arc::new(Turns::default());
        let waker = Waker::from(Arc::clone(&turns));
        let cx = &mut Context::from_waker(&waker);
        let outbox = &mut outbox(usize::MAX);
        for part in ["headers and data, ", "trailers, ", "another answer"] {
            write(outbox, cx, part.as_bytes());
        }
        assert_eq!(outbox.stream.writes, Vec::<Vec<u8>>::new());
        assert_eq!(turns.0.load(Ordering::Relaxed), 1);
        read(outbox, cx);
        assert_eq!(outbox.stream.writes, [b"headers and data, trailers, another answer"]);
        write(outbox, cx, b"later");
        assert_eq!(turns.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_waits_is_written_before_the_end() {
        let cx = &mut Context::from_waker(Waker::noop());
        let outbox = &mut outbox(4);
        write(outbox, cx, b"goodbye");
        assert!(outbox.as_mut().poll_shutdown(cx).is_pending());
        assert!(!outbox.stream.is_shut);
        outbox.stream.room = 4;
        assert!(outbox.as_mut().poll_shutdown(cx).is_ready());
        assert_eq!(outbox.stream.writes.concat(), b"goodbye");
        assert!(outbox.stream.is_shut);
    }

    #[test]
    fn a_client_that_does_not_read_fills_no_memory() {
        let cx = &mut Context::from_waker(Waker::noop());
        let outbox = &mut outbox(0);
        let frame = [7; 16 * 1024];
        let taken = (0..100).filter(|_| write(outbox, cx, &frame)).count();
        assert_eq!(taken, MOST_BYTES / frame.len());
        // Once it reads, everything arrives, and the memory is given back.
        outbox.stream.room = usize::MAX;
        read(outbox, cx);
        assert_eq!(outbox.stream.writes.concat().len(), MOST_BYTES);
        assert_eq!(outbox.waiting.capacity(), 0);
    }

    #[test]
    fn while_the_socket_takes_nothing_no_turn_is_asked_for() {
        let turns = Arc::new(Turns::default());
        let waker = Waker::from(Arc::clone(&turns));
        let cx = &mut Context::from_waker(&waker);
        let outbox = &mut outbox(0);
        write(outbox, cx, b"answer");
        for _ in 0..10 {
            read(outbox, cx);
            assert!(outbox.as_mut().poll_flush(cx).is_ready());
        }
        assert_eq!(turns.0.load(Ordering::Relaxed), 1);
        // Once it takes all of it, the next answer has a turn again.
        outbox.stream.room = usize::MAX;
        read(outbox, cx);
        write(outbox, cx, b"another");
        assert_eq!(turns.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_socket_that_takes_a_little_gets_the_rest_in_order() {
        let cx = &mut Context::from_waker(Waker::noop());
        let outbox = &mut outbox(3);
        write(outbox, cx, b"abcdef");
        read(outbox, cx);
        write(outbox, cx, b"ghi");
        outbox.stream.room = usize::MAX;
        read(outbox, cx);
        assert_eq!(outbox.stream.writes.concat(), b"abcdefghi");
    }
}

//! Streams that their clients leave lying. Whoever has something to send and no window to send it in is woken by the client alone: no
//! deadline further in is looked at meanwhile. So what answers a stream, in a task of its own, has an end from outside, too: some
//! time after its answer was to be over it is dropped, which resets the stream.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may take to read what ends its stream.
const PATIENCE: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// When what this task answers is to be over; `None`: nobody has said.
    static DUE: Cell<Option<Instant>>;
}

/// What this task answers, of which the head is there, is to be over by then.
pub(super) fn is_due(until: Instant) {
    // Where there is no such task, nobody is kept waiting.
    let _ = DUE.try_with(|due| due.set(Some(until)));
}

/// Gives each stream of a connection a task of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tasks;

impl<S: Future<Output = ()> + Send + 'static> Executor<S> for Tasks {
    fn execute(&self, stream: S) {
        tokio::spawn(DUE.scope(Cell::new(None), Bounded { stream, sleep: None }));
    }
}

pin_project! {
    /// The clock is asked only of answers that have to wait.
    struct Bounded<S> {
        #[pin]
        stream: S,
        sleep: Option<Pin<Box<Sleep>>>,
    }
}

impl<S: Future<Output = ()>> Future for Bounded<S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.stream.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let Some(due) = DUE.try_with(Cell::get).ok().flatten() else { return Poll::Pending };
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(sleep_until(due + PATIENCE)));
        sleep.as_mut().poll(cx)
    }
}

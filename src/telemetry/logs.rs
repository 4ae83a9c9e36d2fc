//! Lines about what the program does: text for a terminal, JSON for a collector.
//!
//! Never what is said in a conversation, and no names or facts of it.
//!
//! Lines of calls come as fast as calls, so a thread of their own writes them, many at a time. If nobody takes them away in time,
//! calls don't wait: lines are dropped, and counted.

use std::io::{self, IsTerminal as _, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::metrics::Metrics;
use super::settings::{Format, LogSettings};

/// The target of lines of calls.
pub(super) const CALLS: &str = "composure::calls";
/// Lines of calls that wait to be written.
const MOST_WAITING: usize = 8 * 1024;
/// Written at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Whoever shall have the lines.
type Sink = Arc<Mutex<dyn Write + Send>>;

/// The queue of lines.
#[derive(Debug, Clone)]
pub struct Lines {
    queue: SyncSender<Entry>,
    dropped: Counter,
}

#[derive(Debug)]
enum Entry {
    Line(Vec<u8>),
    /// Everything before this is written when it is dropped.
    Mark(SyncSender<()>),
}

/// A subscriber that writes lines to `sink`, and their queue.
///
/// # Errors
///
/// There is no thread to be had.
pub fn subscriber(
    settings: LogSettings,
    sink: impl Write + Send + 'static,
    metrics: &Metrics,
) -> io::Result<(impl Subscriber + Send + Sync, Lines)> {
    let sink: Sink = Arc::new(Mutex::new(sink));
    let lines = Lines::start(Arc::clone(&sink), metrics.log_lines_dropped())?;
    let is_terminal = io::stderr().is_terminal();
    let is_text = match settings.format {
        Format::Auto => is_terminal,
        Format::Text => true,
        Format::Json => false,
    };
    // Our own lines from the level that is set, those of the libraries from `warn`.
    let levels = format!("warn,composure={}", settings.level.as_str());
    let writers = Writers { lines: lines.clone(), sink };
    let subscriber = tracing_subscriber::fmt().with_writer(writers).with_env_filter(EnvFilter::new(levels));
    let subscriber: Box<dyn Subscriber + Send + Sync> = if is_text {
        Box::new(subscriber.with_ansi(is_terminal).finish())
    } else {
        Box::new(subscriber.json().flatten_event(true).finish())
    };
    Ok((subscriber, lines))
}

impl Lines {
    fn start(sink: Sink, dropped: Counter) -> io::Result<Self> {
        let (queue, waiting) = sync_channel(MOST_WAITING);
        thread::Builder::new().name("lines".to_owned()).spawn(move || write_all(&waiting, &sink))?;
        Ok(Self { queue, dropped })
    }

    fn add(&self, line: &[u8]) {
        match self.queue.try_send(Entry::Line(line.to_vec())) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.inc();
            }
        }
    }

    /// Waits until what was said is written, no longer than `deadline`.
    pub fn flush(&self, deadline: Duration) {
        let (mark, passed) = sync_channel(0);
        if self.queue.try_send(Entry::Mark(mark)).is_ok() {
            // It ends when the mark is dropped, or too late: both are an end.
            let _ = passed.recv_timeout(deadline);
        }
    }
}

/// Until nobody can say anything any more.
fn write_all(waiting: &Receiver<Entry>, sink: &Sink) {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    while let Ok(entry) = waiting.recv() {
        let mut next = Some(entry);
        let mut mark = None;
        while let Some(entry) = next {
            match entry {
                Entry::Line(line) => chunk.extend_from_slice(&line),
                Entry::Mark(passed) => mark = Some(passed),
            }
            let is_full = chunk.len() >= CHUNK_BYTES || mark.is_some();
            next = if is_full { None } else { waiting.try_recv().ok() };
        }
        // Where lines can't be written, there is nobody to tell.
        drop(sink.lock().unwrap_or_else(PoisonError::into_inner).write_all(&chunk));
        chunk.clear();
        drop(mark);
    }
}

/// Lines of calls go into the queue, all others are written at once.
struct Writers {
    lines: Lines,
    sink: Sink,
}

enum Writer<'a> {
    Queue(&'a Lines),
    Sink(&'a Sink),
}

impl<'a> MakeWriter<'a> for Writers {
    type Writer = Writer<'a>;

    fn make_writer(&'a self) -> Writer<'a> {
        Writer::Sink(&self.sink)
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Writer<'a> {
        if meta.target() == CALLS { Writer::Queue(&self.lines) } else { self.make_writer() }
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self {
            Self::Queue(lines) => lines.add(line),
            Self::Sink(sink) => sink.lock().unwrap_or_else(PoisonError::into_inner).write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;

    /// Somebody who takes the lines away, once there is a reason to.
    struct Reader {
        waits_for: Receiver<()>,
        got: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Reader {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            // Whoever would tell it to go on may be gone: then it goes on.
            let _ = self.waits_for.recv();
            self.got.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines() -> (Lines, std::sync::mpsc::Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (goes_on, waits_for) = channel();
        let got = Arc::default();
        let reader = Reader { waits_for, got: Arc::clone(&got) };
        let lines = Lines::start(Arc::new(Mutex::new(reader)), Counter::default()).expect("there are threads");
        (lines, goes_on, got)
    }

    #[test]
    fn lines_that_nobody_takes_away_are_dropped_and_counted() {
        let (lines, goes_on, got) = lines();
        let line = [b'x'; 1_000];
        let offered = 3 * MOST_WAITING as u64;
        (0..offered).for_each(|_| lines.add(&line));
        let dropped = lines.dropped.get();
        // Those in the queue wait, and those of one chunk are being written.
        let kept = MOST_WAITING as u64..=MOST_WAITING as u64 + 70;
        assert!(kept.contains(&(offered - dropped)), "{dropped} of {offered} were dropped");
        drop(goes_on);
        while lines.queue.try_send(Entry::Line(Vec::new())).is_err() {
            thread::yield_now();
        }
        lines.flush(Duration::from_secs(20));
        assert_eq!(got.lock().unwrap().len() as u64, (offered - dropped) * 1_000);
    }

    #[test]
    fn what_was_said_is_written_in_order() {
        let (lines, goes_on, got) = lines();
        drop(goes_on);
        (0..100).for_each(|number| lines.add(format!("{number}\n").as_bytes()));
        lines.flush(Duration::from_secs(20));
        let wanted = (0..100).fold(String::new(), |text, number| format!("{text}{number}\n"));
        assert_eq!(*got.lock().unwrap(), wanted.as_bytes());
    }

    #[test]
    fn nobody_waits_longer_than_a_deadline_for_the_last_lines() {
        let (lines, _goes_on, _) = lines();
        lines.add(b"line");
        let began = Instant::now();
        lines.flush(Duration::from_millis(20));
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}

//! One stream: commands come in, and what changes goes out.
//!
//! Nothing is made before there is room for it: whoever reads slowly is not sent what was new in the meantime, but what is new when
//! it reads. So a stream keeps what it was asked for, and never what it has to say.

mod moments;
mod room;
mod subscription;

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{BoxStream, unfold};
use futures_util::{Stream, StreamExt as _};
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep_until};
use tonic::Status;

use super::answer::Answer;
use super::call::Asked;
use super::encode::stream::{self as encode, About};
use super::generated as wire;
use super::generated::in_place::{AcknowledgeView, CommandView, RecommendRequestView, UnsubscribeView};
use super::held::{Answered, Known};
use super::received::Received;
use super::recommendation::Recommendations;
use super::{convert, status};
use crate::playbook::Time;
use crate::service::Watch;
use crate::telemetry::Ongoing;
use moments::Moments;
use room::Corner;
pub(super) use room::Room;
pub(super) use subscription::Resume;
use subscription::{News, Subscription};

/// A stream on which nothing was sent for so long is sent a heartbeat.
const QUIET: Duration = Duration::from_secs(15);
/// How long one command, or one look at a conversation, may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who opens a stream.
#[derive(Debug)]
pub struct Asks {
    /// Whose conversations it carries; empty where nobody is asked who they are.
    pub tenant: Arc<str>,
    /// By which name its share of the subscriptions is counted.
    pub counted_as: Arc<str>,
    /// When the client's patience ends, if it does.
    pub until: Option<Instant>,
}

impl Asks {
    fn asked(&self, received: Time) -> Asked<'_> {
        let until = Instant::now() + PATIENCE;
        Asked { tenant: &self.tenant, received, until: self.until.map_or(until, |granted| granted.min(until)) }
    }
}

/// Opens a stream: what goes out, where `commands` come in.
///
/// # Errors
///
/// No conversations are held.
pub(super) fn open(
    recommendations: Recommendations,
    asks: Asks,
    commands: impl Stream<Item = Result<Received, Status>> + Send + Unpin + 'static,
) -> Result<BoxStream<'static, Result<Answer, Status>>, Status> {
    let watch = recommendations.conversations()?.watch(&asks.tenant);
    let ongoing = recommendations.metrics().stream();
    let corner = recommendations.room().corner(&asks.counted_as);
    let line = Line {
        recommendations,
        asks,
        commands: Some(commands),
        watch,
        corner,
        subscriptions: BTreeMap::new(),
        moments: Moments::from_now(),
        heartbeat: Instant::now() + QUIET,
        _ongoing: ongoing,
    };
    Ok(Box::pin(unfold(Some(line), |line| async {
        let mut line = line?;
        match line.next().await {
            Ok(answer) => Some((Ok(answer), Some(line))),
            Err(status) => Some((Err(status), None)),
        }
    })))
}

/// A stream that is open.
struct Line<C> {
    recommendations: Recommendations,
    asks: Asks,
    /// `None`: no more will come.
    commands: Option<C>,
    watch: Watch,
    corner: Corner,
    subscriptions: BTreeMap<Arc<str>, Subscription>,
    moments: Moments,
    /// When one is due.
    heartbeat: Instant,
    _ongoing: Ongoing,
}

/// What a stream waits for.
enum Event {
    Came(Box<Result<Received, Status>>),
    Ended,
    Changed(Arc<str>),
    Time,
}

impl<C: Stream<Item = Result<Received, Status>> + Unpin> Line<C> {
    /// What goes out next.
    async fn next(&mut self) -> Result<Answer, Status> {
        loop {
            // There may be much to look at, and nothing to say.
            consume_budget().await;
            let told = match self.event().await {
                Event::Came(received) => self.heed((*received).map_err(status::unreadable)?).await,
                Event::Ended => {
                    self.commands = None;
                    None
                }
                Event::Changed(conversation) => self.look(&conversation).await,
                Event::Time => self.pass_time(),
            };
            if let Some(told) = told {
                self.heartbeat = Instant::now() + QUIET;
                return Ok(told);
            }
        }
    }

    async fn event(&mut self) -> Event {
        let until = self.moments.next().map_or(self.heartbeat, |moment| moment.min(self.heartbeat));
        let command = async {
            match &mut self.commands {
                Some(commands) => commands.next().await,
                None => pending().await,
            }
        };
        tokio::select! {
            command = command => command.map_or(Event::Ended, |came| Event::Came(Box::new(came))),
            conversation = self.watch.changed() => Event::Changed(conversation),
            () = sleep_until(until) => Event::Time,
        }
    }

    async fn heed(&mut self, received: Received) -> Option<Answer> {
        let Ok(request) = received.read() else {
            return Some(encode::error(About::default(), &status::unreadable_message()));
        };
        match convert::stream::command(request) {
            Ok(CommandView::Subscribe(subscribe)) => {
                let wish = convert::stream::wish(&subscribe);
                refused(subscribe.conversation_id, self.subscribe(wish))
            }
            Ok(CommandView::Unsubscribe(unsubscribe)) => {
                let UnsubscribeView { conversation_id } = *unsubscribe;
                refused(conversation_id, self.unsubscribe(conversation_id))
            }
            Ok(CommandView::Recommend(request)) => Some(self.recommend(&request).await),
            Ok(CommandView::Acknowledge(acknowledge)) => {
                let AcknowledgeView { conversation_id, sequence } = *acknowledge;
                refused(conversation_id, self.acknowledge(conversation_id, sequence))
            }
            Err(error) => refused("", Err(error.into())),
        }
    }

    fn subscribe(&mut self, subscribe: wire::Subscribe) -> Result<(), Status> {
        let resume = convert::stream::resume(&subscribe, self.moments.now())?;
        let conversation = subscribe.conversation_id.clone();
        if let Some(before) = self.subscriptions.get_mut(conversation.as_str()) {
            before.replace(subscribe, resume, &self.corner)?;
            self.watch.add(&conversation);
        } else {
            let subscription = Subscription::new(subscribe, resume, &self.corner)?;
            self.subscriptions.insert(self.watch.add(&conversation), subscription);
        }
        Ok(())
    }

    fn unsubscribe(&mut self, conversation: &str) -> Result<(), Status> {
        convert::conversation::conversation(conversation)?;
        if let Some((conversation, mut subscription)) = self.subscriptions.remove_entry(conversation) {
            self.moments.set(&conversation, &mut subscription.moment, None);
            self.watch.remove(&conversation);
        }
        Ok(())
    }

    fn acknowledge(&mut self, conversation: &str, sequence: u64) -> Result<(), Status> {
        convert::conversation::conversation(conversation)?;
        if let Some(subscription) = self.subscriptions.get_mut(conversation)
            && subscription.acknowledge(sequence)
        {
            self.watch.add(conversation);
        }
        Ok(())
    }

    async fn recommend(&mut self, request: &RecommendRequestView<'_>) -> Answer {
        let asked = self.asks.asked(self.moments.now());
        let answered = match convert::conversation::conversation(request.conversation_id) {
            Ok(_) => self.recommendations.answered(request, asked).await.map(|(answered, _)| answered),
            Err(error) => Err(error.into()),
        };
        let about = About { conversation: request.conversation_id, request: request.request_id };
        answered.map_or_else(|status| encode::error(about, &status), |answered| encode::accepted(request, &answered))
    }

    /// What there is to tell of a conversation that may have changed.
    async fn look(&mut self, conversation: &Arc<str>) -> Option<Answer> {
        let asked = self.asks.asked(self.moments.now());
        let subscription = self.subscriptions.get_mut(conversation)?;
        if !subscription.looks() {
            return None;
        }
        let answered = self.recommendations.shown(&subscription.request(), asked).await.and_then(known);
        match answered {
            Ok(answered) => {
                self.moments.set(conversation, &mut subscription.moment, answered.standpoint.next_check);
                if answered.degraded {
                    self.watch.look_once_known(conversation);
                } else {
                    self.watch.saw(conversation, answered.on);
                }
                match subscription.news(&answered) {
                    News::None => None,
                    News::Forgotten => Some(encode::forgotten(conversation)),
                    News::Snapshot => {
                        self.recommendations.metrics().snapshot();
                        Some(encode::snapshot(conversation, &answered))
                    }
                }
            }
            Err(status) => {
                self.watch.look_once_known(conversation);
                let about = About { conversation, request: "" };
                subscription.is_new_trouble(status.code()).then(|| encode::error(about, &status))
            }
        }
    }

    fn pass_time(&mut self) -> Option<Answer> {
        for conversation in self.moments.passed() {
            if let Some(subscription) = self.subscriptions.get_mut(&conversation) {
                subscription.moment = None;
                self.watch.look_at(&conversation);
            }
        }
        (self.heartbeat <= Instant::now()).then(|| encode::heartbeat(self.moments.now()))
    }
}

fn refused(conversation: &str, done: Result<(), Status>) -> Option<Answer> {
    done.err().map(|status| encode::error(About { conversation, request: "" }, &status))
}

/// A screen is not shown what anybody might say who knows nothing of the conversation.
fn known(answered: Answered) -> Result<Answered, Status> {
    match answered.standpoint.past {
        Known::Held | Known::Nothing => Ok(answered),
        Known::Unknown => Err(status::past_unknown()),
    }
}

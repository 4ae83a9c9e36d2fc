//! `composure.v1.RecommendationService`.

use std::sync::Arc;

use futures_util::stream::{BoxStream, Stream};
use tonic::{Request, Response, Status, Streaming};

use super::answer::Answer;
use super::call;
use super::generated::RecommendRequest;
use super::generated::in_place::RecommendRequestView;
use super::generated::recommendation_service_server::RecommendationService;
use super::held::{Answered, Call};
use super::received::Received;
use super::stream::Room;
use super::{clock, convert, encode, status, stream, told};
use crate::engine::Decision;
use crate::playbook::Time;
use crate::service::{self, Conversations, Shelf};
use crate::telemetry::{Metrics, Told, Wanted};

/// Conversations that streams may be subscribed to at a time, unless somebody says another number.
const SUBSCRIPTIONS: usize = 20_000;

/// Recommends by the playbooks that are loaded.
#[derive(Debug, Clone)]
pub struct Recommendations {
    shelf: Arc<Shelf>,
    conversations: Option<Conversations>,
    /// For the subscriptions of all streams.
    room: Room,
    metrics: Metrics,
}

impl Recommendations {
    /// By what is on this shelf when a call comes; decisions are counted in `metrics`. No conversation is held.
    #[must_use]
    pub fn new(shelf: Arc<Shelf>, metrics: Metrics) -> Self {
        let room = Room::of(SUBSCRIPTIONS, metrics.clone());
        Self { shelf, conversations: None, room, metrics }
    }

    /// The same, and what is in `conversations` is held.
    #[must_use]
    pub fn holding(self, conversations: Conversations) -> Self {
        Self { conversations: Some(conversations), ..self }
    }

    /// The same, and streams may be subscribed to so many conversations at a time, of which one caller gets half at most.
    #[must_use]
    pub fn subscribed_to(self, most: usize) -> Self {
        Self { room: Room::of(most, self.metrics.clone()), ..self }
    }

    /// The answer to `request`, which arrived at `received`; its state travels with it.
    ///
    /// # Errors
    ///
    /// As documented in the contract.
    pub fn answer(&self, request: &RecommendRequest, received: Time) -> Result<Answer, Status> {
        let came = Received::of(request);
        self.answer_and(&read(&came)?, received, |_| ()).map(|(answer, ())| answer)
    }

    /// The answer to `request` for a conversation that is held.
    ///
    /// # Errors
    ///
    /// As documented in the contract.
    pub async fn answer_held(&self, request: &RecommendRequest, asked: call::Asked<'_>) -> Result<Answer, Status> {
        let came = Received::of(request);
        self.answered(&read(&came)?, asked).await.map(|(answered, _)| answered.answer)
    }

    /// A stream on which `commands` come in: what goes out.
    ///
    /// # Errors
    ///
    /// No conversations are held.
    pub fn stream(
        &self,
        asks: stream::Asks,
        commands: impl Stream<Item = Result<Received, Status>> + Send + Unpin + 'static,
    ) -> Result<BoxStream<'static, Result<Answer, Status>>, Status> {
        stream::open(self.clone(), asks, commands)
    }

    /// The answer, and what `tell` makes of the decision.
    fn answer_and<T>(
        &self,
        request: &RecommendRequestView<'_>,
        received: Time,
        tell: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<(Answer, T), Status> {
        let question = convert::question(request, received);
        let playbooks = self.shelf.playbooks();
        let decision = service::recommend(&playbooks, question)?;
        self.metrics.decided(told::counted(&decision));
        let given = request.state.unwrap_or_default();
        let envelope = encode::Envelope { decision_id: request.request_id, given, next: None, degraded: false };
        Ok((encode::recommendation(&decision, envelope), tell(&decision)))
    }

    /// The answer to `request` for a conversation that is held, what it means, and what operators learn of it.
    pub(super) async fn answered(
        &self,
        request: &RecommendRequestView<'_>,
        asked: call::Asked<'_>,
    ) -> Result<(Answered, Told), Status> {
        let playbooks = self.shelf.playbooks();
        let call = Call::new(&playbooks, request, asked.received);
        let (answered, told) = self.decided(call, asked, told::told).await?;
        self.metrics.decided(told::recounted(&told));
        if answered.degraded {
            self.metrics.degraded();
        }
        Ok((answered, told))
    }

    /// What a screen is to show of a conversation; `request` observes nothing.
    pub(super) async fn shown(
        &self,
        request: &RecommendRequestView<'_>,
        asked: call::Asked<'_>,
    ) -> Result<Answered, Status> {
        let playbooks = self.shelf.playbooks();
        let call = Call::for_a_screen(&playbooks, request, asked.received);
        self.decided(call, asked, |_| ()).await.map(|(answered, ())| answered)
    }

    async fn decided<T>(
        &self,
        call: Call<'_>,
        asked: call::Asked<'_>,
        tell: impl Fn(&Decision<'_>) -> T,
    ) -> Result<(Answered, T), Status> {
        let visit = asked.visit(call.request.conversation_id);
        Ok(self.conversations()?.turn(visit, |past| call.decide(past, &tell)).await?)
    }

    pub(super) fn conversations(&self) -> Result<&Conversations, Status> {
        self.conversations.as_ref().ok_or_else(status::conversations_not_held)
    }

    pub(super) fn room(&self) -> &Room {
        &self.room
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

fn read(came: &Received) -> Result<RecommendRequestView<'_>, Status> {
    came.read().map_err(|_| status::unreadable_request())
}

#[tonic::async_trait]
impl RecommendationService for Recommendations {
    type StreamRecommendationsStream = BoxStream<'static, Result<Answer, Status>>;

    async fn recommend(&self, came: Request<Received>) -> Result<Response<Answer>, Status> {
        let request = read(came.get_ref())?;
        let is_wanted = came.extensions().get::<Wanted>().is_some();
        let (answer, told) = if request.conversation_id.is_empty() {
            let tell = |decision: &Decision<'_>| is_wanted.then(|| told::told(decision));
            self.answer_and(&request, clock::now(), tell)?
        } else {
            let asked = call::Asked::of(came.extensions());
            let (answered, told) = self.answered(&request, asked).await?;
            (answered.answer, is_wanted.then_some(told))
        };
        let mut response = Response::new(answer);
        if let Some(told) = told {
            response.extensions_mut().insert(told);
        }
        Ok(response)
    }

    async fn stream_recommendations(
        &self,
        request: Request<Streaming<Received>>,
    ) -> Result<Response<Self::StreamRecommendationsStream>, Status> {
        let extensions = request.extensions();
        let asks = stream::Asks {
            tenant: call::tenant(extensions).into(),
            counted_as: call::counted_as(extensions),
            until: call::granted(extensions),
        };
        self.stream(asks, request.into_inner()).map(Response::new)
    }
}

//! `composure.v1.RecommendationService`.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::answer::Answer;
use super::call;
use super::generated::RecommendRequest;
use super::generated::recommendation_service_server::RecommendationService;
use super::held::{Answered, Call};
use super::{clock, convert, encode, status, told};
use crate::engine::Decision;
use crate::playbook::Time;
use crate::service::{self, Conversations, Shelf};
use crate::telemetry::{Metrics, Wanted};

/// Recommends by the playbooks that are loaded.
#[derive(Debug, Clone)]
pub struct Recommendations {
    shelf: Arc<Shelf>,
    conversations: Option<Conversations>,
    metrics: Metrics,
}

impl Recommendations {
    /// By what is on this shelf when a call comes; decisions are counted in `metrics`. No conversation is held.
    #[must_use]
    pub fn new(shelf: Arc<Shelf>, metrics: Metrics) -> Self {
        Self { shelf, conversations: None, metrics }
    }

    /// The same, and what is in `conversations` is held.
    #[must_use]
    pub fn holding(self, conversations: Conversations) -> Self {
        Self { conversations: Some(conversations), ..self }
    }

    /// The answer to `request`, which arrived at `received`; its state travels with it.
    ///
    /// # Errors
    ///
    /// As documented in the contract.
    pub fn answer(&self, request: &RecommendRequest, received: Time) -> Result<Answer, Status> {
        self.answer_and(request, received, |_| ()).map(|(answer, ())| answer)
    }

    /// The answer to `request` for a conversation that is held.
    ///
    /// # Errors
    ///
    /// As documented in the contract.
    pub async fn answer_held(&self, request: &RecommendRequest, asked: call::Asked<'_>) -> Result<Answer, Status> {
        self.answer_held_and_told(request, asked).await.map(|answered| answered.answer)
    }

    /// The answer, and what `tell` makes of the decision.
    fn answer_and<T>(
        &self,
        request: &RecommendRequest,
        received: Time,
        tell: impl FnOnce(&Decision<'_>) -> T,
    ) -> Result<(Answer, T), Status> {
        let question = convert::question(request, received);
        let playbooks = self.shelf.playbooks();
        let decision = service::recommend(&playbooks, question)?;
        self.metrics.decided(told::counted(&decision));
        let given = request.state.as_ref();
        let envelope = encode::Envelope { decision_id: &request.request_id, given, degraded: false };
        Ok((encode::recommendation(&decision, envelope), tell(&decision)))
    }

    async fn answer_held_and_told(
        &self,
        request: &RecommendRequest,
        asked: call::Asked<'_>,
    ) -> Result<Answered, Status> {
        let conversations = self.conversations.as_ref().ok_or_else(status::conversations_not_held)?;
        let visit = asked.visit(&request.conversation_id);
        let playbooks = self.shelf.playbooks();
        let call = Call::new(&playbooks, request, asked.received);
        let answered = conversations.turn(visit, |past| call.decide(past)).await?;
        self.metrics.decided(told::recounted(&answered.told));
        if answered.degraded {
            self.metrics.degraded();
        }
        Ok(answered)
    }
}

#[tonic::async_trait]
impl RecommendationService for Recommendations {
    async fn recommend(&self, request: Request<RecommendRequest>) -> Result<Response<Answer>, Status> {
        let is_wanted = request.extensions().get::<Wanted>().is_some();
        let (answer, told) = if request.get_ref().conversation_id.is_empty() {
            let tell = |decision: &Decision<'_>| is_wanted.then(|| told::told(decision));
            self.answer_and(request.get_ref(), clock::now(), tell)?
        } else {
            let asked = call::Asked::of(request.extensions());
            let Answered { answer, told, degraded: _ } = self.answer_held_and_told(request.get_ref(), asked).await?;
            (answer, is_wanted.then_some(told))
        };
        let mut response = Response::new(answer);
        if let Some(told) = told {
            response.extensions_mut().insert(told);
        }
        Ok(response)
    }
}

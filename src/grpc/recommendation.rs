//! `composure.v1.RecommendationService`.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer::Answer;
use super::clock;
use super::generated::RecommendRequest;
use super::generated::recommendation_service_server::RecommendationService;
use super::{convert, encode, told};
use crate::engine::Decision;
use crate::playbook::Time;
use crate::service::{self, Shelf};
use crate::telemetry::{Metrics, Wanted};

/// Recommends by the playbooks that are loaded.
#[derive(Debug, Clone)]
pub struct Recommendations {
    shelf: Arc<Shelf>,
    metrics: Metrics,
}

impl Recommendations {
    /// By what is on this shelf when a call comes; decisions are counted in `metrics`.
    #[must_use]
    pub fn new(shelf: Arc<Shelf>, metrics: Metrics) -> Self {
        Self { shelf, metrics }
    }

    /// The answer to `request`, which arrived at `received`.
    ///
    /// # Errors
    ///
    /// As documented in the contract.
    pub fn answer(&self, request: &RecommendRequest, received: Time) -> Result<Answer, Status> {
        self.answer_and(request, received, |_| ()).map(|(answer, ())| answer)
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
        let answer = if request.request_id.is_empty() {
            let minted = Uuid::new_v4().hyphenated();
            encode::recommendation(&decision, minted.encode_lower(&mut Uuid::encode_buffer()), request.state.as_ref())
        } else {
            encode::recommendation(&decision, &request.request_id, request.state.as_ref())
        };
        Ok((answer, tell(&decision)))
    }
}

#[tonic::async_trait]
impl RecommendationService for Recommendations {
    async fn recommend(&self, request: Request<RecommendRequest>) -> Result<Response<Answer>, Status> {
        let is_wanted = request.extensions().get::<Wanted>().is_some();
        let tell = |decision: &Decision<'_>| is_wanted.then(|| told::told(decision));
        let (answer, told) = self.answer_and(request.get_ref(), clock::now(), tell)?;
        let mut response = Response::new(answer);
        if let Some(told) = told {
            response.extensions_mut().insert(told);
        }
        Ok(response)
    }
}

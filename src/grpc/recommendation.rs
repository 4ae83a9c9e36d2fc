//! `composure.v1.RecommendationService`.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer::Answer;
use super::clock;
use super::generated::RecommendRequest;
use super::generated::recommendation_service_server::RecommendationService;
use super::{convert, encode};
use crate::playbook::Time;
use crate::service::{self, Shelf};

/// Recommends by the playbooks that are loaded.
#[derive(Debug, Clone)]
pub struct Recommendations {
    shelf: Arc<Shelf>,
}

impl Recommendations {
    /// By what is on this shelf when a call comes.
    #[must_use]
    pub fn new(shelf: Arc<Shelf>) -> Self {
        Self { shelf }
    }

    /// The answer to `request`, which arrived at `received`.
    ///
    /// # Errors
    ///
    /// As documented in the contract.
    pub fn answer(&self, request: &RecommendRequest, received: Time) -> Result<Answer, Status> {
        let question = convert::question(request, received);
        let playbooks = self.shelf.playbooks();
        let decision = service::recommend(&playbooks, question)?;
        Ok(if request.request_id.is_empty() {
            let minted = Uuid::new_v4().hyphenated();
            encode::recommendation(&decision, minted.encode_lower(&mut Uuid::encode_buffer()), request.state.as_ref())
        } else {
            encode::recommendation(&decision, &request.request_id, request.state.as_ref())
        })
    }
}

#[tonic::async_trait]
impl RecommendationService for Recommendations {
    async fn recommend(&self, request: Request<RecommendRequest>) -> Result<Response<Answer>, Status> {
        self.answer(request.get_ref(), clock::now()).map(Response::new)
    }
}

//! `composure.v1.PlaybookService`.

use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};
use tonic::{Request, Response, Status};

use super::generated as wire;
use super::generated::playbook_service_server::PlaybookService;
use super::{convert, encode, status};
use crate::service::{self, Shelf};

/// Documents checked at the same time: a large one keeps a core busy for a while.
const CHECKS_AT_ONCE: usize = 2;

/// Shows the playbooks that are loaded, and checks documents.
#[derive(Debug, Clone)]
pub struct PlaybookShelf {
    shelf: Arc<Shelf>,
    checks: Arc<Semaphore>,
}

impl PlaybookShelf {
    /// Those on this shelf when a call comes.
    #[must_use]
    pub fn new(shelf: Arc<Shelf>) -> Self {
        Self { shelf, checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)) }
    }
}

#[tonic::async_trait]
impl PlaybookService for PlaybookShelf {
    async fn list_playbooks(
        &self,
        request: Request<wire::ListPlaybooksRequest>,
    ) -> Result<Response<wire::ListPlaybooksResponse>, Status> {
        let wire::ListPlaybooksRequest {} = request.into_inner();
        Ok(Response::new(encode::playbook::list(&self.shelf.playbooks())))
    }

    async fn get_playbook(
        &self,
        request: Request<wire::GetPlaybookRequest>,
    ) -> Result<Response<wire::GetPlaybookResponse>, Status> {
        let choice = convert::playbook::choice(request.get_ref())?;
        let playbooks = self.shelf.playbooks();
        let loaded = playbooks.choose(choice)?;
        Ok(Response::new(wire::GetPlaybookResponse { playbook: Some(loaded.into()) }))
    }

    async fn validate_playbook(
        &self,
        request: Request<wire::ValidatePlaybookRequest>,
    ) -> Result<Response<wire::ValidatePlaybookResponse>, Status> {
        let document = convert::playbook::document(request.into_inner())?;
        let turn = Arc::clone(&self.checks).try_acquire_owned().map_err(|_| status::busy())?;
        let playbooks = self.shelf.playbooks();
        let check = move || {
            // The work goes on when its caller has gone, and counts until it is done.
            let _turn = turn;
            service::check(&document, playbooks.bases())
        };
        match spawn_blocking(check).await.map_err(JoinError::try_into_panic) {
            Ok(checked) => Ok(Response::new(checked.into())),
            // Those who look after panics further out count it and answer.
            Err(Ok(panic)) => resume_unwind(panic),
            Err(Err(_)) => Err(status::stopping()),
        }
    }

    async fn render_graph(
        &self,
        request: Request<wire::RenderGraphRequest>,
    ) -> Result<Response<wire::RenderGraphResponse>, Status> {
        let (choice, language) = convert::playbook::drawing(request.get_ref())?;
        let playbooks = self.shelf.playbooks();
        let loaded = playbooks.choose(choice)?;
        let identity = Some(loaded.playbook.identity().into());
        Ok(Response::new(wire::RenderGraphResponse { identity, graph: loaded.draw(language) }))
    }
}

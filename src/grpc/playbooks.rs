//! `composure.v1.PlaybookService`.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
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
        let _turn = self.checks.try_acquire().map_err(|_| status::busy())?;
        let playbooks = self.shelf.playbooks();
        let checked = spawn_blocking(move || service::check(&document, playbooks.bases())).await;
        let checked = checked.map_err(|_| status::stopping())?;
        Ok(Response::new(checked.into()))
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

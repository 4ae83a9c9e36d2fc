//! `composure.v1.ConversationService`.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::answer::Answer;
use super::call::Asked;
use super::generated as wire;
use super::generated::conversation_service_server::ConversationService;
use super::generated::in_place::RecommendRequestView;
use super::{convert, encode, held, status};
use crate::service::{self, Conversations, Shelf};

/// Tells of conversations that are held, and forgets them.
#[derive(Debug, Clone)]
pub struct ConversationDesk {
    shelf: Arc<Shelf>,
    conversations: Option<Conversations>,
}

impl ConversationDesk {
    /// Of `conversations`; `None`: none are held.
    #[must_use]
    pub fn new(shelf: Arc<Shelf>, conversations: Option<Conversations>) -> Self {
        Self { shelf, conversations }
    }

    fn conversations(&self) -> Result<&Conversations, Status> {
        self.conversations.as_ref().ok_or_else(status::conversations_not_held)
    }
}

#[tonic::async_trait]
impl ConversationService for ConversationDesk {
    async fn get_conversation(
        &self,
        request: Request<wire::GetConversationRequest>,
    ) -> Result<Response<Answer>, Status> {
        let conversation = convert::conversation::told(request.get_ref())?;
        let asked = Asked::of(request.extensions());
        let record = self.conversations()?.get(asked.visit(conversation)).await?;
        let encoded = record.as_ref().and_then(held::state_of).ok_or_else(status::unknown_conversation)?;
        let state = convert::State::read(encoded).map_err(|_| status::unknown_conversation())?;
        let nothing_new = RecommendRequestView::default();
        let playbooks = self.shelf.playbooks();
        let question = convert::question_of(&nothing_new, state, asked.received);
        let standing = service::standing(&playbooks, question)?;
        Ok(Response::new(encode::conversation::standing(&standing, encoded)))
    }

    async fn delete_conversation(
        &self,
        request: Request<wire::DeleteConversationRequest>,
    ) -> Result<Response<wire::DeleteConversationResponse>, Status> {
        let conversation = convert::conversation::forgotten(request.get_ref())?;
        let visit = Asked::of(request.extensions()).visit(conversation);
        let existed = self.conversations()?.delete(visit).await?;
        Ok(Response::new(wire::DeleteConversationResponse { existed }))
    }

    async fn list_due_commitments(
        &self,
        request: Request<wire::ListDueCommitmentsRequest>,
    ) -> Result<Response<wire::ListDueCommitmentsResponse>, Status> {
        let Asked { tenant, received, until } = Asked::of(request.extensions());
        let query = convert::conversation::due(request.get_ref(), tenant, received)?;
        let due = self.conversations()?.due(&query, until).await?;
        let next_page_token = match due.last() {
            Some(last) if due.len() == query.most => convert::conversation::page_token(last),
            Some(_) | None => String::new(),
        };
        let commitments = encode::conversation::due(due, received);
        Ok(Response::new(wire::ListDueCommitmentsResponse { commitments, next_page_token }))
    }
}

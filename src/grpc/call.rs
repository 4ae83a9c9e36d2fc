//! What the layers further out know of a call.

use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use tokio::time::Instant;

use super::clock;
use crate::auth::Caller;
use crate::playbook::Time;
use crate::service::Visit;
use crate::store::Key;

/// Where the client set no deadline; the server's own ends the call before.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who calls, in the extensions of a request that showed a credential.
#[derive(Debug, Clone)]
pub struct Identified(pub Arc<Caller>);

/// By which name a caller's shares are counted: its tenant, or its address where nobody is asked who they are; in the extensions of a
/// request that is answered by a stream.
#[derive(Debug, Clone)]
pub struct CountedAs(pub Arc<str>);

/// When a call has to be over; in the extensions of a request whose client set a deadline, and of a stream that the server bounds.
#[derive(Debug, Clone, Copy)]
pub struct Until(pub Instant);

/// By whom, when, and until when something is asked of a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whose conversation it is; empty where nobody is asked who they are.
    pub tenant: &'a str,
    /// When the call arrived.
    pub received: Time,
    /// When the answer is of no use any more.
    pub until: Instant,
}

impl<'a> Asked<'a> {
    /// By the call that has these extensions, now.
    pub(super) fn of(extensions: &'a Extensions) -> Self {
        Self {
            tenant: tenant(extensions),
            received: clock::now(),
            until: granted(extensions).unwrap_or_else(|| Instant::now() + PATIENCE),
        }
    }

    /// What is asked of the conversation of this id.
    pub(super) fn visit(&self, conversation: &'a str) -> Visit<'a> {
        Visit { key: Key { tenant: self.tenant, conversation }, until: self.until }
    }
}

/// Whose conversations the call with these extensions is about; empty where nobody is asked who they are.
pub(super) fn tenant(extensions: &Extensions) -> &str {
    extensions.get::<Identified>().map_or("", |Identified(caller)| caller.tenant())
}

/// By which name the shares of whoever calls are counted.
pub(super) fn counted_as(extensions: &Extensions) -> Arc<str> {
    extensions.get::<CountedAs>().map_or_else(|| tenant(extensions).into(), |CountedAs(name)| Arc::clone(name))
}

/// When the call has to be over, if it has to.
pub(super) fn granted(extensions: &Extensions) -> Option<Instant> {
    extensions.get::<Until>().map(|Until(until)| *until)
}

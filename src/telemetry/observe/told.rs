//! What passes between the layer and those that it surrounds, in the extensions of requests and responses.

use std::sync::Arc;

/// In a request: the call will have a line or a span, so what was decided is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted;

/// In a response: what was decided. Names of a playbook's parts, nothing of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Id of the playbook.
    pub playbook: String,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// Id of the stage.
    pub stage: String,
    /// Id of the first action, where there is one.
    pub action: Option<String>,
    /// Level of the advice to bring in people, where there is any.
    pub escalation: Option<&'static str>,
}

/// In a response: who called, as the one who let them in names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerName(pub Arc<str>);

//! From decisions and playbooks to what goes over the wire. Everything of a decision is told; nothing is worked out here.

mod advice;
pub(super) mod conversation;
mod explanation;
pub(super) mod playbook;
mod recommendation;
mod state;
pub(super) mod stream;
mod suggestion;
pub(super) mod vocabulary;

pub(super) use recommendation::{Envelope, recommendation};
pub(super) use state::state;

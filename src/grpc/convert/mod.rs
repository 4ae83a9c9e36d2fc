//! All validation of what comes over the wire. Wire types are taken apart in full, so that a new field must be decided on.
//!
//! Nothing stops at the first mistake: what is wrong is noted with its path, and something harmless takes its place, so that
//! one answer names everything. Names are checked later, by those who know the playbook.

pub(super) mod conversation;
mod locale;
pub(super) mod playbook;
mod promises;
mod recommend;
mod state;
pub(super) mod stream;
mod violations;
mod vocabulary;

pub(super) use recommend::{in_order, question, question_of, recorded_question};
pub(super) use state::State;

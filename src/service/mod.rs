//! Use cases: what every transport calls.
//!
//! Architecture invariant: it knows the engine, the playbooks and where conversations are held, and nothing of gRPC, sockets or
//! clocks; what is held of a conversation it passes on without looking at it.

mod check;
mod error;
mod follow;
mod held;
mod loaded;
mod playbooks;
mod reach;
mod recommend;
mod shelf;
mod watchers;

pub use check::{Checked, Document, check};
pub use error::ServiceError;
pub use held::{Conversations, HeldError, MOST_DAYS_AHEAD, Next, Past, Turn, Visit};
pub use loaded::{GraphLanguage, Loaded, base_of};
pub use playbooks::{Choice, LedBy, Playbooks};
pub use recommend::{Question, recommend, recommend_by, recommend_without_past, standing};
pub use shelf::Shelf;
pub use watchers::Watch;

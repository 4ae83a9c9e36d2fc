//! Use cases: what every transport calls.
//!
//! Architecture invariant: it knows the engine and the playbooks, and nothing of gRPC, sockets or clocks.

mod check;
mod error;
mod loaded;
mod playbooks;
mod recommend;
mod shelf;

pub use check::{Checked, Document, check};
pub use error::ServiceError;
pub use loaded::{GraphLanguage, Loaded, base_of};
pub use playbooks::{Choice, LedBy, Playbooks};
pub use recommend::{Question, recommend, recommend_by};
pub use shelf::Shelf;

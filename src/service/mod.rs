//! Use cases: what every transport calls.
//!
//! Architecture invariant: it knows the engine and the playbooks, and nothing of gRPC, sockets or clocks.

mod check;
mod error;
mod playbooks;
mod recommend;

pub use check::{Checked, Document, check};
pub use error::ServiceError;
pub use playbooks::{Choice, GraphLanguage, Loaded, Playbooks};
pub use recommend::{Question, recommend, recommend_by};

//! The gRPC edge: decode and validate, call the service, encode.
//!
//! Architecture invariant: wire types stay in here. `convert` is all validation, `encode` tells what was decided, [`status`] alone
//! makes errors, and a handler does nothing but call the three.

mod answer;
pub mod call;
pub mod clock;
mod conversations;
mod convert;
mod encode;
pub mod generated;
mod held;
mod playbooks;
mod reader;
mod received;
mod recommendation;
mod recorded;
pub mod status;
mod stream;
mod told;
mod writer;

pub use answer::Answer;
pub use conversations::ConversationDesk;
pub use playbooks::PlaybookShelf;
pub use received::Received;
pub use recommendation::Recommendations;
pub use recorded::{Recorded, Recording, Unreadable};
pub use stream::Asks;

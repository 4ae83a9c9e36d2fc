//! Playbooks in operation: a folder of them becomes one set, together with those in the program, and is read again on demand.
//!
//! A file is right here when `composure check` says so: what is wrong in a document and a law that does not hold refuse the whole
//! set, and the last good one stays; warnings are logged. Of what is in the program and in the folder under the same id and
//! version, the folder's counts. Reading is synchronous and proving takes a while: none of it belongs on a thread that answers
//! calls.
//!
//! Architecture invariant: nobody here knows who wants a reload, or why.

mod bases;
mod check;
mod refusal;
mod reload;
mod set;
mod sources;

pub use bases::{for_file, given};
pub use check::{Known, examine};
pub use refusal::Refusal;
pub use reload::{Changes, Library, Reloaded, Settings};
pub use sources::{Source, Sources, Unreadable, read, read_each};

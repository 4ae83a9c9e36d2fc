//! Reading files that others write: no more than is wanted, and all of them from one moment.
//!
//! Architecture invariant: it never knows what is in a file.

mod bounded;
mod moment;

pub use bounded::read;
pub use moment::from_one_moment;

//! Laws: what a playbook's `laws` claim, proven over every situation that a conversation can come to, or disproven by a
//! conversation that breaks it.
//!
//! The engine's answer in one situation follows from some hundred things that are true or false: what was detected, what is
//! known, what was done. So "is there a situation in which the law does not hold" is a formula, and a SAT solver knows
//! whether it has a solution. `world` has the variables; `truth`, `gate`, `screen` and `settle` say again, as formulas, what
//! the engine decides from them; `question` says what would break a law. If there is no solution, the law is proven, over more
//! situations than conversations can come to. If there is one, `model`, `route` and `draft` make a conversation of it,
//! and only if the engine itself breaks the law there (`replay`) is it told. `shortest` looks for one with fewer turns, length by
//! length, and knows when there is none; `shrink` leaves out of the turns what is not needed.
//!
//! Where conversations can get to is no matter of one situation: `reach` asks of each stage whether somebody who helps can be
//! held there for good, and where else their turns can lead.
//!
//! Pure: no I/O, no clock. It decides nothing, and the engine knows nothing of it.

mod draft;
mod encoding;
mod examine;
mod foretell;
mod formula;
mod gate;
mod model;
mod picture;
mod prove;
mod question;
mod reach;
mod replay;
mod route;
mod screen;
mod settle;
mod shortest;
mod shrink;
mod situations;
mod truth;
mod world;
mod write;

pub use examine::{Examined, examine};
pub use foretell::{Foretold, foretell};
pub use picture::{Deeds, Detected, Picture, Trend};
pub use prove::{Outcome, Proof, prove, prove_one};
pub use reach::{Trap, finds_way};
pub use replay::breaks;
pub use shortest::{Happened, Length, Stray, shorter, stray};
pub use situations::{Situations, Way, look};

use crate::playbook::{Conversation, Playbook};

/// `conversation` as an entry for the `tests` of `playbook`.
#[must_use]
pub fn as_test(playbook: &Playbook, conversation: &Conversation) -> String {
    write::yaml(playbook, conversation)
}

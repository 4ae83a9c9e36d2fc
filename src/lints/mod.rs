//! Lints: what is valid in a playbook, and mostly a slip.
//!
//! Each has an id and says what it found, where, and how to mend it. `conditions`, `ways` and `screens` ask the [`laws`](crate::laws)' formulas what
//! can be at all; `reading` and `phrasing` look at what is written. What an author means, the `lints` of the playbook allow, with a reason:
//! that is `allow`'s matter.
//!
//! Pure: no I/O, no clock. It decides nothing, and what it does not find is not thereby right.

mod allow;
mod conditions;
mod examine;
mod phrasing;
mod reading;
mod screens;
mod ways;

pub use examine::examine;

use crate::playbook::{Lint, Place};

/// What a lint found.
#[derive(Debug)]
struct Found {
    lint: Lint,
    /// The part that it is about, by which it can be allowed.
    of: String,
    place: Place,
    /// What is wrong: lower case, no final stop.
    message: String,
    /// How to mend it.
    help: &'static str,
}

/// ` on line 7`, for those who read at `from`: lines of another file would mislead.
fn on_line(place: Place, from: Place) -> String {
    if place.is_inherited() == from.is_inherited() {
        format!(" on line {}", place.line())
    } else if place.is_inherited() {
        " that is inherited".to_owned()
    } else {
        " of the extending file".to_owned()
    }
}

//! Simulation: invented customers talk to a playbook, to find out where it leads before real ones do.
//!
//! It is a model, not evidence: nobody has measured that customers are so. What the model says:
//!
//! - A customer has a [`Temper`]: how angry they come, how much being heard takes off, how much a solution before its time, the
//!   same words again and waiting put on, and for how long they stay at the height of their anger.
//! - What the agent does works by its kind. Listening takes the wind out of venting. Empathy, apology and admission take anger
//!   off, unless the customer is still venting or has heard the same before. Questions and solutions while they vent, and a
//!   solution before they feel heard, put anger on and are turned down. Promises, work, updates and colleagues take some off;
//!   a missed promise puts more on.
//! - The agent follows the first suggestion, now and then the second too, and seldom none. Of the facts that the answer asks
//!   for, the agent finds out some each turn.
//! - Signals and facts that the model has something to say of are known by the ids that the shipped playbooks use. Other facts
//!   are mostly yes, other signals are never detected.
//!
//! Pure: no clock, no I/O. The same playbook, seed and number give the same conversation, on any machine.

mod agent;
mod chance;
mod customer;
mod laws;
mod memory;
mod talk;
mod tally;
mod temper;

pub use laws::LAWS;
pub use talk::{Ended, Talk, converse};
pub use tally::{Calm, DeadEnd, Endings, LawCount, Tally, TemperCount};
pub use temper::{TEMPERS, Temper};

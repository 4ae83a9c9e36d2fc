//! The engine: pure decision logic. No I/O, no clock, no randomness, no ids of its own.
//!
//! `resolve → fold → settle → gate → rank → phrase → escalate → explain`: each step is a module with one function that the next
//! builds on. The same request gives the same answer on any machine, today or in a replay next year.
//!
//! Architecture invariant: the engine knows nothing of tokio, tonic, clocks, or the environment; what is special about a
//! solution or an apology is its kind, and only the playbook speaks of kinds.

mod decide;
mod decision;
mod digest;
mod escalate;
mod explain;
mod fold;
mod gate;
mod missing;
mod phrase;
mod rank;
mod request;
mod resolve;
mod restore;
mod room;
mod settle;
mod situation;
mod snapshot;
mod state;
mod trace;
mod truth;

pub use decide::{decide, decide_traced, decide_without_past, standing, truth};

pub use decision::{
    Decision, Escalation, Explanation, HandoffBrief, MissingFact, NextState, Outcome, Phrasing, Placed, ReadingNow,
    Reason, RuleCheck, RuleSort, SignalUp, Standing, Suggestion, Suppressed, SuppressionReason, Term, Tried, Truth,
    UpNext,
};
pub use request::{
    ActionReport, ActionResult, Explain, Observation, Options, Reading, Request, Violation, Warning, WarningCode,
};
pub use resolve::{Input, resolve};
pub use room::keeps_whole;
pub use snapshot::{
    ActionEntry, Commitment, CommitmentStatus, EscalationEntry, FactEntry, PhrasingEntry, SignalEntry, Snapshot,
};
pub use trace::{Looked, Step, Trace, Way};

//! What a playbook claims of itself, as compiled. Whether it is so is no matter of the playbook alone.

use super::condition::Condition;
use super::ids::{ActionIx, StageIx};
use super::parts::Place;
use super::vocabulary::EscalationLevel;

/// A statement about the playbook that holds in every situation that a conversation can come to, or should.
#[derive(Debug, Clone)]
pub struct Law {
    /// What it says, in a sentence; empty where the playbook has none.
    pub it: String,
    /// What it claims.
    pub claim: Claim,
    /// What the claim names, as written: actions and `kind.…`, a stage or `final`.
    pub names: Vec<String>,
    /// When.
    pub condition: Condition,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// What a law claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// An action is not on the screen; applies unless its condition is false.
    Never {
        /// These actions, those of the kinds included.
        actions: Vec<ActionIx>,
        /// Only while none of these was done; empty: at any time.
        before: Vec<ActionIx>,
    },
    /// One of these is the first suggestion, the earlier one where both can be; applies while its condition is true.
    First(Vec<ActionIx>),
    /// There is advice of this level at least; applies while its condition is true.
    Escalation(EscalationLevel),
    /// Whatever the case is like, a conversation can still be led to one of these stages; applies while its condition is true.
    Reaches(Vec<StageIx>),
}

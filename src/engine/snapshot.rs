//! Where a conversation stands, by name, as it travels with the caller: ids, numbers, booleans and times, nothing personal.
//!
//! What comes back is what is sent next time. It is untrusted input like all else, and authorizes nothing.

use crate::playbook::{EscalationLevel, Level, Time};

/// The state of a conversation after some turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// The format of this very message: [`Snapshot::SCHEMA`].
    pub schema: u32,
    /// How often it was written.
    pub revision: u32,
    /// The last customer turn, from 1; 0: none yet.
    pub turn: u32,
    /// The playbook's id.
    pub playbook: &'a str,
    /// Its version.
    pub playbook_version: &'a str,
    /// Its digest.
    pub playbook_digest: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// The turn in which it was entered.
    pub stage_since_turn: u32,
    /// The last stage that no interrupt led to, while another holds the conversation; else empty.
    pub return_stage: &'a str,
    /// Stages entered in this turn, in order.
    pub path: Vec<&'a str>,
    /// Readings.
    pub signals: Vec<SignalEntry<'a>>,
    /// Facts.
    pub facts: Vec<FactEntry<'a>>,
    /// What was done.
    pub actions: Vec<ActionEntry<'a>>,
    /// Promises.
    pub commitments: Vec<Commitment<'a>>,
    /// The first suggestion of the last answer.
    pub first_action: &'a str,
    /// Its first phrasing.
    pub first_phrasing: &'a str,
    /// Whether a report for this turn was counted.
    pub reported: bool,
    /// What the entry of the action that was assumed to be done in this turn was before.
    pub assumed_before: Option<ActionEntry<'a>>,
    /// A digest of the last answer.
    pub answer_digest: u64,
    /// Advice in force.
    pub escalation: Option<EscalationEntry<'a>>,
    /// When it was written.
    pub update_time: Time,
}

impl Snapshot<'_> {
    /// The format that this build writes. Newer ones are answered and left alone.
    pub const SCHEMA: u32 = 1;
    /// Bytes at most, written as protobuf.
    pub const MAX_BYTES: usize = 32 * 1024;
    /// Stages entered in a turn that are kept at most, the latest.
    pub const MAX_PATH: usize = 64;
    /// Readings at most.
    pub const MAX_SIGNALS: usize = 64;
    /// Facts at most.
    pub const MAX_FACTS: usize = 128;
    /// Actions at most.
    pub const MAX_ACTIONS: usize = 256;
    /// Promises at most.
    pub const MAX_COMMITMENTS: usize = 32;
}

/// A reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignalEntry<'a> {
    /// The signal.
    pub name: &'a str,
    /// The last reading.
    pub level: Level,
    /// The turn of it.
    pub turn: u32,
    /// The last reading of an earlier turn.
    pub previous: Option<Level>,
    /// Bands that held before this turn's reading, bit n for the signal's n-th.
    pub bands_before: u8,
}

/// What is known of the case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FactEntry<'a> {
    /// The fact.
    pub name: &'a str,
    /// What was told last; `None`: unknown.
    pub value: Option<bool>,
    /// The turn in which it was told so first.
    pub turn: u32,
    /// Whether a stage or exit has dropped it since.
    pub forgotten: bool,
    /// In how many turns it was asked for.
    pub asked: u32,
    /// The last of them.
    pub asked_turn: u32,
}

/// What was done with an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionEntry<'a> {
    /// The action.
    pub name: &'a str,
    /// Whether it is marked as done.
    pub done: bool,
    /// How often it was done.
    pub count: u32,
    /// How much of its limit is used: done, or shown first and not reported where it needs confirmation.
    pub used: u32,
    /// The turn in which it was last used; its gap counts from there.
    pub used_turn: u32,
    /// The turn in which it was last done; 0: never.
    pub done_turn: u32,
    /// Whether the last time was assumed and not reported.
    pub assumed: bool,
    /// Silenced by the agent until this turn; 0: not.
    pub dismissed_until: u32,
    /// Whether the agent can't do it.
    pub unavailable: bool,
    /// How often each phrasing was used.
    pub phrasings: Vec<PhrasingEntry<'a>>,
}

/// How often a phrasing was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhrasingEntry<'a> {
    /// The phrasing.
    pub id: &'a str,
    /// How often.
    pub count: u32,
}

/// A promise with a due time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment<'a> {
    /// Unique in the conversation.
    pub id: std::borrow::Cow<'a, str>,
    /// When it falls due.
    pub due: Time,
    /// How it stands.
    pub status: CommitmentStatus,
    /// The turn in which its status last changed.
    pub turn: u32,
}

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitmentStatus {
    /// Not yet kept.
    Open,
    /// Kept, if late.
    Kept,
    /// Its time has passed, and the customer has heard nothing.
    Missed,
    /// Taken back.
    Withdrawn,
}

impl CommitmentStatus {
    /// The word that playbooks use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Kept => "kept",
            Self::Missed => "missed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Advice in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EscalationEntry<'a> {
    /// The rule.
    pub rule: &'a str,
    /// Its level, which a changed playbook can't lower at once.
    pub level: EscalationLevel,
    /// The turn in which it came into force.
    pub since_turn: u32,
    /// The last turn with a cause.
    pub cause_turn: u32,
}

//! The answer. What is reported here is what decided; nothing is worked out a second time for the report.

use std::borrow::Cow;

use super::request::Warning;
use super::situation::is_due;
use super::snapshot::{Commitment, CommitmentStatus, Snapshot};
use crate::playbook::{
    Action, Delivery, Escalation as EscalationRule, EscalationLevel, Guardrail, Identity, Stage, Text, Time, Weight,
};

/// What the agent should do next, and why. Borrows from the playbook and the request.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// The playbook that decided.
    pub playbook: &'a Identity,
    /// The customer's turn.
    pub turn: u32,
    /// Where the conversation is now.
    pub stage: &'a Stage,
    /// Stages entered in this turn, in order, the present one last; empty: it stayed.
    pub path: Vec<&'a Stage>,
    /// How it stands.
    pub outcome: Outcome,
    /// Best first; empty only where the stage is final.
    pub suggestions: Vec<Suggestion<'a>>,
    /// The stage that comes next.
    pub up_next: Option<UpNext<'a>>,
    /// Advice to bring in people; `None`: there is none.
    pub escalation: Option<Escalation<'a>>,
    /// What must not be said or done now.
    pub guardrails: Vec<&'a Guardrail>,
    /// What is held back.
    pub suppressed: Vec<Suppressed<'a>>,
    /// What to find out, most useful first, three at most.
    pub missing: Vec<MissingFact<'a>>,
    /// Promises, with those whose time has passed as missed.
    pub commitments: Vec<Commitment<'a>>,
    /// What was passed over.
    pub warnings: Vec<Warning>,
    /// Whether the answer is the one given before.
    pub unchanged: bool,
    /// By which another answer is known to be the same; 0 where the past can't be read.
    pub answer_digest: u64,
    /// When to ask again if the customer says nothing: a promise falls due or is missed then.
    pub next_check: Option<Time>,
    /// The moment that the decision was made for.
    pub now: Time,
    /// Everything that was looked at; only where asked for in full.
    pub explanation: Option<Explanation<'a>>,
    /// What to send next time.
    pub state: NextState<'a>,
}

impl Decision<'_> {
    /// How far its promises have come by time alone: one for each that is due, two for each that was missed.
    #[must_use]
    pub fn steps_by_time(&self) -> u32 {
        let steps = self.commitments.iter().map(|promise| {
            u32::from(is_due(promise, self.now)) + u32::from(promise.status == CommitmentStatus::Missed)
        });
        steps.sum()
    }
}

/// Where a conversation stands, for whoever wants to know without anything being new.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// The playbook that would decide next.
    pub playbook: &'a Identity,
    /// Whether it goes on.
    pub outcome: Outcome,
    /// The story.
    pub brief: HandoffBrief<'a>,
    /// When a promise falls due or is missed.
    pub next_check: Option<Time>,
}

/// What the caller should keep.
#[derive(Debug, Clone)]
pub enum NextState<'a> {
    /// The state as it came: nothing was observed, or nothing new.
    Same,
    /// A new one.
    New(Box<Snapshot<'a>>),
    /// None: the state was written by a newer version and stays with the caller.
    Withheld,
}

/// How a conversation stands or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on.
    Open,
    /// The matter is settled.
    Resolved,
    /// Settled, with others' help.
    ResolvedAfterHandoff,
    /// The contact was ended.
    Parted,
    /// The customer is gone.
    Abandoned,
}

impl Outcome {
    /// The word that playbooks use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::ResolvedAfterHandoff => "resolved_after_handoff",
            Self::Parted => "parted",
            Self::Abandoned => "abandoned",
        }
    }
}

/// An action as recommended now.
#[derive(Debug, Clone)]
pub struct Suggestion<'a> {
    /// The action.
    pub action: &'a Action,
    /// Why it stands where it stands.
    pub placed: Placed,
    /// Value times factors.
    pub score: f64,
    /// The score's terms, the value first.
    pub terms: Vec<Term<'a>>,
    /// What to say, best first: none of them was used more often than one left out.
    pub phrasings: Vec<Phrasing<'a>>,
    /// What to do.
    pub cues: Vec<Phrasing<'a>>,
    /// How to carry oneself.
    pub delivery: Vec<&'a Delivery>,
    /// Row ids: the action's, its delivery guides', and those of the rule that placed it.
    pub sources: Vec<&'a str>,
}

/// Why a suggestion stands where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// By a `first` rule.
    First,
    /// By the advice to bring in people.
    Escalation,
    /// By its score.
    Score,
    /// Nothing else is left.
    Otherwise,
}

/// A factor of a score.
#[derive(Debug, Clone)]
pub struct Term<'a> {
    /// The factor.
    pub factor: Weight,
    /// What holds: empty for the action's own value.
    pub because: Vec<&'a str>,
}

/// Words or a cue, filled in.
#[derive(Debug, Clone)]
pub struct Phrasing<'a> {
    /// Which.
    pub text: &'a Text,
    /// All placeholders filled, or the template.
    pub words: Cow<'a, str>,
    /// Values that the template still needs; empty: ready to say.
    pub unfilled: Vec<&'a str>,
    /// Its locale.
    pub locale: &'a str,
}

/// The exit to the nearest later stage.
#[derive(Debug, Clone)]
pub struct UpNext<'a> {
    /// The stage.
    pub stage: &'a Stage,
    /// What stands in the way, as in [`Suppressed::because`].
    pub blocked_by: Vec<&'a str>,
}

/// Advice to bring in people.
#[derive(Debug, Clone)]
pub struct Escalation<'a> {
    /// How strongly.
    pub level: EscalationLevel,
    /// The rule in force.
    pub rule: &'a EscalationRule,
    /// What the agent does: the rule's action, or the other one where that is unavailable.
    pub action: Option<&'a Action>,
    /// Every rule that holds now, the one in force first; one that is only kept up says so.
    pub reasons: Vec<Reason<'a>>,
    /// The story to hand over.
    pub brief: HandoffBrief<'a>,
}

/// Why people should be brought in.
#[derive(Debug, Clone)]
pub struct Reason<'a> {
    /// The rule.
    pub rule: &'a EscalationRule,
    /// What holds; empty where the stage alone brings it, or nothing any more.
    pub because: Vec<&'a str>,
    /// Whether it has a cause now; if not, the advice is kept up for a while.
    pub in_force: bool,
}

/// What to tell whoever takes over.
#[derive(Debug, Clone)]
pub struct HandoffBrief<'a> {
    /// The stage.
    pub stage: &'a Stage,
    /// Customer turns so far.
    pub turns: u32,
    /// What was done, in the playbook's order.
    pub tried: Vec<Tried<'a>>,
    /// Facts that are known.
    pub facts: Vec<(&'a str, bool)>,
    /// Flags that are up, and bands that hold.
    pub signals: Vec<SignalUp<'a>>,
    /// Promises that are open or missed.
    pub commitments: Vec<Commitment<'a>>,
    /// What not to say or do.
    pub avoid: Vec<&'a Guardrail>,
    /// The texts that came with the request.
    pub values: Vec<(&'a str, &'a str)>,
}

/// A flag that is up, or a band that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalUp<'a> {
    /// The signal.
    pub signal: &'a str,
    /// The band; empty for a flag.
    pub band: &'a str,
}

/// An action that was tried.
#[derive(Debug, Clone, Copy)]
pub struct Tried<'a> {
    /// The action.
    pub action: &'a Action,
    /// How often it was done.
    pub times: u32,
    /// The turn in which it was done last.
    pub last_turn: u32,
    /// Whether the last time was assumed and not reported.
    pub assumed: bool,
}

/// An action that is held back.
#[derive(Debug, Clone)]
pub struct Suppressed<'a> {
    /// The action.
    pub action: &'a Action,
    /// What holds it back.
    pub reason: SuppressionReason,
    /// The deciding atoms, as `venting.high is true`; for a guardrail its id first; for an order the actions that come first.
    pub because: Vec<&'a str>,
    /// The turn from which it is free; 0: not by time.
    pub until_turn: u32,
}

/// What holds an action back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuppressionReason {
    /// Its condition is false.
    Condition,
    /// Its condition is unknown.
    Unknown,
    /// Another action comes first.
    Order,
    /// It was done often enough.
    Limit,
    /// It was done a moment ago.
    Gap,
    /// A guardrail forbids it.
    Guardrail,
    /// The agent would rather not.
    Dismissed,
    /// The agent can't.
    Unavailable,
    /// The caller does not want to see it.
    Excluded,
}

impl SuppressionReason {
    /// The word that playbooks use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Unknown => "unknown",
            Self::Order => "order",
            Self::Limit => "limit",
            Self::Gap => "gap",
            Self::Guardrail => "guardrail",
            Self::Dismissed => "dismissed",
            Self::Unavailable => "unavailable",
            Self::Excluded => "excluded",
        }
    }
}

/// A fact worth finding out.
#[derive(Debug, Clone)]
pub struct MissingFact<'a> {
    /// The fact.
    pub fact: &'a str,
    /// What to ask the agent.
    pub question: &'a str,
    /// What a yes unlocks: ids of a stage or of actions.
    pub unlocks: Vec<&'a str>,
}

/// Everything that was looked at.
#[derive(Debug, Clone)]
pub struct Explanation<'a> {
    /// Rules in the order in which they were looked at.
    pub rules: Vec<RuleCheck<'a>>,
    /// Readings as they stand.
    pub readings: Vec<ReadingNow<'a>>,
}

/// A rule that was looked at.
#[derive(Debug, Clone)]
pub struct RuleCheck<'a> {
    /// Which sort.
    pub rule: RuleSort,
    /// What it leads to, suggests, forbids or advises: an id.
    pub id: &'a str,
    /// What came out.
    pub truth: Truth,
    /// The deciding atoms, as in [`Suppressed::because`].
    pub because: Vec<&'a str>,
}

/// Sorts of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSort {
    /// The id is a stage's.
    Interrupt,
    /// The id is a stage's.
    Exit,
    /// The id is an action's.
    First,
    /// The id is an action's.
    Action,
    /// The id is its own.
    Guardrail,
    /// The id is its own.
    Escalation,
}

/// A reading as it stands.
#[derive(Debug, Clone)]
pub struct ReadingNow<'a> {
    /// The signal.
    pub signal: &'a str,
    /// Its level; 1 or 0 for a flag; absent where there is no reading any more.
    pub level: Option<f64>,
    /// The bands that it is in.
    pub bands: Vec<&'a str>,
    /// The turn of the reading.
    pub turn: u32,
}

/// Three-valued truth, in its order: the least of several is whether all hold, the greatest whether one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// No.
    False,
    /// Nobody knows.
    Unknown,
    /// Yes.
    True,
}

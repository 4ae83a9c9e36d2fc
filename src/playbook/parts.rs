//! The parts of a compiled playbook. Positions are priorities; all references are indices that exist.

use super::condition::Condition;
use super::ids::{ActionIx, DeliveryIx, EscalationIx, FactIx, StageIx, ValueIx};
use super::units::{Level, Weight};
use super::vocabulary::{ChannelSet, Ending, EscalationLevel, EscalationTarget, Kind, Urgency};
use super::yaml::{Origin, Span};

/// A place in the file, or in the one that it extends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(Span);

impl Place {
    pub(super) fn of(span: Span) -> Self {
        Self(span)
    }

    pub(super) fn span(self) -> Span {
        self.0
    }

    /// Its line, from 1.
    #[must_use]
    pub fn line(self) -> usize {
        self.0.line()
    }

    /// Whether it is in the file that is extended.
    #[must_use]
    pub fn is_inherited(self) -> bool {
        match self.0.origin() {
            Origin::This => false,
            Origin::Base => true,
        }
    }
}

/// Which playbook this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id, `snake_case`.
    pub id: String,
    /// Its label.
    pub version: String,
    /// SHA-256 of what was compiled, 64 hexadecimal digits: equal digests decide equally.
    pub digest: String,
}

/// A document that the playbook follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The letters of its row ids.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// Its points by number, in order; empty where the playbook lists none.
    pub points: Vec<(u32, String)>,
}

/// A text that fills placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its id.
    pub id: String,
    /// What it holds.
    pub title: String,
}

/// For how long a reading holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// So many turns, its own included; at least 1.
    Turns(u32),
    /// To the end.
    Conversation,
}

/// What a signal without a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// 0, or down.
    Zero,
    /// Unknown.
    Unknown,
}

/// A named range of a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Its name.
    pub id: String,
    /// It starts at this level.
    pub from: Level,
    /// It ends below this level.
    pub until: Level,
    /// Where it is written.
    pub place: Place,
}

/// Something detected in the customer.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Its id.
    pub id: String,
    /// What it tells; empty where the playbook does not say.
    pub title: String,
    /// Whether it is up or down instead of a level.
    pub flag: bool,
    /// Its bands; at most 8.
    pub bands: Vec<Band>,
    /// How long a reading holds.
    pub lasts: Lasts,
    /// A reading is gone once one of these is done.
    pub cleared_by: Vec<ActionIx>,
    /// Readings below this confidence are ignored.
    pub min_confidence: Level,
    /// What it is without a reading.
    pub absent: Absent,
    /// Row ids.
    pub source: Vec<String>,
}

/// Something known of the case, or not.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its id.
    pub id: String,
    /// What the agent is asked.
    pub question: String,
    /// It is gone once one of these is done.
    pub cleared_by: Vec<ActionIx>,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// A condition with a name.
#[derive(Debug, Clone)]
pub struct NamedCondition {
    /// Its id.
    pub id: String,
    /// What it means.
    pub condition: Condition,
    /// Where it is written.
    pub place: Place,
}

/// A way into a stage from everywhere.
#[derive(Debug, Clone)]
pub struct Interrupt {
    /// Where it leads.
    pub to: StageIx,
    /// When.
    pub condition: Condition,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// What goes above every score.
#[derive(Debug, Clone)]
pub struct FirstRule {
    /// The action.
    pub action: ActionIx,
    /// When.
    pub condition: Condition,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// What is forgotten on a way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forget {
    /// These facts become unknown.
    pub facts: Vec<FactIx>,
    /// These actions lose their done-mark, never their count.
    pub actions: Vec<ActionIx>,
}

/// Where an exit leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To this stage.
    Stage(StageIx),
    /// To the last stage that no interrupt led to.
    Back,
}

/// A guarded way out of a stage.
#[derive(Debug, Clone)]
pub struct Exit {
    /// Where it leads.
    pub to: Destination,
    /// When.
    pub condition: Condition,
    /// What is forgotten on the way.
    pub forget: Forget,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// An action as a stage lists it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The action.
    pub action: ActionIx,
    /// When it is one here, beside its own condition.
    pub condition: Condition,
    /// Where it is written.
    pub place: Place,
}

/// What a stage that goes on and one that ends need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// The conversation goes on; this action is shown where nothing else is left.
    Open {
        /// The action.
        otherwise: ActionIx,
    },
    /// It has ended.
    Final(Ending),
}

/// A node of the graph.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What entering it forgets.
    pub forget: Forget,
    /// In order of preference.
    pub candidates: Vec<Candidate>,
    /// Whether it goes on.
    pub course: Course,
    /// In force as long as the stage is.
    pub escalate: Option<EscalationIx>,
    /// In order.
    pub exits: Vec<Exit>,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// How often an action may be suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limit {
    /// So often in a conversation; `None`: as often as it takes.
    pub times: Option<u32>,
    /// Full customer turns between.
    pub gap: u32,
}

/// A factor on an action's value.
#[derive(Debug, Clone)]
pub struct Preference {
    /// The factor.
    pub by: Weight,
    /// While this holds.
    pub condition: Condition,
    /// Where it is written.
    pub place: Place,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// A placeholder.
    Value(ValueIx),
}

/// Wording, or an instruction to the agent.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its id, unique within the action's phrasings or cues.
    pub id: String,
    /// As written, placeholders in braces.
    pub template: String,
    /// The same in pieces.
    pub pieces: Vec<Piece>,
    /// Where it fits.
    pub channels: ChannelSet,
    /// Position of its locale in the playbook's list.
    pub locale: usize,
    /// Where it is written.
    pub place: Place,
}

/// What the agent can do.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What sort it is.
    pub kind: Kind,
    /// One sentence.
    pub why: String,
    /// When it may be suggested.
    pub condition: Condition,
    /// What comes before it.
    pub after: Vec<ActionIx>,
    /// How often.
    pub limit: Limit,
    /// Whether it counts as done only when reported.
    pub confirm: bool,
    /// Whether doing it closes the promises that are due.
    pub keeps_promise: bool,
    /// Its weight.
    pub value: Weight,
    /// Factors on it.
    pub prefer: Vec<Preference>,
    /// How to carry oneself.
    pub delivery: Vec<DeliveryIx>,
    /// What to say.
    pub say: Vec<Text>,
    /// What to do instead of saying something.
    pub cue: Vec<Text>,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// How to carry oneself.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// One sentence.
    pub tell: String,
    /// Where it matters.
    pub channels: ChannelSet,
    /// Row ids.
    pub source: Vec<String>,
}

/// What must not be said or done.
#[derive(Debug, Clone)]
pub struct Guardrail {
    /// Its id.
    pub id: String,
    /// One sentence.
    pub tell: String,
    /// In force unless this is false.
    pub condition: Condition,
    /// Forbidden actions, those of forbidden kinds included.
    pub forbids: Vec<ActionIx>,
    /// Words that no phrasing contains.
    pub avoid: Vec<String>,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// When to bring in whom.
#[derive(Debug, Clone)]
pub struct Escalation {
    /// Its id.
    pub id: String,
    /// How strongly; never `None`.
    pub level: EscalationLevel,
    /// Whom.
    pub target: EscalationTarget,
    /// How fast.
    pub urgency: Urgency,
    /// One sentence.
    pub why: String,
    /// When; empty: only where a stage names it.
    pub condition: Condition,
    /// What the agent does.
    pub action: Option<ActionIx>,
    /// What instead, where that is unavailable.
    pub else_action: Option<ActionIx>,
    /// Row ids.
    pub source: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

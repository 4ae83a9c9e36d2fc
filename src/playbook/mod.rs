//! Playbooks: from an untrusted YAML document to one immutable decision graph.
//!
//! `yaml` reads the text into a tree with positions, `extend` adds what is inherited from another document, `document` decodes it, `compile`
//! checks everything and lowers it, [`Playbook`] is the result.
//!
//! Pure: no I/O, no clock, no environment. It knows nothing of the engine that follows the graph, or of any wire format.

mod bases;
mod codes;
mod compile;
mod condition;
mod conversation;
pub(crate) mod diagnostic;
mod digest;
mod document;
mod extend;
pub(crate) mod finding;
mod graph;
mod ids;
mod law;
mod lint;
mod parse;
mod parts;
mod schema;
mod shipped;
mod show;
mod twice;
mod units;
mod vocabulary;
pub(crate) mod yaml;

pub use bases::{Bases, called, extended_by};
pub use codes::Code;
pub use condition::{Atom, AtomEntry, Condition, Within};
pub use conversation::{Conversation, DidCase, DidResult, Expectation, ReadingCase, TurnCase};
pub use diagnostic::{Diagnostic, Remark, Report, Severity, Style};
pub use graph::{Overlay, Playbook, Traffic};
pub use ids::{
    ActionIx, AtomIx, ConditionIx, DeliveryIx, EscalationIx, FactIx, GuardrailIx, SignalIx, StageIx, ValueIx,
};
pub use law::{Claim, Law};
pub use lint::{Allowance, Lint};
pub use parse::{Content, Fragment, Whole};
pub use parts::{
    Absent, Action, Band, Candidate, Course, Delivery, Destination, Escalation, Exit, Fact, FirstRule, Forget,
    Guardrail, Identity, Interrupt, Lasts, Limit, NamedCondition, Piece, Place, Preference, Signal, Source, Stage,
    Text, Value,
};
pub use schema::{schema, tables};
pub use shipped::{DEFAULT, SHIPPED};
pub use units::{Level, OutOfRange, Stretch, Time, Weight};
pub use vocabulary::{Channel, ChannelSet, Ending, EscalationLevel, EscalationTarget, Kind, Urgency};

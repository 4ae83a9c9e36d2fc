//! Conditions and the atoms that they are made of, as compiled. What they evaluate to is the engine's matter.

use super::ids::{ActionIx, AtomIx, ConditionIx, FactIx, SignalIx};
use super::units::Level;

/// One test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Atom {
    /// A fact is true.
    Fact(FactIx),
    /// A flag is up.
    Flag(SignalIx),
    /// A level is inside the band at this position of its signal.
    Band(SignalIx, u8),
    /// A level is at least 0.15 above its last reading of an earlier turn.
    Rising(SignalIx),
    /// A level is at least 0.15 below its last reading of an earlier turn.
    Falling(SignalIx),
    /// A level is at least this.
    AtLeast(SignalIx, Level),
    /// A named condition holds.
    Named(ConditionIx),
    /// An action is marked as done.
    Done(ActionIx),
    /// An action was done at least that often.
    DoneTimes(ActionIx, u32),
    /// This is at least that turn in the stage.
    StageTurns(u32),
    /// A promise is open, and late or due within ten minutes.
    PromiseDue,
    /// A promise is open and late.
    PromiseMissed,
    /// The signal has a reading.
    SignalKnown(SignalIx),
    /// The signal has no reading.
    SignalUnknown(SignalIx),
    /// The atom is true.
    Yes(AtomIx),
    /// The atom is false.
    No(AtomIx),
    /// The atom is true or false.
    Known(AtomIx),
    /// The atom is unknown.
    Unknown(AtomIx),
}

/// What an atom is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Nothing else: it is read off the situation.
    Nothing,
    /// A named condition.
    Condition(ConditionIx),
    /// Another atom.
    Atom(AtomIx),
}

impl Atom {
    /// What it is made of.
    #[must_use]
    pub fn within(self) -> Within {
        match self {
            Self::Named(named) => Within::Condition(named),
            Self::Yes(inner) | Self::No(inner) | Self::Known(inner) | Self::Unknown(inner) => Within::Atom(inner),
            Self::Fact(_)
            | Self::Flag(_)
            | Self::Band(..)
            | Self::Rising(_)
            | Self::Falling(_)
            | Self::AtLeast(..)
            | Self::Done(_)
            | Self::DoneTimes(..)
            | Self::StageTurns(_)
            | Self::PromiseDue
            | Self::PromiseMissed
            | Self::SignalKnown(_)
            | Self::SignalUnknown(_) => Within::Nothing,
        }
    }

    /// The signal that it reads itself.
    #[must_use]
    pub fn signal(self) -> Option<SignalIx> {
        match self {
            Self::Flag(signal)
            | Self::Band(signal, _)
            | Self::Rising(signal)
            | Self::Falling(signal)
            | Self::AtLeast(signal, _)
            | Self::SignalKnown(signal)
            | Self::SignalUnknown(signal) => Some(signal),
            Self::Fact(_)
            | Self::Named(_)
            | Self::Done(_)
            | Self::DoneTimes(..)
            | Self::StageTurns(_)
            | Self::PromiseDue
            | Self::PromiseMissed
            | Self::Yes(_)
            | Self::No(_)
            | Self::Known(_)
            | Self::Unknown(_) => None,
        }
    }
}

/// An atom and how it reads.
#[derive(Debug, Clone)]
pub struct AtomEntry {
    /// The test.
    pub atom: Atom,
    /// As the playbook writes it, in canonical spacing: `done.apologize >= 2`.
    pub text: String,
    /// `… is true`, said as the reason for something.
    pub is_true: String,
    /// `… is false`.
    pub is_false: String,
    /// `… is unknown`.
    pub is_unknown: String,
}

impl AtomEntry {
    /// An atom that reads as `text`.
    #[must_use]
    pub fn new(atom: Atom, text: String) -> Self {
        let (is_true, is_false, is_unknown) =
            (format!("{text} is true"), format!("{text} is false"), format!("{text} is unknown"));
        Self { atom, text, is_true, is_false, is_unknown }
    }
}

/// All of `when`, one of `any` if there is one, none of `unless`. Empty holds always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// All of these.
    pub when: Box<[AtomIx]>,
    /// At least one of these.
    pub any: Box<[AtomIx]>,
    /// None of these.
    pub unless: Box<[AtomIx]>,
    /// The facts it asks about, through named conditions too, in order of appearance, each once.
    pub facts: Box<[FactIx]>,
    /// The signals that it reads, in the same way.
    pub signals: Box<[SignalIx]>,
}

impl Condition {
    /// Whether it holds always, for want of atoms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.when.is_empty() && self.any.is_empty() && self.unless.is_empty()
    }
}

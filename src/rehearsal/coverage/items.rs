//! What can be exercised, in words and numbers.

use crate::playbook::Place;

/// Something that a conversation can exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which sort it is of.
    pub sort: Sort,
    /// What people call it: ``exit from `listen` to `help` ``.
    pub name: String,
    /// The atom, where it is one of a condition; else empty.
    pub atom: String,
    /// What is to happen with it.
    pub case: Case,
    /// Where it is written.
    pub place: Place,
    /// How often it happened.
    pub count: usize,
}

/// Sorts of what can be exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Stages.
    Stages,
    /// Exits.
    Exits,
    /// Interrupts.
    Interrupts,
    /// Actions.
    Actions,
    /// `first` rules.
    FirstRules,
    /// Guardrails.
    Guardrails,
    /// Escalations.
    Escalations,
    /// Laws.
    Laws,
    /// Atoms of conditions, each where it is read.
    Conditions,
    /// Phrasings and cues.
    Phrasings,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Stages,
        Self::Exits,
        Self::Interrupts,
        Self::Actions,
        Self::FirstRules,
        Self::Guardrails,
        Self::Escalations,
        Self::Laws,
        Self::Conditions,
        Self::Phrasings,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stages => "stages",
            Self::Exits => "exits",
            Self::Interrupts => "interrupts",
            Self::Actions => "actions",
            Self::FirstRules => "first_rules",
            Self::Guardrails => "guardrails",
            Self::Escalations => "escalations",
            Self::Laws => "laws",
            Self::Conditions => "conditions",
            Self::Phrasings => "phrasings",
        }
    }
}

/// What is to happen with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// A conversation comes into the stage.
    Entered,
    /// A conversation takes the exit or interrupt.
    Taken,
    /// The action is on the screen.
    Suggested,
    /// The `first` rule puts its action on top; the escalation is the advice.
    Fired,
    /// The guardrail is in force.
    InForce,
    /// The guardrail is not in force.
    Lifted,
    /// The law has something to say about an answer.
    Applied,
    /// The atom is true while its condition is looked at.
    True,
    /// The atom is false while its condition is looked at.
    False,
    /// The phrasing or cue is on the screen.
    Shown,
}

impl Case {
    /// What people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::Taken => "taken",
            Self::Suggested => "suggested",
            Self::Fired => "fired",
            Self::InForce => "in force",
            Self::Lifted => "lifted",
            Self::Applied => "applied",
            Self::True => "true",
            Self::False => "false",
            Self::Shown => "shown",
        }
    }
}

/// How many of some items were exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// So many were.
    pub covered: usize,
    /// So many there are.
    pub total: usize,
}

impl Tally {
    /// The tally of `items`.
    pub fn of<'i>(items: impl IntoIterator<Item = &'i Item>) -> Self {
        let count = |tally: Self, item: &Item| Self {
            covered: tally.covered + usize::from(item.count > 0),
            total: tally.total + 1,
        };
        items.into_iter().fold(Self { covered: 0, total: 0 }, count)
    }

    /// Tenths of a percent, rounded down, so that only all of it is 100 %; nothing of nothing is all of it.
    #[must_use]
    pub fn per_mille(self) -> usize {
        (self.covered * 1_000).checked_div(self.total).unwrap_or(1_000)
    }
}

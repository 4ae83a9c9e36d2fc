//! What is known of the case, turn by turn.

use crate::laws::formula::{Formula, Lit};
use crate::laws::world::FactBits;

/// What was told last of a fact, and whether that still counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactMemory {
    yes: Lit,
    no: Lit,
    /// Forgotten, or cleared.
    pub(super) faded: Lit,
}

/// What a turn tells of a fact.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactNews {
    /// Whether it tells something else than before; the same again changes nothing.
    pub(super) changed: Lit,
    /// Whether it is true now.
    pub(super) yes: Lit,
    /// Whether it is false now; neither: nobody knows any more.
    pub(super) no: Lit,
}

impl FactMemory {
    /// Nothing was told.
    pub(super) fn blank(formula: &Formula) -> Self {
        Self { yes: formula.no(), no: formula.no(), faded: formula.no() }
    }

    /// A turn in which anything may be told; `cleared`: whether an action is done that clears the fact.
    pub(super) fn hear(&mut self, cleared: Lit, formula: &mut Formula) -> FactNews {
        let news = FactNews { changed: formula.variable(), yes: formula.variable(), no: formula.variable() };
        let FactNews { changed, yes, no } = news;
        formula.require([!yes, !no]);
        formula.require([!yes, changed]);
        formula.require([!no, changed]);
        formula.require([!changed, !yes, !self.yes]);
        formula.require([!changed, !no, !self.no]);
        formula.require([!changed, yes, no, self.yes, self.no]);
        self.yes = formula.either(changed, yes, self.yes);
        self.no = formula.either(changed, no, self.no);
        let faded = formula.or([self.faded, cleared]);
        self.faded = formula.and([!changed, faded]);
        news
    }

    /// What is known now.
    pub(super) fn bits(&self, formula: &mut Formula) -> FactBits {
        FactBits { yes: formula.and([self.yes, !self.faded]), no: formula.and([self.no, !self.faded]) }
    }
}

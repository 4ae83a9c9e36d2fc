//! What is declared and plays no part: bands that nothing reads, questions that nothing brings up.

use std::collections::HashSet;

use super::Found;
use crate::playbook::{Atom, AtomIx, Condition, Destination, FactIx, Lint, Playbook, SignalIx, StageIx};

/// `band-never-read`.
pub(super) fn bands(playbook: &Playbook) -> Vec<Found> {
    let atoms: HashSet<Atom> = playbook.atoms().map(|(_, entry)| entry.atom).collect();
    let mut found = Vec::new();
    // Of a signal that nothing reads at all, the compiler warns.
    let is_read = |signal: SignalIx| atoms.iter().any(|atom| atom.signal() == Some(signal));
    for (ix, signal) in playbook.signals().filter(|(ix, _)| is_read(*ix)) {
        // What is inherited is a stock to choose from.
        let own = (0..).zip(&signal.bands).filter(|(_, band)| !band.place.is_inherited());
        for (_, band) in own.filter(|(at, _)| !atoms.contains(&Atom::Band(ix, *at))) {
            let of = format!("{}.{}", signal.id, band.id);
            let message = format!("no condition reads `{of}`");
            let help = "read it somewhere, or remove it";
            found.push(Found { lint: Lint::BandNeverRead, of, place: band.place, message, help });
        }
    }
    found
}

/// `fact-never-asked`: a fact is asked for where a yes helps an exit to a later stage, an action or a `first` rule.
pub(super) fn questions(playbook: &Playbook) -> Vec<Found> {
    let mut asked = Asked { playbook, facts: HashSet::new() };
    asked.by_exits();
    asked.by_actions();
    let read: HashSet<Atom> = playbook.atoms().map(|(_, entry)| entry.atom).collect();
    let mut found = Vec::new();
    for (ix, fact) in playbook.facts().filter(|(_, fact)| !fact.place.is_inherited()) {
        if read.contains(&Atom::Fact(ix)) && !asked.facts.contains(&ix) {
            let message = format!("nothing brings up the question of `{}`", fact.id);
            let help =
                "let an action, a `first` rule or an exit to a later stage wait for a yes, if agents should be asked";
            found.push(Found { lint: Lint::FactNeverAsked, of: fact.id.clone(), place: fact.place, message, help });
        }
    }
    found
}

/// What a yes does for a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Help {
    ToHold,
    ToFail,
}

impl Help {
    fn turned(self) -> Self {
        match self {
            Self::ToHold => Self::ToFail,
            Self::ToFail => Self::ToHold,
        }
    }
}

/// Facts of which a yes can help.
struct Asked<'p> {
    playbook: &'p Playbook,
    facts: HashSet<FactIx>,
}

impl Asked<'_> {
    fn by_exits(&mut self) {
        let playbook = self.playbook;
        for (ix, stage) in playbook.stages() {
            let onward = stage.exits.iter().filter(|exit| leads_on(playbook, ix, exit.to));
            onward.for_each(|exit| self.condition(&exit.condition, Help::ToHold));
        }
    }

    fn by_actions(&mut self) {
        let playbook = self.playbook;
        let entries = playbook.stages().flat_map(|(_, stage)| &stage.candidates).map(|entry| &entry.condition);
        let own = playbook.actions().map(|(_, action)| &action.condition);
        let rules = playbook.first_rules().iter().map(|rule| &rule.condition);
        entries.chain(own).chain(rules).for_each(|condition| self.condition(condition, Help::ToHold));
        let guardrails = playbook.guardrails().filter(|(_, guardrail)| !guardrail.forbids.is_empty());
        guardrails.for_each(|(_, guardrail)| self.condition(&guardrail.condition, Help::ToFail));
    }

    fn condition(&mut self, condition: &Condition, help: Help) {
        condition.when.iter().chain(&condition.any).for_each(|atom| self.atom(*atom, help));
        condition.unless.iter().for_each(|atom| self.atom(*atom, help.turned()));
    }

    fn atom(&mut self, atom: AtomIx, help: Help) {
        match self.playbook.atom(atom).atom {
            Atom::Fact(fact) => {
                if help == Help::ToHold {
                    self.facts.insert(fact);
                }
            }
            Atom::Named(named) => self.condition(&self.playbook.condition(named).condition, help),
            Atom::Yes(inner) => self.atom(inner, help),
            Atom::No(inner) => self.atom(inner, help.turned()),
            // An answer of either sort makes it known.
            Atom::Known(inner) | Atom::Unknown(inner) => {
                self.atom(inner, help);
                self.atom(inner, help.turned());
            }
            Atom::Flag(_)
            | Atom::Band(..)
            | Atom::Rising(_)
            | Atom::Falling(_)
            | Atom::AtLeast(..)
            | Atom::Done(_)
            | Atom::DoneTimes(..)
            | Atom::StageTurns(_)
            | Atom::PromiseDue
            | Atom::PromiseMissed
            | Atom::SignalKnown(_)
            | Atom::SignalUnknown(_) => {}
        }
    }
}

/// Where an exit leads back to is known only in a conversation.
fn leads_on(playbook: &Playbook, from: StageIx, to: Destination) -> bool {
    match to {
        Destination::Stage(to) => to > from,
        Destination::Back => playbook.stages().any(|(stage, _)| stage > from),
    }
}

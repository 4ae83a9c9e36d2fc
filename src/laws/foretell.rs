//! What the formulas say of single situations. Nothing is decided with it: it is there to be held against the engine.

use super::encoding::{Encoding, Ground};
use super::formula::{Answer, Lit};
use super::picture::{Picture, pinned};
use super::settle::settled;
use super::{gate, screen};
use crate::playbook::{ActionIx, EscalationLevel, Playbook};

/// An answer, foretold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foretold {
    /// Everything on the screen, if there are places enough, in the playbook's order.
    pub shown: Vec<ActionIx>,
    /// What is first.
    pub first: Option<ActionIx>,
    /// The level of escalation.
    pub level: EscalationLevel,
}

/// What the formulas say of each of `pictures`; `None`: that it is not possible.
#[must_use]
pub fn foretell(playbook: &Playbook, pictures: &[Picture]) -> Vec<Option<Foretold>> {
    let ground = Ground::of(playbook);
    pictures.iter().map(|picture| foretold(&mut Encoding::on(&ground), picture)).collect()
}

fn foretold(encoding: &mut Encoding<'_>, picture: &Picture) -> Option<Foretold> {
    let playbook = encoding.playbook;
    let advice = gate::advice(encoding, picture.stage);
    let mut shown: Vec<(ActionIx, Lit)> = Vec::new();
    let mut firsts = Vec::new();
    if let Some(screen) = screen::screen(encoding, picture.stage) {
        shown = playbook.actions().map(|(action, _)| (action, screen.shows(encoding, action))).collect();
        firsts = screen.firsts(encoding);
    }
    let settled = settled(encoding, picture.stage);
    let mut wanted = pinned(encoding, picture);
    wanted.push(settled);
    if encoding.formula.search(&wanted) != Answer::Possible {
        return None;
    }
    let is = |lit: Lit| encoding.formula.value(lit);
    let in_force = advice.rules.iter().filter(|(_, in_force)| is(*in_force)).map(|(level, _)| *level);
    Some(Foretold {
        shown: shown.iter().filter(|(_, lit)| is(*lit)).map(|(action, _)| *action).collect(),
        first: firsts.iter().find(|first| is(first.lit)).map(|first| first.action),
        level: in_force.max().unwrap_or(EscalationLevel::None),
    })
}

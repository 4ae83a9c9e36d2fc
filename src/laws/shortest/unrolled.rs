//! The first turns of a conversation as formulas, one after the other: anything may be told in each of them.
//!
//! What a turn leads to follows exactly from what is told, as far as conditions can tell; where it does not, more is possible
//! here than in a conversation, never less.

use std::collections::BTreeMap;

use super::deeds::{ActionMemory, ActionNews, Report};
use super::facts::{FactMemory, FactNews};
use super::readings::{SignalMemory, SignalNews};
use super::upheld::Upheld;
use super::walk::Place;
use crate::laws::encoding::{Encoding, Ground};
use crate::laws::formula::{Formula, Lit};
use crate::laws::question::breaking;
use crate::laws::screen;
use crate::laws::world::{FactBits, PromiseBits, World};
use crate::playbook::{ActionIx, Atom, FactIx, Law, Playbook, SignalIx};

/// The turns so far.
pub(super) struct Unrolled<'p> {
    pub(super) encoding: Encoding<'p>,
    pub(super) facts: BTreeMap<FactIx, FactMemory>,
    pub(super) place: Place,
    pub(super) upheld: Upheld,
    signals: BTreeMap<SignalIx, SignalMemory>,
    actions: BTreeMap<ActionIx, ActionMemory>,
    /// What each turn tells.
    pub(super) told: Vec<TurnNews>,
}

/// What a turn tells.
#[derive(Debug, Clone)]
pub(super) struct TurnNews {
    pub(super) facts: BTreeMap<FactIx, FactNews>,
    pub(super) signals: BTreeMap<SignalIx, SignalNews>,
    pub(super) actions: BTreeMap<ActionIx, ActionNews>,
    /// Whether nobody says what the agent did.
    pub(super) unreported: Lit,
    pub(super) promises: PromiseBits,
    pub(super) one_place: Lit,
}

/// One more look at the answer, with nothing observed.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// Promises that fell due since.
    pub(super) promises: PromiseBits,
    pub(super) one_place: Lit,
    pub(super) excluded: BTreeMap<ActionIx, Lit>,
}

impl<'p> Unrolled<'p> {
    /// No turns yet.
    pub(super) fn of(ground: &'p Ground<'p>) -> Self {
        let (mut encoding, playbook) = (Encoding::on(ground), ground.playbook);
        forget_all(&mut encoding);
        let formula = &encoding.formula;
        let facts = playbook.facts().map(|(ix, _)| (ix, FactMemory::blank(formula))).collect();
        let signals = playbook.signals().map(|(ix, _)| (ix, SignalMemory::blank(moves(playbook, ix), formula)));
        let signals = signals.collect();
        let actions = playbook.actions().map(|(ix, part)| (ix, ActionMemory::blank(part, formula))).collect();
        let place = Place::start(playbook, formula);
        Self { encoding, facts, place, upheld: Upheld::none(playbook), signals, actions, told: Vec::new() }
    }

    /// One turn more.
    pub(super) fn turn(&mut self) {
        let (unreported, assumed) = self.unreported();
        let actions = self.act(unreported, &assumed);
        let done: BTreeMap<ActionIx, Lit> = actions.iter().map(|(ix, news)| (*ix, news.done)).collect();
        let (signals, facts) = (self.detect(&done), self.learn(&done));
        let Encoding { world, formula, playbook, .. } = &mut self.encoding;
        let promises = PromiseBits { due: formula.variable(), missed: formula.variable() };
        formula.require([!promises.missed, promises.due]);
        (world.promises, world.promises_then) = (promises, promises);
        (world.kept, world.taken) = self.upheld.next_turn(playbook, &done, formula);
        world.one_place = formula.variable();
        let one_place = world.one_place;
        self.walk(self.told.is_empty());
        self.uphold(&done);
        self.told.push(TurnNews { facts, signals, actions, unreported, promises, one_place });
    }

    /// Whether the answer to the last turn breaks `law`.
    pub(super) fn breaks(&mut self, law: &Law) -> Lit {
        let mut broken = Vec::with_capacity(self.place.at.len());
        for (stage, there) in &self.place.at {
            let breaks = breaking(&mut self.encoding, law, *stage);
            broken.push(self.encoding.formula.and(breaks.into_iter().chain([*there])));
        }
        self.encoding.formula.or(broken)
    }

    /// Whether one more look at the answer shows one that breaks `law`.
    pub(super) fn breaks_later(&mut self, law: &Law) -> (Lit, Look) {
        let (before, look) = self.look();
        let breaks = self.breaks(law);
        self.look_away(before);
        (breaks, look)
    }

    /// One more look at the answer: time has gone on, or the caller wants to see something else. And how it was before.
    pub(super) fn look(&mut self) -> (World, Look) {
        let before = self.encoding.world.clone();
        let Encoding { world, formula, playbook, known, .. } = &mut self.encoding;
        if !self.told.is_empty() {
            let (then, now) = (before.promises, PromiseBits { due: formula.variable(), missed: formula.variable() });
            formula.require([!now.missed, now.due]);
            formula.require([!then.due, now.due]);
            formula.require([!then.missed, now.missed]);
            world.promises = now;
        }
        (world.kept, world.taken) = self.upheld.same_turn(playbook, formula);
        world.one_place = formula.variable();
        world.actions.values_mut().for_each(|bits| bits.excluded = formula.variable());
        let excluded = world.actions.iter().map(|(ix, bits)| (*ix, bits.excluded)).collect();
        let look = Look { promises: world.promises, one_place: world.one_place, excluded };
        known.clear();
        (before, look)
    }

    /// Everything as it was before the look.
    pub(super) fn look_away(&mut self, before: World) {
        self.encoding.world = before;
        self.encoding.known.clear();
    }

    /// Whether a look without any news can show something else than the turn before it: at the start, or once time goes on.
    pub(super) fn has_news_later(&self) -> bool {
        let mut atoms = self.encoding.playbook.atoms().map(|(_, entry)| entry.atom);
        self.told.is_empty() || atoms.any(|atom| matches!(atom, Atom::PromiseDue | Atom::PromiseMissed))
    }

    /// What a plain conversation is like: as little as possible is told, what is hardest to follow least of all.
    pub(super) fn preferences(&self, look: Option<&Look>) -> Vec<Lit> {
        let turns = || self.told.iter();
        let actions = || turns().flat_map(|turn| turn.actions.values());
        let signals = || turns().flat_map(|turn| turn.signals.values());
        let looked = look.into_iter().flat_map(|look| look.excluded.values().copied().chain([look.one_place]));
        let rather_not = turns().flat_map(|turn| [turn.unreported, turn.one_place]).chain(looked);
        let rather_not = rather_not.chain(actions().flat_map(|news| [news.excluded, news.dismissed, news.unavailable]));
        let rather_not = rather_not.chain(turns().flat_map(|turn| [turn.promises.missed, turn.promises.due]));
        let rather_not = rather_not.chain(signals().flat_map(|news| [news.rising, news.falling]));
        let rather_not = rather_not.chain(actions().map(|news| news.done));
        let rather_not = rather_not.chain(actions().flat_map(|news| news.counts.iter().flatten().map(|(_, lit)| *lit)));
        let facts = turns().flat_map(|turn| turn.facts.values());
        let rather_not = rather_not.chain(facts.flat_map(|news| [news.changed, news.no]));
        let rather_not = rather_not.chain(signals().map(|news| news.read));
        let rather_not = rather_not.chain(signals().flat_map(|news| news.at_least.iter().rev().map(|(_, lit)| *lit)));
        rather_not.map(|lit| !lit).collect()
    }

    /// Whether a condition asks how the signal moves.
    pub(super) fn asks_for_trend(&self, signal: SignalIx) -> bool {
        moves(self.encoding.playbook, signal)
    }

    /// Whether nobody says what the agent did, and what is used up by that. What need not be confirmed counts as done then, as if it had
    /// been reported: that is no case of its own.
    fn unreported(&mut self) -> (Lit, BTreeMap<ActionIx, Lit>) {
        let playbook = self.encoding.playbook;
        let mut firsts: BTreeMap<ActionIx, Vec<Lit>> = BTreeMap::new();
        let is_first_turn = self.told.is_empty();
        for (stage, there) in self.place.at.iter().filter(|_| !is_first_turn) {
            let Some(screen) = screen::screen(&mut self.encoding, *stage) else { continue };
            for first in screen.firsts(&mut self.encoding) {
                if playbook.action(first.action).confirm {
                    let lit = self.encoding.formula.and([*there, first.lit]);
                    firsts.entry(first.action).or_default().push(lit);
                }
            }
        }
        let formula = &mut self.encoding.formula;
        if firsts.is_empty() {
            return (formula.no(), BTreeMap::new());
        }
        let unreported = formula.variable();
        formula.require(firsts.values().flatten().copied().chain([!unreported]));
        let mut assumed = BTreeMap::new();
        for (action, first) in firsts {
            let first = formula.or(first);
            assumed.insert(action, formula.and([unreported, first]));
        }
        (unreported, assumed)
    }

    fn act(&mut self, missing: Lit, assumed: &BTreeMap<ActionIx, Lit>) -> BTreeMap<ActionIx, ActionNews> {
        let Encoding { world, formula, playbook, .. } = &mut self.encoding;
        let mut news = BTreeMap::new();
        for (ix, memory) in &mut self.actions {
            let Some(bits) = world.actions.get_mut(ix) else { continue };
            let report = Report { missing, assumed: assumed.get(ix).copied().unwrap_or(formula.no()) };
            news.insert(*ix, memory.act(playbook.action(*ix), bits, (report, formula)));
        }
        news
    }

    fn detect(&mut self, done: &BTreeMap<ActionIx, Lit>) -> BTreeMap<SignalIx, SignalNews> {
        let Encoding { world, formula, playbook, .. } = &mut self.encoding;
        let mut news = BTreeMap::new();
        for (ix, memory) in &mut self.signals {
            let Some(bits) = world.signals.get_mut(ix) else { continue };
            let part = playbook.signal(*ix);
            let cleared = one_of(&part.cleared_by, done, formula);
            news.insert(*ix, memory.hear(part, bits, (cleared, formula)));
        }
        news
    }

    fn learn(&mut self, done: &BTreeMap<ActionIx, Lit>) -> BTreeMap<FactIx, FactNews> {
        let Encoding { world, formula, playbook, .. } = &mut self.encoding;
        let mut news = BTreeMap::new();
        for (ix, memory) in &mut self.facts {
            let cleared = one_of(&playbook.fact(*ix).cleared_by, done, formula);
            news.insert(*ix, memory.hear(cleared, formula));
            world.facts.insert(*ix, memory.bits(formula));
        }
        news
    }
}

fn one_of(actions: &[ActionIx], done: &BTreeMap<ActionIx, Lit>, formula: &mut Formula) -> Lit {
    formula.or(actions.iter().filter_map(|action| done.get(action)).copied())
}

/// Whether a condition asks whether the signal rises or falls.
fn moves(playbook: &Playbook, signal: SignalIx) -> bool {
    playbook.atoms().any(|(_, entry)| entry.atom == Atom::Rising(signal) || entry.atom == Atom::Falling(signal))
}

/// Nothing is known, detected or done.
fn forget_all(encoding: &mut Encoding<'_>) {
    let Encoding { world, formula, ground, playbook, .. } = encoding;
    let no = formula.no();
    for (ix, _) in playbook.facts() {
        world.facts.insert(ix, FactBits { yes: no, no });
    }
    for (ix, _) in playbook.signals() {
        world.signal(ix, ground, formula);
    }
    for (ix, _) in playbook.actions() {
        world.action(ix, ground, formula);
    }
    for bits in world.signals.values_mut() {
        (bits.live, bits.rising, bits.falling) = (no, no, no);
        let passed = bits.at_least.iter_mut().map(|(_, passed)| passed);
        passed.chain(&mut bits.held).for_each(|lit| *lit = no);
    }
    for bits in world.actions.values_mut() {
        bits.times.iter_mut().for_each(|(_, reached)| *reached = no);
        (bits.done, bits.spent, bits.in_gap) = (no, no, no);
        (bits.dismissed, bits.unavailable, bits.excluded) = (no, no, no);
    }
    world.turns.iter_mut().for_each(|(_, reached)| *reached = no);
    world.kept.iter_mut().for_each(|kept| *kept = no);
    let none = PromiseBits { due: no, missed: no };
    (world.promises, world.promises_then, world.taken, world.one_place) = (none, none, no, no);
}

//! From stage to stage within a turn, move by move, as the engine settles.

use std::collections::BTreeMap;

use super::unrolled::Unrolled;
use crate::laws::formula::{Formula, Lit};
use crate::laws::route::ways;
use crate::playbook::{Destination, Forget, Playbook, StageIx};

/// Moves of a turn that are followed, at most.
const MOST_MOVES: usize = 40;

/// Where a conversation is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Stages where it can be, and whether it is there.
    pub(super) at: BTreeMap<StageIx, Lit>,
    /// Stages that it can go back to, and whether it would; none of them: the start.
    back: BTreeMap<StageIx, Lit>,
    /// Whether any exit leads back.
    has_back: bool,
    /// Whether this is at least the second turn in the stage, the third, and so on.
    turns: Vec<Lit>,
    /// Whether a turn had more moves than are followed.
    pub(super) cut_short: Lit,
}

/// A move.
struct Move<'p> {
    taken: Lit,
    from: StageIx,
    to: StageIx,
    forget: Option<&'p Forget>,
    /// Whether it can be gone back on.
    remembers: bool,
}

impl Place {
    /// The start.
    pub(super) fn start(playbook: &Playbook, formula: &Formula) -> Self {
        let mut exits = playbook.stages().flat_map(|(_, stage)| &stage.exits);
        Self {
            at: BTreeMap::from([(playbook.start(), formula.yes())]),
            back: BTreeMap::new(),
            has_back: exits.any(|exit| exit.to == Destination::Back),
            turns: Vec::new(),
            cut_short: formula.no(),
        }
    }

    /// From a stage of it, each stage that it may go back to.
    fn ways_back(&self, playbook: &Playbook, formula: &mut Formula) -> Vec<(StageIx, Lit)> {
        let nowhere = formula.and(self.back.values().map(|back| !*back));
        self.back.iter().map(|(stage, back)| (*stage, *back)).chain([(playbook.start(), nowhere)]).collect()
    }

    fn remember(&mut self, moves: &[Move<'_>], formula: &mut Formula) {
        if !self.has_back {
            return;
        }
        let nowhere = formula.and(self.back.values().map(|back| !*back));
        let forgets = formula.or(moves.iter().filter(|step| !step.remembers).map(|step| step.taken));
        for back in self.back.values_mut() {
            *back = formula.and([*back, !forgets]);
        }
        for step in moves.iter().filter(|step| step.remembers) {
            let first = formula.and([step.taken, nowhere]);
            add(&mut self.back, step.from, first, formula);
        }
    }
}

impl<'p> Unrolled<'p> {
    /// Settles the conversation.
    pub(super) fn walk(&mut self, is_first_turn: bool) {
        self.stay_longer(is_first_turn);
        let mut here = std::mem::take(&mut self.place.at);
        let mut seen = here.clone();
        let mut is_new = self.encoding.formula.no();
        for _ in 0..MOST_MOVES {
            let moves = self.next_moves(&here, &seen);
            let next = self.entered(&moves);
            self.rest(&here, &moves);
            let formula = &mut self.encoding.formula;
            is_new = formula.or(next.values().copied().chain([is_new]));
            for (stage, there) in &next {
                add(&mut seen, *stage, *there, formula);
            }
            here = next;
            if here.is_empty() {
                break;
            }
        }
        let formula = &mut self.encoding.formula;
        self.place.cut_short = formula.or(here.values().copied().chain([self.place.cut_short]));
        self.place.turns.iter_mut().for_each(|turns| *turns = formula.and([*turns, !is_new]));
        self.count_turns();
    }

    /// One turn more, if the conversation stays where it is.
    fn stay_longer(&mut self, is_first_turn: bool) {
        if !is_first_turn {
            self.place.turns.insert(0, self.encoding.formula.yes());
        }
        self.count_turns();
    }

    fn count_turns(&mut self) {
        let no = self.encoding.formula.no();
        for (turn, reached) in &mut self.encoding.world.turns {
            let at = usize::try_from(turn.saturating_sub(2)).unwrap_or(usize::MAX);
            *reached = self.place.turns.get(at).copied().unwrap_or(no);
        }
        self.encoding.known.clear();
    }

    /// All moves that can be taken next: to no stage twice.
    fn next_moves(&mut self, here: &BTreeMap<StageIx, Lit>, seen: &BTreeMap<StageIx, Lit>) -> Vec<Move<'p>> {
        let playbook = self.encoding.playbook;
        let back = self.place.ways_back(playbook, &mut self.encoding.formula);
        let mut moves = Vec::new();
        for (stage, is_here) in here {
            for (taken, (to, forget)) in ways(&mut self.encoding, *stage).into_iter().zip(onward(playbook, *stage)) {
                let ends = match to {
                    Destination::Stage(to) => vec![(to, self.encoding.formula.yes())],
                    Destination::Back => back.clone(),
                };
                for (end, leads_there) in ends {
                    let formula = &mut self.encoding.formula;
                    let unseen = seen.get(&end).map_or(formula.yes(), |seen| !*seen);
                    let taken = formula.and([*is_here, taken, leads_there, unseen]);
                    let remembers = forget.is_none() || (to != Destination::Back && leads_back(playbook, end));
                    moves.push(Move { taken, from: *stage, to: end, forget, remembers });
                }
            }
        }
        let no = self.encoding.formula.no();
        moves.retain(|step| step.taken != no);
        moves
    }

    /// Takes the moves; tells where they lead.
    fn entered(&mut self, moves: &[Move<'p>]) -> BTreeMap<StageIx, Lit> {
        let playbook = self.encoding.playbook;
        for step in moves {
            let on_entry = &playbook.stage(step.to).forget;
            step.forget.into_iter().chain([on_entry]).for_each(|forget| self.forget(step.taken, forget));
        }
        self.place.remember(moves, &mut self.encoding.formula);
        let (formula, world) = (&mut self.encoding.formula, &mut self.encoding.world);
        world.turns.iter_mut().for_each(|(_, reached)| *reached = formula.no());
        let mut next = BTreeMap::new();
        for step in moves {
            add(&mut next, step.to, step.taken, formula);
        }
        self.encoding.known.clear();
        next
    }

    /// A mark whose action a limit or gap holds back stays.
    fn forget(&mut self, moves: Lit, forget: &Forget) {
        let (formula, world) = (&mut self.encoding.formula, &mut self.encoding.world);
        for ix in &forget.facts {
            if let Some(memory) = self.facts.get_mut(ix) {
                memory.faded = formula.or([memory.faded, moves]);
                world.facts.insert(*ix, memory.bits(formula));
            }
        }
        for ix in &forget.actions {
            if let Some(bits) = world.actions.get_mut(ix) {
                let stays = formula.or([!moves, bits.spent, bits.in_gap]);
                bits.done = formula.and([bits.done, stays]);
            }
        }
    }

    /// Conversations that no move leads on.
    fn rest(&mut self, here: &BTreeMap<StageIx, Lit>, moves: &[Move<'p>]) {
        let formula = &mut self.encoding.formula;
        for (stage, is_here) in here {
            let leaves = moves.iter().filter(|step| step.from == *stage).map(|step| !step.taken);
            let rests = formula.and(leaves.chain([*is_here]));
            add(&mut self.place.at, *stage, rests, formula);
        }
    }
}

/// Where the ways out of `stage` lead, interrupts first, and what is forgotten on exits.
fn onward(playbook: &Playbook, stage: StageIx) -> impl Iterator<Item = (Destination, Option<&Forget>)> {
    let interrupts = playbook.interrupts().iter().map(|interrupt| (Destination::Stage(interrupt.to), None));
    let exits = playbook.stage(stage).exits.iter().map(|exit| (exit.to, Some(&exit.forget)));
    interrupts.chain(exits)
}

fn leads_back(playbook: &Playbook, stage: StageIx) -> bool {
    playbook.stage(stage).exits.iter().any(|exit| exit.to == Destination::Back)
}

/// One more way to be there.
fn add(there: &mut BTreeMap<StageIx, Lit>, stage: StageIx, way: Lit, formula: &mut Formula) {
    if way != formula.no() {
        let so_far = there.get(&stage).copied().unwrap_or(formula.no());
        there.insert(stage, formula.or([so_far, way]));
    }
}

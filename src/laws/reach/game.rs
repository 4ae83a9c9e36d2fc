//! Whether a conversation can be led to its goal from everywhere: a game of those who help it on against how the case is.
//!
//! The case moves first: it is in any stage, and every fact is true, false or unknown, and stays so but for what is forgotten.
//! Then somebody helps: they choose what is told of the customer, and the agent does what is suggested. A position is won
//! if, with one such choice, nobody can stay there for good, and every position that it can lead to is won. What is won this
//! way is won in earnest: more moves are looked at than a conversation can make.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::help::Help;
use super::room::{Room, Stay, Turn, Worry};
use crate::laws::encoding::Ground;
use crate::playbook::{Course, FactIx, Forget, StageIx};

/// What is asked of the solver, at most, before the rest counts as lost.
const MOST_ASKED: usize = 60_000;

/// With more `first` rules, some might not be on the screen.
const MOST_RULES: usize = 19;

/// A stage, and what is known of the facts that are followed.
pub(super) type Position = (StageIx, Vec<Option<bool>>);

/// Where the moves of a turn lead, position by position.
type Ways = BTreeMap<Position, BTreeSet<Position>>;

/// The stages of a playbook, and what was found out about them.
pub(super) struct Game<'p> {
    ground: &'p Ground<'p>,
    rooms: BTreeMap<StageIx, Room<'p>>,
    goals: Vec<StageIx>,
    facts: Vec<FactIx>,
    asked: usize,
    /// For a position and a customer, where that can lead.
    known: FxHashMap<(Position, Help), Option<BTreeSet<Position>>>,
}

impl<'p> Game<'p> {
    /// Nothing found out yet; `facts` are followed.
    pub(super) fn to(ground: &'p Ground<'p>, goals: &[StageIx]) -> Self {
        let rooms = ground.playbook.stages().map(|(stage, _)| (stage, Room::of(ground, stage))).collect();
        Self { ground, rooms, goals: goals.to_vec(), facts: Vec::new(), asked: 0, known: FxHashMap::default() }
    }

    /// From now on these facts are followed.
    pub(super) fn follow(&mut self, facts: &[FactIx]) {
        self.facts = facts.to_vec();
        self.asked = 0;
        self.known.clear();
    }

    /// Leaves out what the agent sees to first of all. With a calm customer it is gone after some turns, wherever those lead.
    ///
    /// Every open stage suggests what sees to it, as long as it is there, and that is done once its gap is over.
    pub(super) fn see_to_worries(&mut self) {
        let playbook = self.ground.playbook;
        let is_open = |stage: StageIx| matches!(playbook.stage(stage).course, Course::Open { .. });
        let has_other_ends = self.rooms.keys().any(|stage| !is_open(*stage) && !self.goals.contains(stage));
        if has_other_ends || playbook.first_rules().len() > MOST_RULES {
            return;
        }
        let facts = playbook.facts().filter(|(_, fact)| !fact.cleared_by.is_empty());
        let worries: Vec<Worry> = facts.map(|(fact, _)| Worry::Fact(fact)).chain([Worry::Promise]).collect();
        for worry in worries {
            let rooms = self.rooms.iter_mut().filter(|(stage, _)| is_open(**stage));
            if !rooms.into_iter().any(|(_, room)| room.can_neglect(worry)) {
                self.rooms.values_mut().for_each(|room| room.forget(worry));
            }
        }
    }

    /// The positions that turns with a calm customer can lead to: any, with as much forgotten as may be.
    pub(super) fn anywhere(&self, from: &Position) -> Vec<Position> {
        let cases = self.dropped(from, &self.facts);
        let stages = self.ground.playbook.stages();
        stages.flat_map(|(stage, _)| cases.iter().map(move |(_, case)| (stage, case.clone()))).collect()
    }

    /// The room of a stage.
    pub(super) fn room(&mut self, stage: StageIx) -> Option<&mut Room<'p>> {
        self.rooms.get_mut(&stage)
    }

    /// What is known of the facts that are followed.
    pub(super) fn case(&self, position: &Position) -> Vec<(FactIx, Option<bool>)> {
        self.facts.iter().copied().zip(position.1.iter().copied()).collect()
    }

    /// Whether the goal is there.
    pub(super) fn is_goal(&self, stage: StageIx) -> bool {
        self.goals.contains(&stage)
    }

    /// All positions of a stage.
    pub(super) fn positions(&self, stage: StageIx) -> Vec<Position> {
        let mut cases = vec![Vec::new()];
        for _ in &self.facts {
            let more = |case: &Vec<Option<bool>>| {
                [None, Some(true), Some(false)].map(|value| [case.as_slice(), &[value]].concat())
            };
            cases = cases.iter().flat_map(more).collect();
        }
        cases.into_iter().map(|case| (stage, case)).collect()
    }

    /// Which of `needed` are won. What they lead to is among them: facts are only forgotten.
    pub(super) fn won(&mut self, needed: &BTreeSet<Position>) -> BTreeSet<Position> {
        let mut won: BTreeSet<Position> = needed.iter().filter(|(stage, _)| self.is_goal(*stage)).cloned().collect();
        // Two marks at once are looked at where one did not do.
        for helps in [Help::plain, Help::paired] {
            let helps = self.rooms.iter().map(|(stage, room)| (*stage, helps(&room.encoding)));
            let helps: BTreeMap<StageIx, Vec<Help>> = helps.collect();
            while self.win_more(needed, &helps, &mut won) {}
        }
        won
    }

    /// Adds what is won now; false: nothing is.
    fn win_more(
        &mut self,
        needed: &BTreeSet<Position>,
        helps: &BTreeMap<StageIx, Vec<Help>>,
        won: &mut BTreeSet<Position>,
    ) -> bool {
        let mut is_more = false;
        // Most ways lead down the document.
        for position in needed.iter().rev() {
            let mut helps = helps.get(&position.0).into_iter().flatten();
            if !won.contains(position) && helps.any(|help| self.wins(position, help, won)) {
                is_more |= won.insert(position.clone());
            }
        }
        is_more
    }

    fn wins(&mut self, position: &Position, help: &Help, won: &BTreeSet<Position>) -> bool {
        let key = (position.clone(), help.clone());
        if !self.known.contains_key(&key) {
            let next = self.next(position, help);
            self.known.insert(key.clone(), next);
        }
        self.known.get(&key).and_then(Option::as_ref).is_some_and(|next| next.is_subset(won))
    }

    /// Where `help` can lead to; `None`: it may lead nowhere.
    fn next(&mut self, position: &Position, help: &Help) -> Option<BTreeSet<Position>> {
        self.asked += 1;
        if self.asked > MOST_ASKED {
            return None;
        }
        let case = self.case(position);
        if self.rooms.get_mut(&position.0)?.can_stay(help, &case) {
            return None;
        }
        Some(self.rests(position, help))
    }

    /// Positions that a turn with `help` can lead to; the agent may have done what is suggested, or not yet.
    fn rests(&mut self, from: &Position, help: &Help) -> BTreeSet<Position> {
        let clears = self.rooms.get(&from.0).map(|room| room.clears.clone()).unwrap_or_default();
        let starts = self.dropped(from, &clears);
        let mut rests: BTreeSet<Position> = starts.iter().filter(|start| *start != from).cloned().collect();
        let ways = self.ways(from.0, starts, help);
        let passed: Vec<Position> = ways.keys().filter(|(stage, _)| *stage != from.0).cloned().collect();
        let onward = onward(&ways);
        for position in passed {
            // A way to a stage that was passed already leads nowhere.
            let next = ways.get(&position).into_iter().flatten();
            let mut turns = next.map(|(stage, _)| *stage == from.0 || leads(&onward, *stage, position.0));
            if turns.any(|back| back) || self.can_rest(&position, help) {
                rests.insert(position);
            }
        }
        rests
    }

    /// All moves of a turn that starts in `stage`; no stage is passed twice in it.
    fn ways(&mut self, stage: StageIx, starts: Vec<Position>, help: &Help) -> Ways {
        let mut ways = Ways::new();
        let mut open: Vec<(Position, Stay)> = starts.into_iter().map(|start| (start, Stay::Later)).collect();
        while let Some((position, stay)) = open.pop() {
            if ways.contains_key(&position) {
                continue;
            }
            let next = self.moves(&position, help, stay);
            let onward = next.iter().filter(|(next, _)| *next != stage);
            open.extend(onward.map(|next| (next.clone(), Stay::First)));
            ways.insert(position, next);
        }
        ways
    }

    /// Whether a turn that comes to the position can find all ways shut.
    fn can_rest(&mut self, position: &Position, help: &Help) -> bool {
        let case = self.case(position);
        let turn = Turn { help, case: &case, stay: Stay::First };
        self.rooms.get_mut(&position.0).is_none_or(|room| room.can_rest(turn))
    }

    /// Where the first move leads.
    fn moves(&mut self, position: &Position, help: &Help, stay: Stay) -> BTreeSet<Position> {
        let (case, start) = (self.case(position), self.ground.playbook.start());
        let Some(room) = self.rooms.get_mut(&position.0) else { return BTreeSet::new() };
        // Nobody comes to the start of a conversation, and the first turn there is one all the same.
        let stays = if position.0 == start { [Stay::First, Stay::Later].as_slice() } else { &[stay] };
        let mut taken = Vec::new();
        for door in 0..room.doors.len() {
            let mut turns = stays.iter().map(|stay| Turn { help, case: &case, stay: *stay });
            taken.extend(turns.any(|turn| room.can_leave(door, turn)).then_some(door));
        }
        let doors = taken.into_iter().filter_map(|door| room.doors.get(door).map(|door| (door.to, door.forget)));
        let doors: Vec<(Option<StageIx>, Option<&Forget>)> = doors.collect();
        doors.into_iter().flat_map(|(to, forget)| self.entered(position, to, forget)).collect()
    }

    /// The positions that a way leads to.
    fn entered(&self, from: &Position, to: Option<StageIx>, forget: Option<&Forget>) -> Vec<Position> {
        let stages =
            self.ground.playbook.stages().filter(|(stage, _)| *stage != from.0 && to.is_none_or(|to| to == *stage));
        let entered = |(stage, part): (StageIx, &crate::playbook::Stage)| {
            let is_forgotten = |fact: &FactIx| {
                part.forget.facts.contains(fact) || forget.is_some_and(|forget| forget.facts.contains(fact))
            };
            let case = self.facts.iter().zip(&from.1).map(|(fact, value)| value.filter(|_| !is_forgotten(fact)));
            (stage, case.collect())
        };
        stages.map(entered).collect()
    }

    /// The position, and those in which some of `facts` are not known any more.
    fn dropped(&self, from: &Position, facts: &[FactIx]) -> Vec<Position> {
        let mut all = vec![from.clone()];
        for (at, _) in self.facts.iter().enumerate().filter(|(_, fact)| facts.contains(fact)) {
            let mut less = all.clone();
            for (_, case) in &mut less {
                if let Some(value) = case.get_mut(at) {
                    *value = None;
                }
            }
            all.extend(less);
        }
        all.sort();
        all.dedup();
        all
    }
}

/// For each stage, those that a move leads to from it.
fn onward(ways: &Ways) -> BTreeMap<StageIx, BTreeSet<StageIx>> {
    let mut onward: BTreeMap<StageIx, BTreeSet<StageIx>> = BTreeMap::new();
    for ((from, _), next) in ways {
        onward.entry(*from).or_default().extend(next.iter().map(|(to, _)| *to));
    }
    onward
}

/// Whether moves lead from one stage to the other, which may be the same.
fn leads(onward: &BTreeMap<StageIx, BTreeSet<StageIx>>, from: StageIx, to: StageIx) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(stage) = open.pop() {
        if stage == to {
            return true;
        }
        if seen.insert(stage) {
            open.extend(onward.get(&stage).into_iter().flatten());
        }
    }
    false
}

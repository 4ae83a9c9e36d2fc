//! A stage, as formulas that tell whether a conversation can stay there for good, and where it can go.
//!
//! "For good" is a situation that turns bring nothing new to: the customer is told to be the same, the case is the same, and
//! the agent has done all that was suggested. Whoever stays in a stage for good comes to one, for there is only so much to
//! do: marks and counts only grow while no move forgets them, a limit is spent once, and a gap ends. What a limit or a
//! gap holds back at the moment is suggested again later, and reported then; what has no limit is reported without end.

use super::help::Help;
use crate::laws::encoding::{Encoding, Ground};
use crate::laws::formula::{Answer, Lit};
use crate::laws::gate;
use crate::laws::route::ways;
use crate::playbook::{ActionIx, Condition, Course, Destination, FactIx, Forget, Playbook, StageIx};

/// Suggestions that a caller can ask for: a stage with more does not show them all.
const MOST_SHOWN: usize = 20;

/// A way out.
pub(super) struct Door<'p> {
    /// Whether it is the way taken.
    pub(super) taken: Lit,
    /// Where it leads; `None`: back to wherever that is.
    pub(super) to: Option<StageIx>,
    /// What is forgotten on it.
    pub(super) forget: Option<&'p Forget>,
    /// From the start, back can be where it is, and nothing comes of it.
    may_fail: bool,
}

/// A stage.
pub(super) struct Room<'p> {
    pub(super) encoding: Encoding<'p>,
    pub(super) doors: Vec<Door<'p>>,
    /// Facts that are not known any more once the agent has done what is suggested here.
    pub(super) clears: Vec<FactIx>,
    /// What is true of a situation that turns bring nothing new to.
    for_good: Vec<Lit>,
    /// What is true once all worries were seen to.
    carefree: Vec<Lit>,
}

/// How long a conversation has been in the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// It came in this turn.
    First,
    /// It was there before.
    Later,
}

/// A turn: what is told, what is known of the facts that are followed.
#[derive(Clone, Copy)]
pub(super) struct Turn<'t> {
    pub(super) help: &'t Help,
    pub(super) case: &'t [(FactIx, Option<bool>)],
    pub(super) stay: Stay,
}

/// What an agent sees to before anything else, in any stage, where the playbook's `first` rules say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worry {
    /// A promise that is due.
    Promise,
    /// A fact that is true until an action clears it.
    Fact(FactIx),
}

impl<'p> Room<'p> {
    /// That of `stage`; all of `facts` can be asked about.
    pub(super) fn of(ground: &'p Ground<'p>, stage: StageIx) -> Self {
        let (mut encoding, playbook) = (Encoding::on(ground), ground.playbook);
        let doors = doors(&mut encoding, stage);
        let done = suggested(playbook, stage);
        let mut for_good = Vec::new();
        for (action, condition) in &done {
            for_good.push(is_exhausted(&mut encoding, *action, condition));
        }
        for_good.extend(shut(&doors));
        let clears = clears(playbook, &done);
        known_limits(&mut encoding);
        Self { encoding, doors, clears, for_good, carefree: Vec::new() }
    }

    /// Whether, with a calm customer, a worry can be there that no `first` rule has the agent see to.
    pub(super) fn can_neglect(&mut self, worry: Worry) -> bool {
        let playbook = self.encoding.playbook;
        let encoding = &mut self.encoding;
        let mut seen_to = Vec::new();
        for rule in playbook.first_rules() {
            let part = playbook.action(rule.action);
            let helps = part.limit.times.is_none()
                && match worry {
                    Worry::Promise => part.keeps_promise,
                    Worry::Fact(fact) => playbook.fact(fact).cleared_by.contains(&rule.action),
                };
            if helps {
                seen_to.push(gate::admitted(encoding, rule.action, Some(&rule.condition)));
            }
        }
        let seen_to = encoding.formula.or(seen_to);
        let is_there = there(encoding, worry);
        let mut wanted = Help(Vec::new()).told(encoding);
        wanted.extend([is_there, !seen_to]);
        wanted.extend(time_stands_still(encoding));
        self.is_possible(&wanted)
    }

    /// From now on, this worry is gone.
    pub(super) fn forget(&mut self, worry: Worry) {
        let is_there = there(&mut self.encoding, worry);
        self.carefree.push(!is_there);
    }

    /// Whether a conversation can stay for good, the facts being as told.
    pub(super) fn can_stay(&mut self, help: &Help, facts: &[(FactIx, Option<bool>)]) -> bool {
        let wanted = self.staying(help, facts);
        self.is_possible(&wanted)
    }

    /// What is true where it does.
    pub(super) fn staying(&mut self, help: &Help, facts: &[(FactIx, Option<bool>)]) -> Vec<Lit> {
        let mut wanted = help.told(&self.encoding);
        wanted.extend(Help::again(&self.encoding));
        wanted.extend(self.facts(facts));
        wanted.extend(self.for_good.iter().chain(&self.carefree));
        wanted.extend(self.encoding.world.turns.iter().map(|(_, reached)| *reached));
        wanted.extend(time_stands_still(&mut self.encoding));
        wanted
    }

    /// Whether this door can be the way taken in the turn.
    pub(super) fn can_leave(&mut self, door: usize, turn: Turn<'_>) -> bool {
        let Some(taken) = self.doors.get(door).map(|door| door.taken) else { return false };
        let mut wanted = self.turn(turn);
        wanted.push(taken);
        self.is_possible(&wanted)
    }

    /// Whether a conversation can stay for this turn.
    pub(super) fn can_rest(&mut self, turn: Turn<'_>) -> bool {
        let mut wanted = self.turn(turn);
        wanted.extend(shut(&self.doors));
        self.is_possible(&wanted)
    }

    fn turn(&mut self, Turn { help, case, stay }: Turn<'_>) -> Vec<Lit> {
        let mut wanted = help.told(&self.encoding);
        wanted.extend(self.facts(case));
        wanted.extend(&self.carefree);
        let second = self.encoding.world.turns.first().map(|(_, second)| *second);
        wanted.extend(second.map(|second| match stay {
            Stay::First => !second,
            Stay::Later => second,
        }));
        wanted
    }

    /// That the facts are as told.
    pub(super) fn facts(&mut self, facts: &[(FactIx, Option<bool>)]) -> Vec<Lit> {
        let Encoding { world, formula, .. } = &mut self.encoding;
        let mut told = Vec::with_capacity(2 * facts.len());
        for (fact, value) in facts {
            let bits = world.fact(*fact, formula);
            told.push(if *value == Some(true) { bits.yes } else { !bits.yes });
            told.push(if *value == Some(false) { bits.no } else { !bits.no });
        }
        told
    }

    fn is_possible(&mut self, wanted: &[Lit]) -> bool {
        self.encoding.formula.search(wanted) != Answer::Impossible
    }
}

/// What makes a worry one. A promise that was missed is due, too.
fn there(encoding: &mut Encoding<'_>, worry: Worry) -> Lit {
    let promises = encoding.world.promises;
    match worry {
        Worry::Promise => encoding.formula.or([promises.due, promises.missed]),
        Worry::Fact(fact) => encoding.world.fact(fact, &mut encoding.formula).yes,
    }
}

/// That no promise fell due since the stage was decided on.
fn time_stands_still(encoding: &mut Encoding<'_>) -> [Lit; 2] {
    let (then, now) = (encoding.world.promises_then, encoding.world.promises);
    [(then.due, now.due), (then.missed, now.missed)].map(|(then, now)| encoding.formula.or([then, !now]))
}

/// That no door is taken.
fn shut(doors: &[Door<'_>]) -> impl Iterator<Item = Lit> {
    doors.iter().filter(|door| !door.may_fail).map(|door| !door.taken)
}

/// The ways out of `stage`. An interrupt to the stage itself is none.
fn doors<'p>(encoding: &mut Encoding<'p>, stage: StageIx) -> Vec<Door<'p>> {
    let playbook = encoding.playbook;
    let taken = ways(encoding, stage);
    let interrupts = playbook.interrupts().iter().map(|interrupt| (Destination::Stage(interrupt.to), None));
    let exits = playbook.stage(stage).exits.iter().map(|exit| (exit.to, Some(&exit.forget)));
    let door = |(taken, (to, forget))| match to {
        Destination::Stage(to) if to == stage => None,
        Destination::Stage(to) => Some(Door { taken, to: Some(to), forget, may_fail: false }),
        Destination::Back => Some(Door { taken, to: None, forget, may_fail: stage == playbook.start() }),
    };
    taken.into_iter().zip(interrupts.chain(exits)).filter_map(door).collect()
}

/// What is suggested in `stage` sooner or later where its conditions hold, each with all of them.
fn suggested(playbook: &Playbook, stage: StageIx) -> Vec<(ActionIx, &Condition)> {
    let part = playbook.stage(stage);
    let (listed, ruled) = (part.candidates.iter(), playbook.first_rules().iter());
    let shown = part.candidates.len() + playbook.first_rules().len() + 1;
    match part.course {
        // Advice may bring one more.
        Course::Open { .. } if shown <= MOST_SHOWN => {
            let listed = listed.map(|candidate| (candidate.action, &candidate.condition));
            listed.chain(ruled.map(|rule| (rule.action, &rule.condition))).collect()
        }
        Course::Open { .. } | Course::Final(_) => Vec::new(),
    }
}

/// That an action is not admitted, or that doing it once more changes nothing.
fn is_exhausted(encoding: &mut Encoding<'_>, action: ActionIx, here: &Condition) -> Lit {
    let playbook = encoding.playbook;
    let part = playbook.action(action);
    let admitted = gate::admitted(encoding, action, Some(here));
    let bits = gate::bits(encoding, action).clone();
    if part.limit.times.is_some() {
        // It would be done until the limit is spent.
        return encoding.formula.or([!admitted, bits.spent]);
    }
    let mut done: Vec<Lit> = bits.times.iter().map(|(_, reached)| *reached).chain([bits.done]).collect();
    if part.keeps_promise {
        done.extend([!encoding.world.promises.due, !encoding.world.promises.missed]);
    }
    for (fact, _) in playbook.facts().filter(|(_, fact)| fact.cleared_by.contains(&action)) {
        let bits = encoding.world.fact(fact, &mut encoding.formula);
        done.extend([!bits.yes, !bits.no]);
    }
    let done = encoding.formula.and(done);
    encoding.formula.or([!admitted, done])
}

fn clears(playbook: &Playbook, done: &[(ActionIx, &Condition)]) -> Vec<FactIx> {
    let is_cleared = |by: &[ActionIx]| done.iter().any(|(action, _)| by.contains(action));
    playbook.facts().filter(|(_, fact)| is_cleared(&fact.cleared_by)).map(|(fact, _)| fact).collect()
}

/// A limit of what need not be confirmed is spent by doing it, and the mark of that stays.
fn known_limits(encoding: &mut Encoding<'_>) {
    let Encoding { world, formula, playbook, .. } = encoding;
    for promises in [world.promises, world.promises_then] {
        formula.require([!promises.missed, promises.due]);
    }
    for (ix, bits) in &world.actions {
        let part = playbook.action(*ix);
        let reached = bits.times.iter().find(|(times, _)| Some(*times) == part.limit.times);
        if let Some((_, reached)) = reached.filter(|_| !part.confirm) {
            formula.require([!bits.spent, bits.done]);
            formula.require([!bits.spent, *reached]);
        }
    }
}

/// Whether a conversation can be in `stage`, with the facts as told, so that the condition of a law holds.
pub(super) fn can_begin(encoding: &mut Encoding<'_>, wanted: &[Lit], facts: &[(FactIx, Option<bool>)]) -> bool {
    let Encoding { world, formula, .. } = encoding;
    let mut all = wanted.to_vec();
    for (fact, value) in facts {
        let bits = world.fact(*fact, formula);
        all.push(if *value == Some(true) { bits.yes } else { !bits.yes });
        all.push(if *value == Some(false) { bits.no } else { !bits.no });
    }
    formula.search(&all) != Answer::Impossible
}

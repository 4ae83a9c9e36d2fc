//! What can be, over every situation that a conversation can come to, for those who look for what never is.
//!
//! "No" is proven. "Yes" may mean that nothing was found against it: more situations are looked at than conversations can come to.

use rustc_hash::FxHashMap;

use super::encoding::{Encoding, Ground};
use super::formula::{Answer, Lit};
use super::route::ways;
use super::screen::{self, Screen};
use super::settle::settled;
use super::truth::{self, Known, Moment};
use super::{gate, world};
use crate::playbook::{ActionIx, Atom, Condition, Destination, EscalationIx, Forget, Playbook, SignalIx, StageIx};

/// A way on from a stage, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One of the playbook's interrupts.
    Interrupt(usize),
    /// One of the stage's exits.
    Exit(usize),
}

/// All situations of a playbook.
pub struct Situations<'p> {
    encoding: Encoding<'p>,
    /// What goes without saying while the agent follows the suggestions.
    usual: Vec<Lit>,
    stages: FxHashMap<StageIx, Stage>,
}

/// A stage, encoded.
struct Stage {
    settled: Lit,
    screen: Option<Screen>,
    ways: Vec<Lit>,
}

/// Looks at all situations of `playbook`.
pub fn look<T>(playbook: &Playbook, at: impl FnOnce(&mut Situations<'_>) -> T) -> T {
    at(&mut Situations::of(&Ground::of(playbook)))
}

impl<'p> Situations<'p> {
    /// Those of the playbook.
    fn of(ground: &'p Ground<'p>) -> Self {
        let (mut encoding, playbook) = (Encoding::on(ground), ground.playbook);
        let mut stages = FxHashMap::default();
        for (ix, _) in playbook.stages() {
            let settled = settled(&mut encoding, ix);
            let screen = screen::screen(&mut encoding, ix);
            let ways = ways(&mut encoding, ix);
            stages.insert(ix, Stage { settled, screen, ways });
        }
        Self { encoding, usual: Vec::new(), stages }
    }

    /// From now on, agents do `action` so often at most, as long as they follow the suggestions.
    pub fn usually_done_at_most(&mut self, action: ActionIx, times: u32) {
        let bits = gate::bits(&mut self.encoding, action);
        let more = bits.times.iter().filter(|(step, _)| *step > times).map(|(_, reached)| !*reached);
        let never = (times == 0).then_some(!bits.done);
        let usual: Vec<Lit> = more.chain(never).collect();
        self.usual.extend(usual);
    }

    /// Whether `condition` can be true.
    pub fn can_hold(&mut self, condition: &Condition) -> bool {
        let known = self.known(condition);
        self.possible(&[known.yes])
    }

    /// Whether `condition` can be anything but true.
    pub fn can_lack(&mut self, condition: &Condition) -> bool {
        let known = self.known(condition);
        self.possible(&[!known.yes])
    }

    /// Whether `condition` can be false.
    pub fn can_fail(&mut self, condition: &Condition) -> bool {
        let known = self.known(condition);
        self.possible(&[known.no])
    }

    /// Whether `condition` can be anything but false.
    pub fn can_escape(&mut self, condition: &Condition) -> bool {
        let known = self.known(condition);
        self.possible(&[!known.no])
    }

    /// Whether `condition` can be true while `other` is not.
    pub fn can_hold_without(&mut self, condition: &Condition, other: &Condition) -> bool {
        let (wanted, without) = (self.known(condition).yes, self.known(other).yes);
        self.possible(&[wanted, !without])
    }

    /// Whether this way can be the one taken from `stage`, whatever was done.
    pub fn can_take(&mut self, stage: StageIx, way: Way) -> bool {
        self.way(stage, way).is_none_or(|taken| self.possible(&[taken]))
    }

    /// The same while the agent follows the suggestions.
    pub fn can_usually_take(&mut self, stage: StageIx, way: Way) -> bool {
        let usual = self.usual.clone();
        self.way(stage, way).is_none_or(|taken| self.possible(&[usual, vec![taken]].concat()))
    }

    /// Whether the exit at `position` can be taken while the signal is inside the band, into a stage that is not left at once.
    pub fn can_end_in_band(&mut self, stage: StageIx, position: usize, (signal, band): (SignalIx, u8)) -> bool {
        let Some(taken) = self.way(stage, Way::Exit(position)) else { return true };
        let ends = self.encoding.playbook.stage(stage).exits.get(position).and_then(|exit| match exit.to {
            Destination::Stage(to) => Some(to),
            Destination::Back => None,
        });
        let in_band = self.encoding.playbook.atoms().find(|(_, entry)| entry.atom == Atom::Band(signal, band));
        let Some((in_band, _)) = in_band else { return true };
        let in_band = truth::atom(&mut self.encoding, in_band, Moment::Settled).yes;
        let leaves = ends
            .and_then(|ends| self.stages.get(&ends))
            .map(|stage| stage.ways.iter().map(|way| !*way))
            .into_iter()
            .flatten();
        let wanted: Vec<Lit> = leaves.chain([taken, in_band]).collect();
        self.possible(&wanted)
    }

    /// Whether both ways can be taken in turn for as long as nothing changes, though `dropped` is forgotten on them.
    pub fn can_alternate(&mut self, one: (StageIx, Way), other: (StageIx, Way), dropped: &[&Forget]) -> bool {
        let (Some(there), Some(back)) = (self.way(one.0, one.1), self.way(other.0, other.1)) else { return false };
        let mut wanted = vec![there, back];
        wanted.extend(self.steady());
        for forget in dropped {
            wanted.extend(self.forgotten(forget));
        }
        self.possible(&wanted)
    }

    /// Whether `action` can be on the screen of `stage`.
    pub fn can_show(&mut self, stage: StageIx, action: ActionIx) -> bool {
        let Self { encoding, stages, .. } = self;
        let Some((settled, screen)) = open(stages, stage) else { return false };
        let shown = screen.shows(encoding, action);
        self.possible(&[settled, shown])
    }

    /// Whether the action that the stage lists at `position` passes its gates there.
    pub fn can_pass(&mut self, stage: StageIx, position: usize) -> bool {
        let Some((settled, screen)) = open(&self.stages, stage) else { return false };
        let passes = screen.listed().get(position).map(|(_, passes)| *passes);
        passes.is_none_or(|passes| self.possible(&[settled, passes]))
    }

    /// Whether `stage` ever shows what it lists at `later` below what it lists at `earlier`; also where it never shows both.
    pub fn keeps_order(&mut self, stage: StageIx, earlier: usize, later: usize) -> bool {
        let Self { encoding, stages, .. } = self;
        let Some((settled, screen)) = open(stages, stage) else { return true };
        let (Some((rival, one)), Some((action, other))) = (screen.listed().get(earlier), screen.listed().get(later))
        else {
            return true;
        };
        let both = vec![settled, *one, *other];
        let beats = screen::beats(encoding, *action, *rival, false);
        let beaten = [both.as_slice(), &[!beats]].concat();
        self.possible(&beaten) || !self.possible(&both)
    }

    /// Whether the rule can be the advice in `stage` while it has a cause.
    pub fn can_advise(&mut self, stage: StageIx, rule: EscalationIx) -> bool {
        let Some(settled) = self.stages.get(&stage).map(|stage| stage.settled) else { return false };
        let advice = gate::advice(&mut self.encoding, stage);
        let Some((_, advised)) = advice.rules.get(rule.position()) else { return true };
        let fresh = self.encoding.world.kept.iter().map(|kept| !*kept);
        let wanted: Vec<Lit> = fresh.chain([settled, *advised]).collect();
        self.possible(&wanted)
    }

    fn known(&mut self, condition: &Condition) -> Known {
        truth::condition(&mut self.encoding, condition, Moment::Settled)
    }

    fn possible(&mut self, wanted: &[Lit]) -> bool {
        self.encoding.formula.search(wanted) != Answer::Impossible
    }

    fn way(&self, stage: StageIx, way: Way) -> Option<Lit> {
        let at = match way {
            Way::Interrupt(at) => at,
            Way::Exit(at) => self.encoding.playbook.interrupts().len() + at,
        };
        self.stages.get(&stage)?.ways.get(at).copied()
    }

    /// Nothing rises or falls, and each stage was entered in the turn before.
    fn steady(&self) -> Vec<Lit> {
        let world::World { signals, turns, .. } = &self.encoding.world;
        let trends = signals.values().flat_map(|bits| [!bits.rising, !bits.falling]);
        let turns = turns.iter().map(|(turn, reached)| if *turn <= 2 { *reached } else { !*reached });
        trends.chain(turns).collect()
    }

    fn forgotten(&mut self, forget: &Forget) -> Vec<Lit> {
        let world = &self.encoding.world;
        let facts = forget.facts.iter().filter_map(|fact| world.facts.get(fact));
        let mut gone: Vec<Lit> = facts.flat_map(|bits| [!bits.yes, !bits.no]).collect();
        for action in &forget.actions {
            gone.extend(self.forgotten_mark(*action));
        }
        gone
    }

    /// A mark stays where the action can't be done again: its limit is spent, by doing it or, where that has to be reported, by showing it.
    fn forgotten_mark(&mut self, action: ActionIx) -> Option<Lit> {
        let Encoding { playbook, world, formula, .. } = &mut self.encoding;
        let (part, bits) = (playbook.action(action), world.actions.get(&action)?);
        let often = bits.times.iter().find(|(step, _)| part.limit.times == Some(*step)).map(|(_, reached)| *reached);
        let stays = often.filter(|_| !part.confirm).unwrap_or(bits.spent);
        Some(formula.or([!bits.done, stays]))
    }
}

fn open(stages: &FxHashMap<StageIx, Stage>, stage: StageIx) -> Option<(Lit, &Screen)> {
    let stage = stages.get(&stage)?;
    Some((stage.settled, stage.screen.as_ref()?))
}

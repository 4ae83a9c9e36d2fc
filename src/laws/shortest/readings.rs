//! What is detected, turn by turn.

use crate::laws::formula::{Formula, Lit};
use crate::laws::world::{SignalBits, TREND, steps};
use crate::playbook::{Lasts, Level, Signal};

/// Whether a level is at least so much, by thousandths.
type Steps<'s> = &'s [(u16, Lit)];

/// What is kept of a signal beside what conditions read.
#[derive(Debug, Clone)]
pub(super) struct SignalMemory {
    /// Whether the last reading is from so many turns ago.
    read_in: Vec<Lit>,
    cleared: Lit,
    rising: Lit,
    falling: Lit,
    /// Whether a condition asks how it moves.
    moves: bool,
}

/// What a turn tells of a signal.
#[derive(Debug, Clone)]
pub(super) struct SignalNews {
    /// Whether there is a reading.
    pub(super) read: Lit,
    /// Its level, by thousandths.
    pub(super) at_least: Vec<(u16, Lit)>,
    /// How it compares with the one before.
    pub(super) rising: Lit,
    /// The same downwards.
    pub(super) falling: Lit,
}

impl SignalMemory {
    /// Nothing was detected.
    pub(super) fn blank(moves: bool, formula: &Formula) -> Self {
        let no = formula.no();
        Self { read_in: Vec::new(), cleared: no, rising: no, falling: no, moves }
    }

    /// A turn in which anything may be detected; `cleared`: whether an action is done that clears the signal.
    pub(super) fn hear(
        &mut self,
        part: &Signal,
        bits: &mut SignalBits,
        (cleared, formula): (Lit, &mut Formula),
    ) -> SignalNews {
        let read = formula.variable();
        let at_least = level(part, &bits.at_least, formula);
        let (rising, falling) = self.trend(part, (&bits.at_least, &at_least), (read, formula));
        self.rising = formula.either(read, rising, self.rising);
        self.falling = formula.either(read, falling, self.falling);
        self.cleared = formula.or([self.cleared, cleared]);
        let was_live = self.is_live(part, formula);
        hold(part, bits, (read, was_live), formula);
        for ((_, before), (_, now)) in bits.at_least.iter_mut().zip(&at_least) {
            *before = formula.either(read, *now, *before);
        }
        self.read_in.iter_mut().for_each(|earlier| *earlier = formula.and([*earlier, !read]));
        self.read_in.insert(0, read);
        self.cleared = formula.and([self.cleared, !read]);
        bits.live = self.is_live(part, formula);
        bits.rising = formula.and([bits.live, self.rising]);
        bits.falling = formula.and([bits.live, self.falling]);
        SignalNews { read, at_least, rising, falling }
    }

    fn is_live(&self, part: &Signal, formula: &mut Formula) -> Lit {
        let lasts = match part.lasts {
            Lasts::Conversation => self.read_in.len(),
            Lasts::Turns(turns) => usize::try_from(turns).unwrap_or(usize::MAX),
        };
        let lasts = formula.or(self.read_in.iter().take(lasts).copied());
        formula.and([lasts, !self.cleared])
    }

    /// How a reading compares with the one before, where there is one.
    fn trend(
        &self,
        part: &Signal,
        (before, now): (Steps<'_>, Steps<'_>),
        (read, formula): (Lit, &mut Formula),
    ) -> (Lit, Lit) {
        if !self.moves {
            return (formula.no(), formula.no());
        }
        let (rising, falling) = (formula.variable(), formula.variable());
        let compares = formula.or(self.read_in.iter().copied());
        for moves in [rising, falling] {
            formula.require([!moves, read]);
            formula.require([!moves, compares]);
        }
        for (from, was) in ranges(part, before) {
            for (to, is) in ranges(part, now) {
                let there: Vec<Lit> = was.iter().chain(&is).map(|lit| !*lit).chain([!read]).collect();
                must_move(&there, (rising, compares), (from, to), formula);
                must_move(&there, (falling, compares), (to, from), formula);
            }
        }
        (rising, falling)
    }
}

/// What is known of a move from a level in the first range to one in the second, or that there is none.
fn must_move(
    unless: &[Lit],
    (moves, compares): (Lit, Lit),
    ((lowest, highest), (low, high)): ((u16, u16), (u16, u16)),
    formula: &mut Formula,
) {
    let unless = unless.iter().copied();
    if high < lowest.saturating_add(TREND) {
        formula.require(unless.chain([!moves]));
    } else if low >= highest.saturating_add(TREND) {
        formula.require(unless.chain([moves, !compares]));
    }
}

/// Ranges of levels that conditions tell apart, and what is true inside each.
fn ranges(part: &Signal, steps: Steps<'_>) -> Vec<((u16, u16), Vec<Lit>)> {
    let full = Level::ONE.thousandths();
    let lows = std::iter::once((0, None)).chain(steps.iter().map(|(from, passed)| (*from, Some(*passed))));
    let nexts = steps.iter().map(|(from, passed)| (from.saturating_sub(1), Some(!*passed))).chain([(full, None)]);
    let range = |((low, passed), (high, fails)): ((u16, Option<Lit>), (u16, Option<Lit>))| {
        // A flag is up or down.
        let ends = match (part.flag, low) {
            (true, 0) => (0, 0),
            (true, _) => (full, full),
            (false, _) => (low, high),
        };
        (ends, passed.into_iter().chain(fails).collect())
    };
    lows.zip(nexts).filter(|((low, _), (high, _))| low <= high).map(range).collect()
}

/// The level of a reading.
fn level(part: &Signal, like: Steps<'_>, formula: &mut Formula) -> Vec<(u16, Lit)> {
    let level = steps(like.iter().map(|(from, _)| *from).collect(), formula);
    for pair in level.windows(2).filter(|_| part.flag) {
        if let [(from, less), (_, more)] = pair
            && *from > 0
        {
            formula.require([!*less, *more]);
        }
    }
    for (from, passed) in &level {
        if *from == 0 {
            formula.require([*passed]);
        }
    }
    level
}

/// The bands that held before the reading; once one has run out, it starts over.
fn hold(part: &Signal, bits: &mut SignalBits, (read, was_live): (Lit, Lit), formula: &mut Formula) {
    for (band, held) in part.bands.iter().zip(&mut bits.held) {
        let passed = |from: Level| bits.at_least.iter().find(|(step, _)| *step == from.thousandths());
        let (Some((_, from)), Some((_, until))) = (passed(band.from), passed(band.until)) else { continue };
        let stays = formula.and([*held, *until]);
        let inside = formula.or([*from, stays]);
        let holds = formula.and([inside, was_live]);
        *held = formula.either(read, holds, *held);
    }
}

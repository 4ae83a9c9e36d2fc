//! From values of the variables to the turns of a conversation.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use super::unrolled::{Look, TurnNews, Unrolled};
use crate::laws::draft::quiet;
use crate::laws::formula::Lit;
use crate::laws::model::last_passed;
use crate::laws::world::{PromiseBits, TREND};
use crate::playbook::{ActionIx, DidCase, DidResult, Level, ReadingCase, SignalIx, Time, TurnCase};

/// Reports of an action in a turn, at most: what takes more is no example.
const MOST_REPEATED: u32 = 40;
/// So many suggestions are all that anybody can ask for.
const ALL_PLACES: u32 = 20;
/// What a promise of the caller's own is called.
const PROMISE: &str = "promise";
const MINUTE: i64 = 60_000;
/// Turns are an hour apart where that matters.
const HOUR: i64 = 60 * MINUTE;
/// What is due long after the conversation.
const LONG: i64 = 24 * HOUR;

/// Levels of the readings of a signal, turn by turn.
type Levels = BTreeMap<SignalIx, Vec<Option<u16>>>;

impl Unrolled<'_> {
    /// What the values found last tell, turn by turn; `None`: nobody would read it.
    pub(super) fn retold(&self, look: Option<&Look>) -> Option<Vec<TurnCase>> {
        let (levels, mut counts) = (self.levels(), BTreeMap::new());
        let mut turns = Vec::with_capacity(self.told.len() + 1);
        let mut promised = false;
        for (at, news) in self.told.iter().enumerate() {
            let mut turn = quiet(self.did(news, &mut counts)?);
            if self.is(news.unreported) {
                turn.did = None;
            }
            self.observe(news, &mut turn);
            let reads = levels.iter().filter_map(|(ix, levels)| Some((*ix, levels.get(at).copied().flatten()?)));
            turn.signals = reads.map(|(ix, level)| self.reading(ix, level)).collect();
            let later = look.filter(|_| at + 1 == self.told.len()).map(|look| look.promises);
            let says_nothing = turn.did.is_none() && turn.signals.is_empty() && turn.facts.is_empty();
            promised |= says_nothing || self.is(news.promises.due) || later.is_some_and(|later| self.is(later.due));
            if promised {
                let now = hour(at);
                turn.at = Some(now);
                turn.promises.push((PROMISE.to_owned(), now.plus_millis(self.due(news.promises, later))));
            }
            turns.push(turn);
        }
        turns.extend(look.map(|look| self.looked(look)));
        Some(turns)
    }

    fn is(&self, lit: Lit) -> bool {
        self.encoding.formula.value(lit)
    }

    fn observe(&self, news: &TurnNews, turn: &mut TurnCase) {
        let playbook = self.encoding.playbook;
        for (ix, fact) in news.facts.iter().filter(|(_, fact)| self.is(fact.changed)) {
            let value = if self.is(fact.yes) { Some(true) } else { self.is(fact.no).then_some(false) };
            turn.facts.push((playbook.fact(*ix).id.clone(), value));
        }
        let excluded = news.actions.iter().filter(|(_, action)| self.is(action.excluded));
        turn.exclude = excluded.map(|(ix, _)| playbook.action(*ix).id.clone()).collect();
        turn.max = Some(self.places(news.one_place));
    }

    fn places(&self, one_place: Lit) -> u32 {
        if self.is(one_place) { 1 } else { ALL_PLACES }
    }

    fn reading(&self, signal: SignalIx, level: u16) -> ReadingCase {
        let level = Level::try_from(f64::from(level) / 1000.0).unwrap_or(Level::ONE);
        ReadingCase { signal: self.encoding.playbook.signal(signal).id.clone(), level, confidence: None }
    }

    /// What was done with each action; `counts` are how often it was done before, and used.
    fn did(&self, news: &TurnNews, counts: &mut BTreeMap<ActionIx, [u32; 2]>) -> Option<Vec<DidCase>> {
        let mut did = Vec::new();
        for (ix, action) in &news.actions {
            let so_far = counts.entry(*ix).or_default();
            let reached = action.counts.each_ref().map(|count| last_passed(count, |lit| self.is(lit)).unwrap_or(0));
            let missing = reached.iter().zip(so_far.iter()).map(|(reached, so_far)| reached.saturating_sub(*so_far));
            let times = if self.is(action.done) { missing.max().unwrap_or(0).max(1) } else { 0 };
            if times > MOST_REPEATED {
                return None;
            }
            let [done, used] = so_far;
            (*done, *used) = (*done + times, *used + times + u32::from(self.is(action.assumed)));
            let done = usize::try_from(times).unwrap_or(usize::MAX);
            let result = |result| DidCase {
                action: self.encoding.playbook.action(*ix).id.clone(),
                result,
                phrasing: None,
                due: None,
            };
            did.extend(repeat_n(result(DidResult::Done), done));
            did.extend(self.is(action.dismissed).then(|| result(DidResult::Dismissed)));
            did.extend(self.is(action.unavailable).then(|| result(DidResult::Unavailable)));
        }
        Some(did)
    }

    /// When a promise falls due that stands now as told, and as told later where nothing is observed but the time.
    fn due(&self, now: PromiseBits, later: Option<PromiseBits>) -> i64 {
        let (due, missed) = (self.is(now.due), self.is(now.missed));
        let (due_later, missed_later) =
            later.map_or((due, missed), |later| (self.is(later.due), self.is(later.missed)));
        match ((due, missed), (due_later, missed_later)) {
            ((_, true), _) => -MINUTE,
            ((true, false), _) => 5 * MINUTE,
            ((false, false), (_, true)) => 15 * MINUTE,
            ((false, false), (true, false)) => 11 * MINUTE,
            ((false, false), (false, false)) => LONG,
        }
    }

    /// The last look, at a time when the promise stands as told.
    fn looked(&self, look: &Look) -> TurnCase {
        let playbook = self.encoding.playbook;
        let excluded = look.excluded.iter().filter(|(_, lit)| self.is(**lit));
        let exclude = excluded.map(|(ix, _)| playbook.action(*ix).id.clone()).collect();
        let then = self.told.last().map(|news| (self.is(news.promises.due), self.is(news.promises.missed)));
        let then = then.unwrap_or_default();
        let wait = match (then, (self.is(look.promises.due), self.is(look.promises.missed))) {
            ((_, false), (_, true)) => Some(30 * MINUTE),
            ((false, _), (true, false)) => Some(5 * MINUTE),
            _ => None,
        };
        let now = self.told.len().checked_sub(1).map(hour);
        let at = wait.and_then(|wait| now.map(|now| now.plus_millis(wait)));
        TurnCase { did: None, at, exclude, max: Some(self.places(look.one_place)), ..quiet(Vec::new()) }
    }

    /// The lowest levels that pass what they have to, and rise and fall as they have to.
    fn levels(&self) -> Levels {
        let mut levels = Levels::new();
        for (ix, _) in self.encoding.playbook.signals() {
            let news: Vec<_> = self.told.iter().map(|news| news.signals.get(&ix)).collect();
            let read = news.iter().map(|news| news.filter(|news| self.is(news.read)));
            let lowest = read.map(|news| Some(last_passed(&news?.at_least, |lit| self.is(lit)).unwrap_or(0)));
            let mut lowest: Vec<Option<u16>> = lowest.collect();
            let moves =
                |at: usize| news.get(at).copied().flatten().map(|news| (self.is(news.rising), self.is(news.falling)));
            if self.asks_for_trend(ix) {
                raise(&mut lowest, moves);
            }
            levels.insert(ix, lowest);
        }
        levels
    }
}

/// When a turn takes place.
fn hour(at: usize) -> Time {
    let hours = i64::try_from(at).unwrap_or(0);
    TurnCase::START.plus_millis(hours.saturating_mul(HOUR).saturating_add(2 * MINUTE))
}

/// Raises levels no more than it takes for each to compare with the one before as told: rising, falling, or neither.
fn raise(levels: &mut [Option<u16>], moves: impl Fn(usize) -> Option<(bool, bool)>) {
    let at: Vec<usize> = levels.iter().enumerate().filter_map(|(at, level)| level.map(|_| at)).collect();
    for _ in 0..at.len() {
        for pair in at.windows(2) {
            let [before, now] = pair else { continue };
            let of = |at: usize| levels.get(at).copied().flatten();
            let (Some(low), Some(high), Some(moves)) = (of(*before), of(*now), moves(*now)) else { continue };
            let (least_before, least_now) = match moves {
                (true, _) => (low, low.saturating_add(TREND)),
                (false, true) => (high.saturating_add(TREND), high),
                (false, false) => (high.saturating_sub(TREND - 1), low.saturating_sub(TREND - 1)),
            };
            for (at, least) in [(*before, least_before), (*now, least_now)] {
                if let Some(level) = levels.get_mut(at) {
                    *level = level.map(|level| level.max(least));
                }
            }
        }
    }
}

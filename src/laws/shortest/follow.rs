//! What the formulas say of a conversation that took place. Nothing is decided with it: it is there to be held against the engine.

use std::collections::BTreeMap;

use super::readings::SignalNews;
use super::unrolled::{TurnNews, Unrolled};
use crate::engine::ActionResult;
use crate::laws::encoding::Ground;
use crate::laws::formula::{Answer, Lit};
use crate::laws::model::read;
use crate::laws::picture::{Detected, Picture, Trend, pinned};
use crate::playbook::{ActionIx, FactIx, Playbook, SignalIx};

/// A turn that took place.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Facts that were told, and what of them.
    pub facts: Vec<(FactIx, Option<bool>)>,
    /// Signals that were told.
    pub signals: Vec<SignalIx>,
    /// What became of which action, as reported or as assumed; of each once.
    pub did: Vec<(ActionIx, ActionResult)>,
    /// What was used up by being shown first, for nobody said what the agent did.
    pub used_up: Option<ActionIx>,
    /// What was so after it.
    pub then: Picture,
    /// What was so whenever somebody looked again without any news.
    pub later: Vec<Picture>,
}

/// Where the formulas say something else than what took place.
#[derive(Debug, Clone)]
pub struct Stray {
    /// The turn, from 1.
    pub turn: usize,
    /// What they say instead, as far as they tell levels and counts; `None`: that it is not possible.
    pub instead: Option<Picture>,
}

/// The first of `turns` after which the formulas say something else.
#[must_use]
pub fn stray(playbook: &Playbook, turns: &[Happened]) -> Option<Stray> {
    let ground = Ground::of(playbook);
    let (mut unrolled, mut past, mut told) = (Unrolled::of(&ground), Past::default(), Vec::new());
    turns.iter().zip(1..).find_map(|(turn, number)| {
        unrolled.turn();
        told.extend(unrolled.news(turn, &mut past));
        told.extend(unrolled.choices(&turn.then));
        let now = unrolled.stray(number, &told, &turn.then);
        now.or_else(|| turn.later.iter().find_map(|later| unrolled.stray_later(number, &told, later)))
    })
}

/// What was told so far.
#[derive(Default)]
struct Past {
    facts: BTreeMap<FactIx, Option<bool>>,
    /// How often each action was done, and used.
    counts: BTreeMap<ActionIx, [u32; 2]>,
}

impl Unrolled<'_> {
    /// What else can be in the `turn` where this was told, if it is not so in any case.
    fn stray(&mut self, turn: usize, told: &[Lit], picture: &Picture) -> Option<Stray> {
        let mut picture = picture.clone();
        for (signal, detected) in &mut picture.signals {
            // Nobody asks, so nobody tells.
            detected.trend = if self.asks_for_trend(*signal) { detected.trend } else { Trend::Steady };
        }
        let there = self.place.at.get(&picture.stage).copied();
        let there = there.unwrap_or(self.encoding.formula.no());
        let so = pinned(&self.encoding, &picture);
        let formula = &mut self.encoding.formula;
        let so = formula.and(so.into_iter().chain([there]));
        if formula.search(&[told, &[!so]].concat()) != Answer::Impossible {
            let there = self.place.at.iter().find(|(_, there)| self.encoding.formula.value(**there));
            return Some(Stray { turn, instead: there.map(|(stage, _)| read(&self.encoding, *stage)) });
        }
        let is_possible = formula.search(&[told, &[so]].concat()) != Answer::Impossible;
        (!is_possible).then_some(Stray { turn, instead: None })
    }

    fn stray_later(&mut self, turn: usize, told: &[Lit], picture: &Picture) -> Option<Stray> {
        let (before, _) = self.look();
        let told = [told, &self.choices(picture)].concat();
        let stray = self.stray(turn, &told, picture);
        self.look_away(before);
        stray
    }

    /// What the caller and the clock decide on.
    fn choices(&self, picture: &Picture) -> Vec<Lit> {
        let world = &self.encoding.world;
        let excluded = |ix| picture.actions.iter().any(|(action, deeds)| *action == ix && deeds.excluded);
        let actions = world.actions.iter().map(|(ix, bits)| bits.excluded.so(excluded(*ix)));
        let promises = [world.promises.due.so(picture.due), world.promises.missed.so(picture.missed)];
        actions.chain(promises).chain([world.one_place.so(picture.one_place)]).collect()
    }

    /// What the turn tells.
    fn news(&self, turn: &Happened, past: &mut Past) -> Vec<Lit> {
        let Some(news) = self.told.last() else { return Vec::new() };
        let mut told = vec![news.unreported.so(turn.used_up.is_some())];
        told.extend(facts(news, turn, past));
        told.extend(deeds(news, turn, past));
        for (ix, signal) in &news.signals {
            let detected = turn.then.signals.iter().find(|(told, _)| told == ix && turn.signals.contains(ix));
            told.extend(reading(signal, detected.map(|(_, detected)| *detected), self.asks_for_trend(*ix)));
        }
        told
    }
}

fn facts(news: &TurnNews, turn: &Happened, past: &mut Past) -> Vec<Lit> {
    let mut told = Vec::new();
    for (ix, fact) in &news.facts {
        let known = past.facts.entry(*ix).or_default();
        let value = turn.facts.iter().find(|(other, _)| other == ix).map_or(*known, |(_, value)| *value);
        let is_new = value != *known;
        told.extend([
            fact.changed.so(is_new),
            fact.yes.so(is_new && value == Some(true)),
            fact.no.so(is_new && value == Some(false)),
        ]);
        *known = value;
    }
    told
}

fn deeds(news: &TurnNews, turn: &Happened, past: &mut Past) -> Vec<Lit> {
    let mut told = Vec::new();
    for (ix, action) in &news.actions {
        let result = turn.did.iter().find(|(other, _)| other == ix).map(|(_, result)| *result);
        let is_done = result == Some(ActionResult::Done);
        let counts = past.counts.entry(*ix).or_default();
        for (count, more) in counts.iter_mut().zip([is_done, is_done || turn.used_up == Some(*ix)]) {
            *count += u32::from(more);
        }
        told.extend([
            action.done.so(is_done),
            action.dismissed.so(result == Some(ActionResult::Dismissed)),
            action.unavailable.so(result == Some(ActionResult::Unavailable)),
        ]);
        for (reached, so_far) in action.counts.iter().zip(counts) {
            told.extend(reached.iter().map(|(count, reached)| reached.so(*so_far >= *count)));
        }
    }
    told
}

fn reading(signal: &SignalNews, detected: Option<Detected>, asks_for_trend: bool) -> Vec<Lit> {
    let Some(Detected { level, trend, .. }) = detected else { return vec![!signal.read] };
    let levels = signal.at_least.iter().map(|(from, passed)| passed.so(level.thousandths() >= *from));
    let moves = [signal.rising.so(trend == Trend::Rising), signal.falling.so(trend == Trend::Falling)];
    levels.chain(moves.into_iter().filter(|_| asks_for_trend)).chain([signal.read]).collect()
}

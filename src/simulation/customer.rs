//! A customer: how they feel, how that answers to what the agent does, and what of it shows.

use super::chance::Chance;
use super::memory::Memory;
use super::temper::Temper;
use crate::engine::Reading;
use crate::playbook::{Action, Kind, Level, Playbook};

/// From here on anger is at its height.
const HEIGHT: f64 = 0.95;
/// From here on somebody feels understood enough for a solution.
const UNDERSTOOD: f64 = 0.5;

/// How a customer feels; everything from 0 to 1.
#[derive(Debug)]
pub(super) struct Customer {
    pub(super) temper: Temper,
    pub(super) anger: f64,
    venting: f64,
    /// How well they feel heard.
    pub(super) heard: f64,
    threat: f64,
    /// Whether they might harm themselves.
    at_risk: bool,
    abuse: f64,
    /// Whether they have agreed to something.
    pub(super) agreed: bool,
    refused: bool,
    /// For how many turns their anger has been at its height.
    pub(super) at_height: u32,
}

impl Customer {
    /// Somebody who has just come.
    pub(super) fn new(temper: Temper, chance: &mut Chance) -> Self {
        let (least, most) = temper.anger;
        Self {
            temper,
            anger: chance.between(least, most),
            venting: temper.venting,
            heard: 0.0,
            threat: 0.0,
            at_risk: false,
            abuse: 0.0,
            agreed: false,
            refused: false,
            at_height: 0,
        }
    }

    /// Feels what the agent does; `before` is how often they met that.
    pub(super) fn meet(&mut self, action: &Action, before: u32, chance: &mut Chance) {
        let vents = self.venting > 0.5;
        let stale = before > 0;
        match action.kind {
            Kind::Listening => self.is_let_speak(),
            Kind::Empathy | Kind::Apology if stale => self.change(f64::from(before.min(3)) * self.temper.repeated),
            Kind::Empathy | Kind::Apology | Kind::Admission if vents => self.change(0.02),
            Kind::Empathy | Kind::Apology | Kind::Admission => self.is_heard(0.25, 1.0),
            Kind::Question if vents => self.change(self.temper.hurried * 0.5),
            Kind::Question => self.is_heard(0.15, 0.3),
            Kind::Solution | Kind::Concession => self.is_offered(chance),
            Kind::Promise | Kind::Update => self.change(-0.06),
            Kind::Work => self.change(-0.1),
            Kind::Handoff => self.is_heard(0.1, 0.8),
            Kind::Boundary => self.abuse *= 0.3,
            Kind::Safety => self.is_helped(chance),
            Kind::Closing => {}
        }
    }

    /// Waits so many minutes.
    pub(super) fn wait(&mut self, minutes: f64) {
        self.change(self.temper.waiting * minutes / 10.0);
    }

    /// Finds that a promise was not kept.
    pub(super) fn is_let_down(&mut self) {
        self.change(0.08);
    }

    /// Sees that nothing is done.
    pub(super) fn is_ignored(&mut self) {
        self.change(0.05);
    }

    /// Comes to the end of a turn, in which tempers may be lost.
    pub(super) fn turn_ends(&mut self, chance: &mut Chance) {
        self.change(chance.between(-0.03, 0.03));
        self.venting = (self.venting * 0.9).clamp(0.0, 1.0);
        let is_height = self.anger >= HEIGHT;
        self.at_height = if is_height { self.at_height + 1 } else { 0 };
        if is_height && chance.comes(self.temper.threatens) {
            self.threat = 0.9;
        }
        self.at_risk |= chance.comes(0.001);
        if self.anger > 0.9 && chance.comes(0.1) {
            self.abuse = 0.8;
        }
    }

    fn change(&mut self, by: f64) {
        self.anger = (self.anger + by).clamp(0.0, 1.0);
    }

    fn is_let_speak(&mut self) {
        self.venting *= 0.5;
        self.is_heard(0.2, 0.5);
    }

    fn is_heard(&mut self, more: f64, relief: f64) {
        self.heard = (self.heard + more).min(1.0);
        self.change(-self.temper.heard * relief);
    }

    fn is_helped(&mut self, chance: &mut Chance) {
        self.threat *= 0.3;
        self.at_risk &= chance.comes(0.5);
        self.change(-0.05);
    }

    fn is_offered(&mut self, chance: &mut Chance) {
        if self.venting > 0.5 || self.heard < UNDERSTOOD {
            self.refused = true;
            return self.change(self.temper.hurried);
        }
        if chance.comes(self.temper.refuses) {
            self.refused = true;
            return self.change(0.05);
        }
        self.change(-0.12);
        self.agreed |= chance.comes(1.0 - self.anger);
    }

    /// What a detector would see of it, where the playbook looks for it.
    pub(super) fn shows<'a>(
        &mut self,
        playbook: &'a Playbook,
        memory: &Memory<'a>,
        chance: &mut Chance,
    ) -> Vec<Reading<'a>> {
        let levels = [("anger", self.anger), ("frustration", self.anger * 0.8), ("venting", self.venting)];
        let risk = if self.at_risk { 0.8 } else { 0.0 };
        let passing = [("threat", self.threat), ("self_harm_risk", risk), ("abusive_language", self.abuse)];
        let content = self.agreed && self.anger < 0.4;
        let distrust = if self.temper.refuses > 0.4 { 1.0 - self.heard } else { 0.0 };
        let more = [("satisfaction", if content { 0.8 } else { 0.0 }), ("distrust", distrust)];
        let mut readings = Vec::new();
        let always = levels.into_iter();
        // What was never there is not detected, what was there is told when it goes.
        let seldom = passing.into_iter().chain(more).filter(|(id, level)| *level >= 0.1 || memory.was_shown(id));
        for (id, level) in always.chain(seldom) {
            readings.extend(reading(playbook, id, level));
        }
        for id in self.flags(memory.turns, chance) {
            readings.extend(reading(playbook, id, 1.0));
        }
        self.refused = false;
        readings
    }

    /// What goes up this turn.
    fn flags(&self, turns: u32, chance: &mut Chance) -> Vec<&'static str> {
        let early = if turns == 0 { 1.0 } else { 0.0 };
        let upset = if self.anger > 0.6 && turns >= 2 { 1.0 } else { 0.0 };
        let flags = [
            ("rejects_solution", if self.refused { 1.0 } else { 0.0 }),
            ("accepts_solution", if self.agreed && !self.refused { 0.7 } else { 0.0 }),
            ("requests_manager", upset * self.temper.manager),
            ("unsure_what_they_want", if self.heard >= UNDERSTOOD { 0.04 } else { 0.0 }),
            ("wants_to_be_heard", early * 0.08),
            ("repeat_contact", early * 0.15),
            ("legal_threat", upset * 0.02),
            ("silence", 0.02),
        ];
        flags.into_iter().filter(|(_, probability)| chance.comes(*probability)).map(|(id, _)| id).collect()
    }
}

fn reading<'a>(playbook: &'a Playbook, id: &str, level: f64) -> Option<Reading<'a>> {
    let signal = playbook.signal(playbook.find_signal(id)?);
    let level = if signal.flag { f64::from(u8::from(level >= 0.5)) } else { (level * 100.0).round() / 100.0 };
    Some(Reading { name: &signal.id, level: Level::try_from(level).ok(), confidence: None })
}

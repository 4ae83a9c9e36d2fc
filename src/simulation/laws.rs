//! What must always hold, as far as an answer shows it. What a law needs and a playbook lacks makes it not apply.

use super::memory::Memory;
use crate::engine::{Commitment, CommitmentStatus, Decision, Suggestion, SuppressionReason};
use crate::playbook::{Action, Channel, EscalationLevel, Kind, Playbook, Text, Time};

/// How long before its time a promise is due.
const DUE: i64 = 600_000;

/// An answer, and what led to it.
#[derive(Clone, Copy)]
pub(super) struct Screen<'s, 'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) decision: &'s Decision<'a>,
    pub(super) memory: &'s Memory<'a>,
    pub(super) channel: Channel,
    pub(super) now: Time,
}

/// What came of a law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The answer has nothing to do with it.
    Idle,
    Holds,
    Broken,
}

/// A law.
#[derive(Debug, Clone, Copy)]
pub struct Law {
    /// What it says.
    pub says: &'static str,
    look: fn(Screen<'_, '_>) -> Verdict,
}

impl Law {
    pub(super) fn look(&self, screen: Screen<'_, '_>) -> Verdict {
        (self.look)(screen)
    }
}

/// All of them, in the order of precedence.
pub const LAWS: [Law; 10] = [
    Law { says: "danger puts help above everything", look: safety_first },
    Law { says: "who vents is listened to, and offered no solution", look: listening_while_venting },
    Law { says: "no solution before they are understood", look: no_early_solution },
    Law { says: "only a known mistake is owned", look: known_mistakes },
    Law { says: "only what is authorized is granted", look: authorized_grants },
    Law { says: "who turns a solution down is asked what they want", look: asked_what_they_want },
    Law { says: "a due promise comes first", look: promises_first },
    Law { says: "who asks for a manager is not refused", look: manager_not_refused },
    Law { says: "words are not repeated while others are left", look: fresh_words },
    Law { says: "what is not known is asked for", look: unknown_is_asked },
];

impl<'a> Screen<'_, 'a> {
    /// Whether a signal is in its highest band, or up.
    fn is_up(&self, signal: &str) -> bool {
        let Some(ix) = self.playbook.find_signal(signal) else { return false };
        let signal = self.playbook.signal(ix);
        let highest = signal.bands.iter().max_by_key(|band| band.from).map(|band| band.id.as_str());
        let mut readings = self.decision.explanation.iter().flat_map(|explanation| &explanation.readings);
        readings.find(|now| now.signal == signal.id).is_some_and(|now| match highest {
            Some(band) => now.bands.contains(&band),
            None => now.level == Some(1.0),
        })
    }

    fn any_up(&self, signals: &[&str]) -> bool {
        signals.iter().any(|signal| self.is_up(signal))
    }

    fn place(&self, of: impl Fn(Kind) -> bool) -> Option<usize> {
        self.decision.suggestions.iter().position(|suggestion| of(suggestion.action.kind))
    }

    fn first(&self) -> Option<&'a Action> {
        self.decision.suggestions.first().map(|suggestion| suggestion.action)
    }

    fn level(&self) -> EscalationLevel {
        self.decision.escalation.as_ref().map_or(EscalationLevel::None, |advice| advice.level)
    }

    fn shows(&self, action: &str) -> bool {
        self.decision.suggestions.iter().any(|suggestion| suggestion.action.id == action)
    }

    fn has_fact(&self, fact: &str) -> bool {
        self.playbook.find_fact(fact).is_some()
    }

    /// Whether a fact is told, where the playbook has it.
    fn told_if_asked(&self, fact: &str) -> bool {
        !self.has_fact(fact) || self.memory.told(fact)
    }

    /// Whether something of this kind was done, where the playbook has it.
    fn was_done(&self, is: impl Fn(&Action) -> bool) -> bool {
        let mut such = self.playbook.actions().map(|(_, action)| action).filter(|action| is(action)).peekable();
        such.peek().is_none() || such.any(|action| self.memory.times(&action.id) > 0)
    }

    fn promised(&self, status: CommitmentStatus) -> bool {
        self.decision.commitments.iter().any(|promise| promise.status == status)
    }
}

/// Where the law is concerned it holds or not.
fn when(concerned: bool, holds: impl FnOnce() -> bool) -> Verdict {
    match concerned.then(holds) {
        None => Verdict::Idle,
        Some(true) => Verdict::Holds,
        Some(false) => Verdict::Broken,
    }
}

fn safety_first(screen: Screen<'_, '_>) -> Verdict {
    when(screen.any_up(&["threat", "belligerence", "self_harm_risk"]), || {
        let Some(advice) = &screen.decision.escalation else { return false };
        let is_first = advice.action.is_none_or(|action| screen.first().is_some_and(|first| first.id == action.id));
        advice.level == EscalationLevel::Require && is_first
    })
}

fn listening_while_venting(screen: Screen<'_, '_>) -> Verdict {
    when(screen.is_up("venting") && !screen.decision.suggestions.is_empty(), || {
        let offers = screen.place(|kind| matches!(kind, Kind::Solution | Kind::Concession)).is_some();
        let listens = screen.first().is_some_and(|first| first.kind == Kind::Listening);
        !offers && (listens || screen.level() == EscalationLevel::Require)
    })
}

fn no_early_solution(screen: Screen<'_, '_>) -> Verdict {
    when(screen.place(|kind| kind == Kind::Solution).is_some(), || {
        let heated = screen.any_up(&["anger", "frustration"]);
        let acknowledged = screen.was_done(|action| matches!(action.kind, Kind::Empathy | Kind::Apology));
        let repeated = screen.was_done(|action| action.id == "repeat_back_concerns")
            || screen.memory.told("understanding_confirmed");
        (!heated || acknowledged) && screen.told_if_asked("grievance_known") && repeated
    })
}

fn known_mistakes(screen: Screen<'_, '_>) -> Verdict {
    let admits = screen.place(|kind| kind == Kind::Admission).is_some();
    when(admits && screen.has_fact("mistake_confirmed"), || {
        let told = ["mistake_confirmed", "promise_missed"].iter().any(|fact| screen.memory.told(fact));
        told || screen.promised(CommitmentStatus::Missed)
    })
}

fn authorized_grants(screen: Screen<'_, '_>) -> Verdict {
    let grants = screen.shows("grant_reasonable_request");
    let gives = screen.shows("offer_goodwill");
    when(grants || gives, || {
        let ours = screen.told_if_asked("demand_reasonable") && screen.told_if_asked("within_agent_authority");
        (!grants || ours) && (!gives || screen.told_if_asked("goodwill_authorized"))
    })
}

fn asked_what_they_want(screen: Screen<'_, '_>) -> Verdict {
    let ask = "ask_desired_outcome";
    let open = |signal: &&&str| screen.is_up(signal) && !screen.memory.done_since(ask, signal);
    let undecided = ["rejects_solution", "unsure_what_they_want"].iter().find(open).is_some();
    when(undecided && screen.playbook.find_action(ask).is_some(), || {
        let asked = screen.decision.suggestions.iter().position(|suggestion| suggestion.action.id == ask);
        let solution = screen.place(|kind| kind == Kind::Solution);
        solution.is_none_or(|solution| asked.is_some_and(|asked| asked < solution))
    })
}

fn promises_first(screen: Screen<'_, '_>) -> Verdict {
    let due = |promise: &Commitment<'_>| match promise.status {
        CommitmentStatus::Missed => true,
        CommitmentStatus::Open => promise.due.millis() - screen.now.millis() <= DUE,
        CommitmentStatus::Kept | CommitmentStatus::Withdrawn => false,
    };
    // Safety and listening come before a promise.
    let outranked = screen.is_up("venting") || screen.level() == EscalationLevel::Require;
    let owed = screen.decision.commitments.iter().any(due);
    when(owed && !outranked && !screen.decision.suggestions.is_empty(), || {
        screen.first().is_some_and(|first| first.keeps_promise || first.kind == Kind::Admission)
    })
}

fn manager_not_refused(screen: Screen<'_, '_>) -> Verdict {
    when(screen.is_up("requests_manager"), || screen.level() >= EscalationLevel::Offer)
}

fn fresh_words(screen: Screen<'_, '_>) -> Verdict {
    let spoken = screen.decision.suggestions.iter().filter(|shown| !shown.phrasings.is_empty());
    when(spoken.clone().next().is_some(), || spoken.clone().all(|shown| are_fresh(screen, shown)))
}

/// Whether none of the words that are offered was used more often than others that are as ready to say.
fn are_fresh(screen: Screen<'_, '_>, shown: &Suggestion<'_>) -> bool {
    let offered: Vec<&Text> = shown.phrasings.iter().map(|phrasing| phrasing.text).collect();
    let locale = offered.first().map(|text| text.locale);
    let is_ready =
        |text: &&Text| text.pieces.len() == 1 && text.channels.contains(screen.channel) && Some(text.locale) == locale;
    let said = |text: &Text| screen.memory.times_said(&shown.action.id, &text.id);
    let is_offered = |text: &Text| offered.iter().any(|offered| offered.id == text.id);
    let left_out = shown.action.say.iter().filter(is_ready).filter(|text| !is_offered(text)).map(said).min();
    let most = offered.iter().copied().filter(|text| is_ready(text)).map(said).max();
    left_out.is_none_or(|least| most.is_none_or(|most| most <= least))
}

fn unknown_is_asked(screen: Screen<'_, '_>) -> Verdict {
    let unasked = |fact: &str| !screen.memory.facts.contains_key(fact);
    let waits =
        screen.decision.suppressed.iter().filter(|held| held.reason == SuppressionReason::Unknown).any(|held| {
            let mut facts = held.action.condition.facts.iter().map(|fact| screen.playbook.fact(*fact));
            facts.any(|fact| unasked(&fact.id))
        });
    when(waits, || !screen.decision.missing.is_empty())
}

//! What the engine makes of a conversation: whether it breaks a law, and where it leads.

use crate::engine::{self, ActionEntry, Decision, NextState, Request, Snapshot, Truth};
use crate::playbook::{
    Action, ActionIx, Claim, Conversation, EscalationLevel, Expectation, Law, Playbook, StageIx, TurnCase,
};
use crate::rehearsal;

/// The conversation that `turns` make.
pub(super) fn conversation(it: String, turns: &[TurnCase]) -> Conversation {
    Conversation { it, proves: Vec::new(), channel: None, locale: None, turns: turns.to_vec(), line: 0 }
}

/// Where `turns` lead.
pub(super) fn stage_after(playbook: &Playbook, turns: &[TurnCase]) -> Option<StageIx> {
    let conversation = conversation(String::new(), turns);
    let request = rehearsal::last_request(playbook, &conversation)?;
    let (input, violations) = engine::resolve(playbook, request);
    violations.is_empty().then(|| engine::decide(playbook, input)).and_then(|end| playbook.find_stage(&end.stage.id))
}

/// What the last of `turns` should bring by `law` and does not; `None`: the law holds there.
pub(super) fn broken(playbook: &Playbook, law: &Law, turns: &[TurnCase]) -> Option<Expectation> {
    let conversation = conversation(String::new(), turns);
    breaks(playbook, law, &rehearsal::last_request(playbook, &conversation)?)
}

/// What the engine's answer to `request` should bring by `law` and does not; `None`: the law holds there.
#[must_use]
pub fn breaks<'a>(playbook: &'a Playbook, law: &Law, request: &Request<'a>) -> Option<Expectation> {
    let (input, violations) = engine::resolve(playbook, request.clone());
    if !violations.is_empty() {
        return None;
    }
    let truth = engine::truth(input, &law.condition);
    let decision = engine::decide(playbook, engine::resolve(playbook, request.clone()).0);
    let end = End { playbook, request, decision: &decision };
    match &law.claim {
        Claim::Never { actions, before } => {
            let applies = truth != Truth::False && !before.iter().any(|action| end.was_done(*action));
            let shown = decision.suggestions.iter().filter_map(|shown| playbook.find_action(&shown.action.id));
            let breaks = applies && shown.into_iter().any(|shown| actions.contains(&shown));
            breaks.then(|| Expectation { never: law.names.clone(), ..Expectation::default() })
        }
        Claim::First(actions) => {
            let wanted = end.missing_first(actions).filter(|_| truth == Truth::True)?;
            Some(Expectation { first: Some(playbook.action(wanted).id.clone()), ..Expectation::default() })
        }
        Claim::Escalation(level) => {
            let found = decision.escalation.as_ref().map_or(EscalationLevel::None, |advice| advice.level);
            let wanted = Some(level.as_str().to_owned());
            let breaks = truth == Truth::True && found < *level;
            breaks.then(|| Expectation { escalation: wanted, ..Expectation::default() })
        }
        // No single answer breaks it.
        Claim::Reaches(_) => None,
    }
}

/// The last turn of a conversation.
struct End<'e, 'a> {
    playbook: &'a Playbook,
    request: &'e Request<'a>,
    decision: &'e Decision<'a>,
}

impl<'a> End<'_, 'a> {
    fn snapshot(&self) -> Option<&Snapshot<'a>> {
        match &self.decision.state {
            NextState::New(snapshot) => Some(snapshot),
            NextState::Same | NextState::Withheld => self.request.snapshot.as_ref(),
        }
    }

    fn entry(&self, action: &Action) -> Option<&ActionEntry<'a>> {
        self.snapshot()?.actions.iter().find(|entry| entry.name == action.id)
    }

    fn was_done(&self, action: ActionIx) -> bool {
        self.entry(self.playbook.action(action)).is_some_and(|entry| entry.count > 0)
    }

    /// Which of `actions` should be first and is not.
    fn missing_first(&self, actions: &[ActionIx]) -> Option<ActionIx> {
        let first = &self.decision.suggestions.first()?.action.id;
        let wanted = *actions.iter().find(|action| !self.is_silent(self.playbook.action(**action)))?;
        let mut fine = actions.iter().take_while(|action| **action != wanted).chain([&wanted]);
        let is_fine = fine.any(|action| self.playbook.action(*action).id == *first);
        (!is_fine && !self.has_outlived(first)).then_some(wanted)
    }

    fn has_outlived(&self, first: &str) -> bool {
        self.decision.escalation.as_ref().is_some_and(|advice| {
            let has_cause = advice.reasons.first().is_some_and(|reason| reason.in_force);
            let is_above = advice.level > EscalationLevel::Offer;
            is_above && !has_cause && advice.action.is_some_and(|action| action.id == first)
        })
    }

    fn is_silent(&self, action: &Action) -> bool {
        let entry = self.entry(action);
        let excluded = self.request.options.excluded.contains(&action.id.as_str());
        excluded
            || entry.is_some_and(|entry| entry.unavailable || (!self.is_lifted(action) && self.is_worn(action, entry)))
    }

    fn is_worn(&self, action: &Action, entry: &ActionEntry<'_>) -> bool {
        let turn = self.decision.turn;
        let spent = action.limit.times.is_some_and(|times| entry.used >= times);
        let in_gap = entry.used > 0 && entry.used_turn.saturating_add(action.limit.gap) > turn;
        spent || in_gap || entry.dismissed_until > turn
    }

    fn is_lifted(&self, action: &Action) -> bool {
        let required = self.decision.escalation.as_ref().filter(|advice| advice.level == EscalationLevel::Require);
        required.is_some_and(|advice| {
            let actions = [advice.rule.action, advice.rule.else_action];
            actions.into_iter().flatten().any(|named| self.playbook.action(named).id == action.id)
        })
    }
}

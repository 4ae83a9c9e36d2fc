//! What operators learn of a decision: names of a playbook's parts, nothing of the conversation.

use crate::engine::Decision;
use crate::telemetry::{Decided, Told};

/// What is counted.
pub(super) fn counted<'a>(decision: &Decision<'a>) -> Decided<'a> {
    Decided {
        playbook: &decision.playbook.id,
        stage: &decision.stage.id,
        action: decision.suggestions.first().map(|first| first.action.id.as_str()),
        escalation: decision.escalation.as_ref().map(|escalation| escalation.level.as_str()),
    }
}

/// The same of what was told already.
pub(super) fn recounted(told: &Told) -> Decided<'_> {
    Decided {
        playbook: &told.playbook,
        stage: &told.stage,
        action: told.action.as_deref(),
        escalation: told.escalation,
    }
}

/// What its line and its span say.
pub(super) fn told(decision: &Decision<'_>) -> Told {
    let escalation = decision.escalation.as_ref();
    Told {
        playbook: decision.playbook.id.clone(),
        version: decision.playbook.version.clone(),
        digest: decision.playbook.digest.clone(),
        stage: decision.stage.id.clone(),
        action: decision.suggestions.first().map(|first| first.action.id.clone()),
        escalation: escalation.map(|escalation| escalation.level.as_str()),
    }
}

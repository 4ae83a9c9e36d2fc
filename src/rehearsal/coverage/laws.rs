//! Laws: which of them had something to say about an answer.

use crate::engine::{Decision, Trace, Truth};
use crate::playbook::{ActionIx, Claim, Course, Law, Playbook};

/// A law that applied.
pub(super) struct Applied {
    /// Its position.
    pub(super) at: usize,
    /// Whether it speaks of where the conversation gets, and not of this answer.
    pub(super) is_a_way: bool,
}

/// The laws that applied to `decision`.
pub(super) fn applied(playbook: &Playbook, decision: &Decision<'_>, trace: &Trace) -> Vec<Applied> {
    let applies = |law: &Law| trace.truth(&law.condition) == Truth::True && has_matter(playbook, decision, law);
    let with_position = |(at, law): (usize, &Law)| Applied { at, is_a_way: matches!(law.claim, Claim::Reaches(_)) };
    playbook.laws().iter().enumerate().filter(|(_, law)| applies(law)).map(with_position).collect()
}

/// The positions of the laws that speak of a way to the stage of `decision`.
pub(super) fn arrived(playbook: &Playbook, decision: &Decision<'_>) -> Vec<usize> {
    let stage = playbook.find_stage(&decision.stage.id);
    let leads_here = |law: &Law| match &law.claim {
        Claim::Reaches(goals) => stage.is_some_and(|stage| goals.contains(&stage)),
        Claim::Never { .. } | Claim::First(_) | Claim::Escalation(_) => false,
    };
    playbook.laws().iter().enumerate().filter(|(_, law)| leads_here(law)).map(|(at, _)| at).collect()
}

/// Whether there is anything that the law can be about: what speaks of suggestions needs a stage that has some.
fn has_matter(playbook: &Playbook, decision: &Decision<'_>, law: &Law) -> bool {
    let is_open = matches!(decision.stage.course, Course::Open { .. });
    match &law.claim {
        // Without a condition it applies all the time: it is put to the test once one of the actions comes up.
        Claim::Never { actions, before } if law.condition.is_empty() && !before.is_empty() => {
            is_open && (actions.iter().chain(before).any(|action| is_in_view(playbook, decision, *action)))
        }
        Claim::Never { .. } | Claim::First(_) => is_open,
        Claim::Escalation(_) | Claim::Reaches(_) => true,
    }
}

/// Whether an action is on the screen, or held back.
fn is_in_view(playbook: &Playbook, decision: &Decision<'_>, action: ActionIx) -> bool {
    let id = &playbook.action(action).id;
    let is_shown = decision.suggestions.iter().any(|suggestion| suggestion.action.id == *id);
    is_shown || decision.suppressed.iter().any(|suppressed| suppressed.action.id == *id)
}

//! What should the agent do next?

use super::error::ServiceError;
use super::playbooks::{Choice, LedBy, Playbooks};
use crate::engine::{self, Decision, Request, Violation};
use crate::playbook::Playbook;

/// A question, and what is wrong with it so far.
#[derive(Debug)]
pub struct Question<'a> {
    /// The playbook that is wanted.
    pub choice: Choice<'a>,
    /// What is asked. Where something was wrong, something harmless took its place.
    pub request: Request<'a>,
    /// What was wrong.
    pub violations: Vec<Violation>,
}

/// Answers `question`.
///
/// # Errors
///
/// Something in it is wrong, or its playbook is not loaded.
pub fn recommend<'a>(playbooks: &'a Playbooks, question: Question<'a>) -> Result<Decision<'a>, ServiceError> {
    let Question { choice, request, violations } = &question;
    let state = request.snapshot.as_ref();
    let before = state.map_or_else(LedBy::default, |state| LedBy {
        playbook: state.playbook,
        version: state.playbook_version,
        digest: state.playbook_digest,
    });
    let playbook = match playbooks.choose_for(*choice, before) {
        Ok(loaded) => &loaded.playbook,
        Err(_) if !violations.is_empty() => return Err(ServiceError::Invalid(question.violations)),
        Err(error) => return Err(error),
    };
    recommend_by(playbook, question)
}

/// Answers `question` by `playbook`, whichever it wants.
///
/// # Errors
///
/// Something in it is wrong.
pub fn recommend_by<'a>(playbook: &'a Playbook, question: Question<'a>) -> Result<Decision<'a>, ServiceError> {
    let Question { request, mut violations, .. } = question;
    let (input, found) = engine::resolve(playbook, request);
    for violation in found {
        if violations.iter().all(|known| known.field != violation.field) {
            violations.push(violation);
        }
    }
    if violations.is_empty() { Ok(engine::decide(playbook, input)) } else { Err(ServiceError::Invalid(violations)) }
}

//! What should the agent do next?

use super::error::ServiceError;
use super::playbooks::{Choice, LedBy, Playbooks};
use crate::engine::{self, Decision, Input, Request, Standing, Violation};
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
    let (playbook, question) = chosen(playbooks, question)?;
    recommend_by(playbook, question)
}

/// Answers `question` in a conversation whose past can't be read.
///
/// # Errors
///
/// Something in it is wrong, or its playbook is not loaded.
pub fn recommend_without_past<'a>(
    playbooks: &'a Playbooks,
    question: Question<'a>,
) -> Result<Decision<'a>, ServiceError> {
    let (playbook, question) = chosen(playbooks, question)?;
    resolved(playbook, question).map(|input| engine::decide_without_past(playbook, input))
}

/// Tells where the conversation of `question` stands.
///
/// # Errors
///
/// Something in it is wrong, or its playbook is not loaded.
pub fn standing<'a>(playbooks: &'a Playbooks, question: Question<'a>) -> Result<Standing<'a>, ServiceError> {
    let (playbook, question) = chosen(playbooks, question)?;
    resolved(playbook, question).map(|input| engine::standing(playbook, input))
}

/// Answers `question` by `playbook`, whichever it wants.
///
/// # Errors
///
/// Something in it is wrong.
pub fn recommend_by<'a>(playbook: &'a Playbook, question: Question<'a>) -> Result<Decision<'a>, ServiceError> {
    resolved(playbook, question).map(|input| engine::decide(playbook, input))
}

/// The playbook that `question` means.
fn chosen<'a>(playbooks: &'a Playbooks, question: Question<'a>) -> Result<(&'a Playbook, Question<'a>), ServiceError> {
    let Question { choice, request, violations } = &question;
    let state = request.snapshot.as_ref();
    let before = state.map_or_else(LedBy::default, |state| LedBy {
        playbook: state.playbook,
        version: state.playbook_version,
        digest: state.playbook_digest,
    });
    match playbooks.choose_for(*choice, before) {
        Ok(loaded) => Ok((&loaded.playbook, question)),
        Err(_) if !violations.is_empty() => Err(ServiceError::Invalid(question.violations)),
        Err(error) => Err(error),
    }
}

/// All that is wrong, or what can be decided on.
fn resolved<'a>(playbook: &'a Playbook, question: Question<'a>) -> Result<Input<'a>, ServiceError> {
    let Question { request, mut violations, .. } = question;
    let (input, found) = engine::resolve(playbook, request);
    for violation in found {
        if violations.iter().all(|known| known.field != violation.field) {
            violations.push(violation);
        }
    }
    if violations.is_empty() { Ok(input) } else { Err(ServiceError::Invalid(violations)) }
}

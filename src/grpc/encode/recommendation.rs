//! The answer as a whole.

use uuid::Uuid;

use super::state::{commitment, snapshot};
use super::{advice, explanation, suggestion};
use crate::engine::{Decision, MissingFact, NextState, Suggestion, Suppressed, UpNext, Warning};
use crate::grpc::answer::Answer;
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::{
    delivery_guide, guardrail as guardrail_fields, missing_fact, playbook_identity, recommend_response as field,
    suppressed as suppressed_fields, up_next as up_next_fields, warning as warning_fields,
};
use crate::grpc::writer::Writer;
use crate::playbook::{Delivery, Guardrail, Identity};

/// Room for an answer of the usual size: growing is what costs.
const USUAL_BYTES: usize = 6 * 1024;

/// What an answer says beside the decision.
#[derive(Debug, Clone, Copy)]
pub(in crate::grpc) struct Envelope<'a> {
    /// Its id; empty: a new one is drawn.
    pub(in crate::grpc) decision_id: &'a str,
    /// The state that was decided on, encoded; empty: the conversation began.
    pub(in crate::grpc) given: &'a [u8],
    /// The next one, where it is encoded already.
    pub(in crate::grpc) next: Option<&'a [u8]>,
    /// Whether what holds the conversation could not be asked.
    pub(in crate::grpc) degraded: bool,
}

/// Tells `decision`.
pub(in crate::grpc) fn recommendation(decision: &Decision<'_>, envelope: Envelope<'_>) -> Answer {
    let Envelope { decision_id, given, next, degraded } = envelope;
    let mut w = Writer::with_capacity(USUAL_BYTES);
    if decision_id.is_empty() {
        w.text(field::DECISION_ID, Uuid::new_v4().hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    } else {
        w.text(field::DECISION_ID, decision_id);
    }
    whereabouts(&mut w, decision);
    recommended(&mut w, decision);
    observed(&mut w, decision);
    match next {
        Some(encoded) => w.encoded_message(field::STATE, encoded),
        None => next_state(&mut w, &decision.state, given),
    }
    w.boolean(field::DEGRADED, degraded);
    Answer::encoded_as(w.into_bytes())
}

fn whereabouts(w: &mut Writer, decision: &Decision<'_>) {
    w.message(field::PLAYBOOK, |w| identity(w, decision.playbook));
    w.number(field::TURN, decision.turn);
    w.text(field::STAGE, &decision.stage.id);
    w.text(field::STAGE_TITLE, &decision.stage.title);
    w.word(field::OUTCOME, wire::Outcome::from(decision.outcome));
    w.texts(field::PATH, decision.path.iter().map(|stage| &stage.id));
}

fn recommended(w: &mut Writer, decision: &Decision<'_>) {
    w.messages(field::SUGGESTIONS, &decision.suggestions, suggestion::suggestion);
    w.messages(field::UP_NEXT, &decision.up_next, up_next_stage);
    w.message(field::ESCALATION, |w| advice::escalation(w, decision.escalation.as_ref()));
    w.messages(field::GUARDRAILS, decision.guardrails.iter().copied(), guardrail);
    w.messages(field::SUPPRESSED, &decision.suppressed, held_back);
    w.messages(field::MISSING_INFORMATION, &decision.missing, missing_information);
    w.messages(field::DELIVERY_GUIDES, guides(&decision.suggestions), guide);
    w.word(field::NO_SUGGESTION_REASON, no_suggestion_reason(&decision.suggestions));
}

fn observed(w: &mut Writer, decision: &Decision<'_>) {
    w.messages(field::COMMITMENTS, &decision.commitments, commitment);
    w.messages(field::WARNINGS, &decision.warnings, warning);
    w.boolean(field::UNCHANGED, decision.unchanged);
    if let Some(time) = decision.next_check {
        w.time(field::NEXT_CHECK_TIME, time);
    }
    w.time(field::EVALUATION_TIME, decision.now);
    w.messages(field::EXPLANATION, &decision.explanation, explanation::explanation);
}

/// A state that stays the same goes back as it came.
fn next_state(w: &mut Writer, next: &NextState<'_>, given: &[u8]) {
    match next {
        NextState::Same => w.encoded_message(field::STATE, given),
        NextState::New(new) => w.message(field::STATE, |w| snapshot(w, new)),
        NextState::Withheld => {}
    }
}

pub(super) fn identity(w: &mut Writer, identity: &Identity) {
    use playbook_identity as field;
    let Identity { id, version, digest } = identity;
    w.text(field::ID, id);
    w.text(field::VERSION, version);
    w.text(field::DIGEST, digest);
}

/// Only a final stage has nothing to suggest.
fn no_suggestion_reason(suggestions: &[Suggestion<'_>]) -> wire::NoSuggestionReason {
    if suggestions.is_empty() { wire::NoSuggestionReason::FinalStage } else { wire::NoSuggestionReason::Unspecified }
}

fn up_next_stage(w: &mut Writer, up_next: &UpNext<'_>) {
    use up_next_fields as field;
    let UpNext { stage, blocked_by } = up_next;
    w.text(field::STAGE, &stage.id);
    w.text(field::TITLE, &stage.title);
    w.texts(field::BLOCKED_BY, blocked_by);
}

pub(super) fn guardrail(w: &mut Writer, guardrail: &Guardrail) {
    use guardrail_fields as field;
    let Guardrail { id, tell, source, condition: _, forbids: _, avoid: _, place: _ } = guardrail;
    w.text(field::ID, id);
    w.text(field::TELL, tell);
    w.texts(field::SOURCES, source);
}

fn held_back(w: &mut Writer, suppressed: &Suppressed<'_>) {
    use suppressed_fields as field;
    let Suppressed { action, reason, because, until_turn } = suppressed;
    w.text(field::ACTION, &action.id);
    w.word(field::REASON, wire::SuppressionReason::from(*reason));
    w.texts(field::BECAUSE, because);
    w.number(field::UNTIL_TURN, *until_turn);
}

fn missing_information(w: &mut Writer, missing: &MissingFact<'_>) {
    use missing_fact as field;
    let MissingFact { fact, question, unlocks } = missing;
    w.text(field::FACT, fact);
    w.text(field::QUESTION, question);
    w.texts(field::UNLOCKS, unlocks);
}

pub(super) fn warning(w: &mut Writer, warning: &Warning) {
    use warning_fields as field;
    let Warning { code, field: path, message } = warning;
    w.word(field::CODE, wire::WarningCode::from(*code));
    w.text(field::FIELD, path);
    w.text(field::MESSAGE, message);
}

/// The delivery guides of all suggestions, each once, in order of appearance.
fn guides<'a>(suggestions: &[Suggestion<'a>]) -> Vec<&'a Delivery> {
    let mut guides: Vec<&Delivery> = Vec::new();
    for guide in suggestions.iter().flat_map(|suggestion| &suggestion.delivery) {
        if !guides.iter().any(|known| known.id == guide.id) {
            guides.push(guide);
        }
    }
    guides
}

fn guide(w: &mut Writer, guide: &Delivery) {
    use delivery_guide as field;
    let Delivery { id, tell, source, channels: _ } = guide;
    w.text(field::ID, id);
    w.text(field::TELL, tell);
    w.texts(field::SOURCES, source);
}

//! Conversations that are held.

use super::advice::handoff_brief;
use super::recommendation::identity;
use crate::engine::Standing;
use crate::grpc::answer::Answer;
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::get_conversation_response as field;
use crate::grpc::writer::Writer;
use crate::playbook::Time;
use crate::store::Due;

/// Room for an answer of the usual size.
const USUAL_BYTES: usize = 4 * 1024;

/// Tells where a conversation stands; `held` is its state, encoded.
pub(in crate::grpc) fn standing(standing: &Standing<'_>, held: &[u8]) -> Answer {
    let Standing { playbook, outcome, brief, next_check } = standing;
    let mut w = Writer::with_capacity(USUAL_BYTES);
    w.encoded_message(field::STATE, held);
    w.message(field::PLAYBOOK, |w| identity(w, playbook));
    w.word(field::OUTCOME, wire::Outcome::from(*outcome));
    w.message(field::BRIEF, |w| handoff_brief(w, brief));
    if let Some(time) = next_check {
        w.time(field::NEXT_CHECK_TIME, *time);
    }
    Answer::encoded_as(w.into_bytes())
}

/// Promises that fall due, as they stand at the moment `now`.
pub(in crate::grpc) fn due(promises: Vec<Due>, now: Time) -> Vec<wire::DueCommitment> {
    let tell = |Due { time, conversation, commitment }| {
        let status = if time < now { wire::CommitmentStatus::Missed } else { wire::CommitmentStatus::Open };
        wire::DueCommitment {
            conversation_id: conversation,
            commitment_id: commitment,
            due_time: Some(timestamp(time)),
            status: status.into(),
        }
    };
    promises.into_iter().map(tell).collect()
}

fn timestamp(time: Time) -> prost_types::Timestamp {
    let (seconds, nanos) = (time.millis().div_euclid(1000), time.millis().rem_euclid(1000) * 1_000_000);
    prost_types::Timestamp { seconds, nanos: i32::try_from(nanos).unwrap_or_default() }
}

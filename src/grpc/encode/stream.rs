//! What goes out on a stream.

use std::collections::BTreeMap;

use prost_types::Duration;
use tonic::Status;
use tonic_types::{FieldViolation, StatusExt as _};

use super::recommendation::warning;
use crate::grpc::answer::Answer;
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::{
    conversation_forgotten, field_violation, heartbeat as heartbeat_fields, recommend_accepted,
    recommendation_snapshot, stream_error, stream_recommendations_response as field,
};
use crate::grpc::generated::in_place::RecommendRequestView;
use crate::grpc::held::{Answered, Standpoint};
use crate::grpc::writer::Writer;
use crate::playbook::Time;

/// Room beside the answer in a snapshot.
const USUAL_BYTES: usize = 256;
/// Characters of an id at most.
const MOST_ECHOED: usize = 128;

/// Shows what was `answered` of a conversation.
pub(in crate::grpc) fn snapshot(conversation: &str, answered: &Answered) -> Answer {
    use recommendation_snapshot as of;
    let Answered { answer, warnings: _, standpoint, on: _, degraded: _ } = answered;
    let Standpoint { sequence, digest, next_check: _, past: _ } = standpoint;
    event(USUAL_BYTES + answer.as_bytes().len(), |w| {
        w.message(field::SNAPSHOT, |w| {
            w.text(of::CONVERSATION_ID, conversation);
            w.long_number(of::SEQUENCE, *sequence);
            w.hexadecimal(of::ANSWER_DIGEST, *digest);
            w.encoded(of::RECOMMENDATION, answer);
        });
    })
}

/// Says that `request` was counted.
pub(in crate::grpc) fn accepted(request: &RecommendRequestView<'_>, answered: &Answered) -> Answer {
    use recommend_accepted as of;
    let Answered { answer: _, warnings, standpoint, on: _, degraded } = answered;
    event(USUAL_BYTES, |w| {
        w.message(field::ACCEPTED, |w| {
            w.text(of::CONVERSATION_ID, request.conversation_id);
            w.text(of::REQUEST_ID, request.request_id);
            w.long_number(of::SEQUENCE, standpoint.sequence);
            w.messages(of::WARNINGS, warnings, warning);
            w.boolean(of::DEGRADED, *degraded);
        });
    })
}

/// Says that a conversation is not held any more.
pub(in crate::grpc) fn forgotten(conversation: &str) -> Answer {
    event(USUAL_BYTES, |w| {
        w.message(field::FORGOTTEN, |w| w.text(conversation_forgotten::CONVERSATION_ID, conversation));
    })
}

/// Says that the stream is alive.
pub(in crate::grpc) fn heartbeat(now: Time) -> Answer {
    event(USUAL_BYTES, |w| w.message(field::HEARTBEAT, |w| w.time(heartbeat_fields::TIME, now)))
}

/// What something that went wrong is about; empty: nobody knows.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::grpc) struct About<'a> {
    pub(in crate::grpc) conversation: &'a str,
    pub(in crate::grpc) request: &'a str,
}

/// Says what went wrong.
pub(in crate::grpc) fn error(about: About<'_>, status: &Status) -> Answer {
    use stream_error as of;
    let details = status.get_error_details();
    let info = details.error_info();
    event(USUAL_BYTES, |w| {
        w.message(field::ERROR, |w| {
            w.text(of::CONVERSATION_ID, echoed(about.conversation));
            w.text(of::REQUEST_ID, echoed(about.request));
            w.word(of::CODE, status.code());
            w.word(of::REASON, reason(info.map_or("", |info| &info.reason)));
            w.text(of::MESSAGE, status.message());
            for (key, value) in info.into_iter().flat_map(|info| info.metadata.iter().collect::<BTreeMap<_, _>>()) {
                w.text_entry(of::METADATA, key, value);
            }
            w.messages(of::VIOLATIONS, details.bad_request().iter().flat_map(|bad| &bad.field_violations), violation);
            if let Some(after) = details.retry_info().and_then(|retry| retry.retry_delay) {
                w.encoded(of::RETRY_AFTER, &Duration::try_from(after).unwrap_or_default());
            }
        });
    })
}

/// An id that is too long is what is wrong, and least of all repeated.
fn echoed(id: &str) -> &str {
    if id.chars().nth(MOST_ECHOED).is_none() { id } else { "" }
}

fn event(bytes: usize, write: impl FnOnce(&mut Writer)) -> Answer {
    let mut w = Writer::with_capacity(bytes);
    write(&mut w);
    Answer::encoded_as(w.into_bytes())
}

fn reason(name: &str) -> wire::ErrorReason {
    wire::ErrorReason::from_str_name(name).unwrap_or_default()
}

fn violation(w: &mut Writer, violation: &FieldViolation) {
    use field_violation as of;
    let FieldViolation { field, description, .. } = violation;
    w.text(of::FIELD, field);
    w.text(of::DESCRIPTION, description);
}

//! The only place that makes a `Status`: code, message, and details that say what to change.
//!
//! Details travel in a header, and clients refuse headers that are too large: of many wrong fields the first are told in full,
//! and how many there are in all.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::generated::ErrorReason;
use crate::auth::{Meaning, Refusal};
use crate::engine::Violation;
use crate::service::{HeldError, ServiceError};
use crate::store::Unavailable;

/// The `domain` of every `ErrorInfo`.
pub const ERROR_DOMAIN: &str = "composure.v1";
/// Room for the fields that are wrong; half of what the strictest common client takes for all headers.
const MOST_DETAIL_BYTES: usize = 4 * 1024;
/// When a document that was turned away has a chance to be checked.
const DOCUMENT_LATER: Duration = Duration::from_secs(1);
/// When a call that was turned away has a chance to be answered.
const CALL_LATER: Duration = Duration::from_millis(250);
/// When a subscription that was turned away has a chance to find a place.
const PLACE_LATER: Duration = Duration::from_secs(5);
/// When a store that does not answer is asked again.
const STORE_LATER: Duration = Duration::from_secs(1);

impl From<ServiceError> for Status {
    fn from(error: ServiceError) -> Self {
        let message = error.to_string();
        match error {
            ServiceError::Invalid(violations) => invalid(&message, violations),
            ServiceError::UnknownPlaybook { playbook, loaded } => {
                let metadata = [("playbook", playbook), ("loaded", loaded.join(", "))];
                let details = details(ErrorReason::UnknownPlaybook, metadata);
                Self::with_error_details(Code::NotFound, message, details)
            }
            ServiceError::UnknownVersion { playbook, version, loaded } => {
                let metadata = [("playbook", playbook), ("version", version), ("loaded", loaded.join(", "))];
                let details = details(ErrorReason::UnknownPlaybookVersion, metadata);
                Self::with_error_details(Code::NotFound, message, details)
            }
        }
    }
}

impl From<HeldError<ServiceError>> for Status {
    fn from(error: HeldError<ServiceError>) -> Self {
        let message = error.to_string();
        match error {
            HeldError::Undecided(error) => error.into(),
            HeldError::Contended => {
                let mut details = details(ErrorReason::ConversationContended, []);
                details.set_retry_info(Some(CALL_LATER));
                Self::with_error_details(Code::Aborted, message, details)
            }
        }
    }
}

impl From<Unavailable> for Status {
    fn from(error: Unavailable) -> Self {
        let mut details = details(ErrorReason::StoreUnavailable, []);
        details.set_retry_info(Some(STORE_LATER));
        Self::with_error_details(Code::Unavailable, error.to_string(), details)
    }
}

/// No conversations are held here.
pub(super) fn conversations_not_held() -> Status {
    let message = "this server holds no conversations; send the `state` of the last answer with each request instead";
    Status::with_error_details(Code::FailedPrecondition, message, details(ErrorReason::ConversationsNotHeld, []))
}

/// No such conversation is held.
pub(super) fn unknown_conversation() -> Status {
    let message = "no such conversation is held: it never was, was deleted, or nothing was heard of it for too long";
    Status::with_error_details(Code::NotFound, message, details(ErrorReason::UnknownConversation, []))
}

/// The body is not what the method takes; like what the transport says of bodies, without details.
pub(super) fn unreadable_request() -> Status {
    Status::internal("the body is not a `RecommendRequest`: were both sides built from the same contract?")
}

/// What came on a stream is no message of it.
pub(super) fn unreadable_message() -> Status {
    let description = "is not a `StreamRecommendationsRequest`: were both sides built from the same contract?";
    let violation = Violation { field: "message".to_owned(), description: description.to_owned() };
    invalid("the request is wrong in 1 place", vec![violation])
}

/// Streams are subscribed to as many conversations as this server takes.
pub(super) fn no_place() -> Status {
    let message = "streams are subscribed to as many conversations as this server takes; try again, or another replica";
    later(PLACE_LATER, message)
}

/// The caller's streams are subscribed to as many conversations as its share.
pub(super) fn caller_has_its_places() -> Status {
    let message = "you are subscribed to your share of the conversations that this server takes; unsubscribe from some";
    later(PLACE_LATER, message)
}

/// What holds the conversations can't be asked, and nothing is known here. A stream looks again by itself, so nobody is told when to
/// try again.
pub(super) fn past_unknown() -> Status {
    let details = details(ErrorReason::StoreUnavailable, []);
    Status::with_error_details(Code::Unavailable, Unavailable.to_string(), details)
}

/// What the transport said when a stream could not be read on, as the contract has it.
pub(super) fn unreadable(status: Status) -> Status {
    if status.code() == Code::OutOfRange { too_large(status.message()) } else { status }
}

/// Other documents are being checked.
pub(super) fn busy() -> Status {
    later(DOCUMENT_LATER, "other documents are being checked; try again")
}

/// The server has as many calls under way as it takes.
#[must_use]
pub fn overloaded() -> Status {
    later(CALL_LATER, "the server has as many calls under way as it takes; try again, or another replica")
}

/// The caller has as many calls under way as its share.
#[must_use]
pub fn caller_overloads() -> Status {
    later(CALL_LATER, "you have your share of the calls that the server takes under way; wait for some to be answered")
}

fn later(after: Duration, message: &str) -> Status {
    let mut details = details(ErrorReason::Busy, []);
    details.set_retry_info(Some(after));
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

/// Time is up.
#[must_use]
pub fn deadline_exceeded() -> Status {
    let message = "the answer was not ready within the client's deadline or the server's limit";
    Status::with_error_details(Code::DeadlineExceeded, message, details(ErrorReason::DeadlineExceeded, []))
}

/// The value of a metadata key can't be read; `flaw` says what it must be.
#[must_use]
pub fn bad_metadata(key: &str, flaw: &str) -> Status {
    let violation = Violation { field: key.to_owned(), description: flaw.to_owned() };
    invalid("the metadata is wrong in 1 place", vec![violation])
}

/// A handler failed in a way that nobody thought of.
#[must_use]
pub fn internal() -> Status {
    Status::with_error_details(Code::Internal, "the server failed", details(ErrorReason::Internal, []))
}

/// The caller is not let in.
#[must_use]
pub fn refused(refusal: &Refusal) -> Status {
    let (code, reason) = match refusal.meaning() {
        Meaning::Unauthenticated => (Code::Unauthenticated, ErrorReason::Unauthenticated),
        Meaning::Forbidden => (Code::PermissionDenied, ErrorReason::PermissionDenied),
        Meaning::Unavailable => (Code::Unavailable, ErrorReason::CredentialsUnavailable),
    };
    let mut details = details(reason, [("cause", refusal.reason().to_owned())]);
    if let Refusal::KeysUnavailable { retry_after } = refusal {
        details.set_retry_info(Some(*retry_after));
    }
    Status::with_error_details(code, refusal.to_string(), details)
}

/// The request is larger than the method takes; `message` has the sizes.
#[must_use]
pub fn too_large(message: &str) -> Status {
    let details = details(ErrorReason::MessageTooLarge, []);
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

/// The server is about to end; another one may answer.
#[must_use]
pub fn stopping() -> Status {
    Status::with_error_details(Code::Unavailable, "the server is stopping", details(ErrorReason::Stopping, []))
}

fn invalid(message: &str, violations: Vec<Violation>) -> Status {
    let mut details = details(ErrorReason::InvalidRequest, [("violations", violations.len().to_string())]);
    let message = match violations.first() {
        Some(Violation { field, description }) => format!("{message}: {field}: {description}"),
        None => message.to_owned(),
    };
    let mut room = MOST_DETAIL_BYTES;
    for Violation { field, description } in violations {
        match room.checked_sub(field.len() + description.len()) {
            Some(left) => room = left,
            None => break,
        }
        details.add_bad_request_violation(field, description);
    }
    Status::with_error_details(Code::InvalidArgument, message, details)
}

fn details<const N: usize>(reason: ErrorReason, metadata: [(&str, String); N]) -> ErrorDetails {
    let metadata: HashMap<String, String> = metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    ErrorDetails::with_error_info(reason.as_str_name(), ERROR_DOMAIN, metadata)
}

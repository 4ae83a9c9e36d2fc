//! The only place that makes a `Status`: code, message, and details that say what to change.
//!
//! Details travel in a header, and clients refuse headers that are too large: of many wrong fields the first are told in full,
//! and how many there are in all.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::generated::ErrorReason;
use crate::engine::Violation;
use crate::service::ServiceError;

/// The `domain` of every `ErrorInfo`.
pub const ERROR_DOMAIN: &str = "composure.v1";
/// Room for the fields that are wrong; half of what the strictest common client takes for all headers.
const MOST_DETAIL_BYTES: usize = 4 * 1024;
/// When a document that was turned away has a chance to be checked.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

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

/// Too much of this is going on.
pub(super) fn busy() -> Status {
    let mut details = details(ErrorReason::Busy, []);
    details.set_retry_info(Some(TRY_AGAIN_AFTER));
    Status::with_error_details(Code::ResourceExhausted, "other documents are being checked; try again", details)
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
    Status::unavailable("the server is stopping")
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

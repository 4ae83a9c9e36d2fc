//! Requests about conversations that are held.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use prost_types::Timestamp;

use super::recommend::CONVERSATION_ID_CHARS;
use super::violations::Violations;
use crate::grpc::generated as wire;
use crate::playbook::Time;
use crate::service::ServiceError;
use crate::store::{Due, DueQuery};

const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;
/// Ids of as many characters as they may have, of four bytes each, and then some.
const PAGE_TOKEN_CHARS: usize = 2_048;
/// What falls due so soon counts as due.
const DUE_AHEAD_MILLIS: i64 = 600_000;

/// Which conversation to tell of.
pub(in crate::grpc) fn told(request: &wire::GetConversationRequest) -> Result<&str, ServiceError> {
    let wire::GetConversationRequest { conversation_id } = request;
    conversation(conversation_id)
}

/// Which conversation to forget.
pub(in crate::grpc) fn forgotten(request: &wire::DeleteConversationRequest) -> Result<&str, ServiceError> {
    let wire::DeleteConversationRequest { conversation_id } = request;
    conversation(conversation_id)
}

/// The conversation that must be named.
pub(in crate::grpc) fn conversation(conversation_id: &str) -> Result<&str, ServiceError> {
    let mut violations = Violations::default();
    named(&mut violations, conversation_id);
    violations.none_or(conversation_id)
}

pub(super) fn named(v: &mut Violations, conversation_id: &str) {
    if conversation_id.is_empty() {
        v.add("conversation_id", "must not be empty: which conversation?");
    }
    v.text(conversation_id, CONVERSATION_ID_CHARS, || "conversation_id");
}

/// Which promises of `tenant` to list, `now` that it was asked.
pub(in crate::grpc) fn due<'a>(
    request: &wire::ListDueCommitmentsRequest,
    tenant: &'a str,
    now: Time,
) -> Result<DueQuery<'a>, ServiceError> {
    let wire::ListDueCommitmentsRequest { due_before, page_size, page_token } = request;
    let mut violations = Violations::default();
    let v = &mut violations;
    let before = match due_before {
        Some(Timestamp { seconds, nanos }) => v.time((*seconds, *nanos), || "due_before"),
        None => now.plus_millis(DUE_AHEAD_MILLIS),
    };
    let most = match *page_size {
        0 => PAGE,
        size @ 1..=LARGEST_PAGE => size,
        more => {
            v.add("page_size", format!("must be from 1 to {LARGEST_PAGE}, or 0 for {PAGE}, not {more}"));
            PAGE
        }
    };
    let after = if page_token.is_empty() { None } else { place(v, page_token) };
    violations.none_or(DueQuery { tenant, until: before.plus_millis(-1), after, most: most as usize })
}

/// A place between two pages, as it travels.
#[derive(Clone, PartialEq, Message)]
struct Place {
    #[prost(sint64, tag = "1")]
    time: i64,
    #[prost(string, tag = "2")]
    conversation: String,
    #[prost(string, tag = "3")]
    commitment: String,
}

/// The token that says: go on behind `last`.
pub(in crate::grpc) fn page_token(last: &Due) -> String {
    let Due { time, conversation, commitment } = last.clone();
    URL_SAFE_NO_PAD.encode(Place { time: time.millis(), conversation, commitment }.encode_to_vec())
}

fn place(v: &mut Violations, token: &str) -> Option<Due> {
    let token = v.text(token, PAGE_TOKEN_CHARS, || "page_token");
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let place = bytes.and_then(|bytes| Place::decode(bytes.as_slice()).ok());
    let Some(Place { time, conversation, commitment }) = place else {
        v.add("page_token", "must be the `next_page_token` of an answer, as it came");
        return None;
    };
    Some(Due { time: Time::from_millis(time), conversation, commitment })
}

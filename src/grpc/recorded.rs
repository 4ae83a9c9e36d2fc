//! Requests that were recorded, in the JSON form of protobuf: what a client sent, one a line.

use buffa::OwnedView;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use super::convert;
use super::generated::FILE_DESCRIPTOR_SET;
use super::generated::in_place::RecommendRequestView;
use crate::service::Question;

const REQUEST: &str = "composure.v1.RecommendRequest";

/// A reader of recorded requests.
#[derive(Debug)]
pub struct Recording(MessageDescriptor);

/// A request that was recorded.
#[derive(Debug)]
pub struct Recorded(OwnedView<RecommendRequestView<'static>>);

/// Why a line is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    /// Column in bytes, from 1, where reading ended.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl Recording {
    /// A reader for the contract of this very program.
    ///
    /// # Errors
    ///
    /// The contract in the program is broken.
    pub fn new() -> Result<Self, Unreadable> {
        let broken = |message: String| Unreadable { column: 1, message };
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).map_err(|error| broken(error.to_string()))?;
        let request = pool.get_message_by_name(REQUEST);
        request.map(Self).ok_or_else(|| broken(format!("the contract has no `{REQUEST}`")))
    }

    /// The request that `line` holds.
    ///
    /// # Errors
    ///
    /// It is not JSON, or not a request.
    pub fn read(&self, line: &str) -> Result<Recorded, Unreadable> {
        let mut json = serde_json::Deserializer::from_str(line);
        let message = DynamicMessage::deserialize(self.0.clone(), &mut json).map_err(|error| unreadable(&error))?;
        json.end().map_err(|error| unreadable(&error))?;
        let request = OwnedView::decode(message.encode_to_vec().into());
        request.map(Recorded).map_err(|error| Unreadable { column: 1, message: error.to_string() })
    }
}

impl Recorded {
    /// Whether it goes on from a state that the server held and that is not in it: it names a conversation instead.
    #[must_use]
    pub fn lacks_its_state(&self) -> bool {
        let request = self.0.reborrow();
        !request.conversation_id.is_empty() && request.state.is_none()
    }

    /// What it asks. Without a time of evaluation it is asked when its state was written, or in 1970.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        convert::recorded_question(self.0.reborrow())
    }
}

/// The column is told beside the message, and a request has but one line.
fn unreadable(error: &serde_json::Error) -> Unreadable {
    let told = error.to_string();
    let message = told.rsplit_once(" at line ").map_or(told.as_str(), |(message, _)| message).to_owned();
    Unreadable { column: error.column().max(1), message }
}

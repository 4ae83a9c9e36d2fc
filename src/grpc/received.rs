//! A message on a stream, which is not the end of the stream where it can't be read.

use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType};
use prost::{DecodeError, Message};

use super::generated::StreamRecommendationsRequest;

/// A `composure.v1.StreamRecommendationsRequest`, or something else that came in its place.
#[derive(Debug)]
pub struct Received(pub(super) Result<StreamRecommendationsRequest, DecodeError>);

impl Default for Received {
    fn default() -> Self {
        Self(Ok(StreamRecommendationsRequest::default()))
    }
}

impl From<StreamRecommendationsRequest> for Received {
    fn from(request: StreamRecommendationsRequest) -> Self {
        Self(Ok(request))
    }
}

/// What the codec asks for, which decodes whole messages. They only ever come in, and are never encoded.
impl Message for Received {
    fn decode(buf: impl Buf) -> Result<Self, DecodeError> {
        Ok(Self(StreamRecommendationsRequest::decode(buf)))
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        match &mut self.0 {
            Ok(request) => request.merge_field(tag, wire_type, buf, ctx),
            Err(error) => Err(error.clone()),
        }
    }

    fn encode_raw(&self, buf: &mut impl BufMut) {
        if let Ok(request) = &self.0 {
            request.encode_raw(buf);
        }
    }

    fn encoded_len(&self) -> usize {
        self.0.as_ref().map_or(0, Message::encoded_len)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

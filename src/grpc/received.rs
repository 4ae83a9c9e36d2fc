//! A message as it came, which whoever handles it reads in place.
//!
//! A request with the state of a conversation is some hundred short texts. Copying each of them would cost more than the decision,
//! and on a stream a message that can't be read is not the end.

use buffa::MessageView;
use prost::bytes::{Buf, BufMut, Bytes};
use prost::encoding::{DecodeContext, WireType, skip_field};
use prost::{DecodeError, Message};

/// The bytes of a `composure.v1.RecommendRequest` or a `composure.v1.StreamRecommendationsRequest`, or of something else that came in
/// its place.
#[derive(Debug, Clone, Default)]
pub struct Received(Bytes);

impl Received {
    /// What would come if `message` was sent.
    #[must_use]
    pub fn of(message: &impl Message) -> Self {
        Self(message.encode_to_vec().into())
    }

    /// The message, which borrows from what came.
    pub(super) fn read<'a, V: MessageView<'a>>(&'a self) -> Result<V, buffa::DecodeError> {
        V::decode_view(&self.0)
    }
}

/// What the codec asks for, which decodes whole messages. They only ever come in; merging passes over every field.
impl Message for Received {
    fn decode(mut buf: impl Buf) -> Result<Self, DecodeError> {
        Ok(Self(buf.copy_to_bytes(buf.remaining())))
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        skip_field(wire_type, tag, buf, ctx)
    }

    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.0);
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

//! A recommendation on its way out: already in protobuf's wire format when the handler is done.
//!
//! A decision borrows from the request and the playbook; copying it into a tree of owned messages first would cost several
//! hundred allocations a call, more than the decision itself.

use prost::DecodeError;
use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, skip_field};

/// An encoded `composure.v1.RecommendResponse`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// The message whose encoding is `bytes`.
    #[must_use]
    pub fn encoded_as(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What the codec asks for. Answers are only ever sent; merging passes over every field.
impl prost::Message for Answer {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.0);
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

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

//! What is held of a conversation, as it is written.
//!
//! It is the state, and enough of the last call that it can be answered again in the same words: what it was decided on, and when.
//! Like the state it holds ids, numbers, booleans and times, nothing that was said.

use buffa::DecodeError;

use crate::grpc::reader::{Read, Reader};
use crate::grpc::writer::Writer;
use crate::playbook::Time;

/// Calls before the last that are remembered, so that none is counted twice.
const EARLIER: usize = 64;
/// Bytes of each.
const CALL: usize = size_of::<u64>();
/// Bytes of what else is in a record, at most.
const REST: usize = 64;

/// What is held of a conversation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held<'a> {
    /// An encoded `ConversationState`.
    pub(super) state: &'a [u8],
    /// The one that the last call was decided on; empty: the conversation began.
    pub(super) before: &'a [u8],
    /// Which call was the last: the digest of its id, or a number of its own.
    pub(super) last: u64,
    /// A digest of what it observed.
    pub(super) observed: u64,
    /// The moment that it was decided for.
    pub(super) now: Time,
    /// Calls before it, the latest first, eight bytes each.
    pub(super) earlier: &'a [u8],
}

/// Numbers of its fields. They stay: other versions read what this one writes.
mod field {
    pub(super) const STATE: u32 = 1;
    pub(super) const BEFORE: u32 = 2;
    pub(super) const LAST: u32 = 3;
    pub(super) const OBSERVED: u32 = 4;
    pub(super) const NOW: u32 = 5;
    pub(super) const EARLIER: u32 = 6;
}

impl<'a> Held<'a> {
    pub(super) fn read(record: &'a [u8]) -> Read<Self> {
        let mut record = Reader::of(record);
        let mut held = Self::default();
        while let Some(field) = record.field()? {
            match field.number() {
                field::STATE => held.state = field.bytes()?,
                field::BEFORE => held.before = field.bytes()?,
                field::LAST => held.last = field.fixed64()?,
                field::OBSERVED => held.observed = field.fixed64()?,
                field::NOW => held.now = Time::from_millis(field.sint64()?),
                field::EARLIER => held.earlier = whole(field.bytes()?)?,
                _ => field.skip()?,
            }
        }
        Ok(held)
    }

    /// As it is written, `followed` by its last call.
    pub(super) fn record(&self, followed: u64) -> Vec<u8> {
        let Self { state, before, last, observed, now, earlier } = self;
        let call = followed.to_le_bytes();
        let followed: &[u8] = if followed == 0 { &[] } else { &call };
        let most = EARLIER * CALL - followed.len();
        let earlier = earlier.get(..most).unwrap_or(earlier);
        let mut w = Writer::with_capacity(state.len() + before.len() + EARLIER * CALL + REST);
        w.bytes(field::STATE, &[state]);
        w.bytes(field::BEFORE, &[before]);
        w.fixed64(field::LAST, *last);
        w.fixed64(field::OBSERVED, *observed);
        w.sint64(field::NOW, now.millis());
        w.bytes(field::EARLIER, &[followed, earlier]);
        w.into_bytes()
    }

    /// Whether `call` was counted before the last one.
    pub(super) fn counted(&self, call: u64) -> bool {
        self.earlier.chunks_exact(CALL).any(|earlier| earlier == call.to_le_bytes())
    }
}

/// `calls`, unless the last of them is cut off.
fn whole(calls: &[u8]) -> Read<&[u8]> {
    if calls.len().is_multiple_of(CALL) { Ok(calls) } else { Err(DecodeError::UnexpectedEof) }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    /// The same as the library has it, and as versions before this one wrote it.
    #[derive(Clone, PartialEq, Message)]
    struct Written {
        #[prost(bytes = "vec", tag = "1")]
        state: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        before: Vec<u8>,
        #[prost(fixed64, tag = "3")]
        last: u64,
        #[prost(fixed64, tag = "4")]
        observed: u64,
        #[prost(sint64, tag = "5")]
        now: i64,
        #[prost(fixed64, repeated, tag = "6")]
        earlier: Vec<u64>,
    }

    fn written(earlier: std::ops::Range<u64>) -> Written {
        let (state, before) = (vec![1; 300], vec![2; 200]);
        Written { state, before, last: 7 << 60, observed: 8, now: -9, earlier: earlier.collect() }
    }

    #[test]
    fn a_record_is_what_the_library_would_write_of_it() {
        let before = written(1..4).encode_to_vec();
        let held = Held::read(&before).unwrap();
        assert_eq!((held.state.len(), held.before.len()), (300, 200));
        assert_eq!((held.last, held.observed, held.now.millis()), (7 << 60, 8, -9));
        assert!((1..4).all(|call| held.counted(call)) && !held.counted(0) && !held.counted(held.last));
        assert_eq!(held.record(0), before);
        let next = Written::decode(Held { last: 5, ..held }.record(held.last).as_slice()).unwrap();
        assert_eq!(next, Written { last: 5, earlier: vec![7 << 60, 1, 2, 3], ..written(0..0) });
        assert!(Held::default().record(0).is_empty());
        let damaged = Held { earlier: &[0; CALL - 1], ..held }.record(0);
        assert!(Held::read(&damaged).is_err());
    }

    #[test]
    fn so_many_calls_are_remembered_and_the_oldest_is_forgotten() {
        let full = written(0..EARLIER as u64).encode_to_vec();
        let next = Written::decode(Held::read(&full).unwrap().record(99).as_slice()).unwrap();
        assert_eq!(next.earlier, [&[99], written(0..EARLIER as u64 - 1).earlier.as_slice()].concat());
    }
}

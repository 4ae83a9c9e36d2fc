//! Protobuf's wire format, read front to back into borrowed parts: what a [`Writer`](super::writer::Writer) writes.
//!
//! A state is read at every turn, so it goes straight into the engine's words, with no message in between.

use buffa::DecodeError;
use buffa::encoding::{Tag, WireType, check_wire_type, skip_field};
use buffa::types;

use super::writer::{NANOS, SECONDS};

/// What was read, unless there is no such thing.
pub(super) type Read<T> = Result<T, DecodeError>;

/// What is left of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

/// A field of it, up to its value.
#[derive(Debug)]
#[must_use = "what follows is only found behind its value"]
pub(super) struct Field<'r, 'a> {
    tag: Tag,
    rest: &'r mut &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// The next field; `None`: the message ends.
    pub(super) fn field(&mut self) -> Read<Option<Field<'_, 'a>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = Tag::decode(&mut self.0)?;
        Ok(Some(Field { tag, rest: &mut self.0 }))
    }
}

impl<'a> Field<'_, 'a> {
    pub(super) fn number(&self) -> u32 {
        self.tag.field_number()
    }

    pub(super) fn text(self) -> Read<&'a str> {
        check_wire_type(self.tag, WireType::LengthDelimited)?;
        types::borrow_str(self.rest)
    }

    pub(super) fn bytes(self) -> Read<&'a [u8]> {
        check_wire_type(self.tag, WireType::LengthDelimited)?;
        types::borrow_bytes(self.rest)
    }

    pub(super) fn message(self) -> Read<Reader<'a>> {
        self.bytes().map(Reader)
    }

    pub(super) fn uint32(self) -> Read<u32> {
        check_wire_type(self.tag, WireType::Varint)?;
        types::decode_uint32(self.rest)
    }

    /// A number of that type, or a value of an enum.
    pub(super) fn int32(self) -> Read<i32> {
        check_wire_type(self.tag, WireType::Varint)?;
        types::decode_int32(self.rest)
    }

    pub(super) fn int64(self) -> Read<i64> {
        check_wire_type(self.tag, WireType::Varint)?;
        types::decode_int64(self.rest)
    }

    pub(super) fn sint64(self) -> Read<i64> {
        check_wire_type(self.tag, WireType::Varint)?;
        types::decode_sint64(self.rest)
    }

    pub(super) fn fixed64(self) -> Read<u64> {
        check_wire_type(self.tag, WireType::Fixed64)?;
        types::decode_fixed64(self.rest)
    }

    pub(super) fn boolean(self) -> Read<bool> {
        check_wire_type(self.tag, WireType::Varint)?;
        types::decode_bool(self.rest)
    }

    pub(super) fn double(self) -> Read<f64> {
        check_wire_type(self.tag, WireType::Fixed64)?;
        types::decode_double(self.rest)
    }

    /// A timestamp: seconds since 1970, and nanoseconds.
    pub(super) fn time(self) -> Read<(i64, i32)> {
        let mut timestamp = self.message()?;
        let (mut seconds, mut nanos) = (0, 0);
        while let Some(field) = timestamp.field()? {
            match field.number() {
                SECONDS => seconds = field.int64()?,
                NANOS => nanos = field.int32()?,
                _ => field.skip()?,
            }
        }
        Ok((seconds, nanos))
    }

    /// Passes over a field that means nothing here.
    pub(super) fn skip(self) -> Read<()> {
        skip_field(self.tag, self.rest)
    }
}

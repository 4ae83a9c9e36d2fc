//! Protobuf's wire format, written front to back from borrowed parts.
//!
//! As in any proto3 encoder, a field that has its default is left out; fields with presence have functions of their own.

use prost::encoding::{WireType, encode_key, encode_varint};

use crate::playbook::{Level, Time};

/// Fields of `google.protobuf.Timestamp`.
const SECONDS: u32 = 1;
const NANOS: u32 = 2;
/// Fields of the entry of a map.
const KEY: u32 = 1;
const VALUE: u32 = 2;
/// What a timestamp can say: from the start of year 1 to the end of year 9999.
const FIRST_MILLISECOND: i64 = -62_135_596_800_000;
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

/// The bytes of a message, so far.
#[derive(Debug)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn text(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.present_text(field, text);
        }
    }

    /// An entry of a list, or one of a `oneof`.
    pub(super) fn present_text(&mut self, field: u32, text: &str) {
        encode_key(field, WireType::LengthDelimited, &mut self.0);
        encode_varint(text.len() as u64, &mut self.0);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn texts(&mut self, field: u32, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        for text in texts {
            self.present_text(field, text.as_ref());
        }
    }

    /// `one.other` as an entry of a list, or `one` where there is no other.
    pub(super) fn dotted_text(&mut self, field: u32, one: &str, other: &str) {
        if other.is_empty() {
            return self.present_text(field, one);
        }
        encode_key(field, WireType::LengthDelimited, &mut self.0);
        encode_varint((one.len() + 1 + other.len()) as u64, &mut self.0);
        self.0.extend_from_slice(one.as_bytes());
        self.0.push(b'.');
        self.0.extend_from_slice(other.as_bytes());
    }

    /// 16 hexadecimal digits.
    pub(super) fn hexadecimal(&mut self, field: u32, number: u64) {
        encode_key(field, WireType::LengthDelimited, &mut self.0);
        encode_varint(16, &mut self.0);
        let digits = (0..16).rev().map(|place| (number >> (4 * place) & 0xF) as u8);
        self.0.extend(digits.map(|digit| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
    }

    pub(super) fn number(&mut self, field: u32, number: u32) {
        if number != 0 {
            self.present_number(field, u64::from(number));
        }
    }

    pub(super) fn boolean(&mut self, field: u32, boolean: bool) {
        if boolean {
            self.present_number(field, 1);
        }
    }

    pub(super) fn present_boolean(&mut self, field: u32, boolean: bool) {
        self.present_number(field, u64::from(boolean));
    }

    /// Values of our enums are positive.
    pub(super) fn word(&mut self, field: u32, word: impl Into<i32>) {
        self.number(field, word.into().unsigned_abs());
    }

    pub(super) fn double(&mut self, field: u32, double: f64) {
        if double != 0.0 {
            self.present_double(field, double);
        }
    }

    pub(super) fn level(&mut self, field: u32, level: Level) {
        self.double(field, level.as_f64());
    }

    pub(super) fn present_level(&mut self, field: u32, level: Level) {
        self.present_double(field, level.as_f64());
    }

    pub(super) fn time(&mut self, field: u32, time: Time) {
        let millis = time.millis().clamp(FIRST_MILLISECOND, LAST_MILLISECOND);
        let (seconds, nanos) = (millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000);
        self.message(field, |timestamp| {
            timestamp.signed(SECONDS, seconds);
            timestamp.signed(NANOS, nanos);
        });
    }

    pub(super) fn text_entry(&mut self, field: u32, key: &str, value: &str) {
        self.message(field, |entry| {
            entry.text(KEY, key);
            entry.text(VALUE, value);
        });
    }

    pub(super) fn boolean_entry(&mut self, field: u32, key: &str, value: bool) {
        self.message(field, |entry| {
            entry.text(KEY, key);
            entry.boolean(VALUE, value);
        });
    }

    /// A message whose fields `write` writes. Its length stands before it and is known after it: it is turned to the front.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        encode_key(field, WireType::LengthDelimited, &mut self.0);
        let start = self.0.len();
        write(self);
        let end = self.0.len();
        encode_varint((end - start) as u64, &mut self.0);
        let length_bytes = self.0.len() - end;
        if let Some(turned) = self.0.get_mut(start..) {
            turned.rotate_right(length_bytes);
        }
    }

    /// A message for each of `parts`, of a list or of one that may be absent.
    pub(super) fn messages<T>(&mut self, field: u32, parts: impl IntoIterator<Item = T>, write: fn(&mut Self, T)) {
        for part in parts {
            self.message(field, |w| write(w, part));
        }
    }

    /// A message that is there already.
    pub(super) fn encoded(&mut self, field: u32, message: &impl prost::Message) {
        encode_key(field, WireType::LengthDelimited, &mut self.0);
        encode_varint(message.encoded_len() as u64, &mut self.0);
        message.encode_raw(&mut self.0);
    }

    fn present_number(&mut self, field: u32, number: u64) {
        encode_key(field, WireType::Varint, &mut self.0);
        encode_varint(number, &mut self.0);
    }

    pub(super) fn present_double(&mut self, field: u32, double: f64) {
        encode_key(field, WireType::SixtyFourBit, &mut self.0);
        self.0.extend_from_slice(&double.to_le_bytes());
    }

    fn signed(&mut self, field: u32, number: i64) {
        if number != 0 {
            self.present_number(field, number.cast_unsigned());
        }
    }
}

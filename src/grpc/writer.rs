//! Protobuf's wire format, written front to back from borrowed parts.
//!
//! As in any proto3 encoder, a field that has its default is left out; fields with presence have functions of their own.

use prost::encoding::WireType;

use crate::playbook::{Level, Time};

/// Fields of `google.protobuf.Timestamp`.
pub(super) const SECONDS: u32 = 1;
pub(super) const NANOS: u32 = 2;
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
        self.length_delimited(field, text.len());
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
        self.length_delimited(field, one.len() + 1 + other.len());
        self.0.extend_from_slice(one.as_bytes());
        self.0.push(b'.');
        self.0.extend_from_slice(other.as_bytes());
    }

    /// All `parts` as one.
    pub(super) fn bytes(&mut self, field: u32, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length > 0 {
            self.length_delimited(field, length);
            for part in parts {
                self.0.extend_from_slice(part);
            }
        }
    }

    pub(super) fn fixed64(&mut self, field: u32, number: u64) {
        if number != 0 {
            self.varint(key(field, WireType::SixtyFourBit));
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// A number that is as likely below zero.
    pub(super) fn sint64(&mut self, field: u32, number: i64) {
        self.long_number(field, (number << 1 ^ number >> 63).cast_unsigned());
    }

    /// 16 hexadecimal digits.
    pub(super) fn hexadecimal(&mut self, field: u32, number: u64) {
        self.length_delimited(field, 16);
        let digits = (0..16).rev().map(|place| (number >> (4 * place) & 0xF) as u8);
        self.0.extend(digits.map(|digit| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
    }

    pub(super) fn number(&mut self, field: u32, number: u32) {
        if number != 0 {
            self.present_number(field, u64::from(number));
        }
    }

    pub(super) fn long_number(&mut self, field: u32, number: u64) {
        if number != 0 {
            self.present_number(field, number);
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

    /// A message whose fields `write` writes. Its length stands before it and is known after it; the byte that is left for it
    /// is enough for most, and what follows is moved for the rest.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.length_delimited(field, 0);
        let start = self.0.len();
        write(self);
        let length = (self.0.len() - start) as u64;
        if length < SHORT {
            self.put(start - 1, low_byte(length));
        } else {
            self.put_long(start - 1, length);
        }
    }

    /// A message for each of `parts`, of a list or of one that may be absent.
    pub(super) fn messages<T>(&mut self, field: u32, parts: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        for part in parts {
            self.message(field, |w| write(w, part));
        }
    }

    /// A message whose encoding is there already.
    pub(super) fn encoded_message(&mut self, field: u32, encoding: &[u8]) {
        self.length_delimited(field, encoding.len());
        self.0.extend_from_slice(encoding);
    }

    /// A message that is there already.
    pub(super) fn encoded(&mut self, field: u32, message: &impl prost::Message) {
        self.length_delimited(field, message.encoded_len());
        message.encode_raw(&mut self.0);
    }

    fn present_number(&mut self, field: u32, number: u64) {
        self.varint(key(field, WireType::Varint));
        self.varint(number);
    }

    pub(super) fn present_double(&mut self, field: u32, double: f64) {
        self.varint(key(field, WireType::SixtyFourBit));
        self.0.extend_from_slice(&double.to_le_bytes());
    }

    fn signed(&mut self, field: u32, number: i64) {
        if number != 0 {
            self.present_number(field, number.cast_unsigned());
        }
    }

    /// The start of a text or a message.
    fn length_delimited(&mut self, field: u32, length: usize) {
        self.varint(key(field, WireType::LengthDelimited));
        self.varint(length as u64);
    }

    #[inline]
    fn varint(&mut self, mut number: u64) {
        while number >= SHORT {
            self.0.push(low_byte(number % SHORT + SHORT));
            number /= SHORT;
        }
        self.0.push(low_byte(number));
    }

    /// Puts a length that takes several bytes where one was left for it.
    fn put_long(&mut self, at: usize, length: u64) {
        self.put(at, low_byte(length % SHORT + SHORT));
        let end = self.0.len();
        self.varint(length / SHORT);
        let more = self.0.len() - end;
        if let Some(moved) = self.0.get_mut(at + 1..) {
            moved.rotate_right(more);
        }
    }

    fn put(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.0.get_mut(at) {
            *place = byte;
        }
    }
}

/// Numbers below it take one byte; larger ones say with this bit that there is more.
const SHORT: u64 = 0x80;

#[inline]
fn key(field: u32, wire_type: WireType) -> u64 {
    u64::from(field << 3 | wire_type as u32)
}

/// Of a number below 256.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "it fits")]
fn low_byte(number: u64) -> u8 {
    number as u8
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::grpc::generated::{DeliveryGuide, Suggestion};

    /// Messages of every length around those where the length takes another byte.
    #[test]
    fn lengths_of_one_two_and_three_bytes_stand_before_their_message() {
        for length in (0..400).chain(16_300..16_500) {
            let title = "x".repeat(length);
            let mut w = Writer::with_capacity(0);
            w.text(1, "before");
            w.message(9, |w| w.text(3, &title));
            w.text(12, "after");
            let bytes = w.into_bytes();
            let read = Suggestion::decode(bytes.as_slice()).unwrap();
            let found = read.phrasings.first().and_then(|phrasing| phrasing.words.clone());
            let template = crate::grpc::generated::phrasing::Words::Template(title.clone());
            assert_eq!(found, (length > 0).then_some(template), "{length}");
            assert_eq!((read.action.as_str(), read.sources.len()), ("before", 1));
            assert_eq!(read.encode_to_vec(), bytes, "{length}");
        }
    }

    #[test]
    fn a_writer_writes_what_the_library_writes() {
        let guide = DeliveryGuide { id: "a".to_owned(), tell: String::new(), sources: vec![String::new()] };
        let mut w = Writer::with_capacity(0);
        w.text(1, &guide.id);
        w.text(2, &guide.tell);
        w.texts(3, &guide.sources);
        assert_eq!(w.into_bytes(), guide.encode_to_vec());
    }

    #[test]
    fn times_beyond_the_calendar_are_brought_back_into_it() {
        for (millis, seconds) in [(i64::MIN, -62_135_596_800), (i64::MAX, 253_402_300_799), (-1, -1)] {
            let mut w = Writer::with_capacity(0);
            w.time(1, Time::from_millis(millis));
            let bytes = w.into_bytes();
            let time = prost_types::Timestamp::decode(bytes.get(2..).unwrap()).unwrap();
            assert_eq!(time.seconds, seconds);
            assert!((0..1_000_000_000).contains(&time.nanos));
        }
    }
}

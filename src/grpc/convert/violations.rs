//! What is wrong with a request, field by field, and the checks that many fields share.
//!
//! A path is only put together for a field that is wrong.

use std::fmt::Display;

use buffa::MessageFieldView;
use buffa_types::google::protobuf::__buffa::view::TimestampView;

use crate::engine::Violation;
use crate::playbook::{Level, Time};
use crate::service::ServiceError;

/// So many are told; who sends more mistakes has the same one everywhere.
const MOST: usize = 1_000;
/// Characters of an id.
pub(super) const ID_CHARS: usize = 64;
/// What a timestamp can say: from the start of year 1 to the end of year 9999.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
const NANOS: std::ops::Range<i32> = 0..1_000_000_000;

/// All that was found so far.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<Violation>);

impl Violations {
    pub(super) fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `request`, if nothing was found.
    pub(super) fn none_or<T>(self, request: T) -> Result<T, ServiceError> {
        if self.0.is_empty() { Ok(request) } else { Err(ServiceError::Invalid(self.0)) }
    }

    /// Adds all that was found elsewhere.
    pub(super) fn append(&mut self, found: Self) {
        found.0.into_iter().for_each(|violation| self.add(violation.field, violation.description));
    }

    pub(super) fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        if self.0.len() == MOST {
            return;
        }
        self.0.push(Violation { field: field.into(), description: description.into() });
    }

    /// An id that must be there.
    pub(super) fn id<'a, F: Display>(&mut self, id: &'a str, field: impl FnOnce() -> F) -> &'a str {
        if id.is_empty() {
            self.add(field().to_string(), "must not be empty");
            return id;
        }
        self.optional_id(id, field)
    }

    /// An id, or nothing.
    pub(super) fn optional_id<'a, F: Display>(&mut self, id: &'a str, field: impl FnOnce() -> F) -> &'a str {
        self.text(id, ID_CHARS, field)
    }

    /// A text that is not too long; one that is, is not used for anything, least of all repeated.
    pub(super) fn text<'a, F: Display>(&mut self, text: &'a str, most: usize, field: impl FnOnce() -> F) -> &'a str {
        if text.len() <= most {
            return text;
        }
        let chars = text.chars().count();
        if chars <= most {
            return text;
        }
        self.add(field().to_string(), format!("must have at most {most} characters, not {chars}"));
        ""
    }

    /// The first `most` of `list`, which should be all of it.
    pub(super) fn capped<'a, T>(&mut self, list: &'a [T], most: usize, field: &str) -> &'a [T] {
        self.count(list.len(), most, field);
        list.get(..most).unwrap_or(list)
    }

    /// Notes a list that is too long.
    pub(super) fn count(&mut self, found: usize, most: usize, field: &str) {
        if found > most {
            self.add(field, format!("must have at most {most} entries, not {found}"));
        }
    }

    /// A level or a confidence.
    pub(super) fn level<F: Display>(&mut self, level: f64, field: impl FnOnce() -> F) -> Level {
        Level::try_from(level).unwrap_or_else(|_| {
            self.add(field().to_string(), format!("must be a number from 0 to 1, not {level}"));
            Level::ZERO
        })
    }

    /// A moment in seconds and nanoseconds, in whole milliseconds.
    pub(super) fn time<F: Display>(&mut self, (seconds, nanos): (i64, i32), field: impl FnOnce() -> F) -> Time {
        if SECONDS.contains(&seconds) && NANOS.contains(&nanos) {
            return Time::from_millis(seconds * 1000 + i64::from(nanos / 1_000_000));
        }
        self.add(field().to_string(), "must be a time in the years 1 to 9999, with `nanos` from 0 to 999999999");
        Time::default()
    }
}

/// What is read in place.
impl Violations {
    /// A moment, if there is one.
    pub(super) fn optional_time<F: Display>(
        &mut self,
        time: &MessageFieldView<TimestampView<'_>>,
        field: impl FnOnce() -> F,
    ) -> Option<Time> {
        let TimestampView { seconds, nanos, .. } = time.as_option()?;
        Some(self.time((*seconds, *nanos), field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_1970_is_rounded_down_to_the_millisecond() {
        let mut violations = Violations::default();
        let time = violations.time((-1, 999_999_999), || "t");
        assert_eq!((time.millis(), violations.into_vec()), (-1, Vec::new()));
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let mut violations = Violations::default();
        let umlauts = "ä".repeat(ID_CHARS);
        assert_eq!(violations.id(&umlauts, || "id"), umlauts);
        assert_eq!(violations.id(&"ä".repeat(ID_CHARS + 1), || "id"), "");
        assert_eq!(violations.into_vec().len(), 1);
    }
}

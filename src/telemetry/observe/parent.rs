//! The W3C header `traceparent`: which trace a call belongs to, and whether it is recorded. What is malformed is as good as absent.

use http::{HeaderMap, HeaderName};
use opentelemetry::{SpanId, TraceFlags, TraceId};

static NAME: HeaderName = HeaderName::from_static("traceparent");
/// Version, trace, span and flags in hexadecimal, and three hyphens.
const BYTES: usize = 55;

/// What a caller says of its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::telemetry) struct Parent {
    pub(in crate::telemetry) trace: TraceId,
    pub(in crate::telemetry) span: SpanId,
    pub(in crate::telemetry) flags: TraceFlags,
}

/// The one parent that `headers` name.
pub(super) fn parent(headers: &HeaderMap) -> Option<Parent> {
    let mut values = headers.get_all(&NAME).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    parse(value.to_str().ok()?)
}

fn parse(value: &str) -> Option<Parent> {
    let (known, rest) = value.split_at_checked(BYTES)?;
    let mut parts = known.split('-');
    let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let is_open = version != "00" && rest.starts_with('-');
    let are_hexadecimal = [(version, 2), (trace, 32), (span, 16), (flags, 2)].into_iter().all(is_hexadecimal);
    if !are_hexadecimal || version == "ff" || !(rest.is_empty() || is_open) {
        return None;
    }
    let trace = TraceId::from_hex(trace).ok().filter(|trace| *trace != TraceId::INVALID)?;
    let span = SpanId::from_hex(span).ok().filter(|span| *span != SpanId::INVALID)?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    Some(Parent { trace, span, flags })
}

fn is_hexadecimal((part, length): (&str, usize)) -> bool {
    part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_parent_is_read() {
        let read = parse(&format!("00-{TRACE}-00f067aa0ba902b7-01")).expect("it is well formed");
        assert_eq!(read.trace.to_string(), TRACE);
        assert_eq!(read.span.to_string(), "00f067aa0ba902b7");
        assert!(read.flags.is_sampled());
        let off = parse(&format!("00-{TRACE}-00f067aa0ba902b7-00")).expect("it is well formed");
        assert!(!off.flags.is_sampled());
    }

    #[test]
    fn later_versions_may_say_more() {
        assert!(parse(&format!("01-{TRACE}-00f067aa0ba902b7-03-more")).is_some_and(|read| read.flags.is_sampled()));
        assert!(parse(&format!("01-{TRACE}-00f067aa0ba902b7-01")).is_some());
        assert_eq!(parse(&format!("01-{TRACE}-00f067aa0ba902b7-01more")), None);
    }

    #[test]
    fn what_is_malformed_is_absent() {
        let zeros = "0".repeat(32);
        let upper = TRACE.to_uppercase();
        for value in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("00-{TRACE}-00f067aa0ba902b7-1"),
            format!("00-{TRACE}-00f067aa0ba902b7-0g"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{zeros}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{upper}-00f067aa0ba902b7-01"),
            format!("00_{TRACE}_00f067aa0ba902b7_01"),
            format!("000-{TRACE}-0f067aa0ba902b7-01"),
            format!("00-{}é-00f067aa0ba902b7-01", TRACE.split_at(30).0),
        ] {
            assert_eq!(parse(&value), None, "{value}");
        }
    }

    #[test]
    fn two_parents_are_none() {
        let mut headers = HeaderMap::new();
        let value = format!("00-{TRACE}-00f067aa0ba902b7-01");
        headers.append(&NAME, value.parse().expect("it is plain text"));
        assert!(parent(&headers).is_some());
        headers.append(&NAME, value.parse().expect("it is plain text"));
        assert_eq!(parent(&headers), None);
    }
}

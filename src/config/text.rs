//! Words, numbers and durations out of text.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::kind::Flaw;
use super::sections::Share;
use crate::playbook::finding::{Findings, ticked};

/// Units from the longest, in milliseconds. `ms` stands before `s`, which it ends in.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1_000)];

/// What was found where something else was expected.
pub(super) fn expected(what: &str, found: &str, mend: impl Into<String>) -> Flaw {
    if found.is_empty() {
        return empty();
    }
    Flaw { code: "wrong-type", message: format!("expected {what}, found {}", ticked(found)), mend: mend.into() }
}

pub(super) fn empty() -> Flaw {
    let mend = "write it, or leave it out altogether";
    Flaw { code: "empty-text", message: "this is empty".to_owned(), mend: mend.to_owned() }
}

/// Text that has something in it, and nothing that does not print.
pub(super) fn prose(text: &str) -> Result<&str, Flaw> {
    if text.trim().is_empty() {
        return Err(empty());
    }
    if text.contains(char::is_control) {
        let mend = "remove it; a line end at the end of a value counts, too";
        let message = "there is a character in this text that does not print".to_owned();
        return Err(Flaw { code: "wrong-type", message, mend: mend.to_owned() });
    }
    Ok(text)
}

/// A whole number from `least` to `most`.
pub(super) fn count<N: Copy + FromStr + PartialOrd + fmt::Display>(text: &str, least: N, most: N) -> Result<N, Flaw> {
    let mend = format!("write one from {least} to {most}");
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected("a whole number", text, mend));
    }
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        // More digits than a number has are too large as well.
        Ok(_) | Err(_) => Err(out_of_range(text, &format!("a number from {least} to {most}"), mend)),
    }
}

/// A duration from `least` to `most`.
pub(super) fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, Flaw> {
    let unit = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let digits = unit.filter(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    let Some((number, factor)) = digits else { return Err(no_duration(text)) };
    let found = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).map(Duration::from_millis);
    let range = format!("from `{}` to `{}`", written(least), written(most));
    found
        .filter(|found| (least..=most).contains(found))
        .ok_or_else(|| out_of_range(text, &format!("a duration {range}"), format!("write one {range}")))
}

fn no_duration(text: &str) -> Flaw {
    let bare = !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mend = if bare {
        format!("did you mean `{text}s`?")
    } else {
        "write a whole number and `ms`, `s`, `m` or `h`, such as `10s`".to_owned()
    };
    expected("a duration", text, mend)
}

/// As it is written, in the longest unit that leaves no rest.
pub(super) fn written(duration: Duration) -> String {
    let millis = duration.as_millis();
    let longest = [("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let unit = longest.into_iter().find(|(_, factor)| millis >= *factor && millis.is_multiple_of(*factor));
    match unit {
        Some((unit, factor)) => format!("{}{unit}", millis / factor),
        None if millis == 0 => "0s".to_owned(),
        None => format!("{millis}ms"),
    }
}

/// A number from 0 to 1.
pub(super) fn share(text: &str) -> Result<Share, Flaw> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = if digits { text.parse::<f64>().ok() } else { None };
    let mend = "write a number from 0, none, to 1, each, such as `0.1`";
    let number = number.ok_or_else(|| expected("a share", text, mend))?;
    let hundredth = number / 100.0;
    // People say 65 for 0.65.
    let percent = Share::new(hundredth).filter(|_| !text.contains('.'));
    let mend = percent.map_or_else(|| mend.to_owned(), |_| format!("did you mean `{hundredth}`?"));
    Share::new(number).ok_or_else(|| out_of_range(text, "a share from 0 to 1", mend))
}

/// `true` or `false`.
pub(super) fn flag(text: &str) -> Result<bool, Flaw> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(expected("`true` or `false`", text, "write one of them")),
    }
}

/// One of a closed set.
pub(super) fn choice<T: Copy>(text: &str, what: &str, all: &[(&str, T)]) -> Result<T, Flaw> {
    let words = || all.iter().map(|(word, _)| *word);
    let found = all.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let meant = Findings::none().meant(&text.to_ascii_lowercase(), words());
        let any = || format!("write one of {}", words().map(ticked).collect::<Vec<_>>().join(", "));
        expected(what, text, meant.unwrap_or_else(any))
    })
}

fn out_of_range(found: &str, range: &str, mend: String) -> Flaw {
    Flaw { code: "out-of-range", message: format!("{} is not {range}", ticked(found)), mend }
}

//! Numbers with a range: parsed once, trusted afterwards.

/// A number that is not in the range of its unit.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`{found}` is not a number from {least} to {most}")]
pub struct OutOfRange {
    /// What was given.
    pub found: f64,
    /// The least that is allowed.
    pub least: f64,
    /// The most that is allowed.
    pub most: f64,
}

/// A level or a confidence from 0 to 1, in thousandths, so that equal readings are equal on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Level(u16);

impl Level {
    /// 0.
    pub const ZERO: Self = Self(0);
    /// 0.5.
    pub const HALF: Self = Self(500);
    /// 1.
    pub const ONE: Self = Self(1000);

    /// Thousandths, 0 to 1000.
    #[must_use]
    pub fn thousandths(self) -> u16 {
        self.0
    }

    /// From 0 to 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl TryFrom<f64> for Level {
    type Error = OutOfRange;

    /// Rounds to thousandths. Half of one is added and the rest cut off: `round` is a call on processors without an instruction for it.
    fn try_from(found: f64) -> Result<Self, OutOfRange> {
        if !(0.0..=1.0).contains(&found) {
            return Err(OutOfRange { found, least: 0.0, most: 1.0 });
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000 fits")]
        Ok(Self((found * 1000.0 + 0.5) as u16))
    }
}

/// A factor of the score, from 0.1 to 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight(f64);

impl Weight {
    /// The factor that changes nothing.
    pub const ONE: Self = Self(1.0);

    /// From 0.1 to 10.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Weight {
    type Error = OutOfRange;

    fn try_from(found: f64) -> Result<Self, OutOfRange> {
        if (0.1..=10.0).contains(&found) { Ok(Self(found)) } else { Err(OutOfRange { found, least: 0.1, most: 10.0 }) }
    }
}

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// The moment `milliseconds` after 1970 began in UTC.
    #[must_use]
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since 1970 began in UTC.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment and `milliseconds` more; saturates.
    #[must_use]
    pub const fn plus_millis(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}

/// A stretch of time, as playbooks write it: `90s`, `5m`, `2h` or `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stretch(i64);

/// Units from the longest, in milliseconds.
const UNITS: [(char, i64); 4] = [('d', 86_400_000), ('h', 3_600_000), ('m', 60_000), ('s', 1_000)];

impl Stretch {
    /// The stretch that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let (last, factor) = UNITS.into_iter().find(|(unit, _)| word.ends_with(*unit))?;
        let number = word.strip_suffix(last).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        i64::from(number.parse::<u32>().ok()?).checked_mul(factor).map(Self)
    }

    /// From `start` to `end`.
    #[must_use]
    pub const fn between(start: Time, end: Time) -> Self {
        Self(end.millis().saturating_sub(start.millis()))
    }

    /// Its milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for Stretch {
    /// In the longest unit that leaves no rest; what is less than a second is left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = UNITS.into_iter().find(|(_, factor)| self.0 >= *factor && self.0 % factor == 0);
        let (unit, factor) = whole.unwrap_or(('s', 1_000));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

//! A share of calls.

use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::TraceId;

/// The golden ratio of all 64-bit numbers: its multiples spread evenly, however many one looks at.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Takes so many of all.
#[derive(Debug)]
pub(in crate::telemetry) enum Share {
    None,
    Some { below: u64, seen: AtomicU64 },
    All,
}

impl Share {
    /// From 0, none, to 1, all.
    pub(in crate::telemetry) fn of(share: f64) -> Self {
        if share >= 1.0 {
            return Self::All;
        }
        if share <= 0.0 || share.is_nan() {
            return Self::None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "between 0 and the largest number, and the last digits of a share don't matter"
        )]
        let below = (share * u64::MAX as f64) as u64;
        Self::Some { below, seen: AtomicU64::new(0) }
    }

    /// Whether the next one is taken.
    pub(in crate::telemetry) fn takes_next(&self) -> bool {
        match self {
            Self::None => false,
            Self::Some { below, seen } => seen.fetch_add(1, Ordering::Relaxed).wrapping_mul(STEP) < *below,
            Self::All => true,
        }
    }

    /// Whether those of `trace` are taken, here as elsewhere: by the part of its id that is random in every convention.
    pub(in crate::telemetry) fn takes(&self, trace: TraceId) -> bool {
        let [_, _, _, _, _, _, _, _, low @ ..] = trace.to_bytes();
        match self {
            Self::None => false,
            Self::Some { below, .. } => u64::from_be_bytes(low) < *below,
            Self::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_taken() {
        for (share, least, most) in [(0.0, 0, 0), (0.1, 990, 1_010), (0.5, 4_990, 5_010), (1.0, 10_000, 10_000)] {
            let share = Share::of(share);
            let taken = (0..10_000).filter(|_| share.takes_next()).count();
            assert!((least..=most).contains(&taken), "{share:?} took {taken}");
        }
    }

    #[test]
    fn a_trace_is_taken_everywhere_or_nowhere() {
        let (one, other) = (Share::of(0.5), Share::of(0.5));
        let traces: Vec<_> = (0..1_000_u64).map(|n| TraceId::from(u128::from(n.wrapping_mul(STEP)))).collect();
        let taken = traces.iter().filter(|trace| one.takes(**trace)).count();
        assert!((450..=550).contains(&taken), "{taken}");
        assert!(traces.iter().all(|trace| one.takes(*trace) == other.takes(*trace)));
    }

    #[test]
    fn what_is_no_share_takes_none() {
        assert!(!Share::of(f64::NAN).takes_next() && !Share::of(-1.0).takes_next());
    }
}

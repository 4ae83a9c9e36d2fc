//! What a customer who helps a conversation on can be like: the same in every turn, as long as the stage is the same.

use crate::laws::encoding::Encoding;
use crate::laws::formula::Lit;
use crate::playbook::{Level, SignalIx};

/// Signals that are told in pairs, at most: there are half as many pairs as their square.
const MOST_PAIRED: usize = 14;

/// Levels that are told turn by turn, in thousandths. Every signal is told; one that is not listed is told to be at zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Help(pub(super) Vec<(SignalIx, u16)>);

impl Help {
    /// A customer with one mark, or none.
    pub(super) fn plain(encoding: &Encoding<'_>) -> Vec<Self> {
        let signals = encoding.world.signals.iter();
        let each = signals.flat_map(|(ix, bits)| {
            let levels = bits.at_least.iter().rev().map(|(level, _)| *level).filter(|level| *level > 0);
            levels.map(|level| Self(vec![(*ix, level)]))
        });
        std::iter::once(Self(Vec::new())).chain(each).collect()
    }

    /// A customer with two marks, both as strong as can be.
    pub(super) fn paired(encoding: &Encoding<'_>) -> Vec<Self> {
        let full = Level::ONE.thousandths();
        let signals: Vec<SignalIx> = encoding.world.signals.keys().copied().take(MOST_PAIRED).collect();
        let pairs = signals.iter().enumerate().flat_map(|(at, one)| {
            signals.iter().skip(at + 1).map(move |other| Self(vec![(*one, full), (*other, full)]))
        });
        pairs.collect()
    }

    /// What is true of the signals in a turn in which this was told; how they got there is left open.
    pub(super) fn told(&self, encoding: &Encoding<'_>) -> Vec<Lit> {
        let mut told = Vec::new();
        for (ix, bits) in &encoding.world.signals {
            let level = self.level(*ix);
            told.push(bits.live);
            told.extend(bits.at_least.iter().map(|(from, passed)| if level >= *from { *passed } else { !*passed }));
        }
        told
    }

    /// What is true besides in a turn after one in which the same was told.
    pub(super) fn again(encoding: &Encoding<'_>) -> Vec<Lit> {
        encoding.world.signals.values().flat_map(|bits| [!bits.rising, !bits.falling]).collect()
    }

    fn level(&self, signal: SignalIx) -> u16 {
        self.0.iter().find(|(told, _)| *told == signal).map_or(0, |(_, level)| *level)
    }
}

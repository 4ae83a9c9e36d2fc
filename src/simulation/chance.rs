//! Chance, the same on every machine: a PCG generator, whose numbers are fixed by its publication.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// Draws for one conversation.
pub(super) struct Chance(Pcg64);

impl Chance {
    /// The draws of the conversation with this number.
    pub(super) fn of(seed: u64, number: u32) -> Self {
        let mut mixed = [0; 32];
        let numbers = seed.to_le_bytes().into_iter().chain(number.to_le_bytes());
        for (byte, value) in mixed.iter_mut().zip(numbers) {
            *byte = value;
        }
        let mut generator = Pcg64::from_seed(mixed);
        // Neighbouring seeds need some steps to part.
        for _ in 0..8 {
            generator.next_u64();
        }
        Self(generator)
    }

    /// From 0 up to, and not, 1.
    pub(super) fn unit(&mut self) -> f64 {
        // 32 bits fit exactly.
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// From `least` to `most`.
    pub(super) fn between(&mut self, least: f64, most: f64) -> f64 {
        least + self.unit() * (most - least)
    }

    /// True with this probability.
    pub(super) fn comes(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `items`, each as often; `None`: there are none.
    pub(super) fn one_of<'t, T>(&mut self, items: &'t [T]) -> Option<&'t T> {
        let count = u32::try_from(items.len()).ok()?;
        let at = (u64::from(self.0.next_u32()) * u64::from(count)) >> 32;
        items.get(usize::try_from(at).ok()?)
    }
}

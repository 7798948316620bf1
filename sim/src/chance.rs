//! Chance by seed: the same seed gives the same draws on any machine. Only integer steps, multiplication and comparison are used
//! (no logarithm or sine, whose last digit differs between machines), and every purpose draws from a stream of its own, so
//! that one more draw in one place moves nothing elsewhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream for one purpose (`"calls"`) and one thing it is about (a number), under a seed.
    pub fn of(seed: u64, purpose: &str, about: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&text_number(purpose).to_le_bytes());
        key[16..24].copy_from_slice(&about.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// At least 0, below 1.
    pub fn unit(&mut self) -> f64 {
        // 53 bits: as many as fit, so that the step is exact.
        (self.number() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// At least `low`, below `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from 0, below `count`; 0 when `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        // The high half of the product: no division, and a skew below 2^-32 for any count met here.
        ((u128::from(self.number()) * count as u128) >> 64) as usize
    }

    /// True with this probability.
    pub fn yes(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of them. They must not be empty.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// The place of one of the weights, each as likely as it is heavy; 0 when all are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            if weight > 0.0 {
                last = place;
                if left < weight {
                    return place;
                }
                left -= weight;
            }
        }
        last
    }

    /// Puts them into any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// A `UUIDv7` for a moment in milliseconds since 1970.
    pub fn uuid(&mut self, at_ms: u64) -> uuid::Uuid {
        let mut bytes = [0u8; 10];
        let (high, low) = (self.number().to_le_bytes(), self.number().to_le_bytes());
        bytes[..8].copy_from_slice(&high);
        bytes[8..].copy_from_slice(&low[..2]);
        uuid::Builder::from_unix_timestamp_millis(at_ms, &bytes).into_uuid()
    }
}

/// A number for a text, the same everywhere (FNV-1a, 64 bits).
pub fn text_number(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_fixed_by_seed_purpose_and_number() {
        let draw = |seed, purpose, about| Chance::of(seed, purpose, about).number();
        assert_eq!(draw(1, "calls", 7), draw(1, "calls", 7));
        assert_ne!(draw(1, "calls", 7), draw(2, "calls", 7));
        assert_ne!(draw(1, "calls", 7), draw(1, "crew", 7));
        assert_ne!(draw(1, "calls", 7), draw(1, "calls", 8));
        // Written down: a new version of the generator that draws otherwise would change every city.
        expect_test::expect![[r"
            11298171417233507089
        "]]
        .assert_debug_eq(&draw(1, "calls", 7));
    }

    #[test]
    fn draws_are_spread_as_asked() {
        let mut chance = Chance::of(3, "test", 0);
        let mut counts = [0u32; 3];
        for _ in 0..30_000 {
            counts[chance.weighted([1.0, 0.0, 3.0].into_iter())] += 1;
        }
        assert!((7_200..7_800).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
        let low = (0..10_000).filter(|_| chance.below(10) < 5).count();
        assert!((4_800..5_200).contains(&low), "{low}");
        assert_eq!(chance.uuid(1).get_version_num(), 7);
    }
}

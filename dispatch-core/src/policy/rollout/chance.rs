//! Chance by seed: the same seed gives the same numbers on any machine. Only whole numbers and comparisons decide, no logarithm that
//! a machine may round in its own way.

/// A stream of numbers that look like chance (`SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream with this number of a seed. Streams of one seed have nothing to do with one another.
    pub(super) fn stream(seed: u64, number: u64) -> Self {
        Self(mixed(seed ^ mixed(number.wrapping_add(GOLDEN))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// A number from 0 to just under 1, each as likely as any other.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How long until something happens that happens once in a unit of time on average: exponential, after von Neumann. A run of
    /// falling numbers has an odd length as often as its first number is short enough; an even one adds a whole unit.
    pub(super) fn wait(&mut self) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.share();
            let (mut last, mut odd) = (first, true);
            loop {
                let next = self.share();
                if next >= last {
                    break;
                }
                (last, odd) = (next, !odd);
            }
            if odd {
                return whole + first;
            }
            whole += 1.0;
        }
    }
}

/// A number whose bits each hang on all bits of the one given.
pub(super) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// Two to the sixty-fourth over the golden ratio: steps of it spread evenly.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_exponential_and_streams_differ() {
        let mut chance = Chance::stream(7, 0);
        let waits: Vec<f64> = (0..100_000).map(|_| chance.wait()).collect();
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        // Half are over before ln 2, one in twenty takes longer than ln 20.
        let share = |over: f64| waits.iter().filter(|wait| **wait > over).count() as f64 / waits.len() as f64;
        assert!((share(std::f64::consts::LN_2) - 0.5).abs() < 0.01);
        assert!((share(20.0_f64.ln()) - 0.05).abs() < 0.005);
        assert_ne!(Chance::stream(7, 1).next(), Chance::stream(7, 2).next());
        assert_ne!(Chance::stream(7, 1).next(), Chance::stream(8, 1).next());
        assert_eq!(Chance::stream(7, 1).next(), Chance::stream(7, 1).next());
    }
}

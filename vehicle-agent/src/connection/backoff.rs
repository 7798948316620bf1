//! How long to wait between attempts: at once, then anything up to 3, 6 and 12 s (full jitter), so that a centre that
//! comes back is not met by its whole fleet in the same second.

use std::time::Duration;

const WINDOWS_S: [u64; 3] = [3, 6, 12];

/// Counts attempts that failed.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failed: usize,
}

impl Backoff {
    /// After a link that worked, the next attempt is at once.
    pub(super) fn reset(&mut self) {
        self.failed = 0;
    }

    /// The wait before the next attempt, counting one more. `chance`: 0 to 1.
    pub(super) fn next_wait(&mut self, chance: f64) -> Duration {
        let wait = match self.failed {
            0 => Duration::ZERO,
            failed => {
                let window_s = WINDOWS_S[(failed - 1).min(WINDOWS_S.len() - 1)];
                Duration::from_secs(window_s).mul_f64(chance.clamp(0.0, 1.0))
            }
        };
        self.failed += 1;
        wait
    }
}

/// A number from 0 to 1, from the system's randomness.
pub(super) fn chance() -> f64 {
    let mut bytes = [0_u8; 4];
    let filled = rustls::crypto::aws_lc_rs::default_provider().secure_random.fill(&mut bytes);
    // Without randomness every vehicle waits half the window, which is worse and still works.
    if filled.is_err() { 0.5 } else { f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_start_again() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..5).map(|_| backoff.next_wait(1.0).as_secs()).collect();
        assert_eq!(waits, [0, 3, 6, 12, 12]);
        assert_eq!(backoff.next_wait(0.25), Duration::from_secs(3));
        backoff.reset();
        assert_eq!(backoff.next_wait(1.0), Duration::ZERO);
    }

    #[test]
    fn chance_is_chance() {
        let all: Vec<f64> = (0..20).map(|_| chance()).collect();
        assert!(all.iter().all(|one| (0.0..=1.0).contains(one)));
        assert!(all.windows(2).any(|pair| (pair[0] - pair[1]).abs() > f64::EPSILON));
    }
}

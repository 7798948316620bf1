//! How long a vehicle waits between attempts, as `docs/vehicle-link.md` asks: at once, then anything up to 3, 6 and 12 s.

use std::time::Duration;

use crate::chance::Chance;

/// Counts attempts that failed.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failed: usize,
}

impl Backoff {
    /// After a link that worked.
    pub(super) fn reset(&mut self) {
        self.failed = 0;
    }

    /// A link that worked has ended: the next attempt waits as after one that failed.
    pub(super) fn ended(&mut self) {
        self.failed = 1;
    }

    /// The wait before the next attempt, counting one more.
    pub(super) fn next_wait(&mut self, chance: &mut Chance) -> Duration {
        let wait = match self.failed {
            0 => Duration::ZERO,
            failed => {
                let window_s = WINDOWS_S[(failed - 1).min(WINDOWS_S.len() - 1)];
                Duration::from_secs_f64(chance.between(0.0, window_s))
            }
        };
        self.failed += 1;
        wait
    }
}

const WINDOWS_S: [f64; 3] = [3.0, 6.0, 12.0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        let (mut backoff, mut chance) = (Backoff::default(), Chance::of(1, "waits", 0));
        assert_eq!(backoff.next_wait(&mut chance), Duration::ZERO);
        for window_s in [3, 6, 12, 12] {
            assert!(backoff.next_wait(&mut chance) <= Duration::from_secs(window_s));
        }
        backoff.ended();
        assert!(
            backoff.next_wait(&mut chance) > Duration::ZERO,
            "a fleet that lost its centre does not come back at once"
        );
        backoff.reset();
        assert_eq!(backoff.next_wait(&mut chance), Duration::ZERO);
    }
}

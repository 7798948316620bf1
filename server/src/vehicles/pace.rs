//! How fast one vehicle may speak on its stream. Whoever says more is heard more slowly: the rest waits on its own side of the line, so that
//! nothing is lost, and takes nobody else's time.

use std::time::Duration;

use link::file::FILE_PART_BYTES_MAX;
use tokio::time::{Instant, sleep};

/// One connection's allowance of frames: full at first, filled again with time.
#[derive(Debug)]
pub(super) struct Pace {
    of: Allowance,
    left: f64,
    at: Instant,
}

/// What a stream may say.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    max: f64,
    refill_per_s: f64,
    bytes_of_one: f64,
    /// Whoever has to wait says too much; else it is only held back.
    is_flood: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(Allowance {
            max: ALLOWANCE_MAX,
            refill_per_s: REFILL_PER_S,
            bytes_of_one: BYTES_OF_ONE,
            is_flood: true,
        })
    }
}

impl Pace {
    /// Of a stream that carries files: a megabyte at once, and then 256 KiB a second.
    pub(super) fn of_bulk() -> Self {
        Self::new(Allowance {
            max: 128.0,
            refill_per_s: 32.0,
            bytes_of_one: FILE_PART_BYTES_MAX as f64,
            is_flood: false,
        })
    }

    fn new(of: Allowance) -> Self {
        Self { of, left: of.max, at: Instant::now() }
    }

    /// Takes a frame of so many bytes in, when its time has come. `true`: it had to wait, and should not have had to.
    pub(super) async fn take(&mut self, bytes: usize) -> bool {
        let wait = self.wait_at(bytes, Instant::now());
        if let Some(wait) = wait {
            sleep(wait).await;
        }
        wait.is_some() && self.of.is_flood
    }

    fn wait_at(&mut self, bytes: usize, now: Instant) -> Option<Duration> {
        let passed_s = now.saturating_duration_since(self.at).as_secs_f64();
        let Allowance { max, refill_per_s, bytes_of_one, .. } = self.of;
        self.left = (self.left + passed_s * refill_per_s).min(max);
        self.at = now;
        self.left -= 1.0 + bytes as f64 / bytes_of_one;
        (self.left < 0.0).then(|| Duration::from_secs_f64(-self.left / refill_per_s))
    }
}

/// A full allowance: what a vehicle has kept for an hour without a connection, a position each second among it.
const ALLOWANCE_MAX: f64 = 600.0;
/// How fast it fills again; a vehicle at work says something every second or two.
const REFILL_PER_S: f64 = 20.0;
/// So many bytes count as much as one frame: a long list of positions is more work than a question.
const BYTES_OF_ONE: f64 = 512.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_hour_without_a_connection_is_told_at_once_and_talk_without_end_is_slowed_down() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        // 3,600 positions in lists of 200, of some 60 bytes each.
        assert!((0..18).all(|_| pace.wait_at(200 * 60, now).is_none()));
        let mut waits = (0..1000).map(|_| pace.wait_at(20, now));
        let (free, last) = (waits.by_ref().take_while(Option::is_none).count(), waits.last());
        assert!(free < 200, "{free}");
        assert!(last.flatten().is_some_and(|wait| wait > Duration::from_secs(30)), "{last:?}");
        let later = now + Duration::from_mins(2);
        assert_eq!(pace.wait_at(20, later), None, "it recovers");
    }
}

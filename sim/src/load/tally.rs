//! What a fleet has done so far, counted by all its vehicles and told once a second as a line of JSON.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

/// Counters of a whole fleet.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Vehicles welcomed and heard now.
    pub(super) linked: AtomicU64,
    /// Attempts to connect.
    pub(super) attempts: AtomicU64,
    /// Attempts that came to nothing.
    pub(super) failed: AtomicU64,
    /// Links that ended after they worked.
    pub(super) lost: AtomicU64,
    /// Positions sent.
    pub(super) positions: AtomicU64,
    /// Frames of the centre other than answers to pings.
    pub(super) deliveries: AtomicU64,
}

impl Tally {
    /// Counts one more.
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes a line each second, to standard output.
    pub(super) async fn tell(&self, of: usize) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut every = tokio::time::interval(Duration::from_secs(1));
        loop {
            every.tick().await;
            let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            let line = json!({
                "at": unix_s(),
                "after_s": begun.elapsed().as_secs_f64(),
                "of": of,
                "linked": now(&self.linked),
                "attempts": now(&self.attempts),
                "failed": now(&self.failed),
                "lost": now(&self.lost),
                "positions": now(&self.positions),
                "deliveries": now(&self.deliveries),
            });
            writeln!(std::io::stdout().lock(), "{line}")?;
        }
    }
}

/// Seconds since 1970, UTC, by this machine's clock.
pub(super) fn unix_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The same in milliseconds, as the link has it.
pub(super) fn unix_ms() -> i64 {
    (unix_s() * 1000.0) as i64
}

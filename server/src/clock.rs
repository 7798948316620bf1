//! The domain clock: what time it is for calls, orders and deadlines. In service it is the wall clock; in a
//! demonstration it may run faster. Never used for TLS, QUIC, leases or time-outs of connections.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dispatch_core::UtcTime;
use serde::Deserialize;
use thiserror::Error;

/// Tells domain time. It never goes back, not even when the machine's clock is set back. Cheap to clone: clones share
/// what they have told.
#[derive(Debug, Clone)]
pub struct Clock {
    anchor: Anchor,
    told_us: Arc<AtomicI64>,
}

/// Domain time = `domain` + (wall time − `wall`) × `rate`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// A moment of the wall clock, UTC.
    pub wall: UtcTime,
    /// What the domain clock showed then, UTC.
    pub domain: UtcTime,
    /// Domain seconds in a second of the wall clock.
    pub rate: f64,
}

/// Why a clock file cannot be used.
#[derive(Debug, Error)]
pub enum ClockError {
    /// The file cannot be read.
    #[error("cannot read the clock file {path}: {source}")]
    Read { path: String, source: std::io::Error },
    /// The file is not what it should be.
    #[error(
        "the clock file {path} is wrong: {problem}; it holds wall and domain as RFC 3339 texts and rate as a number"
    )]
    Bad { path: String, problem: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockFile {
    wall: UtcTime,
    domain: UtcTime,
    rate: f64,
}

impl Clock {
    /// The wall clock itself.
    pub fn real() -> Self {
        Self::anchored(Anchor { wall: UtcTime::default(), domain: UtcTime::default(), rate: 1.0 })
    }

    /// A clock that runs from an anchor.
    pub fn anchored(anchor: Anchor) -> Self {
        Self { anchor, told_us: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    /// Reads an anchor from a file `{wall, domain, rate}`.
    pub fn from_file(path: &Path) -> Result<Self, ClockError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| ClockError::Read { path: name.clone(), source })?;
        let bad = |problem: String| ClockError::Bad { path: name.clone(), problem };
        let file: ClockFile = toml::from_str(&text).map_err(|error| bad(error.message().to_owned()))?;
        if !(RATE_MIN..=RATE_MAX).contains(&file.rate) {
            return Err(bad(format!("a rate of {} is not between {RATE_MIN} and {RATE_MAX}", file.rate)));
        }
        Ok(Self::anchored(Anchor { wall: file.wall, domain: file.domain, rate: file.rate }))
    }

    /// Domain time now, UTC.
    pub fn now(&self) -> UtcTime {
        self.at_wall(wall_now())
    }

    /// Domain seconds in a second of the wall clock.
    pub fn rate(&self) -> f64 {
        self.anchor.rate
    }

    /// Whether domain time is wall time.
    pub fn is_real(&self) -> bool {
        self.anchor.wall == self.anchor.domain && (self.anchor.rate - 1.0).abs() < f64::EPSILON
    }

    /// Makes sure that no earlier time is told: the journal's last event may be ahead of a clock that was set back.
    pub fn not_before(&self, time: UtcTime) {
        self.told_us.fetch_max(time.micros(), Ordering::Relaxed);
    }

    /// How long to sleep until the domain clock shows `time`; zero when it is past.
    pub fn wall_until(&self, time: UtcTime) -> Duration {
        let domain_us = time.micros().saturating_sub(self.now().micros()).max(0);
        Duration::from_micros((domain_us as f64 / self.anchor.rate).ceil() as u64)
    }

    fn at_wall(&self, wall: UtcTime) -> UtcTime {
        let passed_us = wall.since(self.anchor.wall).micros();
        let domain_us = if self.is_real() {
            wall.micros()
        } else {
            self.anchor.domain.micros().saturating_add((passed_us as f64 * self.anchor.rate) as i64)
        };
        let before = self.told_us.fetch_max(domain_us, Ordering::Relaxed);
        UtcTime::from_micros(before.max(domain_us))
    }
}

/// The wall clock, UTC.
pub fn wall_now() -> UtcTime {
    UtcTime::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// A clock slower than this is stopped for all a dispatcher can see.
const RATE_MIN: f64 = 0.01;
/// Faster than this no deadline can be worked off between two looks.
const RATE_MAX: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::Span;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_demonstration_clock_runs_at_its_rate_from_its_anchor() {
        let wall = at("2026-11-21T10:00:00Z");
        let clock = Clock::anchored(Anchor { wall, domain: at("2026-11-21T00:00:00Z"), rate: 30.0 });
        assert_eq!(clock.at_wall(wall), at("2026-11-21T00:00:00Z"));
        assert_eq!(clock.at_wall(wall + Span::seconds(2)), at("2026-11-21T00:01:00Z"));
    }

    #[test]
    fn it_never_goes_back() {
        let wall = at("2026-11-21T10:00:00Z");
        let clock = Clock::real();
        let shown = clock.at_wall(wall);
        assert_eq!(clock.clone().at_wall(wall - Span::seconds(3600)), shown);
        clock.not_before(wall + Span::seconds(5));
        assert_eq!(clock.at_wall(wall), wall + Span::seconds(5));
        assert_eq!(clock.at_wall(wall + Span::seconds(9)), wall + Span::seconds(9));
    }

    #[test]
    fn a_wait_is_shorter_when_time_runs_faster() {
        let now = wall_now();
        let clock = Clock::anchored(Anchor { wall: now, domain: now, rate: 10.0 });
        let wait = clock.wall_until(clock.now() + Span::seconds(100));
        assert!(wait <= Duration::from_secs(10) && wait > Duration::from_secs(9), "{wait:?}");
        assert_eq!(clock.wall_until(now - Span::seconds(1)), Duration::ZERO);
    }

    #[test]
    fn a_wrong_clock_file_is_refused_with_its_name() {
        let path = std::env::temp_dir().join(format!("jichi-clock-{}.toml", std::process::id()));
        for (text, says) in [
            ("wall = 3", "RFC 3339"),
            ("wall = '2026-11-21T10:00:00Z'\ndomain = '2026-11-21T10:00:00Z'\nrate = 0", "not between"),
            ("wall = '2026-11-21T10:00:00Z'\ndomain = '2026-11-21T10:00:00Z'\nrate = 1\nspeed = 2", "speed"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Clock::from_file(&path).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("jichi-clock"), "{error}");
        }
        std::fs::write(&path, "wall = '2026-11-21T10:00:00Z'\ndomain = '2026-11-21T00:00:00Z'\nrate = 30.0")
            .unwrap();
        let clock = Clock::from_file(&path).unwrap();
        assert_eq!(clock.at_wall(at("2026-11-21T10:00:01Z")), at("2026-11-21T00:00:30Z"));
        std::fs::remove_file(&path).unwrap();
        assert!(Clock::from_file(&path).is_err());
    }
}

//! Domain time for the driven city: what the clock file says, or the wall. The file may be written anew while everything runs (a
//! demonstration that was stopped and goes on); it is looked at every few seconds.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use dispatch_core::{Span, UtcTime};
use serde::Deserialize;

/// Tells domain time.
#[derive(Debug)]
pub struct DomainClock {
    file: Option<PathBuf>,
    anchor: Cell<Anchor>,
    read_at: Cell<Option<SystemTime>>,
}

/// Domain time = `domain` + (wall − `wall`) × `rate`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// A moment of the wall clock, UTC.
    pub wall: UtcTime,
    /// What the domain clock showed then, UTC.
    pub domain: UtcTime,
    /// Domain seconds in a second of the wall.
    pub rate: f64,
}

impl Anchor {
    /// Domain time at a moment of the wall.
    pub fn domain_at(&self, wall: UtcTime) -> UtcTime {
        self.domain + Span::from_secs_f64(wall.since(self.wall).as_secs_f64() * self.rate)
    }
}

impl DomainClock {
    /// A clock by a file, or by the wall.
    pub fn open(file: Option<PathBuf>) -> anyhow::Result<Self> {
        let same = UtcTime::default();
        let clock = Self {
            file,
            anchor: Cell::new(Anchor { wall: same, domain: same, rate: 1.0 }),
            read_at: Cell::new(None),
        };
        clock.read()?;
        Ok(clock)
    }

    /// Domain time, UTC.
    pub fn now(&self) -> UtcTime {
        self.anchor.get().domain_at(wall_now())
    }

    /// Domain seconds in a second of the wall.
    pub fn rate(&self) -> f64 {
        self.anchor.get().rate
    }

    /// Waits until a moment of domain time.
    pub async fn sleep_until(&self, until: UtcTime) {
        loop {
            let left_s = until.since(self.now()).as_secs_f64() / self.rate();
            if left_s <= 0.0 {
                return;
            }
            // In pieces, for the file may have been written anew meanwhile.
            tokio::time::sleep(Duration::from_secs_f64(left_s.min(LOOK_AGAIN_S))).await;
        }
    }

    /// Waits for a span of domain time.
    pub async fn sleep_s(&self, seconds: f64) {
        self.sleep_until(self.now() + Span::from_secs_f64(seconds)).await;
    }

    /// Keeps reading the file when it changes. A file that is half written or gone changes nothing.
    pub async fn follow(&self) {
        loop {
            tokio::time::sleep(Duration::from_secs_f64(LOOK_AGAIN_S)).await;
            if let Err(error) = self.read() {
                eprintln!("sim drive: the clock file is not readable and stays as it was: {error:#}");
            }
        }
    }

    fn read(&self) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let name = || format!("the clock file {}", file.display());
        let changed_at = std::fs::metadata(file).and_then(|meta| meta.modified()).with_context(name)?;
        if self.read_at.get() == Some(changed_at) {
            return Ok(());
        }
        let text = std::fs::read_to_string(file).with_context(name)?;
        let anchor: Anchor =
            toml::from_str(&text).map_err(|error| anyhow::anyhow!("{}: {}", name(), error.message()))?;
        anyhow::ensure!(
            (0.01..=1000.0).contains(&anchor.rate),
            "{}: rate must be between 0.01 and 1000",
            name()
        );
        self.anchor.set(anchor);
        self.read_at.set(Some(changed_at));
        Ok(())
    }
}

/// The wall clock, UTC.
pub fn wall_now() -> UtcTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UtcTime::from_micros(since.as_micros() as i64)
}

const LOOK_AGAIN_S: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_domain_seconds_in_one_of_the_wall() {
        let text = "wall = \"2026-11-21T00:00:00Z\"\ndomain = \"2026-11-20T00:00:00Z\"\nrate = 30.0\n";
        let anchor: Anchor = toml::from_str(text).unwrap();
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        assert_eq!(anchor.domain_at(at("2026-11-21T00:01:00Z")), at("2026-11-20T00:30:00Z"));
        assert_eq!(anchor.domain_at(at("2026-11-20T23:59:00Z")), at("2026-11-19T23:30:00Z"));
    }
}

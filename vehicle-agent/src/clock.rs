//! The vehicle's clock: set by the receiver's own UTC times, running on between fixes. What a crew presses in a
//! tunnel carries its true time. In a demonstration it runs faster than the wall; timers of the network never use it.

use std::time::Instant;

use serde::Serialize;

/// Who set the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockSource {
    /// The computer's own clock: nothing better was heard yet.
    System,
    /// The centre, on connecting.
    Centre,
    /// The GNSS receiver.
    Gnss,
}

/// UTC that never runs backwards by a little. A source that corrects it by more than `STEP_MS` is believed.
#[derive(Debug)]
pub struct VehicleClock {
    rate: f64,
    source: ClockSource,
    anchor: Option<Anchor>,
    shown_unix_ms: i64,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    wall: Instant,
    utc_unix_ms: i64,
}

const STEP_MS: f64 = 10_000.0;

impl VehicleClock {
    /// `rate`: seconds of the vehicle's time per second of the wall; 1 outside a demonstration.
    pub fn new(rate: f64) -> Self {
        Self { rate, source: ClockSource::System, anchor: None, shown_unix_ms: i64::MIN }
    }

    /// Milliseconds since 1970, UTC.
    pub fn now_unix_ms(&mut self, wall: Instant) -> i64 {
        let estimate = self.estimate(wall);
        self.shown_unix_ms = self.shown_unix_ms.max(estimate);
        self.shown_unix_ms
    }

    /// Takes a time from a source. A lesser source than the present one is not listened to.
    pub fn discipline(&mut self, source: ClockSource, wall: Instant, utc_unix_ms: i64) {
        if source < self.source {
            return;
        }
        let back_ms = self.shown_unix_ms.saturating_sub(utc_unix_ms) as f64;
        if back_ms > STEP_MS * self.rate.max(1.0) {
            self.shown_unix_ms = utc_unix_ms;
        }
        self.source = source;
        self.anchor = Some(Anchor { wall, utc_unix_ms });
    }

    /// Who set it.
    pub fn source(&self) -> ClockSource {
        self.source
    }

    /// Seconds of the vehicle's time per second of the wall.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    fn estimate(&self, wall: Instant) -> i64 {
        match self.anchor {
            None => jiff::Timestamp::now().as_millisecond(),
            Some(anchor) => {
                let passed_ms =
                    wall.saturating_duration_since(anchor.wall).as_secs_f64() * 1000.0 * self.rate;
                anchor.utc_unix_ms + passed_ms as i64
            }
        }
    }
}

/// A time as people and pages read it.
pub fn rfc3339(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms).map_or_else(|_| String::new(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOON: i64 = 1_795_262_400_000;

    #[test]
    fn it_runs_on_between_fixes_at_its_rate() {
        let wall = Instant::now();
        let mut clock = VehicleClock::new(30.0);
        clock.discipline(ClockSource::Gnss, wall, NOON);
        assert_eq!(clock.now_unix_ms(wall + Duration::from_secs(2)), NOON + 60_000);
        clock.discipline(ClockSource::Gnss, wall + Duration::from_secs(2), NOON + 61_000);
        assert_eq!(clock.now_unix_ms(wall + Duration::from_secs(2)), NOON + 61_000);
    }

    #[test]
    fn a_small_correction_never_shows_an_earlier_time_and_a_large_one_is_believed() {
        let wall = Instant::now();
        let mut clock = VehicleClock::new(1.0);
        clock.discipline(ClockSource::Gnss, wall, NOON);
        assert_eq!(clock.now_unix_ms(wall), NOON);
        clock.discipline(ClockSource::Gnss, wall, NOON - 3_000);
        assert_eq!(clock.now_unix_ms(wall), NOON);
        clock.discipline(ClockSource::Gnss, wall, NOON - 3_600_000);
        assert_eq!(clock.now_unix_ms(wall), NOON - 3_600_000);
    }

    #[test]
    fn the_receiver_outranks_the_centre() {
        let wall = Instant::now();
        let mut clock = VehicleClock::new(1.0);
        clock.discipline(ClockSource::Centre, wall, NOON);
        assert_eq!(clock.source(), ClockSource::Centre);
        clock.discipline(ClockSource::Gnss, wall, NOON + 5_000);
        clock.discipline(ClockSource::Centre, wall, NOON + 60_000);
        assert_eq!((clock.source(), clock.now_unix_ms(wall)), (ClockSource::Gnss, NOON + 5_000));
    }
}

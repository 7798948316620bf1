//! The vehicle's clock: set by the receiver's own UTC times, running on between fixes. What a crew presses in a
//! tunnel carries its true time. In a demonstration it runs faster than the wall; timers of the network never use it.

mod certificate_time;

use std::time::Instant;

use serde::Serialize;
use tracing::warn;

pub use certificate_time::CertificateTime;

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

/// UTC that never runs backwards by a little; a larger step back is believed. A single fix that is far off moves
/// nothing that somebody has set: three in a row that agree do.
#[derive(Debug)]
pub struct VehicleClock {
    rate: f64,
    source: ClockSource,
    started: Instant,
    anchor: Option<Anchor>,
    shown_unix_ms: i64,
    doubt: Option<Doubt>,
    certificates: CertificateTime,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    wall: Instant,
    utc_unix_ms: i64,
}

/// A time of the receiver that is far from the clock's, and how many fixes in a row have said so.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    said: Anchor,
    times: u32,
}

const STEP_MS: f64 = 10_000.0;
/// Two fixes that follow each other agree when no more than this lies between them and the time that has passed.
const AGREE_MS: f64 = 2_000.0;
const FIXES_THAT_CONVINCE: u32 = 3;
/// Nothing of this agent happened before 2026-01-01.
const EARLIEST_UNIX_MS: i64 = 1_767_225_600_000;
/// 19 years: less than the 1,024 weeks after which a receiver's calendar may begin again.
const SPAN_MS: i64 = 19 * 365 * 86_400_000;

/// Whether a time can be now at all: a receiver that lost its era, or a computer without a battery, is off by years.
pub fn is_plausible(unix_ms: i64) -> bool {
    (EARLIEST_UNIX_MS..EARLIEST_UNIX_MS + SPAN_MS).contains(&unix_ms)
}

impl Anchor {
    /// Milliseconds since 1970 at a later moment, at so many seconds a second.
    fn at(&self, wall: Instant, rate: f64) -> i64 {
        let passed_ms = wall.saturating_duration_since(self.wall).as_secs_f64() * 1000.0 * rate;
        self.utc_unix_ms + passed_ms as i64
    }
}

impl VehicleClock {
    /// `rate`: seconds of the vehicle's time per second of the wall; 1 outside a demonstration.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            source: ClockSource::System,
            started: Instant::now(),
            anchor: None,
            shown_unix_ms: i64::MIN,
            doubt: None,
            certificates: CertificateTime::default(),
        }
    }

    /// Milliseconds since 1970, UTC.
    pub fn now_unix_ms(&mut self, wall: Instant) -> i64 {
        let estimate = self.estimate(wall);
        // Whoever put the clock back by much, the receiver or the system's own time service, had a reason.
        let is_step_back = self.shown_unix_ms.saturating_sub(estimate) as f64 > self.scaled(STEP_MS);
        self.shown_unix_ms = if is_step_back { estimate } else { self.shown_unix_ms.max(estimate) };
        self.shown_unix_ms
    }

    /// Takes a time from a source. A lesser source than the present one is not listened to, nor is a time that cannot
    /// be. Until somebody has set the clock, the first fix does.
    pub fn discipline(&mut self, source: ClockSource, wall: Instant, utc_unix_ms: i64) {
        if source < self.source || !is_plausible(utc_unix_ms) {
            return;
        }
        let said = Anchor { wall, utc_unix_ms };
        if source == ClockSource::Gnss && self.source != ClockSource::System && !self.convinces(said) {
            return;
        }
        self.doubt = None;
        self.source = source;
        self.anchor = Some(said);
        if !self.is_demonstration() {
            self.certificates.follow(said);
        }
    }

    /// The time by which certificates are judged: this clock's, as soon as somebody has set it. A demonstration's is nobody's.
    pub fn certificate_time(&self) -> CertificateTime {
        self.certificates.clone()
    }

    /// Who set it.
    pub fn source(&self) -> ClockSource {
        self.source
    }

    /// Seconds of the vehicle's time per second of the wall.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// When this clock began to run: with the agent.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Whether a fix is near the clock, or the last of enough that agree with each other.
    fn convinces(&mut self, said: Anchor) -> bool {
        let off_ms = (said.utc_unix_ms - self.estimate(said.wall)) as f64;
        if off_ms.abs() <= self.scaled(STEP_MS) {
            return true;
        }
        let agrees = |doubt: &Doubt| {
            let expected = doubt.said.at(said.wall, self.rate);
            (said.utc_unix_ms - expected).abs() as f64 <= self.scaled(AGREE_MS)
        };
        let times = self.doubt.filter(agrees).map_or(1, |doubt| doubt.times + 1);
        self.doubt = Some(Doubt { said, times });
        if times == 1 {
            warn!(off_s = off_ms / 1000.0, "a fix is far from the clock; it is believed when others agree");
        }
        times >= FIXES_THAT_CONVINCE
    }

    fn is_demonstration(&self) -> bool {
        (self.rate - 1.0).abs() > f64::EPSILON
    }

    fn scaled(&self, wall_ms: f64) -> f64 {
        wall_ms * self.rate.max(1.0)
    }

    fn estimate(&self, wall: Instant) -> i64 {
        match self.anchor {
            None => jiff::Timestamp::now().as_millisecond(),
            Some(anchor) => anchor.at(wall, self.rate),
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
        for second in 0..3 {
            let wall = wall + Duration::from_secs(second);
            clock.discipline(ClockSource::Gnss, wall, NOON - 3_600_000 + 1000 * second as i64);
        }
        assert_eq!(clock.now_unix_ms(wall + Duration::from_secs(2)), NOON - 3_598_000);
    }

    #[test]
    fn a_fix_that_is_far_off_moves_the_clock_only_when_others_agree() {
        let start = Instant::now();
        let mut clock = VehicleClock::new(1.0);
        clock.discipline(ClockSource::Gnss, start, NOON);
        let hour = 3_600_000;
        // (seconds that have passed, what the fix says beside the truth, how far the clock is off after it)
        for (second, said_off_ms, off_ms) in [
            (1, hour, 0),
            (2, 0, 0),
            (3, hour, 0),
            (4, -hour, 0),
            (5, hour, 0),
            (6, hour, 0),
            (7, hour, hour),
            (8, 0, hour),
            (9, 0, hour),
            (10, 0, 0),
        ] {
            let wall = start + Duration::from_secs(second);
            let truth = NOON + 1000 * second as i64;
            clock.discipline(ClockSource::Gnss, wall, truth + said_off_ms);
            assert_eq!(clock.now_unix_ms(wall) - truth, off_ms, "after {second} s");
        }
    }

    #[test]
    fn the_first_fix_puts_a_computer_right_that_woke_up_in_another_year() {
        let wall = Instant::now();
        let mut clock = VehicleClock::new(1.0);
        let system = clock.now_unix_ms(wall);
        // Ahead or behind, the computer's own time is nobody's word.
        for off_ms in [5 * 3_600_000, -5 * 3_600_000] {
            let mut clock = VehicleClock::new(1.0);
            clock.now_unix_ms(wall);
            clock.discipline(ClockSource::Gnss, wall, system + off_ms);
            assert_eq!(clock.now_unix_ms(wall), system + off_ms);
        }
        let weeks_1024_ms = 1024 * 7 * 86_400_000;
        for era in [system - weeks_1024_ms, system + weeks_1024_ms, 0] {
            clock.discipline(ClockSource::Gnss, wall, era);
            assert_eq!(clock.source(), ClockSource::System, "{era} cannot be now");
        }
    }

    #[test]
    fn one_fix_does_not_outweigh_the_centre() {
        let start = Instant::now();
        let mut clock = VehicleClock::new(1.0);
        clock.discipline(ClockSource::Centre, start, NOON);
        for second in 1..=3 {
            assert_eq!(clock.source(), ClockSource::Centre);
            let wall = start + Duration::from_secs(second);
            clock.discipline(ClockSource::Gnss, wall, NOON + 60_000 + 1000 * second as i64);
        }
        assert_eq!(clock.source(), ClockSource::Gnss);
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

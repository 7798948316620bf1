//! The time by which the centre's certificate is judged: what satellites or centre have set, else the computer's own, and never a time
//! before this vehicle's own certificate was issued. A computer without a battery wakes up in 1970, where nothing is valid yet.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use super::{Anchor, EARLIEST_UNIX_MS, is_plausible};

/// Follows a vehicle's clock, and so do all its clones. It has a lock of its own, held by nobody for long: a handshake asks for the time
/// whoever holds the vehicle's record.
#[derive(Clone, Debug, Default)]
pub struct CertificateTime {
    set: Arc<Mutex<Option<Anchor>>>,
}

impl CertificateTime {
    /// A time that somebody has said just now, milliseconds since 1970; without one the computer's own.
    pub fn told(unix_ms: Option<i64>) -> Self {
        let wall = Instant::now();
        Self { set: Arc::new(Mutex::new(unix_ms.map(|utc_unix_ms| Anchor { wall, utc_unix_ms }))) }
    }

    /// Milliseconds since 1970.
    pub fn now_unix_ms(&self) -> i64 {
        let set = *self.set.lock().unwrap_or_else(PoisonError::into_inner);
        set.map_or_else(|| jiff::Timestamp::now().as_millisecond(), |anchor| anchor.at(Instant::now(), 1.0))
    }

    /// The judge of a vehicle whose own certificate was issued then, seconds since 1970.
    pub(crate) fn judge(&self, issued_unix_s: i64) -> Arc<dyn TimeProvider> {
        Arc::new(Judge { time: self.clone(), issued_unix_ms: issued_unix_s.saturating_mul(1000) })
    }

    pub(super) fn follow(&self, anchor: Anchor) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = Some(anchor);
    }
}

#[derive(Debug)]
struct Judge {
    time: CertificateTime,
    issued_unix_ms: i64,
}

impl TimeProvider for Judge {
    fn current_time(&self) -> Option<UnixTime> {
        let now_unix_ms = judged(self.time.now_unix_ms(), self.issued_unix_ms);
        Some(UnixTime::since_unix_epoch(Duration::from_millis(now_unix_ms.unsigned_abs())))
    }
}

/// A time that cannot be now counts as none; what is left then is that the certificate at hand has been issued.
fn judged(now_unix_ms: i64, issued_unix_ms: i64) -> i64 {
    let earliest = issued_unix_ms.max(EARLIEST_UNIX_MS);
    if is_plausible(now_unix_ms) { now_unix_ms.max(earliest) } else { earliest }
}

#[cfg(test)]
mod tests {
    use super::super::{ClockSource, VehicleClock};
    use super::*;

    const NOON: i64 = 1_795_262_400_000;
    const DAY: i64 = 86_400_000;

    #[test]
    fn a_computer_in_another_era_is_not_asked() {
        for (now, issued, expected) in [
            (NOON, NOON - 3 * DAY, NOON),
            (0, NOON - 3 * DAY, NOON - 3 * DAY),
            (NOON - 300 * DAY, NOON - 3 * DAY, NOON - 3 * DAY),
            (NOON + 40 * 365 * DAY, NOON - 3 * DAY, NOON - 3 * DAY),
            (0, 0, EARLIEST_UNIX_MS),
        ] {
            assert_eq!(judged(now, issued), expected, "{now} {issued}");
        }
    }

    #[test]
    fn it_follows_the_vehicles_clock_unless_that_runs_for_a_demonstration() {
        for (rate, follows) in [(1.0, true), (30.0, false)] {
            let mut clock = VehicleClock::new(rate);
            let time = clock.certificate_time();
            let then = time.now_unix_ms() - 7 * DAY;
            clock.discipline(ClockSource::Gnss, Instant::now(), then);
            let off = time.now_unix_ms() - then;
            assert_eq!((0..DAY).contains(&off), follows, "rate {rate}: {off} ms after what was said");
        }
    }

    #[test]
    fn a_judge_takes_the_time_that_was_told() {
        let told = CertificateTime::told(Some(NOON)).judge(0).current_time().unwrap().as_secs();
        assert!((0..60).contains(&(told as i64 - NOON / 1000)), "{told}");
    }
}

//! Who was cut off for sending too much stays out for a while, longer each time: a vehicle gone wrong must not keep the centre busy with
//! handshakes. Nothing of it is lost: what it has to say waits on it, and its unit is named to the desks.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The units that were cut off.
#[derive(Debug, Default)]
pub(super) struct Penalties {
    units: Mutex<BTreeMap<String, Penalty>>,
}

#[derive(Debug, Clone, Copy)]
struct Penalty {
    times: u32,
    until: Instant,
}

impl Penalties {
    /// A unit was cut off.
    pub(super) fn add(&self, unit: &str) {
        self.add_at(unit, Instant::now());
    }

    /// Whether a unit must stay out still.
    pub(super) fn holds(&self, unit: &str) -> bool {
        self.holds_at(unit, Instant::now())
    }

    fn add_at(&self, unit: &str, now: Instant) {
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        units.retain(|_, penalty| now < penalty.until + FORGOTTEN_AFTER);
        let times = units.get(unit).map_or(0, |penalty| penalty.times);
        let wait = FIRST.saturating_mul(1 << times.min(DOUBLINGS_MAX));
        units.insert(unit.to_owned(), Penalty { times: times + 1, until: now + wait });
    }

    fn holds_at(&self, unit: &str, now: Instant) -> bool {
        let units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        units.get(unit).is_some_and(|penalty| now < penalty.until)
    }
}

/// How long the first time.
const FIRST: Duration = Duration::from_secs(2);
/// At most 32 s.
const DOUBLINGS_MAX: u32 = 4;
/// Whoever behaves for so long begins anew.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_longer_up_to_a_bound_and_concerns_one_unit() {
        let (penalties, mut now) = (Penalties::default(), Instant::now());
        for wait_s in [2, 4, 8, 16, 32, 32] {
            penalties.add_at("A03", now);
            let almost = now + Duration::from_millis(wait_s * 1000 - 1);
            assert!(penalties.holds_at("A03", almost), "{wait_s}");
            assert!(!penalties.holds_at("A04", almost));
            now += Duration::from_secs(wait_s);
            assert!(!penalties.holds_at("A03", now), "{wait_s}");
        }
        now += FORGOTTEN_AFTER;
        penalties.add_at("A03", now);
        assert!(!penalties.holds_at("A03", now + FIRST));
    }
}

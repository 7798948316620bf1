//! What of a monitor's readings is kept: one each half minute, and at once what differs enough for a doctor to look up.

use std::time::{Duration, Instant};

use link::v1::Vitals;

/// The last reading kept of one monitor.
#[derive(Debug, Default)]
pub struct Thinning {
    kept: Option<(Instant, Vitals)>,
}

/// A monitor speaks each second or so; of a course that does not change one reading in this time is enough.
const KEPT_EVERY: Duration = Duration::from_secs(30);
/// No faster than this, whatever it says: a loose cable jumps.
const KEPT_AT_MOST_EVERY: Duration = Duration::from_secs(2);

impl Thinning {
    /// Whether a reading is worth keeping now.
    pub fn is_worth_keeping(&self, now: Instant, vitals: &Vitals) -> bool {
        let Some((at, before)) = &self.kept else { return true };
        let since = now.saturating_duration_since(*at);
        since >= KEPT_EVERY || (since >= KEPT_AT_MOST_EVERY && differs(before, vitals))
    }

    /// It was kept.
    pub fn kept(&mut self, now: Instant, vitals: Vitals) {
        self.kept = Some((now, vitals));
    }
}

/// A value that is new, gone, or so far from what it was.
fn differs(before: &Vitals, now: &Vitals) -> bool {
    let whole = |before: Option<u32>, now: Option<u32>, by: u32| match (before, now) {
        (Some(before), Some(now)) => before.abs_diff(now) >= by,
        (before, now) => before.is_some() != now.is_some(),
    };
    let part = |before: Option<f32>, now: Option<f32>, by: f32| match (before, now) {
        (Some(before), Some(now)) => (before - now).abs() >= by,
        (before, now) => before.is_some() != now.is_some(),
    };
    whole(before.heart_rate_per_min, now.heart_rate_per_min, 20)
        || whole(before.systolic_mmhg, now.systolic_mmhg, 20)
        || whole(before.diastolic_mmhg, now.diastolic_mmhg, 15)
        || whole(before.spo2_percent, now.spo2_percent, 3)
        || whole(before.respiration_per_min, now.respiration_per_min, 6)
        || whole(before.etco2_mmhg, now.etco2_mmhg, 8)
        || part(before.temperature_c, now.temperature_c, 0.5)
        || part(before.glucose_mmol_l, now.glucose_mmol_l, 1.0)
        || before.quality != now.quality
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heart(rate: u32) -> Vitals {
        Vitals { heart_rate_per_min: Some(rate), ..Vitals::default() }
    }

    #[test]
    fn a_calm_course_is_thinned_and_a_change_is_not() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let mut thinning = Thinning::default();
        assert!(thinning.is_worth_keeping(at(0), &heart(80)));
        thinning.kept(at(0), heart(80));
        assert!(!thinning.is_worth_keeping(at(29), &heart(95)));
        assert!(thinning.is_worth_keeping(at(30), &heart(80)), "its time has come");
        assert!(thinning.is_worth_keeping(at(3), &heart(100)), "it differs");
        assert!(!thinning.is_worth_keeping(at(1), &heart(100)), "a loose cable");
        let more = Vitals { spo2_percent: Some(97), ..heart(80) };
        assert!(thinning.is_worth_keeping(at(3), &more), "a value that is new");
        assert!(thinning.is_worth_keeping(at(3), &Vitals::default()), "one that is gone");
    }
}

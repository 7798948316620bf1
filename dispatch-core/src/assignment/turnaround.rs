//! How long until a unit at hospital is free: learned hospital by hospital and hour by hour from the record's own handovers.
//!
//! Two pieces are learned apart: from arriving until free, and from the handover until free, for crews that press the handover as well.

use serde::{Deserialize, Serialize};

use super::hourly::{Belief, HourOfDay, HourlyMeans};
use super::{Assignment, Stage, StageTimes};
use crate::ids::HospitalId;
use crate::time::{Span, UtcTime};

/// How long units stay at the hospitals, as learned from the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Turnaround {
    /// From arriving until free.
    stays: HourlyMeans<HospitalId>,
    /// From the handover until free.
    clearings: HourlyMeans<HospitalId>,
}

impl Turnaround {
    /// Takes in one stay: the recorded times of a unit that is free now.
    pub(crate) fn observe(
        &mut self,
        hospital: HospitalId,
        times: &StageTimes,
        free_at: UtcTime,
        utc_offset: Span,
    ) {
        let since = |stage| times.at(stage).map(|at| (HourOfDay::at(at, utc_offset), free_at.since(at)));
        if let Some((hour, took)) = since(Stage::AtHospital) {
            self.stays.observe(STAY, hospital, hour, took);
        }
        if let Some((hour, took)) = since(Stage::HandedOver) {
            self.clearings.observe(CLEARING, hospital, hour, took);
        }
    }

    /// Expected time until a unit at hospital is free; `None` for one that is not at a hospital that is known.
    pub fn until_free(&self, held: &Assignment, now: UtcTime, utc_offset: Span) -> Option<Span> {
        let hospital = held.destination.as_ref()?.hospital;
        let (means, belief) = match held.stage {
            Stage::AtHospital => (&self.stays, STAY),
            Stage::HandedOver => (&self.clearings, CLEARING),
            _ => return None,
        };
        let since = held.times.at(held.stage)?;
        let expected = means.at_hour(belief, hospital, HourOfDay::at(since, utc_offset));
        let overdue = Span::from_micros(expected.micros() / OVERDUE_PARTS);
        Some((expected - now.since(since)).max(overdue))
    }

    /// How many stays at a hospital were seen.
    pub fn seen(&self, hospital: HospitalId) -> u32 {
        self.stays.seen(hospital)
    }
}

/// What is believed of a hospital of which nothing was seen: 15 minutes to the handover, 5 to clean and restock. Assumption,
/// replaced by what is learned.
const STAY: Belief = Belief { mean: Span::seconds(1_200), count: 10, took_max: Span::seconds(3 * 3_600) };
/// The same from the handover.
const CLEARING: Belief = Belief { mean: Span::seconds(300), count: 10, took_max: Span::seconds(3_600) };
/// Whoever stays longer than expected is not free at any moment: a quarter of what was expected is always still to come. Assumption.
const OVERDUE_PARTS: i64 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::assignment::{Destination, Stamp, StampSource};
    use crate::ids::{AssignmentId, IncidentId};

    const NOON: UtcTime = UtcTime::from_micros(1_800_000_000_000_000 / 86_400_000_000 * 86_400_000_000);
    const UTC: Span = Span::ZERO;

    fn after(seconds: i64) -> UtcTime {
        NOON + Span::seconds(seconds)
    }

    fn times(pressed: &[(Stage, i64)]) -> StageTimes {
        let mut times = StageTimes::default();
        for &(stage, seconds) in pressed {
            let (at, source, by, reason) =
                (after(seconds), StampSource::Terminal, Actor::rule("test"), String::new());
            times.record(Stamp { stage, at, entered_at: at, source, by, reason });
        }
        times
    }

    fn held(hospital: &str, pressed: &[(Stage, i64)]) -> Assignment {
        Assignment {
            id: AssignmentId::new(uuid::Uuid::nil()),
            incident: IncidentId::new(uuid::Uuid::nil()),
            unit: "A01".parse().unwrap(),
            version: 1,
            stage: pressed.last().unwrap().0,
            times: times(pressed),
            proposal: None,
            override_reason: None,
            choice: None,
            delivered_at: None,
            destination: Some(Destination {
                hospital: hospital.parse().unwrap(),
                chosen_at: NOON,
                reason: String::new(),
                acknowledged: None,
            }),
            end: None,
            charts: Vec::new(),
        }
    }

    /// What is expected of a unit that came to a hospital at noon, so many seconds later.
    fn left(learned: &Turnaround, hospital: &str, seconds: i64) -> i64 {
        let held = held(hospital, &[(Stage::AtHospital, 0)]);
        learned.until_free(&held, after(seconds), UTC).unwrap().micros() / 1_000_000
    }

    #[test]
    fn a_hospital_is_learned_from_a_prior_and_the_hour_from_the_hospital() {
        let mut learned = Turnaround::default();
        let slow = "H01".parse().unwrap();
        assert_eq!(left(&learned, "H01", 0), 1_200);
        for _ in 0..10 {
            learned.observe(slow, &times(&[(Stage::AtHospital, 0)]), after(2_400), UTC);
        }
        // 1,800 s for the hospital; at noon 10 stays of 2,400 s beside 20 of that.
        assert_eq!((left(&learned, "H01", 0), left(&learned, "H02", 0)), (2_000, 1_200));
        let evening = held("H01", &[(Stage::AtHospital, 8 * 3_600)]);
        assert_eq!(learned.until_free(&evening, after(8 * 3_600), UTC), Some(Span::seconds(1_800)));
        assert_eq!(learned.seen(slow), 10);
    }

    #[test]
    fn a_forgotten_press_teaches_nothing() {
        let mut learned = Turnaround::default();
        for impossible in [-1, 3 * 3_600 + 1] {
            learned.observe(
                "H01".parse().unwrap(),
                &times(&[(Stage::AtHospital, 0)]),
                after(impossible),
                UTC,
            );
        }
        assert_eq!(learned, Turnaround::default());
    }

    #[test]
    fn the_time_left_falls_and_whoever_is_overdue_is_not_free_at_once() {
        let learned = Turnaround::default();
        let table = [(0, 1_200), (600, 600), (900, 300), (1_199, 300), (5_000, 300)];
        for (elapsed, expected) in table {
            assert_eq!(left(&learned, "H01", elapsed), expected, "{elapsed}");
        }
    }

    #[test]
    fn the_handover_says_more_than_the_arrival() {
        let mut learned = Turnaround::default();
        let pressed = [(Stage::AtHospital, 0), (Stage::HandedOver, 900)];
        let unit = held("H01", &pressed);
        assert_eq!(learned.until_free(&unit, after(960), UTC), Some(Span::seconds(240)));
        for _ in 0..10 {
            learned.observe("H01".parse().unwrap(), &times(&pressed), after(1_000), UTC);
        }
        // 200 s for the hospital, 10 clearings of 100 s at noon beside 20 of that: 166 s, of which 60 have passed.
        assert_eq!(learned.until_free(&unit, after(960), UTC), Some(Span::from_micros(106_666_666)));
        for elsewhere in [Stage::OnScene, Stage::LeftScene] {
            assert_eq!(learned.until_free(&held("H01", &[(elsewhere, 0)]), NOON, UTC), None);
        }
    }
}

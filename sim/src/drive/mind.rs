//! What a crew does next: decided from what its terminal shows, where its vehicle is, and its own habits. Pure, so that a city that is
//! stopped and started goes on from the screens and the vehicles alone.

use dispatch_core::{Span, UtcTime};

use super::terminal::Order;
use super::vehicle::{Goal, Vehicle};
use crate::chance::{Chance, text_number};
use crate::demand::fit::Fitted;
use crate::demand::profile::Profile;
use crate::demand::spread::{
    ACKNOWLEDGE, HOSPITAL, HOSPITAL_FACTOR, SCENE, SCENE_FACTOR, TO_PATIENT, TURNOUT, TURNOUT_FACTOR,
};

/// How a crew will go about one order. Drawn from the seed and the assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Habits {
    /// From the terminal's ring to the acknowledgement.
    pub acknowledge_s: f64,
    /// From the terminal's ring to rolling wheels.
    pub turnout_s: f64,
    /// From the stop to the patient.
    pub to_patient_s: f64,
    /// From the stop to leaving.
    pub scene_s: f64,
    /// From the hospital's gate to available.
    pub hospital_s: f64,
    /// From doing something to pressing its button.
    pub press_s: f64,
    /// A step it forgets to press.
    pub forgets: Option<&'static str>,
    /// How it ends, when not at a hospital: the reason of breaking off.
    pub stays: Option<&'static str>,
    /// Breaks off on the way, so long after rolling.
    pub breaks_down_s: Option<f64>,
    /// Gives the order back instead of acknowledging.
    pub refuses: bool,
}

/// What a crew does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Nothing yet.
    Wait,
    /// Acknowledges.
    Acknowledge,
    /// Gives the order back.
    Refuse,
    /// Presses the button of a step.
    Press(&'static str),
    /// Drives.
    Drive(Goal),
    /// Asks by radio where to take the patient.
    AskDestination,
    /// Breaks off.
    Abort(&'static str),
    /// Takes a recalled order off the screen.
    Dismiss,
}

/// Shares of San Francisco's on-scene responses: 0.83 took somebody along. How the rest divides is an assumption.
const STAYS: [(&str, f64); 4] = [
    ("patient_declined", 0.07),
    ("treated_on_scene", 0.05),
    ("no_patient", 0.04),
    ("dead_not_conveyed", 0.01),
];
/// One step in so many is not pressed.
const FORGETS: [&str; 5] = ["rolling", "on_scene", "at_patient", "left_scene", "handed_over"];
const FORGETS_SHARE: f64 = 0.10;
const BREAKS_DOWN_SHARE: f64 = 0.008;
const REFUSES_SHARE: f64 = 0.005;
/// No crew takes longer than this for one step, whatever a log says.
const LEARNED_S_MAX: f64 = 3.0 * 3600.0;
/// A crew that nobody tells where to go takes the patient to the nearest hospital after this.
const ASKED_S_MAX: f64 = 360.0;

impl Habits {
    /// The habits for one assignment.
    pub fn draw(seed: u64, assignment: &str) -> Self {
        let mut chance = Chance::of(seed, "crew", text_number(assignment));
        let acknowledge_s = ACKNOWLEDGE.draw_s(&mut chance);
        let scene_s = SCENE.draw_s(&mut chance) * SCENE_FACTOR;
        let stay =
            chance.weighted(STAYS.iter().map(|s| s.1).chain([1.0 - STAYS.iter().map(|s| s.1).sum::<f64>()]));
        Self {
            acknowledge_s,
            turnout_s: (TURNOUT.draw_s(&mut chance) * TURNOUT_FACTOR).max(acknowledge_s + 4.0),
            to_patient_s: TO_PATIENT.draw_s(&mut chance).min(scene_s * 0.5),
            scene_s,
            hospital_s: HOSPITAL.draw_s(&mut chance) * HOSPITAL_FACTOR,
            press_s: chance.between(3.0, 25.0),
            forgets: chance.yes(FORGETS_SHARE).then(|| *chance.pick(&FORGETS)),
            stays: STAYS.get(stay).map(|s| s.0),
            breaks_down_s: chance.yes(BREAKS_DOWN_SHARE).then(|| chance.between(40.0, 240.0)),
            refuses: chance.yes(REFUSES_SHARE),
        }
    }
}

impl Habits {
    /// The same habits with times and shares that were learned from a log.
    #[must_use]
    pub fn as_learned(self, profile: &Profile, seed: u64, assignment: &str) -> Self {
        let mut chance = Chance::of(seed, "crew learned", text_number(assignment));
        let times = &profile.times;
        let stays = if chance.yes(profile.transported) { None } else { self.stays.or(Some(STAYS[0].0)) };
        let scene = if stays.is_none() { &times.scene } else { &times.scene_only };
        let mut learned =
            |fitted: &Fitted, least_s: f64| fitted.model.draw_s(&mut chance).clamp(least_s, LEARNED_S_MAX);
        let scene_s = learned(scene, 30.0);
        Self {
            turnout_s: learned(&times.turnout, self.acknowledge_s + 4.0),
            to_patient_s: self.to_patient_s.min(scene_s * 0.5),
            scene_s,
            hospital_s: learned(&times.hospital, 60.0),
            stays,
            ..self
        }
    }

    /// The same habits on a day when nothing goes wrong.
    #[must_use]
    pub fn on_a_calm_day(self) -> Self {
        Self { forgets: None, stays: None, breaks_down_s: None, refuses: false, ..self }
    }
}

/// One look of a crew at its order.
#[derive(Debug)]
pub struct Look<'a> {
    /// The order.
    pub order: &'a Order,
    /// The crew's habits.
    pub habits: &'a Habits,
    /// Its vehicle.
    pub vehicle: &'a Vehicle,
    /// Domain time, UTC.
    pub now: UtcTime,
    /// Since when the dispatcher presses by telephone, if so.
    pub nudged: bool,
    /// Since when it has asked for a destination, if so.
    pub asked_at: Option<UtcTime>,
    /// The nearest hospital by its own knowledge.
    pub nearest_hospital: &'a str,
}

/// What the crew does next.
pub fn next_act(look: &Look<'_>) -> Act {
    let order = look.order;
    if let Some(end) = &order.end {
        let over = look.due(end.at, 20.0);
        return if end.kind.starts_with("recalled") && over { Act::Dismiss } else { Act::Wait };
    }
    let received = order.received_at;
    if order.pressed().is_none() {
        let due = look.due(received, look.habits.acknowledge_s) || look.nudged;
        let answer = if look.habits.refuses { Act::Refuse } else { Act::Acknowledge };
        return if due { answer } else { Act::Wait };
    }
    match &look.vehicle.goal {
        Goal::Scene { assignment } if *assignment == order.assignment => look.for_scene(),
        Goal::Hospital { assignment, hospital } if *assignment == order.assignment => {
            look.for_hospital(hospital)
        }
        Goal::Scene { .. } | Goal::Hospital { .. } | Goal::Station | Goal::Halt => {
            let due = look.due(received, look.habits.turnout_s) || look.nudged;
            let known = order.location.is_some();
            if due && known {
                Act::Drive(Goal::Scene { assignment: order.assignment.clone() })
            } else {
                Act::Wait
            }
        }
    }
}

impl Look<'_> {
    fn due(&self, since: UtcTime, after_s: f64) -> bool {
        self.now >= since + Span::from_secs_f64(after_s)
    }

    /// The step's button, when it was not pressed, nor a later one, and is not forgotten.
    fn press(&self, stage: &'static str, since: UtcTime) -> Option<Act> {
        let place = super::terminal::STAGES.iter().position(|&s| s == stage)?;
        let wanted = self.order.pressed() < Some(place) && self.habits.forgets != Some(stage);
        (wanted && self.due(since, self.habits.press_s)).then_some(Act::Press(stage))
    }

    fn for_scene(&self) -> Act {
        if let Some(leg) = self.vehicle.leg() {
            if let Some(after_s) = self.habits.breaks_down_s
                && self.due(leg.starts, after_s)
                && self.order.abort_reasons.iter().any(|r| r.reason == "vehicle_broken")
            {
                return Act::Abort("vehicle_broken");
            }
            return self.press("rolling", leg.starts).unwrap_or(Act::Wait);
        }
        let (arrived, habits) = (self.vehicle.arrived_at, self.habits);
        if let Some(press) = self.press("on_scene", arrived) {
            return press;
        }
        // Two presses within five seconds count as a slip of the finger: leave room between them.
        let at_patient = habits.to_patient_s.max(habits.press_s + 8.0);
        if self.due(arrived, at_patient)
            && let Some(press) = self.press("at_patient", arrived)
        {
            return press;
        }
        if !self.due(arrived, habits.scene_s.max(at_patient + 30.0)) {
            return Act::Wait;
        }
        if let Some(reason) = habits.stays.or(self.order.test.then_some("treated_on_scene")) {
            let offered = self.order.abort_reasons.iter().any(|r| r.reason == reason);
            // Not offered before the arrival is on the record: a crew that forgot to press does so at this point.
            return if offered { Act::Abort(reason) } else { Act::Press("on_scene") };
        }
        self.to_hospital()
    }

    fn to_hospital(&self) -> Act {
        let drive = |hospital: &str| {
            Act::Drive(Goal::Hospital {
                assignment: self.order.assignment.clone(),
                hospital: hospital.to_owned(),
            })
        };
        match (&self.order.hospital, self.asked_at) {
            (Some(hospital), _) => drive(&hospital.id),
            (None, None) => Act::AskDestination,
            (None, Some(asked)) if self.due(asked, ASKED_S_MAX) => drive(self.nearest_hospital),
            (None, Some(_)) => Act::Wait,
        }
    }

    fn for_hospital(&self, heading_for: &str) -> Act {
        if let Some(hospital) = &self.order.hospital
            && hospital.id != heading_for
            && self.vehicle.is_driving()
        {
            return self.to_hospital();
        }
        if let Some(leg) = self.vehicle.leg() {
            return self.press("left_scene", leg.starts).unwrap_or(Act::Wait);
        }
        let (arrived, habits) = (self.vehicle.arrived_at, self.habits);
        if let Some(press) = self.press("at_hospital", arrived) {
            return press;
        }
        if self.due(arrived, habits.hospital_s * HANDOVER_SHARE)
            && let Some(press) = self.press("handed_over", arrived)
        {
            return press;
        }
        if self.due(arrived, habits.hospital_s.max(habits.press_s + 60.0))
            && let Some(press) = self.press("available", arrived)
        {
            return press;
        }
        Act::Wait
    }
}

/// The share of the time at the hospital that the handover takes; the rest is cleaning.
const HANDOVER_SHARE: f64 = 0.55;

#[cfg(test)]
mod tests {
    use roads::Wgs84;

    use super::*;
    use crate::drive::vehicle::Leg;

    fn t(s: i64) -> UtcTime {
        UtcTime::from_micros(s * 1_000_000)
    }

    fn habits() -> Habits {
        Habits {
            acknowledge_s: 8.0,
            turnout_s: 60.0,
            to_patient_s: 60.0,
            scene_s: 600.0,
            hospital_s: 900.0,
            press_s: 5.0,
            forgets: None,
            stays: None,
            breaks_down_s: None,
            refuses: false,
        }
    }

    fn order(stages: &[&str], hospital: bool) -> Order {
        let stages: Vec<_> =
            stages.iter().map(|s| serde_json::json!({ "stage": s, "source": "crew" })).collect();
        let hospital = hospital.then(|| serde_json::json!({ "id": "H02", "location": null }));
        serde_json::from_value(serde_json::json!({
            "assignment": "a1", "received_at": t(0), "stages": stages, "hospital": hospital,
            "location": { "longitude_deg": 118.0, "latitude_deg": 29.0 },
            "abort_reasons": [{ "reason": "patient_declined" }],
        }))
        .unwrap()
    }

    fn vehicle(goal: Goal, driving: bool) -> Vehicle {
        let at = Wgs84::new(118.0, 29.0).unwrap();
        let mut vehicle = Vehicle::standing(at, t(100));
        let leg = Leg {
            points: vec![at, at],
            starts: t(100),
            lasts_s: if driving { 1e6 } else { 0.0 },
            lights: true,
        };
        vehicle.drive(goal, leg, t(100));
        vehicle.settle(t(100));
        vehicle
    }

    fn act(order: &Order, habits: &Habits, vehicle: &Vehicle, now_s: i64, asked: bool) -> Act {
        let asked_at = asked.then(|| t(700));
        next_act(&Look {
            order,
            habits,
            vehicle,
            now: t(now_s),
            nudged: false,
            asked_at,
            nearest_hospital: "H01",
        })
    }

    #[test]
    fn a_run_from_ring_to_available() {
        let scene = Goal::Scene { assignment: "a1".into() };
        let hospital = |id: &str| Goal::Hospital { assignment: "a1".into(), hospital: id.into() };
        let standing = Vehicle::standing(Wgs84::new(118.0, 29.0).unwrap(), t(0));
        let (to_scene, at_scene) = (vehicle(scene.clone(), true), vehicle(scene.clone(), false));
        let (to_h02, at_h02) = (vehicle(hospital("H02"), true), vehicle(hospital("H02"), false));
        let a =
            ["acknowledged", "rolling", "on_scene", "at_patient", "left_scene", "at_hospital", "handed_over"];
        for (stages, vehicle, now_s, hospital_known, asked, expected) in [
            (0, &standing, 7, false, false, Act::Wait),
            (0, &standing, 8, false, false, Act::Acknowledge),
            (1, &standing, 59, false, false, Act::Wait),
            (1, &standing, 60, false, false, Act::Drive(scene)),
            (1, &to_scene, 104, false, false, Act::Wait),
            (1, &to_scene, 105, false, false, Act::Press("rolling")),
            (2, &to_scene, 900, false, false, Act::Wait),
            (2, &at_scene, 105, false, false, Act::Press("on_scene")),
            (3, &at_scene, 159, false, false, Act::Wait),
            (3, &at_scene, 160, false, false, Act::Press("at_patient")),
            (4, &at_scene, 699, false, false, Act::Wait),
            (4, &at_scene, 700, false, false, Act::AskDestination),
            (4, &at_scene, 800, false, true, Act::Wait),
            (4, &at_scene, 800, true, true, Act::Drive(hospital("H02"))),
            (4, &at_scene, 1060, false, true, Act::Drive(hospital("H01"))),
            (4, &to_h02, 105, true, true, Act::Press("left_scene")),
            (5, &at_h02, 105, true, true, Act::Press("at_hospital")),
            (6, &at_h02, 594, true, true, Act::Wait),
            (6, &at_h02, 595, true, true, Act::Press("handed_over")),
            (7, &at_h02, 999, true, true, Act::Wait),
            (7, &at_h02, 1000, true, true, Act::Press("available")),
        ] {
            let order = order(&a[..stages], hospital_known);
            assert_eq!(
                act(&order, &habits(), vehicle, now_s, asked),
                expected,
                "{stages} steps at {now_s} s"
            );
        }
    }

    #[test]
    fn what_goes_otherwise() {
        let at_scene = vehicle(Goal::Scene { assignment: "a1".into() }, false);
        let declines = Habits { stays: Some("patient_declined"), ..habits() };
        assert_eq!(
            act(&order(&["on_scene", "at_patient"], false), &declines, &at_scene, 700, false),
            Act::Abort("patient_declined")
        );
        let forgets = Habits { forgets: Some("on_scene"), ..habits() };
        assert_eq!(
            act(&order(&["rolling"], false), &forgets, &at_scene, 160, false),
            Act::Press("at_patient")
        );
        let mut recalled = order(&["acknowledged"], false);
        recalled.end = Some(
            serde_json::from_value(serde_json::json!({ "kind": "recalled_cancelled", "at": t(50) })).unwrap(),
        );
        assert_eq!(act(&recalled, &habits(), &at_scene, 60, false), Act::Wait);
        assert_eq!(act(&recalled, &habits(), &at_scene, 70, false), Act::Dismiss);
    }

    #[test]
    fn habits_are_fixed_by_seed_and_assignment() {
        assert_eq!(Habits::draw(1, "a"), Habits::draw(1, "a"));
        assert_ne!(Habits::draw(1, "a"), Habits::draw(1, "b"));
        let late = (0..1_000).filter(|n| Habits::draw(1, &n.to_string()).turnout_s > 180.0).count();
        let slow = (0..1_000).filter(|n| Habits::draw(1, &n.to_string()).acknowledge_s > 30.0).count();
        assert!((30..110).contains(&late) && (20..70).contains(&slow), "{late} late, {slow} slow of 1000");
    }
}

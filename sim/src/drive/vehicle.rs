//! One vehicle on the road: where it is at a moment follows from the way it drives, so nothing has to tick.

use dispatch_core::{Span, UtcTime};
use roads::Wgs84;
use serde::{Deserialize, Serialize};

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vehicle {
    /// Where it stands, or stood before it drove.
    at: Wgs84,
    /// Where its nose points, degrees from north.
    heading_deg: f64,
    /// What it drives for, or was last at.
    pub goal: Goal,
    /// Since when it stands, UTC.
    pub arrived_at: UtcTime,
    leg: Option<Leg>,
}

/// What a vehicle drives for, or is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "goal", rename_all = "snake_case")]
pub enum Goal {
    /// Its station.
    Station,
    /// The scene of an assignment.
    Scene {
        /// The assignment's id.
        assignment: String,
    },
    /// A hospital, for an assignment.
    Hospital {
        /// The assignment's id.
        assignment: String,
        /// The hospital's code.
        hospital: String,
    },
    /// Nowhere: it was told to stop.
    Halt,
}

/// A drive from one place to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// The way, start and end included.
    pub points: Vec<Wgs84>,
    /// When it starts, UTC.
    pub starts: UtcTime,
    /// How long it takes, seconds.
    pub lasts_s: f64,
    /// Whether with lights and sirens.
    pub lights: bool,
}

/// What a receiver on the roof sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Where, WGS-84.
    pub position: Wgs84,
    /// How fast, km/h.
    pub speed_kmh: f64,
    /// Where to, degrees from north.
    pub heading_deg: f64,
}

impl Leg {
    fn length_m(&self) -> f64 {
        self.points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum()
    }

    /// When it ends, UTC.
    pub fn ends(&self) -> UtcTime {
        self.starts + Span::from_secs_f64(self.lasts_s)
    }
}

impl Vehicle {
    /// A vehicle standing at its station.
    pub fn standing(at: Wgs84, now: UtcTime) -> Self {
        Self { at, heading_deg: 0.0, goal: Goal::Station, arrived_at: now, leg: None }
    }

    /// Starts to drive.
    pub fn drive(&mut self, goal: Goal, leg: Leg, now: UtcTime) {
        let motion = self.motion(now);
        (self.at, self.heading_deg) = (motion.position, motion.heading_deg);
        self.goal = goal;
        self.leg = Some(leg);
    }

    /// Stops where it is.
    pub fn halt(&mut self, now: UtcTime) {
        let motion = self.motion(now);
        *self = Self {
            at: motion.position,
            heading_deg: motion.heading_deg,
            goal: Goal::Halt,
            arrived_at: now,
            leg: None,
        };
    }

    /// Whether it drives.
    pub fn is_driving(&self) -> bool {
        self.leg.is_some()
    }

    /// The drive it is on.
    pub fn leg(&self) -> Option<&Leg> {
        self.leg.as_ref()
    }

    /// Brings it up to a moment: a drive that is over ends.
    pub fn settle(&mut self, now: UtcTime) {
        if let Some(leg) = self.leg.take_if(|leg| leg.ends() <= now) {
            self.heading_deg = heading(&leg.points);
            self.at = *leg.points.last().unwrap_or(&self.at);
            self.arrived_at = leg.ends();
        }
    }

    /// Where it is at a moment.
    pub fn motion(&self, now: UtcTime) -> Motion {
        let still = Motion { position: self.at, speed_kmh: 0.0, heading_deg: self.heading_deg };
        let Some(leg) = &self.leg else { return still };
        let share = now.since(leg.starts).as_secs_f64() / leg.lasts_s.max(0.1);
        if share >= 1.0 {
            return Motion { position: *leg.points.last().unwrap_or(&self.at), ..still };
        }
        let whole_m = leg.length_m();
        let mut left_m = whole_m * share.max(0.0);
        for pair in leg.points.windows(2) {
            let piece_m = pair[0].distance_m(pair[1]);
            if left_m <= piece_m && piece_m > 0.0 {
                return Motion {
                    position: pair[0].towards(pair[1], left_m / piece_m),
                    speed_kmh: if share <= 0.0 { 0.0 } else { whole_m / leg.lasts_s.max(0.1) * 3.6 },
                    heading_deg: pair[0].bearing_deg(pair[1]),
                };
            }
            left_m -= piece_m;
        }
        still
    }
}

fn heading(points: &[Wgs84]) -> f64 {
    let last = points.windows(2).rev().find(|pair| pair[0] != pair[1]);
    last.map_or(0.0, |pair| pair[0].bearing_deg(pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_where_the_time_says_and_stands_at_the_end() {
        let at = |lon: f64| Wgs84::new(lon, 29.0).unwrap();
        let t = |s: i64| UtcTime::from_micros(s * 1_000_000);
        let mut vehicle = Vehicle::standing(at(118.0), t(0));
        let leg = Leg {
            points: vec![at(118.0), at(118.01), at(118.04)],
            starts: t(10),
            lasts_s: 100.0,
            lights: true,
        };
        vehicle.drive(Goal::Scene { assignment: "a".into() }, leg, t(10));
        assert!((vehicle.motion(t(10)).speed_kmh).abs() < 1e-9);
        let half = vehicle.motion(t(60));
        assert!((half.position.longitude() - 118.02).abs() < 1e-6 && half.speed_kmh > 100.0, "{half:?}");
        assert!((half.heading_deg - 90.0).abs() < 0.1);
        vehicle.settle(t(109));
        assert!(vehicle.is_driving());
        vehicle.settle(t(500));
        assert_eq!((vehicle.is_driving(), vehicle.arrived_at), (false, t(110)));
        assert_eq!(vehicle.motion(t(500)).position, at(118.04));
        let kept: Vehicle = serde_json::from_str(&serde_json::to_string(&vehicle).unwrap()).unwrap();
        assert_eq!(kept, vehicle);
    }
}

//! The motion rule: what a vehicle's movement proves about one assignment (rolled, arrived, left, at the hospital).
//! Each proof wants two fixes in a row, so that one bad fix proves nothing, and is dated to the first of them.
//! Speed alone proves no departure (a receiver at rest drifts), nor does a single jump.

use crate::v1::{Position, Stage, Wgs84};

/// Faster than this, in km/h, is driving.
pub const DRIVING_KMH: f64 = 8.0;
/// Slower than this, in km/h, is standing.
pub const STANDING_KMH: f64 = 5.0;
/// Driving and this far, in metres, from where it stood when ordered: rolled.
pub const ROLLED_DRIVING_M: f64 = 15.0;
/// This far, in metres, from where it stood when ordered: rolled, at any speed.
pub const ROLLED_M: f64 = 60.0;
/// Standing within this distance, in metres: arrived.
pub const ARRIVED_M: f64 = 80.0;
/// This far, in metres, from where it arrived: left.
pub const LEFT_M: f64 = 150.0;
/// A fix less accurate than this, in metres, proves nothing.
pub const ACCURACY_M_MAX: f64 = 50.0;
/// A fix that implies a speed above this, in km/h, is a jump.
pub const JUMP_KMH: f64 = 220.0;
/// So many implausible fixes in a row are believed: then it was the earlier ones that were wrong.
pub const JUMPS_BELIEVED: u32 = 3;

const EARTH_RADIUS_M: f64 = 6_371_008.8;
const MS_PER_H: f64 = 3_600_000.0;

/// What the rule needs of a fix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    /// UTC, from the receiver.
    pub at_unix_ms: i64,
    /// WGS-84.
    pub place: Wgs84,
    /// From the receiver.
    pub speed_kmh: f64,
    /// 0: unknown, taken as good.
    pub accuracy_m: f64,
}

impl From<&Position> for Fix {
    fn from(position: &Position) -> Self {
        Self {
            at_unix_ms: position.fix_time_unix_ms,
            place: Wgs84 { longitude_deg: position.longitude_deg, latitude_deg: position.latitude_deg },
            speed_kmh: f64::from(position.speed_kmh),
            accuracy_m: f64::from(position.accuracy_m),
        }
    }
}

/// A stage that movement has proved, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// `Rolling`, `OnScene`, `LeftScene` or `AtHospital`.
    pub stage: Stage,
    /// UTC, of the first fix that showed it.
    pub at_unix_ms: i64,
}

/// The rule for one assignment: fixes in, evidence out, each stage at most once and in order.
#[derive(Clone, Debug, Default)]
pub struct MotionWatch {
    stood_at: Option<Wgs84>,
    scene: Option<Wgs84>,
    hospital: Option<Wgs84>,
    arrived_at: Option<Wgs84>,
    proved: Option<Stage>,
    pressed: Option<Stage>,
    shown_since_unix_ms: Option<i64>,
    last: Option<Fix>,
    jumps: u32,
}

impl MotionWatch {
    /// A watch that starts with the order. `stood_at`: the last fix at that time, when there is one.
    pub fn new(stood_at: Option<Wgs84>, scene: Option<Wgs84>, hospital: Option<Wgs84>) -> Self {
        Self { stood_at, scene, hospital, ..Self::default() }
    }

    /// Goes on after a restart of the agent from what was kept on disk.
    #[must_use]
    pub fn resumed(mut self, proved: Option<Stage>, pressed: Option<Stage>) -> Self {
        self.proved = proved;
        self.pressed = pressed;
        self
    }

    /// The address was changed by the centre.
    pub fn set_scene(&mut self, scene: Option<Wgs84>) {
        self.scene = scene;
        self.shown_since_unix_ms = None;
    }

    /// The hospital was chosen or changed.
    pub fn set_hospital(&mut self, hospital: Option<Wgs84>) {
        self.hospital = hospital;
        self.shown_since_unix_ms = None;
    }

    /// The crew pressed a stage. It opens the watch for the next one, and proves nothing by itself.
    pub fn press(&mut self, stage: Stage) {
        if self.pressed.is_none_or(|pressed| pressed < stage) {
            self.pressed = Some(stage);
            self.shown_since_unix_ms = None;
        }
        if stage == Stage::OnScene {
            self.arrived_at = self.last.map(|fix| fix.place);
        }
    }

    /// The last stage that movement proved.
    pub fn proved(&self) -> Option<Stage> {
        self.proved
    }

    /// Where it stood when ordered, as far as known.
    pub fn stood_at(&self) -> Option<Wgs84> {
        self.stood_at
    }

    /// Takes the next fix.
    pub fn observe(&mut self, fix: &Fix) -> Option<Evidence> {
        if fix.accuracy_m > ACCURACY_M_MAX || !is_on_earth(fix.place) || self.is_implausible(fix) {
            return None;
        }
        self.last = Some(*fix);
        self.stood_at.get_or_insert(fix.place);
        if self.reached(Stage::OnScene) {
            self.arrived_at.get_or_insert(fix.place);
        }
        let stage = self.candidate(fix);
        let Some(stage) = stage else {
            self.shown_since_unix_ms = None;
            return None;
        };
        let Some(at_unix_ms) = self.shown_since_unix_ms.take() else {
            self.shown_since_unix_ms = Some(fix.at_unix_ms);
            return None;
        };
        self.proved = Some(stage);
        if stage == Stage::OnScene {
            self.arrived_at = Some(fix.place);
        }
        Some(Evidence { stage, at_unix_ms })
    }

    /// The one stage that this fix would show, of those that may come next.
    fn candidate(&self, fix: &Fix) -> Option<Stage> {
        let proved = self.proved;
        let not_yet = |stage: Stage| proved.is_none_or(|proved| proved < stage);
        let near =
            |place: Option<Wgs84>| place.is_some_and(|place| distance_m(place, fix.place) <= ARRIVED_M);
        let standing = fix.speed_kmh < STANDING_KMH;
        if not_yet(Stage::Rolling) && !self.pressed_at_least(Stage::OnScene) {
            return self.has_rolled(fix).then_some(Stage::Rolling);
        }
        if not_yet(Stage::OnScene) && !self.pressed_at_least(Stage::LeftScene) && standing && near(self.scene)
        {
            return Some(Stage::OnScene);
        }
        if not_yet(Stage::LeftScene) && self.reached(Stage::OnScene) {
            let far = self.arrived_at.is_some_and(|from| distance_m(from, fix.place) > LEFT_M);
            return far.then_some(Stage::LeftScene);
        }
        (not_yet(Stage::AtHospital) && self.reached(Stage::LeftScene) && standing && near(self.hospital))
            .then_some(Stage::AtHospital)
    }

    fn has_rolled(&self, fix: &Fix) -> bool {
        let Some(stood_at) = self.stood_at else { return false };
        let moved_m = distance_m(stood_at, fix.place);
        let driving = fix.speed_kmh > DRIVING_KMH && moved_m > ROLLED_DRIVING_M.max(fix.accuracy_m);
        driving || moved_m > ROLLED_M.max(2.0 * fix.accuracy_m)
    }

    fn pressed_at_least(&self, stage: Stage) -> bool {
        self.pressed.is_some_and(|pressed| pressed >= stage)
    }

    fn reached(&self, stage: Stage) -> bool {
        self.pressed_at_least(stage) || self.proved.is_some_and(|proved| proved >= stage)
    }

    fn is_implausible(&mut self, fix: &Fix) -> bool {
        let Some(last) = self.last else { return false };
        let passed_ms = fix.at_unix_ms - last.at_unix_ms;
        if passed_ms == 0 {
            return true;
        }
        let moved_m = distance_m(last.place, fix.place);
        let implied_kmh = moved_m / 1000.0 / (passed_ms as f64 / MS_PER_H);
        // Short gaps round badly: a few metres of noise within 0.1 s are no jump.
        let jump = passed_ms < 0 || (moved_m > ROLLED_M && implied_kmh > JUMP_KMH);
        if !jump {
            self.jumps = 0;
            return false;
        }
        self.jumps += 1;
        self.shown_since_unix_ms = None;
        if self.jumps < JUMPS_BELIEVED {
            return true;
        }
        self.jumps = 0;
        false
    }
}

fn is_on_earth(place: Wgs84) -> bool {
    (-180.0..=180.0).contains(&place.longitude_deg) && (-90.0..=90.0).contains(&place.latitude_deg)
}

/// Great-circle distance in metres on a sphere: within 0.6 % of the ellipsoid, far finer than the rule needs.
pub fn distance_m(a: Wgs84, b: Wgs84) -> f64 {
    let (lat_a, lat_b) = (a.latitude_deg.to_radians(), b.latitude_deg.to_radians());
    let half_lat = (lat_b - lat_a) / 2.0;
    let half_lon = (b.longitude_deg - a.longitude_deg).to_radians() / 2.0;
    let chord = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
    2.0 * EARTH_RADIUS_M * chord.clamp(0.0, 1.0).sqrt().asin()
}

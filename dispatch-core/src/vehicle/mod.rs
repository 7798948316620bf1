//! Units: a vehicle with its crew. A unit's status is derived from its assignments, never set.

mod aid;
mod areas;
mod duty;

pub use aid::{MutualAid, Neighbour};
pub use areas::{AreasBy, StationArea, StationAreas};
pub use duty::{Duty, Shift, ShiftTable, TimeOfDay};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, StationId, UnitId};
use crate::incident::Skill;
use crate::time::UtcTime;
use roads::Wgs84;

/// What is registered of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitSpec {
    /// Its call sign, the same as in its certificate.
    pub id: UnitId,
    /// Where it stands by.
    pub station: StationId,
    /// What it can do.
    #[serde(default)]
    pub skills: BTreeSet<Skill>,
    /// The number plate or any other words.
    #[serde(default)]
    pub plate: String,
    /// The telephone in the vehicle, for an order by voice. A work number, not a person's.
    #[serde(default)]
    pub phone: String,
}

/// A vehicle with its crew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// What is registered of it.
    pub spec: UnitSpec,
    /// Who is signed on.
    pub crew: Vec<CrewMember>,
    /// Out of service on purpose.
    pub pause: Option<Pause>,
    /// Where it stands by instead of at its own station.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posted: Option<StationId>,
    /// Standing advice where to stand by instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Box<MoveUpAdvice>>,
    /// Its open assignments, oldest first. Normally none or one.
    pub assignments: Vec<AssignmentId>,
    /// Nothing was heard of it since this time, UTC, while it should be heard.
    pub silent_since: Option<UtcTime>,
}

/// One person signed on to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrewMember {
    /// The person's name, as signed in.
    pub name: String,
    /// What the person does.
    pub role: CrewRole,
    /// Since when, UTC.
    pub since: UtcTime,
}

/// What a person of a crew does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrewRole {
    /// 驾驶员.
    Driver,
    /// 医生.
    Doctor,
    /// 护士.
    Nurse,
    /// 担架员.
    Stretcher,
}

/// A unit out of service on purpose (暂停调用).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Why.
    pub reason: String,
    /// Since when, UTC.
    pub since: UtcTime,
}

/// Advice that a free unit should stand by elsewhere. It stands until a person follows it or takes it down, or the unit does
/// something else; whether it still holds is looked at when it is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveUpAdvice {
    /// Where.
    pub to: StationId,
    /// What it adds: share of all demand, in millionths.
    pub gain_ppm: u32,
    /// Since when, UTC.
    pub since: UtcTime,
}

/// A station (急救站).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Its code.
    pub id: StationId,
    /// Its name.
    pub name: String,
    /// Where it is, WGS-84.
    pub position: Wgs84,
}

/// Why a unit cannot be sent, if so, by the record alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// It may be sent.
    Ready,
    /// It is on an order.
    Taken,
    /// Nobody is signed on.
    NoCrew,
    /// Out of service on purpose.
    Paused,
    /// It should be heard and is not.
    Silent,
}

impl Unit {
    /// A unit as registered, with nobody signed on.
    pub fn new(spec: UnitSpec) -> Self {
        Self {
            spec,
            crew: Vec::new(),
            pause: None,
            posted: None,
            advice: None,
            assignments: Vec::new(),
            silent_since: None,
        }
    }

    /// The most people signed on to one unit.
    pub const CREW_MAX: usize = 8;

    /// Where it stands by: where it was posted to, else at its own station.
    pub fn standby(&self) -> StationId {
        self.posted.unwrap_or(self.spec.station)
    }

    /// Whether it has a crew, is not paused and is heard, whatever order it is on.
    pub fn is_in_service(&self) -> bool {
        self.pause.is_none() && !self.crew.is_empty() && self.silent_since.is_none()
    }

    /// On no order and in service.
    pub fn is_free(&self) -> bool {
        self.readiness() == Readiness::Ready
    }

    /// Whether it may be sent.
    pub fn readiness(&self) -> Readiness {
        if !self.assignments.is_empty() {
            Readiness::Taken
        } else if self.pause.is_some() {
            Readiness::Paused
        } else if self.crew.is_empty() {
            Readiness::NoCrew
        } else if self.silent_since.is_some() {
            Readiness::Silent
        } else {
            Readiness::Ready
        }
    }
}

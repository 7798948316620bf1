//! What stands at the moment of a proposal, in the terms of the rollout: who could go, who else is free or at work, who waits.

use super::city::{City, PlaceNumber};
use crate::ids::UnitId;
use crate::incident::Level;
use crate::time::Span;

/// Everything that one rollout begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// What chance is drawn from: the same seed lives through the same hours.
    pub seed: u64,
    /// How many futures are lived through with each contender.
    pub scenarios: u16,
    /// How long calls come in, in each of them.
    pub horizon: Span,
    /// Who is to be helped.
    pub patient: Patient,
    /// Who could go, the first proposed first.
    pub contenders: Vec<Contender>,
    /// Every unit that is free.
    pub free: Vec<Free>,
    /// Every unit at work.
    pub busy: Vec<Busy>,
    /// The others who wait and to whom nobody goes yet.
    pub waiting: Vec<Patient>,
    /// Where the centre moves units up: the share of time that a unit is taken to be busy. Else a unit that becomes free goes to
    /// where it stands by.
    pub move_up: Option<f64>,
}

/// Somebody to whom a unit is to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patient {
    /// How urgent it is.
    pub level: Level,
    /// How long it has been since the first call.
    pub waited: Span,
    /// The zone.
    pub zone: PlaceNumber,
}

/// A unit that could go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contender {
    /// The unit.
    pub unit: UnitId,
    /// Expected time until it is there, as the proposal says.
    pub arrival: Span,
    /// Which of the units it is.
    pub holds: Holds,
}

/// Which of the units of a situation one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The free unit with this number.
    Nothing(usize),
    /// The busy unit with this number, on its way to somebody else who would have to wait.
    Order(usize),
}

/// A free unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Free {
    /// The station where it stands by.
    pub station: PlaceNumber,
    /// The place that it is near, while it is on its way to its station.
    pub on_the_way: Option<PlaceNumber>,
}

/// A unit at work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Busy {
    /// The station where it stands by.
    pub station: PlaceNumber,
    /// What it does.
    pub task: Task,
}

/// What a unit at work does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Task {
    /// On its way to somebody.
    ToScene {
        /// Until it is there.
        arrival: Span,
        /// Who waits for it.
        patient: Patient,
    },
    /// With the patient.
    OnScene {
        /// For so long.
        since: Span,
        /// The zone.
        zone: PlaceNumber,
    },
    /// On its way to a hospital.
    ToHospital {
        /// Until it is there.
        arrival: Span,
        /// The hospital.
        hospital: PlaceNumber,
    },
    /// At a hospital.
    AtHospital {
        /// For so long.
        since: Span,
        /// The hospital.
        hospital: PlaceNumber,
    },
}

impl Situation {
    /// Whether every number in it means something in this city, and there is something to choose.
    pub(super) fn is_sound(&self, city: &City) -> bool {
        let patient = |patient: &Patient| city.is_zone(patient.zone);
        let free = |free: &Free| {
            city.is_station(free.station) && free.on_the_way.is_none_or(|place| city.holds(place))
        };
        let busy = |busy: &Busy| {
            let task = match busy.task {
                Task::ToScene { patient: whose, .. } => patient(&whose),
                Task::OnScene { zone, .. } => city.is_zone(zone),
                Task::ToHospital { hospital, .. } | Task::AtHospital { hospital, .. } => city.holds(hospital),
            };
            task && city.is_station(busy.station)
        };
        let contender = |contender: &Contender| match contender.holds {
            Holds::Nothing(number) => number < self.free.len(),
            Holds::Order(number) => {
                self.busy.get(number).is_some_and(|held| matches!(held.task, Task::ToScene { .. }))
            }
        };
        patient(&self.patient)
            && self.waiting.iter().all(patient)
            && self.free.iter().all(free)
            && self.busy.iter().all(busy)
            && self.contenders.iter().all(contender)
            && self.move_up.is_none_or(|busy| (0.0..=1.0).contains(&busy))
    }
}

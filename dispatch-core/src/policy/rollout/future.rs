//! One of the futures that may come: which calls, where, how urgent, how long everything takes. Drawn once, and lived through with
//! each contender, so that nothing differs but who went.

use super::chance::Chance;
use super::city::{City, PlaceNumber};
use super::durations::milliseconds;
use super::situation::{Busy, Situation, Task};

/// Everything by chance in one future.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Future {
    /// The calls, in the order in which they are ready to be served.
    pub(super) calls: Vec<Call>,
    /// The stay with the patient of the proposal.
    pub(super) own: Stay,
    /// The stays with those who wait, in their order.
    pub(super) waiting: Vec<Stay>,
    /// When and where each unit at work is free, in their order.
    pub(super) releases: Vec<Release>,
    /// The stays with those to whom units are on their way, in the order of the units at work.
    pub(super) awaited: Vec<Stay>,
}

/// A call that will come. Times in milliseconds from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) rings_ms: u32,
    pub(super) ready_ms: u32,
    pub(super) zone: PlaceNumber,
    /// From 0 for I.
    pub(super) level: usize,
    pub(super) stay: Stay,
}

/// How long a unit stays with a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stay {
    scene_ms: u32,
    /// At hospital; none where the patient is not taken along.
    hospital_ms: Option<u32>,
}

/// A unit becomes free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    pub(super) at_ms: u32,
    pub(super) place: PlaceNumber,
}

impl Future {
    /// Draws the future with this number.
    pub(super) fn draw(&mut self, city: &City, situation: &Situation, number: u16) {
        let mut chance = Chance::stream(situation.seed, u64::from(number));
        self.own = Stay::draw(city, &mut chance);
        self.waiting.clear();
        self.waiting.extend(situation.waiting.iter().map(|_| Stay::draw(city, &mut chance)));
        self.releases.clear();
        self.awaited.clear();
        for busy in &situation.busy {
            let stay = Stay::draw(city, &mut chance);
            self.awaited.push(stay);
            self.releases.push(released(city, busy, stay, chance.share()));
        }
        self.calls.clear();
        let horizon_ms = f64::from(milliseconds(situation.horizon));
        let desk_ms = milliseconds(city.plan.durations.desk);
        let mut now_ms = 0.0;
        while city.calls_per_ms > 0.0 && self.calls.len() < CALLS_MAX {
            now_ms += chance.wait() / city.calls_per_ms;
            if now_ms >= horizon_ms {
                break;
            }
            let (zone, level) = (city.zone_at(chance.share()), city.level_at(chance.share()));
            let rings_ms = now_ms as u32;
            let ready_ms = rings_ms.saturating_add(desk_ms);
            self.calls.push(Call { rings_ms, ready_ms, zone, level, stay: Stay::draw(city, &mut chance) });
        }
    }
}

impl Stay {
    fn draw(city: &City, chance: &mut Chance) -> Self {
        let durations = &city.plan.durations;
        let scene_ms = durations.scene.at(chance.share());
        let (conveyed, share) = (chance.share() < durations.conveyed, chance.share());
        Self { scene_ms, hospital_ms: conveyed.then(|| durations.hospital.at(share)) }
    }

    /// When and where a unit is free that has reached its patient.
    pub(super) fn ends(self, city: &City, zone: PlaceNumber, arrived_ms: u32) -> Release {
        let left_ms = arrived_ms.saturating_add(self.scene_ms);
        match self.hospital_ms.zip(city.hospital_near(zone)) {
            Some((stays_ms, place)) => {
                let drive_ms = city.travel_ms(zone, place);
                Release { at_ms: left_ms.saturating_add(drive_ms).saturating_add(stays_ms), place }
            }
            None => Release { at_ms: left_ms, place: zone },
        }
    }
}

/// When and where a unit at work is free, at this share of what its present step may still take.
fn released(city: &City, busy: &Busy, stay: Stay, share: f64) -> Release {
    let durations = &city.plan.durations;
    match busy.task {
        Task::ToScene { arrival, patient } => stay.ends(city, patient.zone, milliseconds(arrival)),
        Task::OnScene { since, zone } => {
            let scene_ms = durations.scene.left(milliseconds(since), share);
            Stay { scene_ms, ..stay }.ends(city, zone, 0)
        }
        Task::ToHospital { arrival, hospital } => {
            let at_ms = milliseconds(arrival).saturating_add(durations.hospital.at(share));
            Release { at_ms, place: hospital }
        }
        Task::AtHospital { since, hospital } => {
            Release { at_ms: durations.hospital.left(milliseconds(since), share), place: hospital }
        }
    }
}

/// More calls than any city gets within a horizon; what goes on longer is cut off.
const CALLS_MAX: usize = 10_000;

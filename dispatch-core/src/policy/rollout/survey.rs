//! The situation of a proposal in a living centre: the record says who is free and who is on what, the picture where they are, the
//! proposal who could go and when each would be there.

use std::collections::BTreeMap;

use roads::Wgs84;

use super::CONTENDERS_MAX;
use super::chance::mixed;
use super::city::{City, PlaceNumber};
use super::situation::{Busy, Contender, Free, Holds, Patient, Situation, Task};
use crate::assignment::{Assignment, Candidate, Proposal, ProposalInputs, Stage, remaining};
use crate::fleet::FleetPicture;
use crate::ids::{IncidentId, UnitId};
use crate::incident::{Incident, Level};
use crate::record::Record;
use crate::time::{Span, UtcTime};
use crate::vehicle::Unit;

/// How far a rollout looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// How many futures are lived through with each contender.
    pub scenarios: u16,
    /// How long calls come in, in each of them.
    pub horizon: Span,
}

/// What a situation is made from.
struct Survey<'a> {
    record: &'a Record,
    picture: &'a FleetPicture,
    city: &'a City,
    /// The incident that a unit is looked for.
    incident: IncidentId,
    now: UtcTime,
}

impl Situation {
    /// The situation of a proposal; `None` where no second opinion is given: for the most urgent, who get whoever arrives first; where
    /// several units are wanted or one would relieve another; for drills; and where nobody else could go.
    pub fn of(
        record: &Record,
        picture: &FleetPicture,
        proposal: &Proposal,
        city: &City,
        extent: Extent,
    ) -> Option<Self> {
        let inputs = &proposal.inputs;
        let simple = inputs.relieves.is_none() && inputs.slots.is_empty() && inputs.units_short == 1;
        if !simple || inputs.level == Level::I || record.is_test(inputs.incident) {
            return None;
        }
        let survey = Survey { record, picture, city, incident: inputs.incident, now: inputs.at };
        let (mut free, mut busy, mut holds) = (Vec::new(), Vec::new(), BTreeMap::new());
        // A neighbour's unit helps out once, and serves nobody here besides.
        let own = record.units().values().filter(|unit| !record.is_of_a_neighbour(unit.spec.id));
        for unit in own {
            if let Some(known) = survey.free(unit) {
                holds.insert(unit.spec.id, Holds::Nothing(free.len()));
                free.push(known);
            } else if let Some(known) = survey.busy(unit) {
                holds.insert(unit.spec.id, Holds::Order(busy.len()));
                busy.push(known);
            }
        }
        let contenders = contenders(proposal, &holds, &busy);
        let zone = city.zone_near(inputs.target);
        (contenders.len() > 1).then(|| Self {
            seed: seed(inputs),
            scenarios: extent.scenarios,
            horizon: extent.horizon,
            patient: Patient { level: inputs.level, waited: inputs.waited_s, zone },
            contenders,
            free,
            busy,
            waiting: survey.waiting(),
            move_up: record.policy().move_up.map(|_| record.policy().busy()),
        })
    }
}

/// The best of those who may go without a word, the first proposed first: who can do as much as that one, and for whom nobody is late
/// who would be in time. None where the first proposed is not among them.
pub(super) fn contenders(
    proposal: &Proposal,
    holds: &BTreeMap<UnitId, Holds>,
    busy: &[Busy],
) -> Vec<Contender> {
    let Some(first) = proposal.ranked.first() else { return Vec::new() };
    let left = proposal.inputs.goal_s - proposal.inputs.waited_s;
    let latest = if first.arrival_s <= left { left } else { first.arrival_s };
    let contender = |candidate: &Candidate| {
        let holds = *holds.get(&candidate.unit)?;
        // Whoever holds an order can leave it while nobody has been reached.
        let leaves = match holds {
            Holds::Nothing(_) => candidate.interrupts.is_none(),
            Holds::Order(number) => {
                candidate.interrupts.is_some() && matches!(busy[number].task, Task::ToScene { .. })
            }
        };
        let goes = candidate.level.is_free() && candidate.kept_for.is_none() && candidate.aid.is_none();
        let able = candidate.lacks.len() <= first.lacks.len() && candidate.arrival_s <= latest;
        (leaves && goes && able).then_some(Contender {
            unit: candidate.unit,
            arrival: candidate.arrival_s,
            holds,
        })
    };
    let all: Vec<Contender> = proposal.ranked.iter().filter_map(contender).take(CONTENDERS_MAX).collect();
    if all.first().is_some_and(|best| best.unit == first.unit) { all } else { Vec::new() }
}

/// A number that hangs on the incident and the moment, so that the next look draws other futures.
fn seed(inputs: &ProposalInputs) -> u64 {
    let incident = inputs.incident.uuid().as_u128();
    mixed((incident >> 64) as u64 ^ mixed(incident as u64 ^ mixed(inputs.at.micros() as u64)))
}

impl Survey<'_> {
    fn free(&self, unit: &Unit) -> Option<Free> {
        let reserved = || self.record.reserved_for(unit.spec.id, self.now, self.incident).is_some();
        if !self.record.is_free_on_duty(unit, self.now) || reserved() {
            return None;
        }
        let station = self.city.station(unit.standby())?;
        let standby = self.record.stations().get(&unit.standby())?.position;
        let seen = self.picture.unit(unit.spec.id).filter(|seen| seen.age(self.now) <= POSITION_AGE_MAX);
        let away = seen.filter(|seen| seen.fix.position.distance_m(standby) > AT_STATION_M);
        Some(Free { station, on_the_way: away.map(|seen| self.city.place_near(seen.fix.position)) })
    }

    fn busy(&self, unit: &Unit) -> Option<Busy> {
        let held = self.record.assignment(*unit.assignments.last()?)?;
        let incident = self.record.incident(held.incident)?;
        let station = self.city.station(unit.standby())?;
        Some(Busy { station, task: self.task(unit, held, incident)? })
    }

    fn task(&self, unit: &Unit, held: &Assignment, incident: &Incident) -> Option<Task> {
        let scene = incident.sketch.place.position?;
        let zone = self.city.zone_near(scene);
        let at = |stage: Stage| held.times.at(stage);
        let since = |at: Option<UtcTime>| self.now.since(at.unwrap_or(self.now)).max(Span::ZERO);
        match held.stage {
            Stage::Ordered | Stage::Acknowledged | Stage::Rolling => {
                let rolls = match held.stage {
                    Stage::Rolling => Span::ZERO,
                    _ => remaining(
                        self.record.mobilisation().at_station(unit.spec.station),
                        since(at(Stage::Ordered)),
                    ),
                };
                let from = self.place_of(unit)?;
                let arrival = rolls + self.city.travel(from, zone);
                Some(Task::ToScene { arrival, patient: self.patient(incident, zone) })
            }
            Stage::OnScene | Stage::AtPatient => {
                Some(Task::OnScene { since: since(at(Stage::OnScene).or(at(Stage::AtPatient))), zone })
            }
            Stage::LeftScene => {
                let hospital = self.hospital_of(held, zone)?;
                let arrival = self.city.travel(self.place_of(unit).unwrap_or(zone), hospital);
                Some(Task::ToHospital { arrival, hospital })
            }
            Stage::AtHospital | Stage::HandedOver => {
                let since = since(at(Stage::AtHospital).or(at(Stage::HandedOver)));
                Some(Task::AtHospital { since, hospital: self.hospital_of(held, zone)? })
            }
            Stage::Available => None,
        }
    }

    fn hospital_of(&self, held: &Assignment, zone: PlaceNumber) -> Option<PlaceNumber> {
        let chosen =
            held.destination.as_ref().and_then(|destination| self.city.hospital(destination.hospital));
        chosen.or_else(|| self.city.hospital_near(zone))
    }

    /// The place that a unit is near; its station where it was not heard.
    fn place_of(&self, unit: &Unit) -> Option<PlaceNumber> {
        let seen = self.picture.unit(unit.spec.id).map(|seen| seen.fix.position);
        let station = || self.record.stations().get(&unit.standby()).map(|station| station.position);
        let position: Wgs84 = seen.or_else(station)?;
        Some(self.city.place_near(position))
    }

    fn patient(&self, incident: &Incident, zone: PlaceNumber) -> Patient {
        let waited = self.now.since(self.record.called_at(incident)).max(Span::ZERO);
        Patient { level: incident.sketch.triage.level, waited, zone }
    }

    /// The others who wait and whose place is known. One that wants several units counts as one.
    fn waiting(&self) -> Vec<Patient> {
        let others = self.record.waiting_incidents();
        let others = others.filter(|it| it.id != self.incident && !it.is_held() && !it.sketch.test);
        let placed = others.filter_map(|it| Some((it, self.city.zone_near(it.sketch.place.position?))));
        placed.map(|(it, zone)| self.patient(it, zone)).collect()
    }
}

/// A unit nearer to its station than this stands by there.
const AT_STATION_M: f64 = 150.0;
/// A unit not heard for longer is taken to be at its station: under its roof there may be no satellites.
const POSITION_AGE_MAX: Span = Span::seconds(1_800);

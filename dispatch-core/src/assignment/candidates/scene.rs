//! One look at one incident: who may be sent to it at all, and with what each unit would begin its way.

use std::collections::BTreeSet;

use roads::{Profile, TravelTime, Wgs84, straight_line_time_at};

use super::super::{
    Basis, CandidateInput, DispatchLevel, Freeing, HourOfDay, Interrupted, LeftOutReason, Outcome, Stage,
    UnitState, remaining,
};
use crate::destination::HospitalSpec;
use crate::ids::{AssignmentId, StationId, UnitId};
use crate::incident::{Incident, Level, Skill};
use crate::policy::{Policy, Preempts, guarded};
use crate::record::Record;
use crate::rules::MobilisationModel;
use crate::time::{Span, UtcTime};
use crate::vehicle::{Duty, Readiness, Unit};

/// What a look for units looks at, and never changes.
#[derive(Debug)]
pub struct Scene<'a> {
    pub(super) record: &'a Record,
    policy: Policy,
    incident: &'a Incident,
    pub(super) target: Wgs84,
    pub(super) now: UtcTime,
    /// What whoever goes must be able to do.
    pub(super) skills: BTreeSet<Skill>,
    /// Units that were sent to this incident before and gave it back.
    gave_back: BTreeSet<UnitId>,
    /// Whether no unit is taken from another incident, whatever the policy allows.
    only_free: bool,
    /// Whether the look is for units about to be free, and for no others.
    for_freeing: bool,
    /// Whether the look is for neighbours' units, and for no others.
    for_neighbours: bool,
}

/// A unit at hospital that will be free.
#[derive(Debug, Clone, Copy)]
struct Leaving<'a> {
    assignment: AssignmentId,
    hospital: &'a HospitalSpec,
    free_in: Span,
}

/// A unit as the picture shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Where it is, WGS-84.
    pub position: Wgs84,
    /// How old that position is.
    pub age: Span,
    /// What it is doing.
    pub state: UnitState,
}

/// A unit that may be sent, before its way is known.
#[derive(Debug, Clone, Copy)]
pub struct Seed<'a> {
    pub(super) unit: &'a Unit,
    pub(super) seen: Sighting,
    mobilisation: Span,
    /// What it must arrive sooner than others by, to be worth as much.
    handicap: Span,
    interrupts: Option<Interrupted>,
    /// How much longer it is on duty, where its shift ends soon.
    duty_left: Option<Span>,
    level: DispatchLevel,
    leaving: Option<Leaving<'a>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(record: &'a Record, incident: &'a Incident, target: Wgs84, now: UtcTime) -> Self {
        let returned = |outcome| matches!(outcome, Outcome::RefusedOrder | Outcome::Aborted);
        let gave_back = record
            .assignments_of(incident.id)
            .filter(|assignment| assignment.end.as_ref().is_some_and(|end| returned(end.outcome)))
            .map(|assignment| assignment.unit)
            .collect();
        let skills = incident.sketch.needs.skills.clone();
        let policy = record.policy();
        Self {
            record,
            policy,
            incident,
            target,
            now,
            skills,
            gave_back,
            only_free: false,
            for_freeing: false,
            for_neighbours: false,
        }
    }

    /// The same for whoever can do this.
    pub(super) fn wanting(&self, skills: BTreeSet<Skill>) -> Self {
        Self { skills, gave_back: self.gave_back.clone(), ..*self }
    }

    /// The same look for units that are free.
    pub(super) fn for_free_units(self) -> Self {
        Self { only_free: true, ..self }
    }

    /// The same look for units about to be free at hospital.
    pub(super) fn for_units_about_to_be_free(&self) -> Self {
        Self { for_freeing: true, ..self.wanting(self.skills.clone()) }
    }

    /// The same look for free units of neighbours.
    pub(super) fn for_neighbours(&self) -> Self {
        Self { for_neighbours: true, only_free: true, ..self.wanting(self.skills.clone()) }
    }

    /// The stations in whose area the incident is, where the rules have areas.
    pub(super) fn area(&self) -> BTreeSet<StationId> {
        let stations = self.record.stations();
        self.record.rules().station_areas.stations_of(self.target, self.level(), stations)
    }

    /// Whether the look is for units about to be free.
    pub(super) fn is_for_freeing(&self) -> bool {
        self.for_freeing
    }

    /// How long it has been since the first call about it.
    pub(super) fn waited(&self) -> Span {
        self.now.since(self.record.called_at(self.incident))
    }

    /// Within what time of the call help should be there.
    pub(super) fn goal(&self) -> Span {
        self.record.rules().response_goals_s[self.level() as usize]
    }

    /// For whom a unit is looked for.
    pub fn incident(&self) -> &'a Incident {
        self.incident
    }

    /// Where help is wanted, WGS-84.
    pub fn target(&self) -> Wgs84 {
        self.target
    }

    /// How urgent it is.
    pub fn level(&self) -> Level {
        self.incident.sketch.triage.level
    }

    /// Every unit of the centre, in the order of their codes.
    pub fn units(&self) -> impl Iterator<Item = &'a Unit> + use<'a> {
        self.record.units().values().map(AsRef::as_ref)
    }

    /// Whether a unit may be sent, by the record alone; what it would have to leave for that. In a look for units about to be free:
    /// whether it may be once it is.
    pub fn may_go(&self, unit: &Unit) -> Result<Option<Interrupted>, LeftOutReason> {
        if self.record.is_of_a_neighbour(unit.spec.id) != self.for_neighbours {
            return Err(LeftOutReason::MutualAid);
        }
        let interrupts = match unit.readiness() {
            _ if self.for_freeing => self.leaving(unit).map(|_| None).ok_or(LeftOutReason::Taken)?,
            Readiness::Ready => None,
            Readiness::Taken if self.only_free => return Err(LeftOutReason::Taken),
            Readiness::Taken => Some(self.interruptible(unit).ok_or(LeftOutReason::Taken)?),
            Readiness::NoCrew => return Err(LeftOutReason::NoCrew),
            Readiness::Paused => return Err(LeftOutReason::Paused),
            Readiness::Silent => return Err(LeftOutReason::Silent),
        };
        if matches!(self.record.duty(unit.spec.id, self.now), Duty::Off(_)) {
            return Err(LeftOutReason::OffDuty);
        }
        if self.gave_back.contains(&unit.spec.id) {
            return Err(LeftOutReason::GaveBack);
        }
        if self.record.reserved_for(unit.spec.id, self.now, self.incident.id).is_some() {
            return Err(LeftOutReason::Reserved);
        }
        Ok(interrupts)
    }

    /// The order that a unit may be taken from, if the policy and its table allow it.
    fn interruptible(&self, unit: &Unit) -> Option<Interrupted> {
        if self.policy.preempts == Preempts::Never || !unit.is_in_service() {
            return None;
        }
        let &[assignment] = unit.assignments.as_slice() else { return None };
        let held = self.record.assignment(assignment).filter(|held| held.stage < Stage::OnScene)?;
        let incident = self.record.incident(held.incident).filter(|i| i.id != self.incident.id)?;
        // A drill never takes a unit from somebody who needs it.
        if self.incident.sketch.test && !incident.sketch.test {
            return None;
        }
        let level = incident.sketch.triage.level;
        let allowed = self.record.rules().preemptions.allow(level, self.level());
        let spared =
            self.policy.preempts == Preempts::Guarded && !guarded::may_lose(self.record, incident, self.now);
        (allowed && !spared).then_some(Interrupted { assignment, incident: incident.id, level })
    }

    /// What a unit waits for that is at hospital and will be free.
    fn leaving(&self, unit: &Unit) -> Option<Leaving<'a>> {
        let &[assignment] = unit.assignments.as_slice() else { return None };
        let held = self.record.assignment(assignment).filter(|_| unit.is_in_service())?;
        let free_in = self.record.expected_free_in(held, self.now)?;
        let hospital = self.record.hospitals().get(&held.destination.as_ref()?.hospital)?;
        Some(Leaving { assignment, hospital: &hospital.spec, free_in })
    }

    /// A unit that may be sent, as it is seen; one at hospital is where its hospital is.
    pub fn seed(&self, unit: &'a Unit, seen: Sighting, interrupts: Option<Interrupted>) -> Seed<'a> {
        let leaving = if self.for_freeing { self.leaving(unit) } else { None };
        let seen = leaving.map_or(seen, |leaving| Sighting {
            position: leaving.hospital.position,
            age: Span::ZERO,
            state: UnitState::AtHospital,
        });
        let mobilisation = self.mobilisation(unit, seen.state, interrupts);
        let handicap = self.handicap(interrupts);
        let duty_left = match self.record.duty(unit.spec.id, self.now) {
            Duty::For(left) if left <= self.record.rules().shift_end_warn_s => Some(left),
            Duty::For(_) | Duty::Always | Duty::Off(_) => None,
        };
        let level = self.level_of(&unit.spec.skills);
        Seed { unit, seen, mobilisation, handicap, interrupts, duty_left, level, leaving }
    }

    /// What [`Seed::delay`] of such a unit would be, for less.
    pub fn delay(&self, unit: &Unit, state: UnitState, interrupts: Option<Interrupted>) -> Span {
        let leaving = if self.for_freeing { self.leaving(unit) } else { None };
        let (state, free_in) =
            leaving.map_or((state, Span::ZERO), |leaving| (UnitState::AtHospital, leaving.free_in));
        free_in + self.mobilisation(unit, state, interrupts) + self.handicap(interrupts)
    }

    /// What the rules say of sending a unit that can do this.
    pub(super) fn level_of(&self, skills: &BTreeSet<Skill>) -> DispatchLevel {
        if self.skills.is_empty() {
            return DispatchLevel::Allow;
        }
        let lacks = self.skills.difference(skills);
        self.record.rules().dispatch_levels.of(&self.incident.sketch.triage, lacks)
    }

    /// An estimate of the time from a place without any roads.
    pub(super) fn straight_line_time(&self, from: Wgs84) -> TravelTime {
        let hour = self.record.rules().speeds_at(self.now);
        straight_line_time_at(from, self.target, Profile::LightsAndSirens, &hour)
    }

    fn handicap(&self, interrupts: Option<Interrupted>) -> Span {
        // Where units are matched the whole cost decides, and the gain is not asked for beforehand.
        let guarded =
            interrupts.is_some() && self.policy.preempts == Preempts::Guarded && !self.policy.matches;
        if guarded { guarded::GAIN_MIN } else { Span::ZERO }
    }

    fn mobilisation(&self, unit: &Unit, state: UnitState, interrupts: Option<Interrupted>) -> Span {
        let expected = match self.record.rules().mobilisation {
            MobilisationModel::Learned => {
                let hour = HourOfDay::at(self.now, self.record.rules().utc_offset_s);
                self.record.mobilisation().expected(state, unit.spec.station, hour)
            }
            MobilisationModel::None => Span::ZERO,
        };
        match interrupts.and_then(|it| self.record.assignment(it.assignment)) {
            // It was ordered out some time ago, and is in the middle of it or on the road.
            Some(held) if held.stage >= Stage::Rolling => Span::ZERO,
            Some(held) => {
                let ordered = held.times.at(Stage::Ordered).unwrap_or(self.now);
                remaining(expected, self.now.since(ordered))
            }
            None => expected,
        }
    }

    /// How much of what is wanted a unit cannot do.
    pub fn lacks(&self, unit: &Unit) -> usize {
        if self.skills.is_empty() { 0 } else { self.skills.difference(&unit.spec.skills).count() }
    }
}

impl Seed<'_> {
    /// Time to add to its time on the road when it is set against others: until it is free, until its wheels roll, and what the
    /// policy wants saved.
    pub fn delay(&self) -> Span {
        let free_in = self.leaving.map_or(Span::ZERO, |leaving| leaving.free_in);
        free_in + self.mobilisation + self.handicap
    }

    /// The candidate, once its time on the road is known.
    pub fn with(&self, travel: Span, basis: Basis) -> CandidateInput {
        CandidateInput {
            unit: self.unit.spec.id,
            state: self.seen.state,
            position: self.seen.position,
            position_age_s: self.seen.age,
            mobilisation_s: self.mobilisation,
            travel_s: travel,
            basis,
            skills: self.unit.spec.skills.clone(),
            interrupts: self.interrupts,
            cover_loss: None,
            duty_left_s: self.duty_left,
            level: self.level,
            own_area: false,
            aid: None,
            freeing: self.leaving.map(|leaving| Freeing {
                assignment: leaving.assignment,
                hospital: leaving.hospital.id,
                name: leaving.hospital.name.clone(),
                in_s: leaving.free_in,
            }),
        }
    }

    pub(super) fn in_a_straight_line(&self, scene: &Scene<'_>) -> CandidateInput {
        self.with(span(scene.straight_line_time(self.seen.position)), Basis::StraightLine)
    }
}

pub(super) fn span(time: TravelTime) -> Span {
    Span::from_micros(i64::try_from(time.us()).unwrap_or(i64::MAX))
}

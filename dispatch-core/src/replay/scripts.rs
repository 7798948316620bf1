//! What each run of the day took, piece by piece, beside what was expected of it when its unit was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::medians::Medians;
use super::past::Past;
use super::streets::Streets;
use crate::assignment::{Outcome, Proposal, Stage, UnitState};
use crate::event::{Event, Fact};
use crate::ids::{AssignmentId, HospitalId, IncidentId, ProposalId, UnitId};
use crate::record::Record;
use crate::reports::{Ledger, Run};
use crate::time::{Span, UtcTime};

/// One run: how long each piece of it took, as far as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Script {
    pub(super) unit: UnitId,
    ordered_at: UtcTime,
    /// From somebody being free to the order.
    pub(super) desk: Option<Span>,
    /// What was expected when it was ordered.
    pub(super) expected: Option<Expected>,
    /// From the order.
    pub(super) acknowledge: Option<Span>,
    /// From the order to rolling.
    pub(super) mobilise: Option<Span>,
    /// From rolling to the scene.
    pub(super) travel: Option<Span>,
    /// From the scene to the patient.
    pub(super) at_patient: Option<Span>,
    /// On scene until it left, or was free.
    pub(super) scene: Option<Span>,
    /// From the scene to the hospital.
    pub(super) transport: Option<Span>,
    /// The same as the roads say.
    pub(super) transport_expected: Option<Span>,
    /// At hospital to handed over.
    pub(super) handover: Option<Span>,
    /// Handed over to free.
    pub(super) turnaround: Option<Span>,
    /// Where the patient was taken.
    pub(super) hospital: Option<HospitalId>,
    /// How it ended, and how long after the order.
    pub(super) end: Option<(Outcome, Span)>,
}

/// What was expected of a unit when it was ordered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    /// What it was doing.
    pub(super) state: UnitState,
    /// Time to roll.
    pub(super) mobilisation: Span,
    /// Time on the road.
    pub(super) travel: Span,
}

/// Every run of the day by its incident, and what such runs took in the middle.
#[derive(Debug)]
pub(super) struct Scripts {
    by_incident: BTreeMap<IncidentId, Vec<Script>>,
    pub(super) medians: Medians,
    /// Every run of the journal up to the end of what was taken in.
    pub(super) ledger: Ledger,
}

impl Script {
    fn new(unit: UnitId, ordered_at: UtcTime) -> Self {
        Self {
            unit,
            ordered_at,
            desk: None,
            expected: None,
            acknowledge: None,
            mobilise: None,
            travel: None,
            at_patient: None,
            scene: None,
            transport: None,
            transport_expected: None,
            handover: None,
            turnaround: None,
            hospital: None,
            end: None,
        }
    }

    /// It served its incident: it did not give the order back, and was not called away.
    pub(super) fn served(&self) -> bool {
        self.end.is_none_or(|(outcome, _)| !outcome.leaves_incident_wanting())
    }

    /// The crew gave the order back.
    pub(super) fn gave_back(&self) -> Option<(Outcome, Span)> {
        self.end.filter(|(outcome, _)| matches!(outcome, Outcome::Aborted | Outcome::RefusedOrder))
    }

    /// It took its patient along.
    pub(super) fn conveys(&self) -> bool {
        self.transport.is_some() || matches!(self.end, Some((Outcome::Conveyed, _)))
    }

    /// How much longer it took to roll than expected.
    pub(super) fn mobilisation_pace(&self) -> Option<f64> {
        ratio(self.mobilise?, self.expected?.mobilisation)
    }

    /// How much longer it took to the scene than the roads say.
    pub(super) fn travel_pace(&self) -> Option<f64> {
        ratio(self.travel?, self.expected?.travel)
    }

    /// How much longer it took to the hospital than the roads say.
    pub(super) fn transport_pace(&self) -> Option<f64> {
        ratio(self.transport?, self.transport_expected?)
    }

    fn time(&mut self, run: &Run, ended_at: Option<UtcTime>) {
        let at = |stage| run.times.at(stage);
        let between = |from: Option<UtcTime>, to: Option<UtcTime>| {
            from.zip(to).map(|(from, to)| to.since(from)).filter(|took| *took >= Span::ZERO)
        };
        let (ordered, rolling, on_scene) = (at(Stage::Ordered), at(Stage::Rolling), at(Stage::OnScene));
        let (left, at_hospital) = (at(Stage::LeftScene), at(Stage::AtHospital));
        let handed_over = at(Stage::HandedOver);
        self.acknowledge = between(ordered, at(Stage::Acknowledged));
        self.mobilise = between(ordered, rolling);
        self.travel = between(rolling, on_scene);
        self.at_patient = between(on_scene, at(Stage::AtPatient));
        self.scene = between(on_scene, left.or(ended_at.filter(|_| at_hospital.is_none())));
        self.transport = between(left, at_hospital);
        self.handover = between(at_hospital, handed_over.or(ended_at));
        self.turnaround = between(handed_over, ended_at);
        self.hospital = run.destination;
        self.end = run.outcome.zip(between(ordered, ended_at));
    }
}

impl Scripts {
    /// Reads what the runs of the day took; `streets` say what the roads would have had them take.
    pub(super) fn read(past: &Past, streets: &mut Streets<'_>) -> Self {
        let mut reader = Reader {
            record: past.dawn().clone(),
            ledger: past.ledger().clone(),
            proposals: past.dawn().proposals().iter().map(|(id, it)| (*id, Arc::clone(it))).collect(),
            offered_since: BTreeMap::new(),
            scripts: BTreeMap::new(),
            ended: BTreeMap::new(),
        };
        for event in past.events() {
            streets.follow(&reader.record);
            streets.follow_hour(&reader.record, event.at);
            reader.read(event, streets);
        }
        reader.finish()
    }

    /// The runs of an incident, in the order of their orders.
    pub(super) fn of(&self, incident: IncidentId) -> &[Script] {
        self.by_incident.get(&incident).map_or(&[], Vec::as_slice)
    }

    /// How long the desk took for the order with this number (from 0) of an incident.
    pub(super) fn desk(&self, incident: IncidentId, number: usize) -> Span {
        let of_incident = self.of(incident);
        let script = of_incident.get(number).or(of_incident.last());
        script.and_then(|script| script.desk).unwrap_or(self.medians.desk)
    }
}

struct Reader {
    record: Record,
    ledger: Ledger,
    proposals: BTreeMap<ProposalId, Arc<Proposal>>,
    /// Since when each incident that lacks units has had somebody proposed.
    offered_since: BTreeMap<IncidentId, UtcTime>,
    scripts: BTreeMap<AssignmentId, Script>,
    ended: BTreeMap<AssignmentId, UtcTime>,
}

impl Reader {
    fn read(&mut self, event: &Event, streets: &mut Streets<'_>) {
        match &event.fact {
            Fact::ProposalMade { proposal } => {
                let incident = proposal.inputs.incident;
                if proposal.ranked.is_empty() {
                    self.offered_since.remove(&incident);
                } else {
                    self.offered_since.entry(incident).or_insert(event.at);
                }
                self.proposals.insert(proposal.id, Arc::clone(proposal));
            }
            Fact::UnitAssigned { .. } => self.order(event, streets),
            Fact::StageReported { assignment, stage: Stage::AtHospital, advances: true, .. } => {
                if let Some(expected) = self.transport_expected(*assignment, streets)
                    && let Some(script) = self.scripts.get_mut(assignment)
                {
                    script.transport_expected = Some(expected);
                }
            }
            Fact::AssignmentEnded { assignment, at, .. } => {
                self.ended.insert(*assignment, *at);
            }
            _ => {}
        }
        self.record.apply(event, &mut Vec::new());
        self.ledger.apply(event);
        if let Fact::UnitAssigned { incident, .. } = &event.fact
            && self.record.units_short(*incident) == 0
        {
            self.offered_since.remove(incident);
        }
    }

    fn order(&mut self, event: &Event, streets: &mut Streets<'_>) {
        let Fact::UnitAssigned { assignment, incident, unit, proposal, .. } = &event.fact else { return };
        let mut script = Script::new(*unit, event.at);
        let short_since = self.record.incident(*incident).and_then(|it| it.short_since);
        let since = short_since.max(self.offered_since.get(incident).copied());
        script.desk = since.map(|since| event.at.since(since)).filter(|took| *took >= Span::ZERO);
        let inputs = proposal.and_then(|id| self.proposals.get(&id)).map(|proposal| &proposal.inputs);
        script.expected = inputs.and_then(|inputs| {
            let seen = inputs.candidates.iter().find(|candidate| candidate.unit == *unit)?;
            let travel = streets.rush(seen.position, inputs.target).time;
            Some(Expected { state: seen.state, mobilisation: seen.mobilisation_s, travel })
        });
        self.scripts.insert(*assignment, script);
    }

    fn transport_expected(&self, assignment: AssignmentId, streets: &mut Streets<'_>) -> Option<Span> {
        let held = self.record.assignment(assignment)?;
        let scene = self.record.incident(held.incident)?.sketch.place.position?;
        let hospital = self.record.hospitals().get(&held.destination.as_ref()?.hospital)?;
        Some(streets.go(scene, hospital.spec.position).time)
    }

    fn finish(mut self) -> Scripts {
        let mut by_incident: BTreeMap<IncidentId, Vec<Script>> = BTreeMap::new();
        for run in self.ledger.runs() {
            let Some(mut script) = self.scripts.remove(&run.assignment) else { continue };
            script.time(run, self.ended.get(&run.assignment).copied());
            // What was merged into another is that other's as well.
            let standing = self.ledger.standing_id(run.incident).filter(|id| *id != run.incident);
            if let Some(standing) = standing {
                by_incident.entry(standing).or_default().push(script.clone());
            }
            by_incident.entry(run.incident).or_default().push(script);
        }
        for scripts in by_incident.values_mut() {
            scripts.sort_by_key(|script| script.ordered_at);
        }
        let medians = Medians::of(&by_incident);
        Scripts { by_incident, medians, ledger: self.ledger }
    }
}

/// `None` where what was expected is too short to say anything, or what was recorded cannot be.
fn ratio(took: Span, expected: Span) -> Option<f64> {
    let ratio = took.as_secs_f64() / expected.as_secs_f64();
    (expected >= EXPECTED_MIN && RATIO_POSSIBLE.contains(&ratio)).then_some(ratio)
}

/// How much longer a way takes than the roads say, where one way took `took`. A short way says little of another: what was usual that
/// day weighs as much as [`USUAL_WEIGHS`] of driving. What cannot be (a press forgotten for an hour) says nothing.
pub(super) fn pace(took: Span, expected: Span, usual: f64) -> f64 {
    let weight = USUAL_WEIGHS.as_secs_f64();
    let pace = (took.as_secs_f64() + usual * weight) / (expected.as_secs_f64() + weight);
    if PACE_POSSIBLE.contains(&pace) { pace } else { usual }
}

/// So much driving at the usual pace is added to what one way says.
const USUAL_WEIGHS: Span = Span::seconds(300);
/// Beyond this somebody pressed at the wrong time.
const PACE_POSSIBLE: std::ops::RangeInclusive<f64> = 0.33..=3.0;
/// Shorter expectations say nothing of the pace.
const EXPECTED_MIN: Span = Span::seconds(20);
/// Beyond this a press was forgotten or made at the wrong time.
const RATIO_POSSIBLE: std::ops::RangeInclusive<f64> = 0.2..=5.0;

//! A hospital, and what is coming to it: no name, address or number of a patient can be in here.

use dispatch_core::Record;
use dispatch_core::UtcTime;
use dispatch_core::accident::{Accident, AccidentTable};
use dispatch_core::assignment::{Assignment, Stage};
use dispatch_core::destination::{Diversion, Hospital};
use dispatch_core::ids::HospitalId;
use serde::Serialize;
use utoipa::ToSchema;

use super::accident::{CasualtyView, HospitalRowView};
use super::assignment::{AcknowledgedView, EtaView};
use super::chart::ChartView;
use super::incident::PatientView;
use super::place::{Position, Time};
use super::words::{LevelWord, SkillWord, StageWord};

/// A hospital that receives patients.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Hospital)]
pub(crate) struct HospitalView {
    #[schema(example = "H01")]
    id: String,
    name: String,
    /// Where ambulances arrive.
    position: Position,
    /// Which critical patients it is equipped for.
    skills: Vec<SkillWord>,
    /// It asks not to be sent patients.
    diversion: Option<DiversionView>,
}

/// A hospital asks not to be sent patients.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Diversion)]
pub(crate) struct DiversionView {
    reason: String,
    /// Who allowed it.
    authority: String,
    since: Time,
    until: Time,
}

/// What is coming to one hospital.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Arrivals)]
pub(crate) struct ArrivalsView {
    pub(crate) hospital: String,
    pub(crate) name: String,
    /// When this was so.
    pub(crate) at: Time,
    /// On the way, the most urgent first.
    pub(crate) items: Vec<ArrivalView>,
    /// Arrived and handing over.
    pub(crate) handing_over: Vec<ArrivalView>,
    /// Accidents that go on and for which this hospital offers beds or gets casualties.
    pub(crate) accidents: Vec<ArrivalAccidentView>,
}

/// What an accident brings to this hospital.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ArrivalAccident)]
pub(crate) struct ArrivalAccidentView {
    accident: String,
    number: String,
    title: String,
    /// A drill: counted nowhere.
    test: bool,
    /// This hospital's own beds and casualties.
    beds: HospitalRowView,
}

/// One ambulance bound for this hospital.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Arrival)]
pub(crate) struct ArrivalView {
    assignment: String,
    unit: String,
    number: String,
    /// A drill: shown, and counted nowhere.
    test: bool,
    level: LevelWord,
    complaint: String,
    /// What the patient needs.
    skills: Vec<SkillWord>,
    patients: Vec<PatientView>,
    /// What the crew and its monitor tell of the patients, without names.
    charts: Vec<ChartView>,
    /// Casualties of an accident in this ambulance.
    casualties: Vec<CasualtyView>,
    stage: StageWord,
    eta: Option<EtaView>,
    at_hospital_at: Option<Time>,
    chosen_at: Time,
    acknowledged: Option<AcknowledgedView>,
    /// When the unit was last heard.
    last_heard_at: Option<Time>,
}

impl From<&Hospital> for HospitalView {
    fn from(hospital: &Hospital) -> Self {
        let spec = &hospital.spec;
        Self {
            id: spec.id.to_string(),
            name: spec.name.clone(),
            position: spec.position.into(),
            skills: spec.skills.iter().copied().map(SkillWord::from).collect(),
            diversion: hospital.diversion.as_ref().map(DiversionView::from),
        }
    }
}

impl ArrivalAccidentView {
    /// `None` where the accident has nothing to do with the hospital.
    pub(crate) fn of(record: &Record, accident: &Accident, hospital: HospitalId) -> Option<Self> {
        let table = AccidentTable::of(record, accident);
        let row = table.hospitals.iter().find(|row| row.hospital == hospital)?;
        Some(Self {
            accident: accident.id.to_string(),
            number: accident.number.to_string(),
            title: accident.sketch.title.clone(),
            test: accident.test,
            beds: HospitalRowView::of(record, row),
        })
    }
}

impl From<&Diversion> for DiversionView {
    fn from(diversion: &Diversion) -> Self {
        Self {
            reason: diversion.reason.clone(),
            authority: diversion.authority.clone(),
            since: diversion.since.into(),
            until: diversion.until.into(),
        }
    }
}

impl ArrivalView {
    /// `None` for an assignment without a destination or an incident: it is not an arrival.
    pub(crate) fn of(
        record: &Record,
        assignment: &Assignment,
        eta: Option<EtaView>,
        last_heard_at: Option<UtcTime>,
    ) -> Option<Self> {
        let destination = assignment.destination.as_ref()?;
        let incident = record.incident(assignment.incident)?;
        let sketch = &incident.sketch;
        let acknowledged = destination.acknowledged.as_ref();
        Some(Self {
            assignment: assignment.id.to_string(),
            unit: assignment.unit.to_string(),
            number: incident.number.to_string(),
            test: sketch.test,
            level: sketch.triage.level.into(),
            complaint: sketch.complaint.clone(),
            skills: sketch.needs.skills.iter().copied().map(SkillWord::from).collect(),
            patients: sketch.patients.iter().map(PatientView::from).collect(),
            charts: assignment.charts.iter().map(ChartView::for_a_board).collect(),
            casualties: record
                .accident_of(assignment.incident)
                .map(|it| it.aboard(assignment.id).map(CasualtyView::from).collect())
                .unwrap_or_default(),
            stage: assignment.stage.into(),
            eta,
            at_hospital_at: assignment.times.at(Stage::AtHospital).map(Time::from),
            chosen_at: destination.chosen_at.into(),
            acknowledged: acknowledged.map(|(at, by)| AcknowledgedView { at: (*at).into(), by: by.clone() }),
            last_heard_at: last_heard_at.map(Time::from),
        })
    }

    /// The most urgent first, then whoever is expected first; without an expectation last.
    pub(crate) fn rank(&self) -> (LevelWord, u64) {
        (self.level, self.eta.map_or(u64::MAX, |eta| eta.earliest_s.max(0.0) as u64))
    }
}

//! An assignment with every recorded time, where each comes from, and when it is expected.

use std::collections::BTreeMap;

use dispatch_core::Record;
use dispatch_core::assignment::{Assignment, AssignmentEnd, Destination, STAGES, Stage, Stamp, StampSource};
use dispatch_core::ids::OverrideCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::chart::ChartView;
use super::place::{Time, seconds};
use super::words::{BasisWord, OutcomeWord, StageWord, StampSourceWord};

/// One unit on one incident.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(crate) struct AssignmentView {
    /// Its id.
    #[schema(example = "assignment_0192f000-0000-7000-8000-000000000003")]
    id: String,
    /// The incident.
    incident: String,
    /// The incident's short number.
    #[schema(example = "20261121-0042")]
    number: String,
    /// The unit.
    #[schema(example = "A12")]
    unit: String,
    /// Grows with every change: the `ETag`.
    version: u32,
    /// The furthest step reached.
    stage: StageWord,
    /// The step a terminal offers next; `null` when it is over.
    next: Option<StageWord>,
    /// The time that counts for each step reached, by the step's word.
    times: BTreeMap<StageWord, CountedTime>,
    /// Every time ever recorded, in the order of recording; corrections keep the old value.
    stamps: Vec<StampView>,
    /// The departure as the crew pressed it and as the vehicle's motion proves it.
    departure: DepartureView,
    /// The proposal it was chosen from.
    proposal: Option<String>,
    /// Why another than the first proposed was taken.
    override_reason: Option<String>,
    /// The code given for that.
    override_code: Option<String>,
    /// How the code reads.
    override_label: Option<NameView>,
    /// The best proposed that could have gone, where another was taken.
    passed_over: Option<String>,
    /// The unit that did not roll in time and in whose place this one was sent without a person.
    replaces: Option<String>,
    /// When the order reached the terminal.
    delivered_at: Option<Time>,
    /// Where it takes the patient.
    destination: Option<DestinationView>,
    /// When it is expected at the incident or the hospital; `null` when it is not on its way.
    eta: Option<EtaView>,
    /// When and how it ended.
    end: Option<AssignmentEndView>,
    /// What the crew and its monitor tell of the patients, by their number; of the course the last two measurings.
    charts: Vec<ChartView>,
}

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Name)]
pub(crate) struct NameView {
    zh: String,
    en: String,
}

/// The time that counts for a step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CountedTime {
    at: Time,
    source: StampSourceWord,
}

/// One recorded time of one step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Stamp)]
pub(crate) struct StampView {
    stage: StageWord,
    /// When it happened.
    at: Time,
    /// When the centre recorded it.
    entered_at: Time,
    source: StampSourceWord,
    /// Who recorded it.
    by: String,
    /// Why, for a correction.
    reason: String,
}

/// The two times of a departure.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Departure)]
pub(crate) struct DepartureView {
    pressed_at: Option<Time>,
    moved_at: Option<Time>,
    /// Pressed after moved by this many seconds; negative when pressed before.
    disagreement_s: Option<f64>,
}

/// Where a unit takes its patient, and what the hospital said.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Destination)]
pub(crate) struct DestinationView {
    #[schema(example = "H01")]
    hospital: String,
    name: String,
    chosen_at: Time,
    reason: String,
    acknowledged: Option<AcknowledgedView>,
}

/// Who said so, and when.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Acknowledged)]
pub(crate) struct AcknowledgedView {
    pub(super) at: Time,
    pub(super) by: String,
}

/// When a unit is expected, as a range: `at` is when it was worked out, the seconds count from then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = Eta)]
pub(crate) struct EtaView {
    /// When it was worked out.
    pub(crate) at: Time,
    /// Not before this many seconds after `at`.
    pub(crate) earliest_s: f64,
    /// Hardly later than this many seconds after `at`.
    pub(crate) latest_s: f64,
    /// What it rests on.
    pub(crate) basis: BasisWord,
}

/// When and how an assignment ended.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssignmentEnd)]
pub(crate) struct AssignmentEndView {
    at: Time,
    outcome: OutcomeWord,
    reason: String,
}

impl AssignmentView {
    pub(crate) fn of(record: &Record, assignment: &Assignment, eta: Option<EtaView>) -> Self {
        let incident = record.incident(assignment.incident);
        let choice = assignment.choice.as_deref();
        let code = choice.and_then(|choice| choice.code);
        Self {
            id: assignment.id.to_string(),
            incident: assignment.incident.to_string(),
            number: incident.map(|incident| incident.number.to_string()).unwrap_or_default(),
            unit: assignment.unit.to_string(),
            version: assignment.version,
            stage: assignment.stage.into(),
            next: assignment.stage.row().next.filter(|_| assignment.is_open()).map(StageWord::from),
            times: counted(assignment),
            stamps: assignment.times.stamps().iter().map(StampView::from).collect(),
            departure: DepartureView::of(assignment),
            proposal: assignment.proposal.map(|id| id.to_string()),
            override_reason: assignment.override_reason.clone(),
            override_code: code.map(|code| code.to_string()),
            override_label: code.map(|code| NameView::of_override(record, code)),
            passed_over: choice.and_then(|choice| choice.passed_over).map(|unit| unit.to_string()),
            replaces: choice
                .and_then(|choice| record.assignment(choice.replaces?))
                .map(|replaced| replaced.unit.to_string()),
            delivered_at: assignment.delivered_at.map(Time::from),
            destination: assignment.destination.as_ref().map(|to| DestinationView::of(record, to)),
            eta,
            end: assignment.end.as_ref().map(AssignmentEndView::from),
            charts: assignment.charts.iter().map(ChartView::in_brief).collect(),
        }
    }
}

impl NameView {
    /// As the centre's list says it; the code itself where the list no longer has it.
    fn of_override(record: &Record, code: OverrideCode) -> Self {
        let reason = record.rules().override_reasons.get(code);
        let (zh, en) = reason.map_or_else(
            || (code.to_string(), code.to_string()),
            |reason| (reason.zh.clone(), reason.en.clone()),
        );
        Self { zh, en }
    }
}

fn counted(assignment: &Assignment) -> BTreeMap<StageWord, CountedTime> {
    let time = |stage| {
        let stamp = assignment.times.counted(stage)?;
        Some((stage.into(), CountedTime { at: stamp.at.into(), source: stamp.source.into() }))
    };
    STAGES.iter().filter_map(|row| time(row.stage)).collect()
}

impl DepartureView {
    fn of(assignment: &Assignment) -> Self {
        let times = &assignment.times;
        Self {
            pressed_at: times.by(Stage::Rolling, StampSource::Terminal).map(Time::from),
            moved_at: times.by(Stage::Rolling, StampSource::Motion).map(Time::from),
            disagreement_s: times.disagreement(Stage::Rolling).map(seconds),
        }
    }
}

impl DestinationView {
    fn of(record: &Record, destination: &Destination) -> Self {
        let hospital = record.hospitals().get(&destination.hospital);
        let acknowledged = destination.acknowledged.as_ref();
        Self {
            hospital: destination.hospital.to_string(),
            name: hospital.map(|hospital| hospital.spec.name.clone()).unwrap_or_default(),
            chosen_at: destination.chosen_at.into(),
            reason: destination.reason.clone(),
            acknowledged: acknowledged.map(|(at, by)| AcknowledgedView { at: (*at).into(), by: by.clone() }),
        }
    }
}

impl From<&Stamp> for StampView {
    fn from(stamp: &Stamp) -> Self {
        Self {
            stage: stamp.stage.into(),
            at: stamp.at.into(),
            entered_at: stamp.entered_at.into(),
            source: stamp.source.into(),
            by: stamp.by.to_string(),
            reason: stamp.reason.clone(),
        }
    }
}

impl From<&AssignmentEnd> for AssignmentEndView {
    fn from(end: &AssignmentEnd) -> Self {
        Self { at: end.at.into(), outcome: end.outcome.into(), reason: end.reason.clone() }
    }
}

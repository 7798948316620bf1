//! An incident as a dispatcher sees it: patients by family name alone.

use std::collections::BTreeSet;

use dispatch_core::assignment::Stage;
use dispatch_core::incident::{Hold, Incident, IncidentEnd, IncidentOutcome, Needs, Patient, Skill, Triage};
use dispatch_core::{Record, UtcTime};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::HandoffView;
use super::paper_mark::PaperMarkView;
use super::place::{PlaceView, Time};
use super::reservation::ReservationView;
use super::words::{IncidentKindWord, LevelWord, SexWord, SkillWord, StageWord};

/// Something that happened to somebody, however many called about it and however many units go.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Incident)]
pub(crate) struct IncidentView {
    /// Its id.
    #[schema(example = "incident_0192f000-0000-7000-8000-000000000002")]
    id: String,
    /// The short number that people say; restarts each day.
    #[schema(example = "20261121-0042")]
    number: String,
    /// Grows with every change: the `ETag`.
    version: u32,
    /// When the call-taker created it.
    created_at: Time,
    /// Where it stands: `waiting`, `held`, `ended`, or the furthest stage of its open assignments.
    phase: PhaseWord,
    /// What kind of job it is.
    kind: IncidentKindWord,
    /// The chief complaint in words.
    #[schema(example = "胸痛")]
    complaint: String,
    /// How bad.
    triage: TriageView,
    /// Where.
    place: PlaceView,
    /// Who, as far as known.
    patients: Vec<PatientView>,
    /// What must come.
    needs: NeedsView,
    /// Words for the crew.
    notes: String,
    /// The hospital the patient or family asks for.
    wish: Option<String>,
    /// The caller cannot hear or speak: write, never ring.
    text_only: bool,
    /// A test or a drill: enters no figure.
    test: bool,
    /// The accident that goes on and that it is a scene of.
    accident: Option<String>,
    /// The calls about it, first one first.
    calls: Vec<String>,
    /// Every assignment ever made for it, oldest first.
    assignments: Vec<String>,
    /// The newest proposal.
    proposal: Option<String>,
    /// How many units it still lacks.
    units_short: u8,
    /// Units were wanted and none was free since this time.
    none_free_since: Option<Time>,
    /// A new proposal is wanted since this time.
    proposal_wanted_since: Option<Time>,
    /// Put aside on purpose.
    hold: Option<HoldView>,
    /// When a booked run begins.
    scheduled_at: Option<Time>,
    /// The unit that a booked run keeps for itself.
    reservation: Option<ReservationView>,
    /// Offered to another centre.
    handoff: Option<HandoffView>,
    /// It was led on paper and entered afterwards.
    paper: Option<PaperMarkView>,
    /// When and how it ended.
    end: Option<IncidentEndView>,
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PhaseWord {
    Waiting,
    Held,
    Ended,
    Ordered,
    Acknowledged,
    Rolling,
    OnScene,
    AtPatient,
    LeftScene,
    AtHospital,
    HandedOver,
    Available,
}

/// The level of a named scheme.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Triage)]
pub(crate) struct TriageView {
    /// The scheme's name and version.
    #[schema(example = "cn-consensus-2018")]
    scheme: String,
    /// The level.
    level: LevelWord,
    /// The determinant of a licensed protocol, if the centre uses one.
    determinant: Option<String>,
}

/// A patient by family name, sex and age.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Patient)]
pub(crate) struct PatientView {
    /// Only the family name is left; empty when no name is known.
    #[schema(example = "张*")]
    name_masked: String,
    /// Sex, if known.
    sex: Option<SexWord>,
    /// Age in years, if known.
    age_years: Option<u8>,
}

/// What must come.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Needs)]
pub(crate) struct NeedsView {
    /// How many units.
    units: u8,
    /// What each of them must be able to do.
    skills: Vec<SkillWord>,
    /// What some of them must be able to do besides.
    kinds: Vec<UnitsWantedView>,
    /// The response plan that this comes from.
    plan: Option<String>,
}

/// Some of the units that an incident wants.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = UnitsWanted)]
pub(crate) struct UnitsWantedView {
    units: u8,
    skills: Vec<SkillWord>,
}

/// Put aside on purpose, until its time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Hold)]
pub(crate) struct HoldView {
    reason: String,
    since: Time,
    /// When it comes back by itself.
    until: Time,
}

/// When and how an incident ended.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = IncidentEnd)]
pub(crate) struct IncidentEndView {
    at: Time,
    how: IncidentHow,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum IncidentHow {
    /// Every unit that was wanted came and finished.
    Done,
    /// Called off.
    Cancelled { reason: String },
    /// Another centre took it.
    HandedOff { to: String, accepted_by: String },
    /// It needed no ambulance: another service was named to the caller.
    Redirected { to: String, reason: String },
    /// The same event as another, which goes on.
    Merged { into: String },
}

impl IncidentView {
    pub(crate) fn of(record: &Record, incident: &Incident, now: UtcTime) -> Self {
        let sketch = &incident.sketch;
        Self {
            id: incident.id.to_string(),
            number: incident.number.to_string(),
            version: incident.version,
            created_at: incident.created_at.into(),
            phase: phase(record, incident),
            kind: sketch.kind.into(),
            complaint: sketch.complaint.clone(),
            triage: TriageView::from(&sketch.triage),
            place: PlaceView::from(&sketch.place),
            patients: sketch.patients.iter().map(PatientView::from).collect(),
            needs: NeedsView::from(&sketch.needs),
            notes: sketch.notes.clone(),
            wish: sketch.wish.map(|id| id.to_string()),
            text_only: sketch.text_only,
            test: sketch.test,
            accident: record.accident_of(incident.id).map(|it| it.id.to_string()),
            calls: incident.calls.iter().map(ToString::to_string).collect(),
            assignments: incident.assignments.iter().map(ToString::to_string).collect(),
            proposal: incident.proposal.map(|id| id.to_string()),
            units_short: record.units_short(incident.id),
            none_free_since: incident.none_free_since.map(Time::from),
            proposal_wanted_since: incident.proposal_wanted_since.map(Time::from),
            hold: incident.hold.as_ref().map(HoldView::from),
            scheduled_at: sketch.scheduled_at.map(Time::from),
            reservation: ReservationView::of(record, incident, now),
            handoff: incident.handoff.as_ref().map(HandoffView::from),
            paper: incident.paper.as_deref().map(PaperMarkView::from),
            end: incident.end.as_ref().map(IncidentEndView::from),
        }
    }
}

fn phase(record: &Record, incident: &Incident) -> PhaseWord {
    if !incident.is_open() {
        return PhaseWord::Ended;
    }
    match record.open_assignments_of(incident.id).map(|assignment| assignment.stage).max() {
        Some(stage) => stage.into(),
        None if incident.is_held() => PhaseWord::Held,
        None => PhaseWord::Waiting,
    }
}

impl From<Stage> for PhaseWord {
    fn from(stage: Stage) -> Self {
        match StageWord::from(stage) {
            StageWord::Ordered => Self::Ordered,
            StageWord::Acknowledged => Self::Acknowledged,
            StageWord::Rolling => Self::Rolling,
            StageWord::OnScene => Self::OnScene,
            StageWord::AtPatient => Self::AtPatient,
            StageWord::LeftScene => Self::LeftScene,
            StageWord::AtHospital => Self::AtHospital,
            StageWord::HandedOver => Self::HandedOver,
            StageWord::Available => Self::Available,
        }
    }
}

impl From<&Triage> for TriageView {
    fn from(triage: &Triage) -> Self {
        Self {
            scheme: triage.scheme.clone(),
            level: triage.level.into(),
            determinant: triage.determinant.clone(),
        }
    }
}

impl From<&Patient> for PatientView {
    fn from(patient: &Patient) -> Self {
        let name_masked = patient.name.masked_name();
        Self { name_masked, sex: patient.sex.map(SexWord::from), age_years: patient.age_years }
    }
}

impl From<&Needs> for NeedsView {
    fn from(needs: &Needs) -> Self {
        let words = |skills: &BTreeSet<Skill>| -> Vec<SkillWord> {
            skills.iter().copied().map(SkillWord::from).collect()
        };
        let kinds = needs.kinds.iter();
        let kinds =
            kinds.map(|wanted| UnitsWantedView { units: wanted.units, skills: words(&wanted.skills) });
        Self {
            units: needs.units,
            skills: words(&needs.skills),
            kinds: kinds.collect(),
            plan: needs.plan.clone(),
        }
    }
}

impl From<&Hold> for HoldView {
    fn from(hold: &Hold) -> Self {
        Self { reason: hold.reason.clone(), since: hold.since.into(), until: hold.until.into() }
    }
}

impl From<&IncidentEnd> for IncidentEndView {
    fn from(end: &IncidentEnd) -> Self {
        let how = match &end.how {
            IncidentOutcome::Done => IncidentHow::Done,
            IncidentOutcome::Cancelled { reason } => IncidentHow::Cancelled { reason: reason.clone() },
            IncidentOutcome::HandedOff { to, accepted_by } => {
                IncidentHow::HandedOff { to: to.clone(), accepted_by: accepted_by.clone() }
            }
            IncidentOutcome::Redirected { to, reason } => {
                IncidentHow::Redirected { to: to.clone(), reason: reason.clone() }
            }
            IncidentOutcome::Merged { into, .. } => IncidentHow::Merged { into: into.to_string() },
        };
        Self { at: end.at.into(), how }
    }
}

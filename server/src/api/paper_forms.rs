//! The forms of the paper hours: entered once the system is back, each a whole call with every unit that went, at its true times.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use dispatch_core::assignment::Stage;
use dispatch_core::ids::{AssignmentId, CallId, HospitalId, IncidentId, UnitId};
use dispatch_core::incident::{IncidentSketch, Needs, Patient};
use dispatch_core::paper::{CalledOff, PaperCall, PaperForm, PaperIncident, PaperRun};
use dispatch_core::private::Private;
use dispatch_core::{Action, UtcTime};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Api;
use super::answer::Answer;
use super::body::{PatientBody, PlaceBody, TriageBody};
use super::doc::{WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{CallSourceWord, IncidentKindWord, IncidentView, OutcomeWord, Time};
use super::write::WriteOf;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(enter_paper_form))
}

/// A form as it was written: `runs` and the call's times are the true ones.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaperFormBody {
    /// The number on the form, so that it can be found again.
    #[serde(default)]
    #[schema(max_length = 40)]
    form_number: String,
    call: PaperCallBody,
    #[serde(default = "emergency")]
    kind: IncidentKindWord,
    complaint: String,
    triage: TriageBody,
    #[serde(default)]
    place: PlaceBody,
    #[serde(default)]
    patients: Vec<PatientBody>,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    wish: Option<HospitalId>,
    /// A drill: it enters no figure.
    #[serde(default)]
    test: bool,
    /// Every unit that was ordered, at most 50.
    #[serde(default)]
    runs: Vec<PaperRunBody>,
    /// It was called off; needed where no unit served.
    #[serde(default)]
    called_off: Option<CalledOffBody>,
    /// Why a unit was on two orders at a time, where the record says that it was.
    #[serde(default)]
    overlap_reason: Option<String>,
}

/// The call as it was written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaperCallBody {
    #[serde(default = "telephone")]
    source: CallSourceWord,
    /// The caller's number, if it was written down; shown masked from then on.
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    text_only: bool,
    /// When it rang.
    received_at: Time,
    /// When it was taken, where the form tells the two apart.
    #[serde(default)]
    answered_at: Option<Time>,
}

/// One unit. What was not written down stays empty: nobody invents a time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaperRunBody {
    #[schema(value_type = String, example = "A12")]
    unit: UnitId,
    /// When the order was telephoned.
    ordered_at: Time,
    #[serde(default)]
    acknowledged_at: Option<Time>,
    #[serde(default)]
    rolling_at: Option<Time>,
    #[serde(default)]
    on_scene_at: Option<Time>,
    #[serde(default)]
    at_patient_at: Option<Time>,
    #[serde(default)]
    left_scene_at: Option<Time>,
    #[serde(default)]
    at_hospital_at: Option<Time>,
    #[serde(default)]
    handed_over_at: Option<Time>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "H01")]
    hospital: Option<HospitalId>,
    /// When the unit was free again.
    ended_at: Time,
    outcome: OutcomeWord,
    #[serde(default)]
    reason: String,
}

/// Called off on paper.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalledOffBody {
    at: Time,
    reason: String,
}

/// Enter a form of the paper hours: a call and an incident that are over, with their true times, marked as entered from paper.
#[utoipa::path(post, path = "/api/v1/paper-forms", tag = "incidents", params(WriteHeaders), request_body = PaperFormBody,
    responses((status = 201, body = IncidentView), WriteProblems))]
async fn enter_paper_form(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<PaperFormBody>,
) -> Result<Answer<IncidentView>, Problem> {
    let (call, incident) = (CallId::new(Uuid::now_v7()), IncidentId::new(Uuid::now_v7()));
    let form = Box::new(body.into_core()?);
    let (made, scene) = write.make(&api, Action::EnterPaperForm { call, incident, form }, incident).await?;
    let version = scene.known_incident(made)?.version;
    scene.incident(made).map(|view| Answer::created(view).at_version(version))
}

impl PaperFormBody {
    pub(crate) fn into_core(self) -> Result<PaperForm, Problem> {
        let place = self.place.into_core()?;
        let call = self.call.into_core(&place);
        let created_at = call.answered_at.unwrap_or(call.received_at);
        let sketch = IncidentSketch {
            kind: self.kind.into(),
            complaint: self.complaint,
            triage: self.triage.into(),
            place,
            patients: self.patients.into_iter().map(Patient::from).collect(),
            needs: Needs::default(),
            notes: self.notes,
            wish: self.wish,
            text_only: call.text_only,
            test: self.test,
            scheduled_at: None,
        };
        let called_off = self.called_off.map(|it| CalledOff { at: it.at.0, reason: it.reason });
        let incident = PaperIncident {
            form_number: self.form_number,
            created_at,
            runs: self.runs.into_iter().map(PaperRun::from).collect(),
            called_off,
            overlap_reason: self.overlap_reason,
        };
        Ok(PaperForm { call, sketch: Arc::new(sketch), incident })
    }
}

impl PaperCallBody {
    fn into_core(self, place: &dispatch_core::incident::Place) -> PaperCall {
        PaperCall {
            source: self.source.into(),
            phone: Private::new(self.phone.unwrap_or_default()),
            text_only: self.text_only,
            place: place.clone(),
            received_at: self.received_at.0,
            answered_at: self.answered_at.map(|at| at.0),
        }
    }
}

impl From<PaperRunBody> for PaperRun {
    fn from(body: PaperRunBody) -> Self {
        let written: [(Stage, Option<Time>); 7] = [
            (Stage::Acknowledged, body.acknowledged_at),
            (Stage::Rolling, body.rolling_at),
            (Stage::OnScene, body.on_scene_at),
            (Stage::AtPatient, body.at_patient_at),
            (Stage::LeftScene, body.left_scene_at),
            (Stage::AtHospital, body.at_hospital_at),
            (Stage::HandedOver, body.handed_over_at),
        ];
        let times: BTreeMap<Stage, UtcTime> =
            written.into_iter().filter_map(|(stage, at)| Some((stage, at?.0))).collect();
        Self {
            assignment: AssignmentId::new(Uuid::now_v7()),
            unit: body.unit,
            ordered_at: body.ordered_at.0,
            times,
            hospital: body.hospital,
            ended_at: body.ended_at.0,
            outcome: body.outcome.into(),
            reason: body.reason,
        }
    }
}

fn emergency() -> IncidentKindWord {
    IncidentKindWord::Emergency
}

fn telephone() -> CallSourceWord {
    CallSourceWord::Telephone
}

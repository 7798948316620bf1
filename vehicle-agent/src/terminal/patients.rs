//! What the crew enters of its patients, and what the page shows of them.

use std::time::Instant;

use axum::extract::State;
use link::scores::{self, Gravity};
use link::v1::{
    Alert, AlertKind, FileKind, Findings, PatientReport, Score, ScoreKind, Severity, Sex, Vitals,
    VitalsQuality, VitalsSource, patient_report,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{Answer, Body, recorded};
use crate::clock::rfc3339;
use crate::duty::{Duty, NotTaken, SharedDuty, lock};
use crate::spool::PatientRow;

/// A word of the interface for a number of the link.
macro_rules! words {
    ($($word:ident = $link:ident { $($variant:ident),* })*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum $word { $($variant),* }

        impl From<$word> for $link {
            fn from(word: $word) -> Self {
                match word { $($word::$variant => Self::$variant),* }
            }
        }

        impl $word {
            fn of(link: $link) -> Option<Self> {
                match link {
                    $($link::$variant => Some(Self::$variant),)*
                    $link::Unspecified => None,
                }
            }
        }
    )*};
}

words! {
    AlertWord = AlertKind { ChestPain, Stroke, Trauma, Maternal, Newborn }
    ScoreWord = ScoreKind { Gcs, TraumaIndex, Apgar, Fast }
    SeverityWord = Severity { Critical, Medium, Other }
    SexWord = Sex { Female, Male }
    FileWord = FileKind { Ecg, Photo }
}

/// Whose patient.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfPatient<T> {
    assignment: String,
    /// From 1; the first when nothing is said.
    #[serde(default = "first")]
    patient: u32,
    entry: T,
}

pub(super) fn first() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VitalsEntry {
    #[serde(default)]
    heart_rate_per_min: Option<u32>,
    #[serde(default)]
    systolic_mmhg: Option<u32>,
    #[serde(default)]
    diastolic_mmhg: Option<u32>,
    #[serde(default)]
    spo2_percent: Option<u32>,
    #[serde(default)]
    respiration_per_min: Option<u32>,
    #[serde(default)]
    temperature_c: Option<f32>,
    #[serde(default)]
    etco2_mmhg: Option<u32>,
    #[serde(default)]
    glucose_mmol_l: Option<f32>,
    #[serde(default)]
    doubtful: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingsEntry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    sex: Option<SexWord>,
    #[serde(default)]
    age_years: Option<u32>,
    #[serde(default)]
    severity: Option<SeverityWord>,
    #[serde(default)]
    complaint: String,
    #[serde(default)]
    history: String,
    #[serde(default)]
    judgement: String,
    #[serde(default)]
    measures: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScoreEntry {
    kind: ScoreWord,
    items: Vec<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertEntry {
    kind: AlertWord,
    #[serde(default)]
    withdrawn: bool,
}

/// On whom a monitor is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MonitorOn {
    assignment: String,
    patient: u32,
    device: String,
}

pub(super) async fn vitals(
    State(duty): State<SharedDuty>,
    Body(body): Body<OfPatient<VitalsEntry>>,
) -> Answer {
    let it = body.entry;
    let quality = if it.doubtful { VitalsQuality::Doubtful } else { VitalsQuality::Unspecified };
    let vitals = Vitals {
        source: VitalsSource::Crew.into(),
        device: String::new(),
        quality: quality.into(),
        heart_rate_per_min: it.heart_rate_per_min,
        systolic_mmhg: it.systolic_mmhg,
        diastolic_mmhg: it.diastolic_mmhg,
        spo2_percent: it.spo2_percent,
        respiration_per_min: it.respiration_per_min,
        temperature_c: it.temperature_c,
        etco2_mmhg: it.etco2_mmhg,
        glucose_mmol_l: it.glucose_mmol_l,
    };
    enter(&duty, &body.assignment, body.patient, patient_report::Content::Vitals(vitals))
}

pub(super) async fn findings(
    State(duty): State<SharedDuty>,
    Body(body): Body<OfPatient<FindingsEntry>>,
) -> Answer {
    let it = body.entry;
    let findings = Findings {
        name: it.name,
        sex: it.sex.map_or(Sex::Unspecified, Sex::from).into(),
        age_years: it.age_years,
        severity: it.severity.map_or(Severity::Unspecified, Severity::from).into(),
        complaint: it.complaint,
        history: it.history,
        judgement: it.judgement,
        measures: it.measures,
    };
    enter(&duty, &body.assignment, body.patient, patient_report::Content::Findings(findings))
}

pub(super) async fn score(State(duty): State<SharedDuty>, Body(body): Body<OfPatient<ScoreEntry>>) -> Answer {
    let ScoreEntry { kind, items } = body.entry;
    let total = scores::total(kind.into(), &items)
        .ok_or_else(|| NotTaken::BadRequest("items: these are no items of that score".into()))?;
    let score = Score { kind: ScoreKind::from(kind).into(), items, total };
    enter(&duty, &body.assignment, body.patient, patient_report::Content::Score(score))
}

pub(super) async fn alert(State(duty): State<SharedDuty>, Body(body): Body<OfPatient<AlertEntry>>) -> Answer {
    let AlertEntry { kind, withdrawn } = body.entry;
    let alert = Alert { kind: AlertKind::from(kind).into(), withdrawn };
    enter(&duty, &body.assignment, body.patient, patient_report::Content::Alert(alert))
}

pub(super) async fn monitor(State(duty): State<SharedDuty>, Body(body): Body<MonitorOn>) -> Answer {
    recorded(lock(&duty).put_on(Instant::now(), &body.device, &body.assignment, body.patient))
}

fn enter(duty: &SharedDuty, assignment: &str, patient: u32, content: patient_report::Content) -> Answer {
    recorded(lock(duty).chart(Instant::now(), assignment, patient, content))
}

/// The monitors of an order, and on whom they are.
pub(super) fn monitors(duty: &Duty, assignment: &str) -> Vec<Value> {
    let cables = duty.monitors_of(assignment).into_iter();
    cables.map(|cable| json!({ "device": cable.device, "patient": cable.patient })).collect()
}

/// The patients of an order, by their number.
pub(super) fn view(duty: &Duty, assignment: &str) -> Vec<Value> {
    let mut numbers: Vec<u32> = duty.charted(assignment).map(|row| row.report.patient).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let of = |number: u32| duty.charted(assignment).filter(move |row| row.report.patient == number);
    numbers.into_iter().map(|number| patient(duty, number, &of(number).collect::<Vec<_>>())).collect()
}

fn patient(duty: &Duty, number: u32, rows: &[&PatientRow]) -> Value {
    // By when it happened; of two at the same time the one entered later.
    let mut rows: Vec<&PatientRow> = rows.to_vec();
    rows.sort_by_key(|row| row.report.happened_at_unix_ms);
    let mut course = Vec::new();
    let (mut findings, mut scored, mut alerts) = (Value::Null, Vec::<Value>::new(), Vec::<Value>::new());
    let mut files = Vec::<Value>::new();
    for row in rows.iter().filter(|row| row.refused.is_none()) {
        let mut shown = shown(&row.report);
        shown["at"] = rfc3339(row.report.happened_at_unix_ms).into();
        shown["sent"] = row.answered.into();
        match &row.report.content {
            Some(patient_report::Content::Vitals(_)) => course.push(shown),
            Some(patient_report::Content::Findings(_)) => findings = shown,
            Some(patient_report::Content::Score(_)) => replace(&mut scored, shown),
            Some(patient_report::Content::Alert(_)) => replace(&mut alerts, shown),
            Some(patient_report::Content::File(card)) => {
                shown["at_centre"] = duty.file_at_centre(&card.file_id).into();
                files.push(shown);
            }
            None => {}
        }
    }
    alerts.retain(|alert| alert["withdrawn"] == false);
    let surplus = course.len().saturating_sub(COURSE_MAX);
    course.drain(..surplus);
    json!({
        "patient": number, "course": course, "findings": findings, "scores": scored, "alerts": alerts, "files": files,
    })
}

/// The newer one of a kind takes the place of the older.
fn replace(all: &mut Vec<Value>, shown: Value) {
    all.retain(|other| other["kind"] != shown["kind"]);
    all.push(shown);
}

fn shown(report: &PatientReport) -> Value {
    match &report.content {
        Some(patient_report::Content::Vitals(it)) => json!({
            "source": if it.source() == VitalsSource::Monitor { "monitor" } else { "crew" },
            "device": it.device,
            "doubtful": it.quality() == VitalsQuality::Doubtful,
            "heart_rate_per_min": it.heart_rate_per_min, "systolic_mmhg": it.systolic_mmhg,
            "diastolic_mmhg": it.diastolic_mmhg, "spo2_percent": it.spo2_percent,
            "respiration_per_min": it.respiration_per_min, "temperature_c": it.temperature_c,
            "etco2_mmhg": it.etco2_mmhg, "glucose_mmol_l": it.glucose_mmol_l,
        }),
        Some(patient_report::Content::Findings(it)) => json!({
            "name": it.name, "sex": SexWord::of(it.sex()), "age_years": it.age_years,
            "severity": SeverityWord::of(it.severity()), "complaint": it.complaint, "history": it.history,
            "judgement": it.judgement, "measures": it.measures,
        }),
        Some(patient_report::Content::Score(it)) => json!({
            "kind": ScoreWord::of(it.kind()), "items": it.items, "total": it.total,
            "gravity": scores::gravity(it.kind(), it.total).map(|gravity| match gravity {
                Gravity::Light => "light",
                Gravity::Moderate => "moderate",
                Gravity::Grave => "grave",
            }),
        }),
        Some(patient_report::Content::Alert(it)) => {
            json!({ "kind": AlertWord::of(it.kind()), "withdrawn": it.withdrawn })
        }
        Some(patient_report::Content::File(it)) => json!({
            "id": it.file_id, "kind": FileWord::of(it.kind()), "media_type": it.media_type, "bytes": it.bytes,
            "device": it.device,
        }),
        None => json!({}),
    }
}

/// Measurings that the page draws.
const COURSE_MAX: usize = 60;

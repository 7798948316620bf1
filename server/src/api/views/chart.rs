//! What a crew and its monitor tell of a patient: the newest of each kind, and the course of the vital signs.

use dispatch_core::ids::FileId;
use dispatch_core::patient::{Chart, FileCard, Findings, Score, ScoreKind, Timed, Vitals};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::Time;
use super::words::{AlertWord, FileKindWord, ScoreWord, SeverityWord, SexWord, VitalsSourceWord};

/// What is known of one patient of an assignment.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Chart)]
pub(crate) struct ChartView {
    /// Which of the assignment's patients, from 1.
    patient: u8,
    /// Alerts that stand, in the order they were given.
    alerts: Vec<AlertView>,
    /// The newest vital signs that are not older ones told late.
    vitals: Option<VitalsView>,
    /// The vital signs of the last while, oldest first, the newest among them; in short forms only the last of them.
    course: Vec<VitalsView>,
    /// The newest of each score.
    scores: Vec<ScoreView>,
    /// What the crew found.
    findings: Option<FindingsView>,
    /// ECGs and photos, oldest first; what is in them is asked for by itself.
    files: Vec<FileView>,
}

/// An ECG or a photo: what is in it is read at `/api/v1/assignments/{id}/files/{file}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PatientFile)]
pub(crate) struct FileView {
    #[schema(value_type = String)]
    id: FileId,
    kind: FileKindWord,
    /// When it was taken.
    at: Time,
    #[schema(example = "application/xml")]
    media_type: String,
    /// As it is sent, packed perhaps.
    bytes: u32,
    /// What made it; empty when nobody said.
    device: String,
}

/// A hospital is asked to be ready.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PatientAlert)]
pub(crate) struct AlertView {
    kind: AlertWord,
    at: Time,
}

/// What one measuring gave. What was not measured is `null`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Vitals)]
pub(crate) struct VitalsView {
    at: Time,
    source: VitalsSourceWord,
    /// Which device; empty by hand.
    device: String,
    /// The device, or the crew, does not trust it.
    doubtful: bool,
    heart_rate_per_min: Option<u16>,
    systolic_mmhg: Option<u16>,
    diastolic_mmhg: Option<u16>,
    spo2_percent: Option<u16>,
    respiration_per_min: Option<u16>,
    temperature_c: Option<f32>,
    etco2_mmhg: Option<u16>,
    glucose_mmol_l: Option<f32>,
}

/// A score with its items.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Score)]
pub(crate) struct ScoreView {
    kind: ScoreWord,
    at: Time,
    items: Vec<u8>,
    total: u8,
}

/// What the crew found and did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Findings)]
pub(crate) struct FindingsView {
    at: Time,
    /// Only the family name is left; empty when no name is known.
    #[schema(example = "张*")]
    name_masked: String,
    sex: Option<SexWord>,
    age_years: Option<u8>,
    severity: Option<SeverityWord>,
    complaint: String,
    /// Past illnesses and allergies.
    history: String,
    judgement: String,
    /// What was done and given.
    measures: String,
}

impl From<&Chart> for ChartView {
    fn from(chart: &Chart) -> Self {
        Self::with_course(chart, usize::MAX)
    }
}

impl ChartView {
    /// For a frame that goes to every screen with each change.
    pub(crate) fn in_brief(chart: &Chart) -> Self {
        Self::with_course(chart, COURSE_IN_BRIEF)
    }

    /// For a board that many see: without names, past illnesses and pictures, and without the course.
    pub(crate) fn for_a_board(chart: &Chart) -> Self {
        let mut view = Self::with_course(chart, 0);
        if let Some(findings) = &mut view.findings {
            findings.name_masked.clear();
            findings.history.clear();
        }
        view.files.retain(|file| file.kind == FileKindWord::Ecg);
        view
    }

    /// With so many of the newest measurings.
    fn with_course(chart: &Chart, count_max: usize) -> Self {
        let scores = [ScoreKind::Gcs, ScoreKind::TraumaIndex, ScoreKind::Apgar, ScoreKind::Fast];
        let old = chart.vitals.len().saturating_sub(count_max);
        Self {
            patient: chart.patient,
            alerts: chart
                .standing_alerts()
                .map(|(kind, at)| AlertView { kind: kind.into(), at: at.into() })
                .collect(),
            vitals: chart.newest_vitals().map(VitalsView::from),
            course: chart.vitals[old..].iter().map(VitalsView::from).collect(),
            scores: scores
                .into_iter()
                .filter_map(|kind| chart.newest_score(kind))
                .map(ScoreView::from)
                .collect(),
            findings: chart.findings.as_ref().map(|(_, findings)| FindingsView::from(findings)),
            files: chart.files.iter().map(|(_, file)| FileView::from(file)).collect(),
        }
    }
}

/// The newest measuring and the one before: enough to say which way it goes.
const COURSE_IN_BRIEF: usize = 2;

impl From<&Timed<Vitals>> for VitalsView {
    fn from(Timed { at, it }: &Timed<Vitals>) -> Self {
        Self {
            at: (*at).into(),
            source: it.source.into(),
            device: it.device.clone(),
            doubtful: it.doubtful,
            heart_rate_per_min: it.heart_rate_per_min,
            systolic_mmhg: it.systolic_mmhg,
            diastolic_mmhg: it.diastolic_mmhg,
            spo2_percent: it.spo2_percent,
            respiration_per_min: it.respiration_per_min,
            temperature_c: it.temperature_c,
            etco2_mmhg: it.etco2_mmhg,
            glucose_mmol_l: it.glucose_mmol_l,
        }
    }
}

impl From<&Timed<Score>> for ScoreView {
    fn from(Timed { at, it }: &Timed<Score>) -> Self {
        Self { kind: it.kind.into(), at: (*at).into(), items: it.items.clone(), total: it.total }
    }
}

impl From<&Timed<FileCard>> for FileView {
    fn from(Timed { at, it }: &Timed<FileCard>) -> Self {
        Self {
            id: it.id,
            kind: it.kind.into(),
            at: (*at).into(),
            media_type: it.media_type.clone(),
            bytes: it.bytes,
            device: it.device.clone(),
        }
    }
}

impl From<&Timed<Findings>> for FindingsView {
    fn from(Timed { at, it }: &Timed<Findings>) -> Self {
        Self {
            at: (*at).into(),
            name_masked: it.name.masked_name(),
            sex: it.sex.map(SexWord::from),
            age_years: it.age_years,
            severity: it.severity.map(SeverityWord::from),
            complaint: it.complaint.clone(),
            history: it.history.clone(),
            judgement: it.judgement.clone(),
            measures: it.measures.clone(),
        }
    }
}

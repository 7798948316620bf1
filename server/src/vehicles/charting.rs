//! What a vehicle tells of a patient, in the core's words.

use dispatch_core::Action;
use dispatch_core::incident::Sex;
use dispatch_core::patient::{
    Alert, AlertKind, FileCard, FileKind, Findings, PatientEntry, Score, ScoreKind, Severity, Vitals,
    VitalsSource,
};
use dispatch_core::private::Private;
use link::v1::{self, PatientReport, patient_report};

use super::centre::time;
use crate::files;
use crate::journal::hex;

/// What a report asks of the centre, or why it makes no sense.
pub(super) fn action(report: &PatientReport) -> Result<Action, String> {
    link::patient::check(report).map_err(|problem| problem.to_string())?;
    let entry = match report.content.as_ref().ok_or("the report is empty")? {
        patient_report::Content::Vitals(it) => PatientEntry::Vitals(vitals(it)),
        patient_report::Content::Findings(it) => PatientEntry::Findings(findings(it)),
        patient_report::Content::Score(it) => PatientEntry::Score(Score {
            kind: score_kind(it.kind()).ok_or("kind is missing")?,
            items: it.items.iter().filter_map(|item| u8::try_from(*item).ok()).collect(),
            total: u8::try_from(it.total).map_err(|_| "total is out of range")?,
        }),
        patient_report::Content::Alert(it) => PatientEntry::Alert(Alert {
            kind: alert_kind(it.kind()).ok_or("kind is missing")?,
            withdrawn: it.withdrawn,
        }),
        patient_report::Content::File(it) => PatientEntry::File(file_card(it)?),
    };
    Ok(Action::ChartPatient {
        assignment: report
            .assignment_id
            .parse()
            .map_err(|_| "assignment_id is not one of this centre".to_owned())?,
        patient: u8::try_from(report.patient).map_err(|_| "patient is out of range")?,
        at: time(report.happened_at_unix_ms).ok_or("happened_at_unix_ms is out of range")?,
        entry: Box::new(entry),
    })
}

fn vitals(it: &v1::Vitals) -> Vitals {
    let whole = |value: Option<u32>| value.and_then(|value| u16::try_from(value).ok());
    Vitals {
        source: match it.source() {
            v1::VitalsSource::Monitor => VitalsSource::Monitor,
            v1::VitalsSource::Crew | v1::VitalsSource::Unspecified => VitalsSource::Crew,
        },
        device: it.device.clone(),
        doubtful: it.quality() == v1::VitalsQuality::Doubtful,
        heart_rate_per_min: whole(it.heart_rate_per_min),
        systolic_mmhg: whole(it.systolic_mmhg),
        diastolic_mmhg: whole(it.diastolic_mmhg),
        spo2_percent: whole(it.spo2_percent),
        respiration_per_min: whole(it.respiration_per_min),
        temperature_c: it.temperature_c,
        etco2_mmhg: whole(it.etco2_mmhg),
        glucose_mmol_l: it.glucose_mmol_l,
    }
}

fn findings(it: &v1::Findings) -> Findings {
    Findings {
        name: Private::new(it.name.as_str()),
        sex: match it.sex() {
            v1::Sex::Unspecified => None,
            v1::Sex::Female => Some(Sex::Female),
            v1::Sex::Male => Some(Sex::Male),
        },
        age_years: it.age_years.and_then(|years| u8::try_from(years).ok()),
        severity: match it.severity() {
            v1::Severity::Unspecified => None,
            v1::Severity::Critical => Some(Severity::Critical),
            v1::Severity::Medium => Some(Severity::Medium),
            v1::Severity::Other => Some(Severity::Other),
        },
        complaint: it.complaint.clone(),
        history: it.history.clone(),
        judgement: it.judgement.clone(),
        measures: it.measures.clone(),
    }
}

/// The card with a key that is made here and now: what the file holds will be sealed with it.
fn file_card(it: &v1::FileCard) -> Result<FileCard, &'static str> {
    Ok(FileCard {
        id: it.file_id.parse().map_err(|_| "file_id is not one of a file")?,
        kind: match it.kind() {
            v1::FileKind::Unspecified => return Err("kind is missing"),
            v1::FileKind::Ecg => FileKind::Ecg,
            v1::FileKind::Photo => FileKind::Photo,
        },
        media_type: it.media_type.clone(),
        gzip: it.gzip,
        bytes: it.bytes,
        sha256: hex(&it.sha256),
        device: it.device.clone(),
        key: Private::new(files::new_key()),
    })
}

fn score_kind(kind: v1::ScoreKind) -> Option<ScoreKind> {
    Some(match kind {
        v1::ScoreKind::Unspecified => return None,
        v1::ScoreKind::Gcs => ScoreKind::Gcs,
        v1::ScoreKind::TraumaIndex => ScoreKind::TraumaIndex,
        v1::ScoreKind::Apgar => ScoreKind::Apgar,
        v1::ScoreKind::Fast => ScoreKind::Fast,
    })
}

fn alert_kind(kind: v1::AlertKind) -> Option<AlertKind> {
    Some(match kind {
        v1::AlertKind::Unspecified => return None,
        v1::AlertKind::ChestPain => AlertKind::ChestPain,
        v1::AlertKind::Stroke => AlertKind::Stroke,
        v1::AlertKind::Trauma => AlertKind::Trauma,
        v1::AlertKind::Maternal => AlertKind::Maternal,
        v1::AlertKind::Newborn => AlertKind::Newborn,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vitals_keep_what_was_not_measured_apart_from_zero() {
        let content = patient_report::Content::Vitals(v1::Vitals {
            source: v1::VitalsSource::Monitor.into(),
            device: "M1".into(),
            heart_rate_per_min: Some(0),
            ..v1::Vitals::default()
        });
        let report = PatientReport {
            assignment_id: "assignment_0192f000-0000-7000-8000-000000000003".into(),
            patient: 2,
            happened_at_unix_ms: 1_795_262_400_000,
            content: Some(content),
            ..PatientReport::default()
        };
        let Ok(Action::ChartPatient { patient: 2, entry, .. }) = action(&report) else { panic!("not taken") };
        let PatientEntry::Vitals(it) = *entry else { panic!("no vitals") };
        assert_eq!(
            (it.source, it.heart_rate_per_min, it.spo2_percent),
            (VitalsSource::Monitor, Some(0), None)
        );
        assert!(action(&PatientReport { patient: 0, ..report.clone() }).is_err());
        assert!(action(&PatientReport { assignment_id: "a1".into(), ..report }).is_err());
    }
}

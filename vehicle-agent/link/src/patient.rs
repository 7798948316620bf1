//! What a report of a patient may say. The terminal asks before it takes something from the crew or a monitor, so that what is on the
//! vehicle's disk is what the centre will take; the centre asks again.

use thiserror::Error;

use crate::v1::{AlertKind, Findings, PatientReport, Vitals, VitalsSource, patient_report};
use crate::{file, scores};

/// Patients of one assignment.
pub const PATIENTS_MAX: u32 = 20;
/// Characters of one of the texts.
pub const PATIENT_TEXT_CHARS_MAX: usize = 500;
/// Characters of a name, or of a device.
pub const PATIENT_NAME_CHARS_MAX: usize = 40;

/// What is wrong with a report.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PatientProblem {
    /// It says nothing, or is of a kind that is unknown here.
    #[error("the report is empty or of a kind unknown here")]
    Empty,
    /// There is no such patient.
    #[error("patient: write 1 to {PATIENTS_MAX}")]
    Patient,
    /// A value that no patient has.
    #[error("{0} cannot be that")]
    Value(&'static str),
    /// Nothing was measured.
    #[error("no value is given")]
    NoValue,
    /// Too many words.
    #[error("{0}: write at most {PATIENT_TEXT_CHARS_MAX} characters, and {PATIENT_NAME_CHARS_MAX} of a name")]
    TooLong(&'static str),
    /// Something that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Items that the score does not have, or a total that is not their sum.
    #[error("these are no items of that score, or the total is not their sum")]
    Score,
}

/// Whether a report may be sent, and taken.
pub fn check(report: &PatientReport) -> Result<(), PatientProblem> {
    if !(1..=PATIENTS_MAX).contains(&report.patient) {
        return Err(PatientProblem::Patient);
    }
    match report.content.as_ref().ok_or(PatientProblem::Empty)? {
        patient_report::Content::Vitals(vitals) => check_vitals(vitals),
        patient_report::Content::Findings(findings) => check_findings(findings),
        patient_report::Content::Score(score) => {
            if scores::is_sound(score) {
                Ok(())
            } else {
                Err(PatientProblem::Score)
            }
        }
        patient_report::Content::Alert(alert) => match alert.kind() {
            AlertKind::Unspecified => Err(PatientProblem::Missing("kind")),
            AlertKind::ChestPain
            | AlertKind::Stroke
            | AlertKind::Trauma
            | AlertKind::Maternal
            | AlertKind::Newborn => Ok(()),
        },
        patient_report::Content::File(card) => file::check(card),
    }
}

/// The values, each within what its line in the protocol says.
pub fn check_vitals(vitals: &Vitals) -> Result<(), PatientProblem> {
    if vitals.source() == VitalsSource::Unspecified {
        return Err(PatientProblem::Missing("source"));
    }
    short("device", &vitals.device, PATIENT_NAME_CHARS_MAX)?;
    let whole = [
        ("heart_rate_per_min", vitals.heart_rate_per_min, 350),
        ("systolic_mmhg", vitals.systolic_mmhg, 350),
        ("diastolic_mmhg", vitals.diastolic_mmhg, 300),
        ("spo2_percent", vitals.spo2_percent, 100),
        ("respiration_per_min", vitals.respiration_per_min, 150),
        ("etco2_mmhg", vitals.etco2_mmhg, 150),
    ];
    let parts = [
        ("temperature_c", vitals.temperature_c, 20.0..=45.0),
        ("glucose_mmol_l", vitals.glucose_mmol_l, 0.0..=60.0),
    ];
    if whole.iter().all(|(_, value, _)| value.is_none()) && parts.iter().all(|(_, value, _)| value.is_none())
    {
        return Err(PatientProblem::NoValue);
    }
    for (name, value, max) in whole {
        if value.is_some_and(|value| value > max) {
            return Err(PatientProblem::Value(name));
        }
    }
    for (name, value, range) in parts {
        if value.is_some_and(|value| !range.contains(&value)) {
            return Err(PatientProblem::Value(name));
        }
    }
    Ok(())
}

fn check_findings(findings: &Findings) -> Result<(), PatientProblem> {
    short("name", &findings.name, PATIENT_NAME_CHARS_MAX)?;
    for (name, text) in [
        ("complaint", &findings.complaint),
        ("history", &findings.history),
        ("judgement", &findings.judgement),
        ("measures", &findings.measures),
    ] {
        short(name, text, PATIENT_TEXT_CHARS_MAX)?;
    }
    if findings.age_years.is_some_and(|years| years > 130) {
        return Err(PatientProblem::Value("age_years"));
    }
    Ok(())
}

pub(crate) fn short(name: &'static str, text: &str, chars_max: usize) -> Result<(), PatientProblem> {
    if text.chars().count() > chars_max { Err(PatientProblem::TooLong(name)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Alert, Score, ScoreKind};

    fn report(content: patient_report::Content) -> PatientReport {
        PatientReport { patient: 1, content: Some(content), ..PatientReport::default() }
    }

    fn vitals(change: impl FnOnce(&mut Vitals)) -> Result<(), PatientProblem> {
        let mut vitals =
            Vitals { source: VitalsSource::Crew.into(), heart_rate_per_min: Some(80), ..Vitals::default() };
        change(&mut vitals);
        check(&report(patient_report::Content::Vitals(vitals)))
    }

    #[test]
    fn vitals_are_what_a_patient_can_have() {
        assert_eq!(vitals(|_| {}), Ok(()));
        // A heart that stands still is a value; none measured is not.
        assert_eq!(vitals(|it| it.heart_rate_per_min = Some(0)), Ok(()));
        assert_eq!(vitals(|it| it.heart_rate_per_min = None), Err(PatientProblem::NoValue));
        assert_eq!(vitals(|it| it.spo2_percent = Some(101)), Err(PatientProblem::Value("spo2_percent")));
        assert_eq!(vitals(|it| it.temperature_c = Some(98.6)), Err(PatientProblem::Value("temperature_c")));
        assert_eq!(
            vitals(|it| it.temperature_c = Some(f32::NAN)),
            Err(PatientProblem::Value("temperature_c"))
        );
        assert_eq!(vitals(|it| it.glucose_mmol_l = Some(-1.0)), Err(PatientProblem::Value("glucose_mmol_l")));
        assert_eq!(vitals(|it| it.source = 0), Err(PatientProblem::Missing("source")));
        assert_eq!(vitals(|it| it.device = "x".repeat(41)), Err(PatientProblem::TooLong("device")));
    }

    #[test]
    fn findings_scores_and_alerts_are_looked_at() {
        let findings = |it: Findings| check(&report(patient_report::Content::Findings(it)));
        assert_eq!(findings(Findings::default()), Ok(()));
        let long = Findings { measures: "字".repeat(501), ..Findings::default() };
        assert_eq!(findings(long), Err(PatientProblem::TooLong("measures")));
        assert_eq!(
            findings(Findings { age_years: Some(131), ..Findings::default() }),
            Err(PatientProblem::Value("age_years"))
        );
        let score = |total| Score { kind: ScoreKind::Gcs.into(), items: vec![3, 4, 6], total };
        assert_eq!(check(&report(patient_report::Content::Score(score(13)))), Ok(()));
        assert_eq!(check(&report(patient_report::Content::Score(score(14)))), Err(PatientProblem::Score));
        let alert = Alert { kind: 0, withdrawn: false };
        assert_eq!(
            check(&report(patient_report::Content::Alert(alert))),
            Err(PatientProblem::Missing("kind"))
        );
        assert_eq!(
            check(&PatientReport { patient: 1, ..PatientReport::default() }),
            Err(PatientProblem::Empty)
        );
        assert_eq!(
            check(&PatientReport { patient: 21, ..PatientReport::default() }),
            Err(PatientProblem::Patient)
        );
    }
}

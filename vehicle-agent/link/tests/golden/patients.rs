//! The bytes of what is said of patients.

use expect_test::{Expect, expect};
use link::v1::*;

use super::{AT, check_frame};

fn check(content: patient_report::Content, golden: &Expect) {
    let report = PatientReport {
        boot: 3,
        seq: 9,
        happened_at_unix_ms: AT,
        assignment_id: "a1".into(),
        patient: 2,
        content: Some(content),
    };
    assert_eq!(link::patient::check(&report), Ok(()));
    check_frame(&FromVehicle { body: Some(from_vehicle::Body::PatientReport(report)) }, golden);
}

#[test]
fn vitals() {
    let all = Vitals {
        source: VitalsSource::Monitor.into(),
        device: "M1".into(),
        quality: VitalsQuality::Good.into(),
        heart_rate_per_min: Some(0),
        systolic_mmhg: Some(120),
        diastolic_mmhg: Some(80),
        spo2_percent: Some(97),
        respiration_per_min: Some(16),
        temperature_c: Some(36.5),
        etco2_mmhg: Some(38),
        glucose_mmol_l: Some(5.5),
    };
    check(
        patient_report::Content::Vitals(all),
        &expect![
            "0000003332310803100918808ce9ef9f34220261312802321e080212024d311801200028783050386140104d0000124250265d0000b040"
        ],
    );
}

#[test]
fn findings() {
    let all = Findings {
        name: "张伟".into(),
        sex: Sex::Male.into(),
        age_years: Some(0),
        severity: Severity::Critical.into(),
        complaint: "c".into(),
        history: "h".into(),
        judgement: "j".into(),
        measures: "m".into(),
    };
    check(
        patient_report::Content::Findings(all),
        &expect![
            "0000002f322d0803100918808ce9ef9f342202613128023a1a0a06e5bca0e4bc9f1002180020012a01633201683a016a42016d"
        ],
    );
}

#[test]
fn scores_and_alerts() {
    let score = Score { kind: ScoreKind::Fast.into(), items: vec![1, 0, 1], total: 2 };
    check(
        patient_report::Content::Score(score),
        &expect!["0000001e321c0803100918808ce9ef9f342202613128024209080412030100011802"],
    );
    let alert = Alert { kind: AlertKind::Stroke.into(), withdrawn: true };
    check(
        patient_report::Content::Alert(alert),
        &expect!["0000001932170803100918808ce9ef9f342202613128024a0408021001"],
    );
}

#[test]
fn the_answer() {
    let ack = PatientAck { boot: 3, seq: 9, outcome: ReportOutcome::Refused.into(), text: "no".into() };
    check_frame(
        &FromCentre { body: Some(from_centre::Body::PatientAck(ack)) },
        &expect!["0000000c420a08031009180222026e6f"],
    );
}

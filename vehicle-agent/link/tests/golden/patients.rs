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

#[test]
fn files() {
    let card = FileCard {
        file_id: "file_0192f000-0000-7000-8000-000000000003".into(),
        kind: FileKind::Ecg.into(),
        media_type: "application/xml".into(),
        gzip: true,
        bytes: 80_000,
        sha256: (0..32).collect(),
        device: "M1".into(),
    };
    check(
        patient_report::Content::File(card),
        &expect![
            "0000007f327d0803100918808ce9ef9f34220261312802526a0a2966696c655f30313932663030302d303030302d373030302d383030302d30303030303030303030303310011a0f6170706c69636174696f6e2f786d6c20012880f1043220000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3a024d31"
        ],
    );
    let offer = FileOffer { file_id: "f1".into(), assignment_id: "a1".into() };
    check_frame(
        &FromVehicle { body: Some(from_vehicle::Body::FileOffer(offer)) },
        &expect!["0000000a3a080a02663112026131"],
    );
    let part = FilePart { file_id: "f1".into(), offset: 16_384, content: vec![1, 2, 3] };
    check_frame(
        &FromVehicle { body: Some(from_vehicle::Body::FilePart(part)) },
        &expect!["0000000f420d0a026631108080011a03010203"],
    );
    let outcomes = [FileOutcome::Send, FileOutcome::Whole, FileOutcome::Kept, FileOutcome::Refused];
    let frames = outcomes.map(|outcome| {
        let (file_id, text) = ("f1".into(), "no".into());
        let answer = FileAnswer { file_id, outcome: outcome.into(), offset: 16_384, text };
        FromCentre { body: Some(from_centre::Body::FileAnswer(answer)) }
    });
    let golden = [
        expect!["000000104a0e0a02663110011880800122026e6f"],
        expect!["000000104a0e0a02663110021880800122026e6f"],
        expect!["000000104a0e0a02663110031880800122026e6f"],
        expect!["000000104a0e0a02663110041880800122026e6f"],
    ];
    for (frame, golden) in frames.iter().zip(&golden) {
        check_frame(frame, golden);
    }
}

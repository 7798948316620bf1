//! Patients: what the crew enters and a monitor measures reaches the centre in order, through a dead zone and a power cut.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::time::Duration;

use link::v1::{AlertKind, PatientReport, ReportOutcome, ScoreKind, Vitals, VitalsSource, patient_report};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::centre::Centre;
use crate::terminal::{get_state, post};
use crate::vehicle::Vehicle;
use crate::{EPOCH, order};

async fn ordered() -> (Vehicle, Centre) {
    let mut vehicle = Vehicle::new("A12").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    vehicle.start(centre.port()).await;
    centre.welcome(EPOCH).await;
    centre.deliver(order("8.0", "a1", EPOCH)).await;
    centre.delivery_ack().await;
    (vehicle, centre)
}

async fn under_way() -> (Vehicle, Centre) {
    let (vehicle, mut centre) = ordered().await;
    press(&vehicle, "rolling").await;
    let rolling = centre.report().await;
    centre.acknowledge(&rolling).await;
    (vehicle, centre)
}

async fn press(vehicle: &Vehicle, stage: &str) {
    let body = json!({ "assignment": "a1", "stage": stage });
    assert_eq!(post(vehicle.terminal(), "/api/press", &body).await.0, 200);
}

async fn enters(vehicle: &Vehicle, what: &str, entry: Value) -> u16 {
    let body = json!({ "assignment": "a1", "patient": 1, "entry": entry });
    post(vehicle.terminal(), &format!("/api/patient/{what}"), &body).await.0
}

fn vitals(report: &PatientReport) -> &Vitals {
    match &report.content {
        Some(patient_report::Content::Vitals(vitals)) => vitals,
        other => panic!("no vitals: {other:?}"),
    }
}

/// A reading over MLLP; the code of its answer.
async fn measures(vehicle: &Vehicle, heart_rate: u32) -> String {
    let mut line = TcpStream::connect(("127.0.0.1", vehicle.monitor)).await.unwrap();
    let message = format!(
        "\x0bMSH|^~\\&|GATEWAY||||||ORU^R01|7|P|2.6\rOBX|1|NM|8867-4^HR^LN||{heart_rate}|/min|||||F|||||||M-7\r\x1c\r"
    );
    line.write_all(message.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\x1c\r") {
        answer.push(line.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    answer.split("MSA|").nth(1).unwrap().split('|').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_entered_reaches_the_centre_in_order_through_a_power_cut() {
    let (mut vehicle, mut centre) = under_way().await;
    let port = centre.port();
    assert_eq!(enters(&vehicle, "alert", json!({ "kind": "stroke" })).await, 200);
    let mut patients = centre.welcome_patients().await;
    let first = patients.report().await;
    let Some(patient_report::Content::Alert(alert)) = &first.content else { panic!("no alert") };
    assert_eq!((alert.kind(), first.patient, first.assignment_id.as_str()), (AlertKind::Stroke, 1, "a1"));
    patients.answer(&first, ReportOutcome::Accepted).await;
    vehicle.until(|state| state["orders"][0]["patients"][0]["alerts"][0]["sent"] == true).await;

    // The centre is gone; the crew goes on, and the power fails.
    drop((patients, centre));
    assert_eq!(enters(&vehicle, "vitals", json!({ "systolic_mmhg": 92, "temperature_c": 36.5 })).await, 200);
    assert_eq!(enters(&vehicle, "score", json!({ "kind": "gcs", "items": [3, 4, 6] })).await, 200);
    assert_eq!(enters(&vehicle, "findings", json!({ "name": "张伟", "judgement": "卒中" })).await, 200);
    vehicle.kill().await;
    let mut centre = Centre::open(&vehicle.certificates(), port).await;
    vehicle.start(port).await;
    let hello = centre.welcome(EPOCH).await;
    let shown = get_state(vehicle.terminal()).await;
    let patient = &shown["orders"][0]["patients"][0];
    assert_eq!((&patient["scores"][0]["total"], &patient["findings"]["name"]), (&json!(13), &json!("张伟")));
    assert_eq!((&patient["alerts"][0]["sent"], &patient["scores"][0]["sent"]), (&json!(true), &json!(false)));

    let mut patients = centre.welcome_patients().await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let report = patients.report().await;
        assert!(report.boot < hello.boot, "it was entered before the power failed");
        patients.answer(&report, ReportOutcome::Accepted).await;
        told.push(report);
    }
    assert_eq!(told.iter().map(|report| report.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!((vitals(&told[0]).systolic_mmhg, vitals(&told[0]).heart_rate_per_min), (Some(92), None));
    let Some(patient_report::Content::Score(score)) = &told[1].content else { panic!("no score") };
    assert_eq!((score.kind(), score.total), (ScoreKind::Gcs, 13));
    vehicle.until(|state| state["link"]["unsent"] == 0).await;
}

#[tokio::test]
async fn what_was_entered_at_the_mouth_of_a_tunnel_goes_out_at_its_end() {
    let (vehicle, mut centre) = under_way().await;
    assert_eq!(enters(&vehicle, "vitals", json!({ "heart_rate_per_min": 88 })).await, 200);
    let mut patients = centre.welcome_patients_after(Duration::from_secs(11)).await;
    assert_eq!(vitals(&patients.report().await).heart_rate_per_min, Some(88));
}

#[tokio::test]
async fn a_monitor_is_heard_and_thinned_and_needs_a_patient() {
    let (vehicle, mut centre) = ordered().await;
    let course = |state: &Value| state["orders"][0]["patients"][0]["course"].as_array().map_or(0, Vec::len);
    assert_eq!(measures(&vehicle, 140).await, "AA");
    assert_eq!(course(&get_state(vehicle.terminal()).await), 0, "nobody is on the cables yet");
    press(&vehicle, "rolling").await;
    for (rate, kept) in [(80, true), (82, false), (84, false)] {
        assert_eq!(measures(&vehicle, rate).await, "AA", "the monitor need not say it again");
        if kept {
            let mut patients = centre.welcome_patients().await;
            let report = patients.report().await;
            assert_eq!(
                (vitals(&report).heart_rate_per_min, vitals(&report).source()),
                (Some(80), VitalsSource::Monitor)
            );
            assert_eq!(vitals(&report).device, "M-7");
            patients.answer(&report, ReportOutcome::Accepted).await;
        }
    }
    assert_eq!(course(&get_state(vehicle.terminal()).await), 1, "a calm course is thinned");
}

#[tokio::test]
async fn the_crew_says_on_whom_a_monitor_is_and_a_power_cut_does_not_forget_it() {
    let (mut vehicle, mut centre) = under_way().await;
    let put_on = |patient: u32| json!({ "assignment": "a1", "patient": patient, "device": "M-7" });
    assert_eq!(measures(&vehicle, 80).await, "AA");
    let shown = get_state(vehicle.terminal()).await;
    assert_eq!(
        shown["orders"][0]["monitors"],
        json!([{ "device": "M-7", "patient": 1 }]),
        "as long as nobody says"
    );
    assert_eq!(post(vehicle.terminal(), "/api/patient/monitor", &put_on(21)).await.0, 422);
    assert_eq!(post(vehicle.terminal(), "/api/patient/monitor", &put_on(2)).await.0, 200);
    assert_eq!(measures(&vehicle, 81).await, "AA");
    let port = centre.port();
    vehicle.kill().await;
    vehicle.start(port).await;
    centre.welcome(EPOCH).await;
    assert_eq!(measures(&vehicle, 82).await, "AA");
    let mut patients = centre.welcome_patients().await;
    let mut heard = Vec::new();
    for _ in 0..3 {
        let report = patients.report().await;
        patients.answer(&report, ReportOutcome::Accepted).await;
        heard.push((report.patient, vitals(&report).heart_rate_per_min.unwrap()));
    }
    assert_eq!(heard, [(1, 80), (2, 81), (2, 82)], "the first of another patient is kept at once");
    let shown = get_state(vehicle.terminal()).await;
    assert_eq!(shown["orders"][0]["monitors"], json!([{ "device": "M-7", "patient": 2 }]));
}

#[tokio::test]
async fn what_no_patient_has_is_refused_and_a_centres_no_is_shown() {
    let (vehicle, mut centre) = under_way().await;
    for (what, entry) in [
        ("vitals", json!({ "spo2_percent": 130 })),
        ("vitals", json!({})),
        ("score", json!({ "kind": "gcs", "items": [9, 4, 6] })),
        ("findings", json!({ "judgement": "字".repeat(501) })),
        ("alert", json!({ "kind": "toothache" })),
    ] {
        assert_eq!(enters(&vehicle, what, entry.clone()).await, 422, "{what} {entry}");
    }
    let unknown = json!({ "assignment": "zz", "entry": { "kind": "stroke" } });
    assert_eq!(post(vehicle.terminal(), "/api/patient/alert", &unknown).await.0, 404);
    assert_eq!(enters(&vehicle, "alert", json!({ "kind": "trauma" })).await, 200);
    let mut patients = centre.welcome_patients().await;
    let report = patients.report().await;
    assert_eq!(report.seq, 1, "what was refused took no number");
    patients.answer(&report, ReportOutcome::Refused).await;
    vehicle.until(|state| state["orders"][0]["patients"][0]["alerts"] == json!([])).await;
    let notices = get_state(vehicle.terminal()).await["notices"].to_string();
    assert!(notices.contains("患者信息未被中心接受"), "{notices}");
}

//! Patients' charts: whose they are, what comes late, and that their words can be erased.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::Stage;
use dispatch_core::erasure::{ERASED, Subject};
use dispatch_core::ids::{AssignmentId, FileId};
use dispatch_core::incident::Level;
use dispatch_core::patient::{
    Alert, AlertKind, Chart, FILES_MAX, FileCard, FileKind, Findings, PATIENTS_MAX, PatientEntry, Score,
    ScoreKind, Vitals,
};
use dispatch_core::private::Private;
use dispatch_core::{Action, DispatchCentre, Event, Refusal, Span, UtcTime};
use uuid::Uuid;

use crate::city::{City, unit};
use crate::sealed::Stored;

fn heart(rate: u16) -> PatientEntry {
    PatientEntry::Vitals(Vitals { heart_rate_per_min: Some(rate), ..Vitals::default() })
}

fn found(judgement: &str) -> PatientEntry {
    PatientEntry::Findings(Findings {
        name: Private::new("欧阳甲"),
        judgement: judgement.to_owned(),
        ..Findings::default()
    })
}

fn charts(
    city: &mut City,
    assignment: AssignmentId,
    patient: u8,
    at: UtcTime,
    entry: PatientEntry,
) -> Result<Vec<Event>, Refusal> {
    let by = Actor::Crew { unit: city.centre.record().assignment(assignment).unwrap().unit };
    city.by(by, Action::ChartPatient { assignment, patient, at, entry: Box::new(entry) })
}

fn chart(city: &City, assignment: AssignmentId, patient: u8) -> Chart {
    city.centre.record().assignment(assignment).unwrap().chart(patient).unwrap().clone()
}

fn at_the_patient() -> (City, AssignmentId) {
    let mut city = City::new();
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, "A01");
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene, Stage::AtPatient]);
    (city, assignment)
}

#[test]
fn a_crew_charts_its_own_patients_and_nobody_elses() {
    let (mut city, assignment) = at_the_patient();
    let now = city.now;
    assert_eq!(charts(&mut city, assignment, 2, now, heart(90)).unwrap().len(), 1);
    assert_eq!(charts(&mut city, assignment, 1, now, heart(80)).unwrap().len(), 1);
    let numbers: Vec<_> =
        city.centre.record().assignment(assignment).unwrap().charts.iter().map(|it| it.patient).collect();
    assert_eq!(numbers, [1, 2]);
    for patient in [0, PATIENTS_MAX + 1] {
        let refusal = charts(&mut city, assignment, patient, now, heart(80)).unwrap_err();
        assert!(matches!(refusal, Refusal::TooMany { .. }), "{refusal}");
    }
    let entry = || Box::new(heart(80));
    let another = Actor::Crew { unit: unit("A02") };
    let action = Action::ChartPatient { assignment, patient: 1, at: now, entry: entry() };
    assert!(matches!(city.by(another, action).unwrap_err(), Refusal::NotYours { .. }));
    let long = charts(&mut city, assignment, 1, now, found(&"字".repeat(501))).unwrap_err();
    assert!(matches!(long, Refusal::TooLong { .. }));
}

#[test]
fn a_repeat_changes_nothing_and_late_entries_fill_the_past() {
    let (mut city, assignment) = at_the_patient();
    let measured = city.now;
    city.wait(60);
    let now = city.now;
    charts(&mut city, assignment, 1, now, heart(80)).unwrap();
    assert_eq!(charts(&mut city, assignment, 1, measured, heart(120)).unwrap().len(), 1);
    assert!(charts(&mut city, assignment, 1, measured, heart(120)).unwrap().is_empty(), "told again");
    let it = chart(&city, assignment, 1);
    assert_eq!(it.newest_vitals().unwrap().it.heart_rate_per_min, Some(80));
    assert_eq!(it.vitals.len(), 2);
    // A vehicle whose clock is fast does not measure in the future.
    charts(&mut city, assignment, 1, now + Span::seconds(600), heart(70)).unwrap();
    assert_eq!(chart(&city, assignment, 1).newest_vitals().unwrap().at, now);
}

#[test]
fn what_was_seen_is_charted_after_the_run_too() {
    let (mut city, assignment) = at_the_patient();
    let seen = city.now;
    city.presses(assignment, &[Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available]);
    let score = PatientEntry::Score(Score { kind: ScoreKind::Gcs, items: vec![3, 4, 6], total: 13 });
    let alert = PatientEntry::Alert(Alert { kind: AlertKind::Stroke, withdrawn: false });
    for entry in [score, alert] {
        assert_eq!(charts(&mut city, assignment, 1, seen, entry).unwrap().len(), 1);
    }
    let it = chart(&city, assignment, 1);
    assert_eq!(it.newest_score(ScoreKind::Gcs).unwrap().it.total, 13);
    assert_eq!(it.standing_alerts().collect::<Vec<_>>(), [(AlertKind::Stroke, seen)]);
}

#[test]
fn erased_their_words_are_gone_and_the_values_stay() {
    let (mut city, assignment) = at_the_patient();
    let now = city.now;
    let incident = city.centre.record().assignment(assignment).unwrap().incident;
    charts(&mut city, assignment, 1, now, found("心梗")).unwrap();
    charts(&mut city, assignment, 1, now, heart(80)).unwrap();
    // The unit goes on under another incident, and the words stay under the key of the first.
    let other = city.incident(Level::II);
    city.does(Action::MergeIncident { incident, into: other });
    city.presses(assignment, &[Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available]);
    let open = Stored::of(&city.events).bodies.iter().any(|body| {
        let shown: serde_json::Value = serde_json::from_slice(body).unwrap();
        let mut shown = shown.as_object().unwrap().clone();
        shown.remove("sealed");
        let shown = serde_json::to_string(&shown).unwrap();
        shown.contains("心梗") || shown.contains("欧阳甲")
    });
    assert!(!open, "no word about the patient stands open in the stored facts");
    let subjects = vec![Subject::Incident(incident)];
    city.does(Action::ErasePersonalData { subjects, reason: "家属申请".to_owned() });
    let it = chart(&city, assignment, 1);
    let (_, findings) = it.findings.clone().unwrap();
    assert_eq!((findings.it.name.reveal(), findings.it.judgement.as_str()), (ERASED, ERASED));
    assert_eq!(it.newest_vitals().unwrap().it.heart_rate_per_min, Some(80));
    let again = DispatchCentre::from_events(&Stored::of(&city.events).read());
    assert_eq!(again.record(), city.centre.record());
}

fn ecg(number: u128, key: &str) -> PatientEntry {
    PatientEntry::File(FileCard {
        id: FileId::new(Uuid::from_u128(number)),
        kind: FileKind::Ecg,
        media_type: "application/xml".to_owned(),
        gzip: true,
        bytes: 80_000,
        sha256: "00ff".to_owned(),
        device: "M1".to_owned(),
        key: Private::new(key),
    })
}

#[test]
fn a_file_is_charted_once_however_often_it_is_told_of() {
    let (mut city, assignment) = at_the_patient();
    let taken = city.now;
    city.wait(60);
    let now = city.now;
    for number in (1..=FILES_MAX as u128).rev() {
        let at = if number == 1 { taken } else { now };
        assert_eq!(charts(&mut city, assignment, 1, at, ecg(number, "0a")).unwrap().len(), 1);
    }
    // Whoever tells of it again, after a lead that was lost, seals it with another key.
    assert!(charts(&mut city, assignment, 1, taken, ecg(1, "0b")).unwrap().is_empty());
    let it = chart(&city, assignment, 1);
    let id = FileId::new(Uuid::from_u128(1));
    assert_eq!(it.file(id).unwrap().key.reveal(), "0a");
    assert_eq!((it.files.len(), it.files[0].1.it.id), (FILES_MAX, id), "by when it was taken");
    let refusal = charts(&mut city, assignment, 1, now, ecg(99, "0a")).unwrap_err();
    assert!(matches!(refusal, Refusal::TooMany { what: "files", .. }), "{refusal}");
}

#[test]
fn erased_a_file_has_no_key() {
    let (mut city, assignment) = at_the_patient();
    let now = city.now;
    charts(&mut city, assignment, 1, now, ecg(1, "0a0b0c")).unwrap();
    let incident = city.centre.record().assignment(assignment).unwrap().incident;
    let shown = |body: &Vec<u8>| {
        let mut body: serde_json::Value = serde_json::from_slice(body).unwrap();
        body.as_object_mut().unwrap().remove("sealed");
        body.to_string()
    };
    let stored = Stored::of(&city.events).bodies;
    assert!(stored.iter().all(|body| !shown(body).contains("0a0b0c")), "the key stands open in the journal");
    city.presses(assignment, &[Stage::LeftScene, Stage::AtHospital, Stage::HandedOver, Stage::Available]);
    let subjects = vec![Subject::Incident(incident)];
    city.does(Action::ErasePersonalData { subjects, reason: "家属申请".to_owned() });
    assert_eq!(chart(&city, assignment, 1).files[0].1.it.key.reveal(), ERASED);
    let again = DispatchCentre::from_events(&Stored::of(&city.events).read());
    assert_eq!(again.record(), city.centre.record());
}

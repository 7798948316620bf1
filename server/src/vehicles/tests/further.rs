//! The stream of patients beside the duty stream.

use link::v1::{
    Alert, AlertKind, FileOffer, FileOutcome, FilePart, PatientReport, RefusedCode, ReportOutcome,
    StreamClass, from_centre, from_vehicle, patient_report,
};

use super::centre::Door;
use super::vehicle::TestVehicle;
use super::{CloseCode, ReportAnswer, rolling};

fn alert(seq: u64) -> from_vehicle::Body {
    let alert = Alert { kind: AlertKind::Stroke.into(), withdrawn: false };
    from_vehicle::Body::PatientReport(PatientReport {
        boot: 3,
        seq,
        happened_at_unix_ms: 1_795_262_400_000,
        assignment_id: "assignment_1".into(),
        patient: 1,
        content: Some(patient_report::Content::Alert(alert)),
    })
}

#[tokio::test]
async fn what_is_told_of_patients_has_a_stream_of_its_own() {
    let door = Door::open(&["A12"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let mut patients = vehicle.further(StreamClass::Patient, (3, 1)).await;
    let from_centre::Body::Welcome(welcome) = patients.hear().await else { panic!("not welcome") };
    assert_eq!(welcome.unit, "A12");
    for seq in 1..=2 {
        patients.say(alert(seq)).await;
    }
    for seq in 1..=2 {
        let from_centre::Body::PatientAck(ack) = patients.hear().await else { panic!("no answer") };
        assert_eq!((ack.boot, ack.seq, ack.outcome()), (3, seq, ReportOutcome::Accepted));
    }
    assert_eq!(door.centre.patient_reports(), [1, 2]);
    door.centre.answer_reports(ReportAnswer::Refused("任务不存在".into()));
    patients.say(alert(3)).await;
    let from_centre::Body::PatientAck(ack) = patients.hear().await else { panic!("no answer") };
    assert_eq!((ack.outcome(), ack.text.as_str()), (ReportOutcome::Refused, "任务不存在"));
    // What belongs on the other stream is passed over on both.
    patients.say(from_vehicle::Body::Report(rolling(1))).await;
    vehicle.say(alert(4)).await;
    door.centre.answer_reports(ReportAnswer::Accepted);
    // One that ends holds up no other.
    let mut refused = vehicle.further(StreamClass::Duty, (3, 1)).await;
    assert!(matches!(refused.hear().await, from_centre::Body::Refused(_)));
    patients.say(alert(5)).await;
    let from_centre::Body::PatientAck(ack) = patients.hear().await else { panic!("no answer") };
    assert_eq!(ack.seq, 5);
    assert_eq!((door.centre.patient_reports(), door.centre.reports().len()), (vec![1, 2, 3, 5], 0));
    assert!(vehicle.is_open());
}

#[tokio::test]
async fn a_class_that_is_not_offered_is_refused_and_the_duty_stream_goes_on() {
    let door = Door::open(&["A12"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    for class in [StreamClass::Duty, StreamClass::Unspecified] {
        let mut further = vehicle.further(class, (3, 1)).await;
        let from_centre::Body::Refused(refused) = further.hear().await else { panic!("not refused") };
        assert_eq!(refused.code(), RefusedCode::StreamClass);
    }
    vehicle.ping(7).await;
    assert!(matches!(vehicle.hear().await, from_centre::Body::Pong(_)));
}

#[tokio::test]
async fn a_centre_that_cannot_record_sends_the_vehicle_elsewhere() {
    let door = Door::open(&["A12"]).await;
    let vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let mut patients = vehicle.further(StreamClass::Patient, (3, 1)).await;
    assert!(matches!(patients.hear().await, from_centre::Body::Welcome(_)));
    door.centre.answer_reports(ReportAnswer::Unavailable);
    patients.say(alert(1)).await;
    assert_eq!(vehicle.closed().await, Some(CloseCode::Unavailable.number()));
}

fn piece(offset: u32, bytes: usize) -> from_vehicle::Body {
    from_vehicle::Body::FilePart(FilePart { file_id: "f1".into(), offset, content: vec![7; bytes] })
}

#[tokio::test]
async fn files_come_in_pieces_from_where_they_were_left_and_are_kept_when_they_are_whole() {
    let door = Door::open(&["A12"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let mut bulk = vehicle.further(StreamClass::Bulk, (3, 1)).await;
    assert!(matches!(bulk.hear().await, from_centre::Body::Welcome(_)));
    // What was not offered, and what is no piece, is passed over.
    bulk.say(piece(0, 5)).await;
    let offer = FileOffer { file_id: "f1".into(), assignment_id: "a1".into() };
    bulk.say(from_vehicle::Body::FileOffer(offer)).await;
    let from_centre::Body::FileAnswer(answer) = bulk.hear().await else { panic!("no answer") };
    assert_eq!((answer.outcome(), answer.offset, answer.file_id.as_str()), (FileOutcome::Send, 1, "f1"));
    for bad in [0, link::file::FILE_PART_BYTES_MAX + 1] {
        bulk.say(piece(1, bad)).await;
    }
    for (offset, bytes) in [(1, link::file::FILE_PART_BYTES_MAX), (16_385, 9), (16_394, 2)] {
        bulk.say(piece(offset, bytes)).await;
    }
    let expected = [(FileOutcome::Send, 16_385), (FileOutcome::Send, 16_394), (FileOutcome::Whole, 16_396)];
    for (outcome, offset) in expected.into_iter().chain([(FileOutcome::Kept, 0)]) {
        let from_centre::Body::FileAnswer(answer) = bulk.hear().await else { panic!("no answer") };
        assert_eq!((answer.outcome(), answer.offset, answer.file_id.as_str()), (outcome, offset, "f1"));
    }
    assert_eq!(door.centre.pieces(), [(1, 16_384), (16_385, 9), (16_394, 2)]);
    // A centre that can take nothing now ends this stream and nothing else.
    door.centre.answer_reports(ReportAnswer::Unavailable);
    bulk.say(piece(16_396, 9)).await;
    assert!(bulk.has_ended().await);
    vehicle.ping(7).await;
    assert!(matches!(vehicle.hear().await, from_centre::Body::Pong(_)));
}

//! The bytes of every message, frozen: agents in the field and other people's terminals rely on them.
//! A test here that fails means that the change breaks the link; it is the change that must give way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod patients;

use std::fmt::Debug;

use expect_test::{Expect, expect};
use link::v1::*;
use link::{FrameReader, decode, encode_frame};
use prost::Message;

fn check_frame<M: Message + Default + PartialEq + Debug>(message: &M, golden: &Expect) {
    let frame = encode_frame(message).unwrap();
    golden.assert_eq(&hex(&frame));
    let mut reader = FrameReader::default();
    reader.push(&frame);
    let body = reader.next_frame().unwrap().unwrap();
    assert_eq!(&decode::<M>(&body).unwrap(), message);
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn from_vehicle(body: from_vehicle::Body) -> FromVehicle {
    FromVehicle { body: Some(body) }
}

fn from_centre(body: from_centre::Body) -> FromCentre {
    FromCentre { body: Some(body) }
}

fn delivery(content: delivery::Content) -> FromCentre {
    from_centre(from_centre::Body::Delivery(Delivery {
        effect_id: "8.0".into(),
        epoch: Some(EPOCH),
        content: Some(content),
    }))
}

fn report(content: report::Content) -> FromVehicle {
    from_vehicle(from_vehicle::Body::Report(Report {
        boot: 3,
        seq: 9,
        happened_at_unix_ms: AT,
        source: ReportSource::CrewButton.into(),
        position: None,
        content: Some(content),
    }))
}

fn hospital() -> Hospital {
    Hospital {
        hospital_id: "h1".into(),
        name: "一院".into(),
        location: Some(PLACE),
        phone: "02".into(),
        route: vec![PLACE],
    }
}

fn position() -> Position {
    Position {
        boot: 3,
        seq: 70,
        fix_time_unix_ms: AT,
        longitude_deg: PLACE.longitude_deg,
        latitude_deg: PLACE.latitude_deg,
        speed_kmh: 42.5,
        heading_deg: Some(0.0),
        accuracy_m: 4.0,
        satellites: 17,
        quality: FixQuality::Differential.into(),
        moving: true,
        on_task: true,
    }
}

const EPOCH: Epoch = Epoch { term: 2, node: 1 };
const PLACE: Wgs84 = Wgs84 { longitude_deg: 120.5, latitude_deg: 30.25 };
const AT: i64 = 1_795_262_400_000;

#[test]
fn opening() {
    check_frame(
        &from_vehicle(from_vehicle::Body::Hello(Hello {
            stream_class: StreamClass::Duty.into(),
            protocol_version: 1,
            boot: 3,
            connection: 1,
            highest_epoch: Some(EPOCH),
            orders_held: vec![OrderHeld {
                assignment_id: "a1".into(),
                epoch: Some(EPOCH),
                stage: Stage::Rolling.into(),
                incident_number: "n1".into(),
            }],
            agent: "t/1".into(),
        })),
        &expect!["000000270a2508011001180320012a040802100132100a026131120408021001180222026e313a03742f31"],
    );
    check_frame(
        &from_centre(from_centre::Body::Welcome(Welcome {
            epoch: Some(EPOCH),
            centre_time_unix_ms: AT,
            protocol_version: 1,
            unit: "A12".into(),
            unit_label: "A12 东".into(),
            settings: Some(Settings { ping_interval_ms: 10_000, ..Settings::default() }),
        })),
        &expect!["000000240a220a040802100110808ce9ef9f34180122034131322a0741313220e4b89c320320904e"],
    );
    check_frame(
        &from_centre(from_centre::Body::Refused(Refused {
            code: RefusedCode::Busy.into(),
            text: "busy".into(),
            retry_after_ms: 2000,
        })),
        &expect!["0000000d120b080612046275737918d00f"],
    );
    check_frame(
        &from_centre(from_centre::Body::Settings(Settings {
            position_interval_on_task_ms: 1000,
            position_interval_standby_ms: 1001,
            position_interval_off_duty_ms: 1002,
            ping_interval_ms: 1003,
            acknowledge_within_s: 30,
            departure_warn_s: 120,
            departure_alarm_s: 180,
            steps: vec![Step { stage: Stage::OnScene.into(), label_zh: "到".into(), label_en: "on".into() }],
            hospitals: Vec::new(),
        })),
        &expect!["00000022322008e80710e90718ea0720eb07281e307838b401420b08031203e588b01a026f6e"],
    );
}

#[test]
fn orders() {
    check_frame(
        &delivery(delivery::Content::Order(Order {
            assignment_id: "a1".into(),
            incident_id: "i1".into(),
            incident_number: "20261121-0042".into(),
            level: Level::I.into(),
            complaint: "胸痛".into(),
            patient: "58 岁 男".into(),
            address: "滨江路 128 号".into(),
            waiting_place: "东门".into(),
            location: Some(PLACE),
            caller_phone: "138".into(),
            text_not_ring: true,
            notes: "n".into(),
            ordered_at_unix_ms: AT,
            route: vec![PLACE],
            travel_time_s: 250,
            hospital: Some(hospital()),
            test: true,
        })),
        &expect![
            "000000d31ad0010a03382e301204080210011ac2010a026131120269311a0d32303236313132312d3030343220012a06e883b8e7979b320a353820e5b28120e794b73a11e6bba8e6b19fe8b7af2031323820e58fb74206e4b89ce997a84a12090000000000205e40110000000000403e405203313338580162016e68808ce9ef9f347212090000000000205e40110000000000403e4078fa018201380a0268311206e4b880e999a21a12090000000000205e40110000000000403e40220230322a12090000000000205e40110000000000403e40880101"
        ],
    );
}

#[test]
fn deliveries_after_the_order() {
    check_frame(
        &delivery(delivery::Content::Recall(Recall {
            assignment_id: "a1".into(),
            kind: RecallKind::Diverted.into(),
            reason: "r".into(),
            recalled_at_unix_ms: AT,
        })),
        &expect!["0000001f1a1d0a03382e3012040802100122100a02613110021a017220808ce9ef9f34"],
    );
    check_frame(
        &delivery(delivery::Content::Destination(Destination {
            assignment_id: "a1".into(),
            hospital: Some(hospital()),
            chosen_at_unix_ms: AT,
        })),
        &expect![
            "000000541a520a03382e301204080210012a450a02613112380a0268311206e4b880e999a21a12090000000000205e40110000000000403e40220230322a12090000000000205e40110000000000403e4018808ce9ef9f34"
        ],
    );
    check_frame(
        &delivery(delivery::Content::CrewMessage(CrewMessage {
            assignment_id: "a1".into(),
            text: "慢行".into(),
            from: "3".into(),
            sent_at_unix_ms: AT,
            urgent: true,
        })),
        &expect!["000000271a250a03382e3012040802100132180a0261311206e685a2e8a18c1a013320808ce9ef9f342801"],
    );
    check_frame(
        &delivery(delivery::Content::StageRecorded(StageRecorded {
            assignment_id: "a1".into(),
            stage: Stage::HandedOver.into(),
            happened_at_unix_ms: AT,
            ends_assignment: true,
        })),
        &expect!["0000001e1a1c0a03382e301204080210013a0f0a026131100718808ce9ef9f342001"],
    );
    check_frame(
        &from_vehicle(from_vehicle::Body::DeliveryAck(DeliveryAck {
            effect_id: "8.0".into(),
            outcome: DeliveryOutcome::RefusedLowerEpoch.into(),
            highest_epoch: Some(EPOCH),
            text: "t".into(),
        })),
        &expect!["000000121a100a03382e3010021a0408021001220174"],
    );
}

#[test]
fn reports() {
    let stage = StageReport { assignment_id: "a1".into(), stage: Stage::AtPatient.into() };
    check_frame(
        &report(report::Content::Stage(stage)),
        &expect!["0000001712150803100918808ce9ef9f34200132060a0261311004"],
    );
    let refuse = RefuseReport { assignment_id: "a1".into(), reason: "r".into() };
    check_frame(
        &report(report::Content::Refuse(refuse)),
        &expect!["0000001812160803100918808ce9ef9f3420013a070a026131120172"],
    );
    let abort = AbortReport {
        assignment_id: "a1".into(),
        reason: AbortReason::PatientDeclined.into(),
        text: "t".into(),
    };
    check_frame(
        &report(report::Content::Abort(abort)),
        &expect!["0000001a12180803100918808ce9ef9f34200142090a02613110051a0174"],
    );
    let roadside = RoadsideReport {
        assignment_id: "a9".into(),
        complaint: "c".into(),
        notes: "n".into(),
        level: Level::I.into(),
    };
    check_frame(
        &report(report::Content::Roadside(roadside)),
        &expect!["0000001d121b0803100918808ce9ef9f3420015a0c0a0261391201631a016e2001"],
    );
    let on = CrewSignOn { name: "李强".into(), role: CrewRole::Driver.into(), staff_number: "7".into() };
    check_frame(
        &report(report::Content::CrewSignOn(on)),
        &expect!["0000001e121c0803100918808ce9ef9f3420014a0d0a06e69d8ee5bcba10011a0137"],
    );
    let off = CrewSignOff { name: "李强".into(), role: CrewRole::Nurse.into(), staff_number: "7".into() };
    check_frame(
        &report(report::Content::CrewSignOff(off)),
        &expect!["0000001e121c0803100918808ce9ef9f342001520d0a06e69d8ee5bcba10031a0137"],
    );
    check_frame(
        &from_centre(from_centre::Body::ReportAck(ReportAck {
            boot: 3,
            seq: 9,
            outcome: ReportOutcome::Refused.into(),
            text: "no".into(),
        })),
        &expect!["0000000c220a08031009180222026e6f"],
    );
}

#[test]
fn pings() {
    check_frame(&from_vehicle(from_vehicle::Body::Ping(Ping { nonce: 300 })), &expect!["00000005220308ac02"]);
    check_frame(
        &from_centre(from_centre::Body::Pong(Pong { nonce: 300, centre_time_unix_ms: AT })),
        &expect!["0000000c2a0a08ac0210808ce9ef9f34"],
    );
}

#[test]
fn positions() {
    check_frame(
        &position(),
        &expect![
            "000000340803104618808ce9ef9f34210000000000205e40290000000000403e403500002a423d0000000045000080404811500358016001"
        ],
    );
    check_frame(
        &from_vehicle(from_vehicle::Body::PositionHistory(PositionHistory {
            batch: 1,
            positions: vec![position()],
        })),
        &expect![
            "0000003a2a38080112340803104618808ce9ef9f34210000000000205e40290000000000403e403500002a423d0000000045000080404811500358016001"
        ],
    );
    check_frame(
        &from_centre(from_centre::Body::PositionHistoryAck(PositionHistoryAck { batch: 1 })),
        &expect!["000000043a020801"],
    );
}

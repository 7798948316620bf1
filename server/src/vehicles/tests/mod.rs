//! The gateway over real QUIC on loopback: vehicles that behave, vehicles that do not, and a centre that writes down
//! what it is told.

mod centre;
mod further;
mod held;
mod vehicle;

use std::time::Duration;

use link::CloseCode;
use link::v1::{
    Delivery, DeliveryOutcome, Epoch, Order, RefusedCode, Report, ReportOutcome, ReportSource, Stage,
    StageReport, delivery, from_centre, report,
};

use super::{DenyList, ReportAnswer};
use centre::{Door, TestCentre, poll};
use vehicle::{TestVehicle, Turned};

/// How long anything may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(20);

fn order(effect: &str) -> Delivery {
    let order =
        Order {
            assignment_id: "assignment_1".into(), address: "滨江路 128 号".into(), ..Order::default()
        };
    Delivery {
        effect_id: effect.into(),
        epoch: Some(Epoch { term: 1, node: 1 }),
        content: Some(delivery::Content::Order(order)),
    }
}

fn rolling(seq: u64) -> Report {
    let stage = StageReport { assignment_id: "assignment_1".into(), stage: Stage::Rolling.into() };
    Report {
        boot: 3,
        seq,
        happened_at_unix_ms: 1_795_262_400_000,
        source: ReportSource::CrewButton.into(),
        position: None,
        content: Some(report::Content::Stage(stage)),
    }
}

#[tokio::test]
async fn an_order_reaches_a_vehicle_and_its_reports_the_centre() {
    let door = Door::open(&["A12"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    assert_eq!(
        (vehicle.welcome.unit.as_str(), vehicle.welcome.epoch),
        ("A12", Some(Epoch { term: 1, node: 1 }))
    );
    poll(|| door.centre.is_up("A12")).await;
    vehicle.position(1);
    poll(|| door.centre.positions() == [("A12".to_owned(), 1)]).await;
    door.centre.say("A12", order("8.0"));
    assert_eq!(vehicle.delivery().await.effect_id, "8.0");
    vehicle.acknowledge("8.0", DeliveryOutcome::Stored).await;
    poll(|| door.centre.delivered() == ["8.0"]).await;
    for seq in 1..=3 {
        vehicle.report(rolling(seq)).await;
    }
    for seq in 1..=3 {
        let ack = vehicle.report_ack().await;
        assert_eq!((ack.boot, ack.seq, ack.outcome()), (3, seq, ReportOutcome::Accepted));
    }
    assert_eq!(door.centre.reports(), [1, 2, 3]);
    vehicle.leave();
    poll(|| !door.centre.is_up("A12")).await;
}

#[tokio::test]
async fn what_is_undelivered_comes_again_on_a_new_connection() {
    let door = Door::open(&["A12"]).await;
    door.centre.say("A12", order("8.0"));
    let mut first = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    assert_eq!(first.delivery().await.effect_id, "8.0");
    // The answer is lost with the connection.
    first.leave();
    let mut second = TestVehicle::link(&door, "A12", (3, 2)).await.unwrap();
    assert_eq!(second.delivery().await.effect_id, "8.0");
    second.acknowledge("8.0", DeliveryOutcome::Stored).await;
    poll(|| door.centre.delivered() == ["8.0"]).await;
}

#[tokio::test]
async fn a_newer_connection_takes_the_place_of_an_older_one() {
    let door = Door::open(&["A12"]).await;
    let old = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let new = TestVehicle::link(&door, "A12", (3, 2)).await.unwrap();
    assert_eq!(old.closed().await, Some(CloseCode::Superseded.number()));
    let late = TestVehicle::link(&door, "A12", (2, 9)).await;
    assert!(matches!(late, Err(Turned::Refused(RefusedCode::Superseded))), "{late:?}");
    assert!(new.is_open() && door.centre.is_up("A12"));
}

#[tokio::test]
async fn strangers_and_unknown_units_do_not_come_in() {
    let door = Door::open(&["A12"]).await;
    let known = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let unknown = TestVehicle::link(&door, "Z9", (1, 1)).await;
    assert!(matches!(unknown, Err(Turned::Refused(RefusedCode::UnknownUnit))), "{unknown:?}");
    let other = Door::open(&["A12"]).await;
    let forged = other.certificates("A12");
    // The stranger believes our centre; the centre must not believe the stranger.
    std::fs::copy(door.certificates("A12").join("authority.pem"), forged.join("authority.pem")).unwrap();
    let stranger = TestVehicle::link_with(&door, &forged, (9, 9)).await;
    assert!(matches!(stranger, Err(Turned::Away)), "{stranger:?}");
    assert!(known.is_open());
}

#[tokio::test]
async fn a_stolen_terminal_loses_its_connection_at_once_and_a_new_certificate_helps() {
    let door = Door::open(&["A12", "B7"]).await;
    let stolen = door.certificates("A12");
    let vehicle = TestVehicle::link_with(&door, &stolen, (3, 1)).await.unwrap();
    let neighbour = TestVehicle::link(&door, "B7", (3, 1)).await.unwrap();
    poll(|| door.centre.is_up("A12")).await;
    // A certificate says in whole seconds when it was issued: the theft is in the second after.
    let theft = jiff::Timestamp::now().as_second() + 1;
    let row = format!(
        "[[denied]]\nunit = 'A12'\nissued_before = '{}'\nreason = '平板被盗'",
        jiff::Timestamp::from_second(theft).unwrap()
    );
    let begun = std::time::Instant::now();
    door.denials.replace(DenyList::parse(std::path::Path::new("denied.toml"), &row).unwrap());
    assert_eq!(vehicle.closed().await, Some(CloseCode::Refused.number()));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    poll(|| !door.centre.is_up("A12")).await;
    let again = TestVehicle::link_with(&door, &stolen, (9, 9)).await;
    assert!(matches!(again, Err(Turned::Refused(RefusedCode::UnknownUnit))), "{again:?}");
    poll(|| jiff::Timestamp::now().as_second() >= theft).await;
    let fresh = TestVehicle::link(&door, "A12", (1, 1)).await.unwrap();
    assert!(fresh.is_open() && neighbour.is_open());
}

#[tokio::test]
async fn bad_messages_are_passed_over_and_a_lying_length_costs_only_its_own_connection() {
    let door = Door::open(&["A12", "B7"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let neighbour = TestVehicle::link(&door, "B7", (3, 1)).await.unwrap();
    vehicle.raw(&[0, 0, 0, 2, 0xff, 0xff, 0, 0, 0, 0]).await;
    vehicle.raw_datagram(&[0xff, 0xff]);
    vehicle.position(1);
    poll(|| door.centre.positions().len() == 1).await;
    vehicle.report(rolling(1)).await;
    assert_eq!(vehicle.report_ack().await.seq, 1);
    vehicle.raw(&[0x7f, 0xff, 0xff, 0xff]).await;
    assert_eq!(vehicle.closed().await, Some(CloseCode::FrameTooLong.number()));
    assert!(neighbour.is_open());
}

#[tokio::test]
async fn a_vehicle_that_sends_only_rubbish_is_sent_away() {
    let door = Door::open(&["A12", "B7"]).await;
    let neighbour = TestVehicle::link(&door, "B7", (3, 1)).await.unwrap();
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    for _ in 0..100 {
        vehicle.raw(&[0, 0, 0, 1, 0xff]).await;
    }
    assert_eq!(vehicle.closed().await, Some(CloseCode::Flooding.number()));
    assert!(door.centre.refused("A12") >= 100, "its name is told, and how much it was");
    let again = TestVehicle::link(&door, "A12", (3, 2)).await;
    assert!(matches!(again, Err(Turned::Away)), "it stays out for a moment: {again:?}");
    assert_eq!(door.centre.refused("B7"), 0);
    assert!(neighbour.is_open());
}

#[tokio::test]
async fn a_vehicle_that_talks_without_end_is_heard_more_slowly_and_loses_nothing() {
    let door = Door::open(&["A12"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    let count = 620;
    let mut answered = 0;
    for nonce in 1..=count {
        vehicle.ping(nonce).await;
        // Answers are taken meanwhile, so that no line fills.
        if nonce % 20 == 0 {
            for _ in 0..20 {
                answered += 1;
                let from_centre::Body::Pong(pong) = vehicle.hear().await else { panic!("no pong") };
                assert_eq!(pong.nonce, answered);
            }
        }
    }
    assert_eq!(answered, count);
    assert!(door.centre.refused("A12") > 0, "and it is named");
}

#[tokio::test]
async fn a_report_is_acknowledged_only_by_a_durable_answer() {
    let door = Door::open(&["A12"]).await;
    door.centre.answer_reports(ReportAnswer::Refused("事件已结束".into()));
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    vehicle.report(rolling(1)).await;
    let ack = vehicle.report_ack().await;
    assert_eq!((ack.outcome(), ack.text.as_str()), (ReportOutcome::Refused, "事件已结束"));
    door.centre.answer_reports(ReportAnswer::Unavailable);
    vehicle.report(rolling(2)).await;
    assert_eq!(vehicle.closed().await, Some(CloseCode::Unavailable.number()));
}

#[tokio::test]
async fn pings_are_answered_and_history_is_taken() {
    let door = Door::open(&["A12"]).await;
    let mut vehicle = TestVehicle::link(&door, "A12", (3, 1)).await.unwrap();
    vehicle.ping(77).await;
    let from_centre::Body::Pong(pong) = vehicle.hear().await else { panic!("no pong") };
    assert_eq!((pong.nonce, pong.centre_time_unix_ms), (77, TestCentre::NOW_MS));
    vehicle.history(5, 3).await;
    let from_centre::Body::PositionHistoryAck(ack) = vehicle.hear().await else { panic!("no answer") };
    assert_eq!(ack.batch, 5);
    assert_eq!(door.centre.history_count(), 3);
}

//! The real program against a centre made from the crate `link` alone: over real QUIC with mutual TLS, a receiver that
//! speaks NMEA over TCP, a crew that presses over HTTP, and a power switch (SIGKILL).

mod another_time;
mod centre;
mod check;
mod first_position;
mod package;
mod patients;
mod renewal;
mod roadside;
mod supervision;
mod terminal;
mod vehicle;

use std::time::Duration;

use centre::Centre;
use link::v1::{
    CrewMessage, Delivery, DeliveryOutcome, Epoch, Level, Order, Recall, RecallKind, ReportSource, Stage,
    Wgs84, delivery, report,
};
use terminal::{get_state, post};
use vehicle::Vehicle;

const EPOCH: Epoch = Epoch { term: 2, node: 1 };
const SCENE: Wgs84 = Wgs84 { longitude_deg: 120.51, latitude_deg: 30.25 };

fn order(effect: &str, assignment: &str, epoch: Epoch) -> Delivery {
    Delivery {
        effect_id: effect.into(),
        epoch: Some(epoch),
        content: Some(delivery::Content::Order(Order {
            assignment_id: assignment.into(),
            incident_number: "20261121-0042".into(),
            level: Level::I.into(),
            complaint: "胸痛".into(),
            address: "滨江路 128 号".into(),
            location: Some(SCENE),
            ..Order::default()
        })),
    }
}

fn stage_of(report: &link::v1::Report) -> (Stage, ReportSource) {
    match &report.content {
        Some(report::Content::Stage(stage)) => (stage.stage(), report.source()),
        other => panic!("not a stage: {other:?}"),
    }
}

#[tokio::test]
async fn an_order_is_worked_through_a_dead_zone_and_a_power_cut() {
    let mut vehicle = Vehicle::new("A12").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    let port = centre.port();
    vehicle.start(port).await;
    let hello = centre.welcome(EPOCH).await;
    assert!(hello.orders_held.is_empty() && hello.highest_epoch.is_none());

    centre.deliver(order("8.0", "a1", EPOCH)).await;
    assert_eq!(centre.delivery_ack().await.outcome(), DeliveryOutcome::Stored);
    let state = get_state(vehicle.terminal()).await;
    assert_eq!(state["orders"][0]["complaint"], "胸痛");
    assert_eq!(state["orders"][0]["next"]["stage"], "acknowledged");
    assert_eq!(state["unit"]["label"], "A12 城东站");

    let acknowledge = serde_json::json!({ "assignment": "a1" });
    assert_eq!(post(vehicle.terminal(), "/api/acknowledge", &acknowledge).await.0, 200);
    let first = centre.report().await;
    assert_eq!(stage_of(&first), (Stage::Acknowledged, ReportSource::CrewButton));

    // The answer never comes: the centre is gone, the crew goes on, and the power fails.
    drop(centre);
    vehicle.feed(&[(0.0, 120.50), (0.0, 120.50)]).await;
    vehicle.feed(&[(40.0, 120.5002), (40.0, 120.5004)]).await;
    vehicle.until(|state| state["orders"][0]["stages"].as_array().is_some_and(|all| all.len() == 2)).await;
    vehicle.later(10);
    let rolling = serde_json::json!({ "assignment": "a1", "stage": "rolling" });
    assert_eq!(post(vehicle.terminal(), "/api/press", &rolling).await.0, 200);
    vehicle.kill().await;

    let mut centre = Centre::open(&vehicle.certificates(), port).await;
    vehicle.start(port).await;
    let again = centre.welcome(EPOCH).await;
    assert!(again.boot > hello.boot);
    assert_eq!(again.highest_epoch, Some(EPOCH));
    assert_eq!(again.orders_held[0].assignment_id, "a1");
    assert_eq!(again.orders_held[0].stage(), Stage::Rolling);
    let mut told = Vec::new();
    for _ in 0..3 {
        let report = centre.report().await;
        centre.acknowledge(&report).await;
        told.push((report.seq, stage_of(&report)));
    }
    assert_eq!(
        told,
        [
            (1, (Stage::Acknowledged, ReportSource::CrewButton)),
            (2, (Stage::Rolling, ReportSource::Motion)),
            (3, (Stage::Rolling, ReportSource::CrewButton)),
        ]
    );
    assert!(told[0].0 == first.seq, "the same report has the same number");
    vehicle.until(|state| state["link"]["unsent"] == 0).await;
    vehicle.stop().await;
}

#[tokio::test]
async fn a_lower_epoch_is_refused_repeats_are_harmless_and_a_recall_shows() {
    let mut vehicle = Vehicle::new("B7").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    vehicle.start(centre.port()).await;
    centre.welcome(EPOCH).await;
    for (delivery, outcome) in [
        (order("9.0", "a1", EPOCH), DeliveryOutcome::Stored),
        (order("9.0", "a1", EPOCH), DeliveryOutcome::Stored),
        (order("7.0", "a0", Epoch { term: 1, node: 9 }), DeliveryOutcome::RefusedLowerEpoch),
        (
            Delivery { effect_id: "9.1".into(), epoch: Some(EPOCH), content: None },
            DeliveryOutcome::Unsupported,
        ),
    ] {
        centre.deliver(delivery).await;
        assert_eq!(centre.delivery_ack().await.outcome(), outcome);
    }
    let message = CrewMessage { text: "慢行".into(), urgent: true, ..CrewMessage::default() };
    let recall =
        Recall { assignment_id: "a1".into(), kind: RecallKind::Diverted.into(), ..Recall::default() };
    for (effect, content) in
        [("9.2", delivery::Content::CrewMessage(message)), ("9.3", delivery::Content::Recall(recall))]
    {
        centre
            .deliver(Delivery { effect_id: effect.into(), epoch: Some(EPOCH), content: Some(content) })
            .await;
        assert_eq!(centre.delivery_ack().await.outcome(), DeliveryOutcome::Stored);
    }
    let state = get_state(vehicle.terminal()).await;
    assert_eq!(state["orders"].as_array().unwrap().len(), 1);
    assert_eq!(state["orders"][0]["end"]["kind"], "recalled_diverted");
    assert_eq!(state["orders"][0]["next"], serde_json::Value::Null);
    assert_eq!(state["messages"][0]["text"], "慢行");
    let dismiss = serde_json::json!({ "assignment": "a1" });
    assert_eq!(
        post(
            vehicle.terminal(),
            "/api/press",
            &serde_json::json!({ "assignment": "a1", "stage": "rolling" })
        )
        .await
        .1["code"],
        "order_ended"
    );
    assert_eq!(post(vehicle.terminal(), "/api/dismiss", &dismiss).await.0, 200);
    assert_eq!(get_state(vehicle.terminal()).await["orders"].as_array().unwrap().len(), 0);
    vehicle.stop().await;
}

#[tokio::test]
async fn a_centre_that_falls_silent_is_met_on_a_fresh_connection() {
    let mut vehicle = Vehicle::new("C1").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    vehicle.start(centre.port()).await;
    let hello = centre.welcome(EPOCH).await;
    let person = serde_json::json!({ "name": "李强", "role": "driver" });
    assert_eq!(post(vehicle.terminal(), "/api/crew/sign-on", &person).await.0, 200);
    let first = centre.report().await;
    // The old connection stays open and says nothing: a fresh one must come by itself.
    let fresh = tokio::time::timeout(Duration::from_secs(20), centre.welcome_another(EPOCH)).await.unwrap();
    assert_eq!((fresh.boot, fresh.connection > hello.connection), (hello.boot, true));
    let second = centre.report().await;
    assert_eq!(second, first);
    centre.acknowledge(&second).await;
    vehicle.until(|state| state["link"]["unsent"] == 0 && state["link"]["state"] == "connected").await;
    assert_eq!(post(vehicle.terminal(), "/api/crew/sign-on", &person).await.1["code"], "already_signed_on");
    vehicle.stop().await;
}

#[tokio::test]
async fn an_old_connection_that_answers_late_does_not_end_the_fresh_one() {
    let mut vehicle = Vehicle::new("C2").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    vehicle.start(centre.port()).await;
    centre.welcome(EPOCH).await;
    let person = serde_json::json!({ "name": "李强", "role": "driver" });
    assert_eq!(post(vehicle.terminal(), "/api/crew/sign-on", &person).await.0, 200);
    let report = centre.report().await;
    centre.welcome_another_late(EPOCH, &report).await;
    assert_eq!(post(vehicle.terminal(), "/api/crew/sign-off", &person).await.0, 200);
    // What was acknowledged on the old one may come again before it.
    let mut next = centre.report().await;
    while next.seq == report.seq {
        centre.acknowledge(&next).await;
        next = centre.report().await;
    }
    centre.acknowledge(&next).await;
    vehicle.until(|state| state["link"]["unsent"] == 0 && state["link"]["state"] == "connected").await;
    vehicle.stop().await;
}

#[tokio::test]
async fn positions_come_as_datagrams_and_later_as_history() {
    let mut vehicle = Vehicle::new("D1").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    let port = centre.port();
    vehicle.start(port).await;
    let person = serde_json::json!({ "name": "赵敏", "role": "doctor" });
    assert_eq!(post(vehicle.terminal(), "/api/crew/sign-on", &person).await.0, 200);
    vehicle.feed(&[(0.0, 120.50)]).await;
    vehicle.until(|state| state["link"]["unsent_positions"] == 1).await;
    centre.welcome(EPOCH).await;
    // What people did comes before where the vehicle was.
    let report = centre.report().await;
    centre.acknowledge(&report).await;
    let history = centre.history().await;
    assert_eq!((history.len(), history[0].seq), (1, 1));
    vehicle.feed_slowly(&[(36.0, 120.501)]).await;
    let position = centre.position().await;
    assert!((position.longitude_deg - 120.501).abs() < 1e-6 && position.moving && position.seq == 2);
    vehicle.stop().await;
}

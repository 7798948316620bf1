//! Booked runs over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Desk, an_incident, text};

#[tokio::test]
async fn a_booked_run_keeps_its_unit_and_tells_of_conflicts() {
    let desk = Desk::open("reservation").await;
    let in_minutes = |minutes: i64| {
        let at = desk.api.centre().clock().now() + dispatch_core::Span::seconds(60 * minutes);
        at.to_string()
    };
    let mut body = an_incident();
    body["kind"] = json!("transfer");
    body["scheduled_at"] = json!(in_minutes(20));
    let run = desk.done("/api/v1/incidents", body.clone()).await;
    assert_eq!((&run["phase"], &run["reservation"]), (&json!("waiting"), &Value::Null), "nearly its time");
    body["scheduled_at"] = json!(in_minutes(60));
    let later = desk.done("/api/v1/incidents", body.clone()).await;
    assert_eq!(later["phase"], "held");
    body["kind"] = json!("emergency");
    desk.post("/api/v1/incidents", body).await.expect_problem(403, "not-allowed");

    let path = |run: &Value| format!("/api/v1/incidents/{}/reservation", text(&run["id"]));
    desk.done(&path(&run), json!({"unit": "A01"})).await;
    let kept = desk.done(&path(&later), json!({"unit": "A01"})).await;
    let conflict = &kept["reservation"]["conflicts"][0];
    assert_eq!((&conflict["conflict"], &conflict["number"]), (&json!("overlaps"), &run["number"]), "{kept}");
    let emergency = desk.incident().await;
    let send = format!("/api/v1/incidents/{}/assignments", text(&emergency["id"]));
    let refused = desk.post(&send, json!({"unit": "A01", "reason": "x"})).await;
    refused.expect_problem(409, "unit-reserved");
    assert_eq!(refused.body["number"], run["number"]);
    desk.post(&path(&emergency), json!({"unit": "A01"})).await.expect_problem(409, "not-booked");
    let reply = desk.send(Method::DELETE, &path(&run), &[], Vec::new()).await;
    assert_eq!((reply.status.as_u16(), &reply.body["reservation"]), (200, &Value::Null));
    desk.done(&send, json!({"unit": "A01", "reason": "x"})).await;
}

//! A past day lived again, over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Desk, an_incident, text};

/// An emergency that is carried to its end. Comes back with its number.
async fn handled(desk: &Desk) -> String {
    let incident = desk.incident().await;
    let id = text(&incident["id"]);
    let path = format!("/api/v1/incidents/{id}/proposal");
    let proposal =
        desk.until(&path, |proposal| proposal["candidates"].as_array().is_some_and(|c| c.len() == 2)).await;
    let body = json!({"unit": proposal["candidates"][0]["unit"], "proposal": proposal["id"]});
    let assignment = desk.done(&format!("/api/v1/incidents/{id}/assignments"), body).await;
    let status = format!("/api/v1/assignments/{}/status", text(&assignment["id"]));
    for stage in ["acknowledged", "rolling", "on_scene", "available"] {
        desk.done(&status, json!({"stage": stage})).await;
    }
    text(&incident["number"]).to_owned()
}

async fn lived(desk: &Desk, body: &Value) -> Value {
    let plan = desk.done("/api/v1/plans", body.clone()).await;
    let path = format!("/api/v1/plans/{}", text(&plan["id"]));
    desk.until(&path, |plan| plan["state"] == "done" || plan["state"] == "failed").await
}

#[tokio::test]
async fn a_day_is_lived_again_under_another_policy() {
    let desk = Desk::open("plans").await;
    assert_eq!(desk.get("/api/v1/plans/days").await.body["items"], json!([]));
    let number = handled(&desk).await;
    let mut drill = an_incident();
    drill["test"] = json!(true);
    desk.done("/api/v1/incidents", drill).await;
    let days = desk.get("/api/v1/plans/days").await.body;
    assert_eq!(days["items"][0]["emergencies"], 1, "{days}");
    let day = &days["items"][0]["day"];

    let changes = json!([
        {"change": "add_station", "station": "S99", "position": {"longitude": 114.325, "latitude": 30.6}},
        {"change": "add_unit", "unit": "A99", "station": "S99"},
        {"change": "close_road", "road": "二桥"},
    ]);
    let body = json!({"day": day, "policy": "closest-preempt", "changes": changes, "calls_times": 1});
    let plan = lived(&desk, &body).await;
    assert_eq!((&plan["state"], &plan["failure"]), (&json!("done"), &Value::Null), "{plan}");
    let result = &plan["result"];
    assert_eq!(result["calls"].as_array().map(Vec::len), Some(1), "{result}");
    let line = &result["calls"][0];
    assert_eq!(line["number"], number.as_str());
    assert_eq!(line["recorded"]["unit"], line["modelled"]["unit"], "{line}");
    assert_eq!(line["planned"]["unit"], "A99", "{line}");
    assert_eq!((&result["basis"], &result["policy"]), (&json!("road"), &json!("closest-preempt")));
    assert!(text(&result["sentence_en"]).starts_with("3-minute departures 100.0 % instead of 100.0 %"));
    assert!(text(&result["sentence_zh"]).contains("3分钟出车率"));
    let list = desk.get("/api/v1/plans").await.body;
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["result"]), (&plan["id"], &Value::Null));
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused_or_fails_with_words() {
    let desk = Desk::open("bad-plans").await;
    handled(&desk).await;
    let day = desk.get("/api/v1/plans/days").await.body["items"][0]["day"].clone();
    let asked = |policy: &str, day: &Value| json!({"day": day, "policy": policy});
    desk.post("/api/v1/plans", asked("nearest", &day)).await.expect_problem(422, "impossible");
    desk.post("/api/v1/plans", asked("closest", &json!("today"))).await.expect_problem(422, "impossible");
    desk.post("/api/v1/plans", json!({"day": day, "calls_times": 11}))
        .await
        .expect_problem(422, "impossible");
    desk.post("/api/v1/plans", json!({"day": day, "speed": 2})).await.expect_problem(400, "malformed");
    desk.get("/api/v1/plans/plan_0192f000-0000-7000-8000-000000000001")
        .await
        .expect_problem(404, "unknown-plan");
    let gone = json!({"day": day, "changes": [{"change": "remove_unit", "unit": "A77"}]});
    let plan = lived(&desk, &gone).await;
    assert_eq!(plan["state"], "failed", "{plan}");
    assert!(text(&plan["failure"]["en"]).contains("no unit A77"), "{plan}");
    assert!(text(&plan["failure"]["zh"]).contains("没有车组 A77"), "{plan}");
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_the_same_plan() {
    let desk = Desk::open("plan-keys").await;
    let key = [("idempotency-key", "plan-1")];
    let body = json!({"day": "2026-11-21"}).to_string().into_bytes();
    let once = desk.send(Method::POST, "/api/v1/plans", &key, body.clone()).await;
    let again = desk.send(Method::POST, "/api/v1/plans", &key, body).await;
    assert_eq!((once.status.as_u16(), &once.body["id"]), (201, &again.body["id"]));
    let other = json!({"day": "2026-11-22"}).to_string().into_bytes();
    let reused = desk.send(Method::POST, "/api/v1/plans", &key, other).await;
    reused.expect_problem(422, "key-reused");
}

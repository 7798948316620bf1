//! Back-entry from paper through the interface: once, with its true times, marked, and refused in words where it cannot be.

use dispatch_core::{Span, UtcTime};
use serde_json::{Value, json};

use super::{Desk, text};

/// A form of an hour ago, whose unit was free ten minutes ago.
fn form(now: UtcTime) -> Value {
    let at = |minutes: i64| (now - Span::seconds(60 * (60 - minutes))).to_string();
    json!({
        "form_number": "P-007",
        "call": {"phone": "13900007777", "received_at": at(0), "answered_at": at(1)},
        "complaint": "胸痛",
        "triage": {"level": "II"},
        "place": {"position": {"longitude": 114.32, "latitude": 30.6}, "address": "滨江路 88 号"},
        "patients": [{"name": "欧阳甲", "age_years": 70}],
        "runs": [{"unit": "A01", "ordered_at": at(2), "rolling_at": at(4), "on_scene_at": at(12), "left_scene_at": at(25),
            "at_hospital_at": at(35), "hospital": "H01", "ended_at": at(50), "outcome": "conveyed"}],
    })
}

#[tokio::test]
async fn a_form_is_entered_once_and_marked_wherever_it_is_shown() {
    let desk = Desk::open("paper").await;
    let body = form(desk.api.centre().clock().now());
    let send = || {
        desk.send(
            "POST".parse().unwrap(),
            "/api/v1/paper-forms",
            &[("idempotency-key", "p7")],
            body.to_string().into(),
        )
    };
    let (made, again) = (send().await, send().await);
    assert_eq!((made.status.as_u16(), again.status.as_u16()), (201, 201), "{}", made.body);
    assert_eq!(made.body["id"], again.body["id"], "a repeat makes no second one");
    let paper = &made.body["paper"];
    assert_eq!((text(&paper["form_number"]), text(&paper["entered_by"])), ("P-007", "王芳 (03)"));
    assert!(paper["entered_at"].is_string() && made.body["phase"] == "ended");

    let call = desk.get(&format!("/api/v1/calls/{}", text(&made.body["calls"][0]))).await.body;
    assert_eq!(call["rang_at"], body["call"]["received_at"]);
    assert_eq!(call["entered_from_paper_at"], paper["entered_at"]);
    assert_eq!(text(&call["phone_masked"]), "139****7777");
    let run = desk.get(&format!("/api/v1/assignments/{}", text(&made.body["assignments"][0]))).await.body;
    assert_eq!(run["times"]["rolling"], json!({"at": body["runs"][0]["rolling_at"], "source": "paper"}));
    assert!(run["stamps"].as_array().unwrap().iter().all(|stamp| stamp["entered_at"] == paper["entered_at"]));
    let unit = desk.get("/api/v1/units/A01").await.body;
    assert_eq!(unit["readiness"], "ready", "no unit is taken by history");

    let report = desk
        .get("/api/v1/reports/response-times?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z")
        .await
        .body;
    assert_eq!(report["call_counts"]["from_paper"], 1);
    assert_eq!(report["runs"][0]["from_paper"], true);
    assert_eq!(report["runs"][0]["figures"]["departure"], 120.0);
    let journal = serde_json::to_string(
        &desk
            .api
            .centre()
            .journal()
            .rows(0, 100)
            .unwrap()
            .iter()
            .map(|row| row.body.clone())
            .collect::<Vec<_>>(),
    )
    .unwrap();
    for word in ["13900007777", "欧阳甲", "滨江路"] {
        assert!(!journal.contains(word), "{word} lies open in the journal");
    }
}

#[tokio::test]
async fn what_cannot_be_is_said_in_both_languages() {
    let desk = Desk::open("paper").await;
    let now = desk.api.centre().clock().now();
    let changed = |change: fn(&mut Value)| {
        let mut body = form(now);
        change(&mut body);
        body
    };
    let post = async |body| desk.post("/api/v1/paper-forms", body).await;
    let backwards = changed(|body| body["runs"][0]["rolling_at"] = body["call"]["received_at"].clone());
    let said = post(backwards).await;
    said.expect_problem(422, "paper-order");
    assert_eq!(said.body["detail_zh"], "A01：纸质单上“出车”早于“派车”，请核对两个时间");
    post(changed(|body| body["runs"][0]["unit"] = json!("A99"))).await.expect_problem(404, "unknown-unit");
    post(changed(|body| body["runs"] = json!([]))).await.expect_problem(403, "not-allowed");
    post(changed(|body| body["runs"][0]["ended_at"] = json!("2100-01-01T00:00:00Z")))
        .await
        .expect_problem(422, "bad-time");
    post(changed(|body| body["call"] = json!({}))).await.expect_problem(400, "malformed");
    assert_eq!(post(form(now)).await.status.as_u16(), 201);
    let twice = post(form(now)).await;
    twice.expect_problem(409, "paper-overlap");
    assert_eq!(twice.body["unit"], "A01");
    let explained = changed(|body| body["overlap_reason"] = json!("两单均属实"));
    assert_eq!(post(explained).await.status.as_u16(), 201);
}

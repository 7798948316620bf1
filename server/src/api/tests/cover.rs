//! The cover of a running centre: from its own calls over its own map to what a dispatcher reads beside each unit.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Desk, text};
use crate::api::cover::{new_zones, put_in_force};

#[tokio::test]
async fn the_cover_is_worked_out_from_the_centres_own_calls() {
    let desk = Desk::open("cover").await;
    assert_eq!(new_zones(&desk.api).unwrap(), None, "nobody has called yet");
    let incident = desk.incident().await;
    let zones = new_zones(&desk.api).unwrap().unwrap();
    assert!(zones.is_sound() && zones.total_calls_per_day() > 0.9, "{zones:?}");
    assert_eq!(zones.stations.len(), 2);
    put_in_force(&desk.api, zones).await;
    assert_eq!(new_zones(&desk.api).unwrap(), None, "that is known by now");
    let path = format!("/api/v1/incidents/{}/proposal", text(&incident["id"]));
    let proposal = desk.done(&path, Value::Null).await;
    let first = &proposal["candidates"][0];
    // Only S01 reaches the place in ten minutes, and this is its only unit, busy for 0.4 of the time.
    assert_eq!(first["cover_loss"], 0.6, "{proposal}");
    let said: Vec<_> = first["reasons"].as_array().unwrap().iter().map(|it| text(&it["zh"])).collect();
    assert!(said.contains(&"覆盖减少 60.0%"), "{said:?}");
}

#[tokio::test]
async fn a_unit_stands_by_where_it_is_told_and_stale_advice_is_refused() {
    let desk = Desk::open("posting").await;
    let unit = desk.done("/api/v1/units/A01/posting", json!({"station": "S02"})).await;
    assert_eq!(unit["posted"], json!({"station": "S02", "name": "S02"}));
    let unit = desk.done("/api/v1/units/A01/posting", json!({"station": "S01"})).await;
    assert_eq!((&unit["posted"], &unit["move_up"]), (&Value::Null, &Value::Null));
    let nowhere = desk.post("/api/v1/units/A01/posting", json!({"station": "S09"})).await;
    nowhere.expect_problem(404, "unknown-station");
    let body = |accept| json!({"station": "S02", "accept": accept});
    let stale = desk.post("/api/v1/units/A01/move-up", body(true)).await;
    stale.expect_problem(409, "move-up-stale");
    let nothing = desk.post("/api/v1/units/A01/move-up", body(false)).await;
    assert_eq!(nothing.status, StatusCode::OK, "there is nothing to take down: {}", nothing.body);
}

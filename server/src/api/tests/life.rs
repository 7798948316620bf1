//! The whole life of a call over HTTP, from the ring to the report.

use axum::http::Method;
use roads::Wgs84;
use serde_json::{Value, json};

use super::{Desk, an_incident, text};

#[tokio::test]
async fn a_call_becomes_a_run_in_the_report() {
    let desk = Desk::open("life").await;
    let incident = call_to_incident(&desk).await;
    let assignment = propose_and_send(&desk, &incident).await;
    drive_and_load(&desk, &assignment).await;
    hand_over(&desk, &incident, &assignment).await;
    let report = desk.get("/api/v1/reports/response-times").await.body;
    let departure =
        report["figures"].as_array().unwrap().iter().find(|figure| figure["measure"] == "departure").unwrap();
    assert_eq!(departure["rows"][0]["n"], 1, "{departure}");
    assert_eq!(report["runs"][0]["unit"], "A01");
    assert_eq!(report["runs"][0]["outcome"], "conveyed");
    assert_eq!(report["head"]["hash"].as_str().map(str::len), Some(64));
    let coverage = desk.get("/api/v1/coverage").await.body;
    assert_eq!(coverage["cells"].as_array().map(Vec::len), Some(1), "{coverage}");
    assert_eq!((coverage["covered_share"].as_f64(), &coverage["basis"]), (Some(1.0), &json!("road")));
}

async fn call_to_incident(desk: &Desk) -> String {
    let call = desk.done("/api/v1/calls", json!({"source": "telephone", "phone": "13812342290"})).await;
    assert_eq!((&call["state"], &call["phone_masked"]), (&json!("ringing"), &json!("138****2290")));
    let id = text(&call["id"]);
    let answered = desk.done(&format!("/api/v1/calls/{id}/answer"), Value::Null).await;
    assert_eq!(answered["state"], "answered");
    let mut body = an_incident();
    body["call"] = call["id"].clone();
    let incident = desk.done("/api/v1/incidents", body).await;
    assert_eq!((&incident["phase"], &incident["units_short"]), (&json!("waiting"), &json!(1)));
    assert_eq!(incident["patients"][0]["name_masked"], "张*");
    assert_eq!(incident["calls"][0], call["id"]);
    assert_eq!(desk.get(&format!("/api/v1/calls/{id}")).await.body["state"], "taken");
    assert_eq!(desk.get("/api/v1/calls").await.body["items"][0]["id"], call["id"]);
    text(&incident["id"]).to_owned()
}

async fn propose_and_send(desk: &Desk, incident: &str) -> String {
    let path = format!("/api/v1/incidents/{incident}/proposal");
    let proposal =
        desk.until(&path, |proposal| proposal["candidates"].as_array().is_some_and(|c| c.len() == 2)).await;
    let first = &proposal["candidates"][0];
    assert_eq!((&first["unit"], &first["basis"]), (&json!("A01"), &json!("road")), "{proposal}");
    assert!(!text(&first["reasons"][0]["zh"]).is_empty());
    let hospitals: Vec<_> =
        proposal["destinations"].as_array().unwrap().iter().map(|it| text(&it["hospital"])).collect();
    assert_eq!(hospitals, ["H01", "H02"], "{proposal}");
    let path = format!("/api/v1/incidents/{incident}/assignments");
    let body = json!({"unit": "A01", "proposal": proposal["id"]});
    let assignment = desk.done(&path, body).await;
    assert_eq!((&assignment["stage"], &assignment["next"]), (&json!("ordered"), &json!("acknowledged")));
    assert_eq!(assignment["times"]["ordered"]["source"], "centre");
    let unit = desk.get("/api/v1/units/A01").await.body;
    assert_eq!((&unit["readiness"], &unit["stage"]), (&json!("taken"), &json!("ordered")));
    text(&assignment["id"]).to_owned()
}

async fn drive_and_load(desk: &Desk, assignment: &str) {
    let status = format!("/api/v1/assignments/{assignment}/status");
    desk.done(&status, json!({"stage": "acknowledged"})).await;
    desk.done(&status, json!({"stage": "rolling"})).await;
    desk.observe("A01", Wgs84::new(114.31, 30.6).unwrap(), 1);
    let path = format!("/api/v1/assignments/{assignment}");
    let coming = desk.until(&path, |assignment| !assignment["eta"].is_null()).await;
    let eta = &coming["eta"];
    assert_eq!(eta["basis"], "road", "{eta}");
    assert!(eta["earliest_s"].as_f64().unwrap() < eta["latest_s"].as_f64().unwrap(), "{eta}");
    desk.done(&status, json!({"stage": "on_scene"})).await;
    desk.done(&status, json!({"stage": "at_patient"})).await;
    let destinations = desk.get(&format!("/api/v1/assignments/{assignment}/destinations")).await.body;
    assert_eq!(destinations["items"][0]["hospital"], "H01", "{destinations}");
    assert_eq!(destinations["items"][0]["reasons"].as_array().map(Vec::len), Some(4));
    let chosen =
        desk.done(&format!("/api/v1/assignments/{assignment}/destination"), json!({"hospital": "H01"})).await;
    assert_eq!(chosen["destination"]["name"], "第一医院");
    desk.done(&status, json!({"stage": "left_scene"})).await;
}

async fn hand_over(desk: &Desk, incident: &str, assignment: &str) {
    let board = desk.get("/api/v1/hospitals/H01/arrivals").await.body;
    let arrival = &board["items"][0];
    assert_eq!(
        (&arrival["unit"], &arrival["level"], &arrival["acknowledged"]),
        (&json!("A01"), &json!("I"), &Value::Null)
    );
    assert!(desk.get("/api/v1/hospitals/H02/arrivals").await.body["items"].as_array().unwrap().is_empty());
    let nurse = [("jichi-seat", ""), ("jichi-person", "%E5%91%A8"), ("jichi-hospital", "H01")];
    let path = format!("/api/v1/assignments/{assignment}/arrival-acknowledgement");
    let reply = desk.send(Method::POST, &path, &nurse, Vec::new()).await;
    assert!(text(&reply.body["destination"]["acknowledged"]["by"]).contains('周'), "{}", reply.body);
    let status = format!("/api/v1/assignments/{assignment}/status");
    desk.done(&status, json!({"stage": "at_hospital"})).await;
    assert_eq!(desk.get("/api/v1/hospitals/H01/arrivals").await.body["handing_over"][0]["unit"], "A01");
    desk.done(&status, json!({"stage": "handed_over"})).await;
    desk.done(&status, json!({"stage": "available"})).await;
    let ended = desk.get(&format!("/api/v1/incidents/{incident}")).await.body;
    assert_eq!(
        (&ended["phase"], &ended["end"]["how"]["outcome"]),
        (&json!("ended"), &json!("done")),
        "{ended}"
    );
    assert_eq!(desk.get("/api/v1/units/A01").await.body["readiness"], "ready");
    assert!(desk.get("/api/v1/incidents").await.body["items"].as_array().unwrap().is_empty());
    assert_eq!(desk.get("/api/v1/incidents?state=ended").await.body["items"][0]["id"], incident);
}

//! An accident over HTTP: counted, shared out, conveyed, closed; and that no name gets out.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Desk, an_incident, text};

async fn declared(desk: &Desk) -> (String, String) {
    let mut body = an_incident();
    body["needs"] = json!({"units": 2});
    let scene = text(&desk.done("/api/v1/incidents", body).await["id"]).to_owned();
    let made = desk.done("/api/v1/accidents", json!({"title": "二桥连环车祸", "scenes": [scene]})).await;
    assert!(text(&made["number"]).ends_with("-M01"), "{made}");
    assert_eq!(desk.get(&format!("/api/v1/incidents/{scene}")).await.body["accident"], made["id"]);
    (text(&made["id"]).to_owned(), scene)
}

fn colour(accident: &Value, colour: &str) -> Value {
    let rows = accident["colours"].as_array().unwrap();
    rows.iter().find(|row| row["colour"] == colour).unwrap().clone()
}

#[tokio::test]
async fn casualties_are_shared_out_over_the_beds_offered() {
    let desk = Desk::open("accident-sharing").await;
    let (id, scene) = declared(&desk).await;
    let changes = format!("/api/v1/accidents/{id}/changes");
    desk.done(&changes, json!({"request": "count", "scene": scene, "found": {"red": 3, "green": 1}})).await;
    desk.done(&changes, json!({"request": "offer_beds", "hospital": "H01", "beds": {"red": 1}})).await;
    let other = desk.get("/api/v1/hospitals/H02/arrivals").await.body;
    assert_eq!(other["accidents"], json!([]), "a hospital sees nothing of another's beds");
    // The board of the other hospital says itself what it takes, and nothing of others.
    let nurse = [("jichi-seat", ""), ("jichi-person", "%E5%91%A8"), ("jichi-hospital", "H02")];
    let own = json!({"request": "offer_beds", "hospital": "H02", "beds": {"red": 1, "green": 1}});
    let reply = desk.send(Method::POST, &changes, &nurse, own.to_string().into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let others = json!({"request": "offer_beds", "hospital": "H01", "beds": {"red": 9}});
    let reply = desk.send(Method::POST, &changes, &nurse, others.to_string().into_bytes()).await;
    reply.expect_problem(403, "not-allowed");

    let sharing = desk.get(&format!("/api/v1/accidents/{id}/sharing")).await.body;
    let items = sharing["items"].as_array().unwrap();
    assert_eq!((items.len(), &sharing["without_bed"]), (3, &json!([3])), "{sharing}");
    assert!(!text(&items[0]["zh"]).is_ascii() && text(&items[0]["en"]).is_ascii(), "{sharing}");
    let allotments: Vec<Value> = items
        .iter()
        .map(|item| json!({"casualty": item["casualty"], "hospital": item["hospital"]}))
        .collect();
    let kept = desk.done(&changes, json!({"request": "keep_beds", "allotments": allotments})).await;
    assert_eq!(
        (&colour(&kept, "red")["with_bed"], &colour(&kept, "red")["without_bed"]),
        (&json!(2), &json!(1))
    );
    let full = json!({"request": "keep_beds", "allotments": [{"casualty": 3, "hospital": "H01"}]});
    let refused = desk.post(&changes, full).await;
    refused.expect_problem(409, "no-bed");
    assert!(text(&refused.body["detail_zh"]).contains('红'), "{}", refused.body);
}

#[tokio::test]
async fn an_accident_is_followed_to_its_end_and_shows_no_name() {
    let desk = Desk::open("accident-life").await;
    let (id, scene) = declared(&desk).await;
    let changes = format!("/api/v1/accidents/{id}/changes");
    desk.done(&changes, json!({"request": "count", "scene": scene, "found": {"red": 1, "black": 1}})).await;
    let note =
        json!({"name": "欧阳修文", "sex": "male", "age_years": 40, "skills": ["trauma"], "injury": "腹部"});
    let noted = desk.done(&changes, json!({"request": "note", "casualty": 1, "note": note})).await;
    assert_eq!(noted["casualties"][0]["name_masked"], "欧阳**");
    assert!(!noted.to_string().contains("修文"));

    let close = format!("/api/v1/accidents/{id}/close");
    desk.post(&close, json!({"reason": "处置完毕"})).await.expect_problem(409, "casualties-wait");
    let sent = desk
        .done(&format!("/api/v1/incidents/{scene}/assignments"), json!({"unit": "A01", "reason": "电话确认"}))
        .await;
    let assignment = text(&sent["id"]);
    let status = format!("/api/v1/assignments/{assignment}/status");
    for stage in ["acknowledged", "rolling", "on_scene"] {
        desk.done(&status, json!({"stage": stage})).await;
    }
    let load = json!({"request": "load", "assignment": assignment, "casualties": [1]});
    let loaded = desk.done(&changes, load.clone()).await;
    assert_eq!(loaded["casualties"][0]["whereabouts"]["at"], "aboard");
    assert_eq!((&loaded["scenes"][0]["sent"], &loaded["scenes"][0]["on_scene"]), (&json!(1), &json!(1)));
    desk.post(&changes, load).await.expect_problem(409, "casualty-elsewhere");
    desk.done(&format!("/api/v1/assignments/{assignment}/destination"), json!({"hospital": "H01"})).await;
    let board = desk.get("/api/v1/hospitals/H01/arrivals").await.body;
    assert_eq!(board["accidents"][0]["beds"]["coming"]["red"], 1, "{board}");
    let coming = desk.get(&format!("/api/v1/accidents/{id}")).await;
    assert_eq!(coming.body["hospitals"][0]["coming"]["red"], 1, "{}", coming.body);
    assert_eq!(coming.headers["etag"], format!("\"{}\"", coming.body["version"]));
    for stage in ["at_patient", "left_scene", "at_hospital", "handed_over"] {
        desk.done(&status, json!({"stage": stage})).await;
    }
    let closed = desk.done(&close, json!({"reason": "处置完毕"})).await;
    assert_eq!(closed["hospitals"][0]["arrived"]["red"], 1, "{closed}");
    assert_eq!(closed["end"]["reason"], "处置完毕");
    assert!(desk.get("/api/v1/accidents").await.body["items"].as_array().unwrap().is_empty());
    assert_eq!(desk.get("/api/v1/accidents?state=ended").await.body["items"][0]["id"], id);
    assert_eq!(desk.get(&format!("/api/v1/incidents/{scene}")).await.body["accident"], Value::Null);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_a_reason() {
    let desk = Desk::open("accident-refused").await;
    let (id, scene) = declared(&desk).await;
    let changes = format!("/api/v1/accidents/{id}/changes");
    desk.post("/api/v1/accidents", json!({"title": "重复", "scenes": [scene]}))
        .await
        .expect_problem(409, "scene-taken");
    desk.post("/api/v1/accidents", json!({"title": "无现场", "scenes": []}))
        .await
        .expect_problem(422, "empty");
    desk.post(&changes, json!({"request": "release", "casualties": [9], "how": "left"}))
        .await
        .expect_problem(404, "unknown-casualty");
    desk.post(&changes, json!({"request": "count", "scene": scene, "found": {"purple": 1}}))
        .await
        .expect_problem(400, "malformed");
    desk.post(&changes, json!({"request": "fly"})).await.expect_problem(400, "malformed");
    desk.get("/api/v1/accidents/accident_x").await.expect_problem(404, "unknown-accident");
}

//! Every refusal that the contract names, and the promises about keys, versions, pages and hosts.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Desk, an_incident, text};

const NOWHERE: &str = "0192f000-0000-7000-8000-000000000009";

#[tokio::test]
async fn a_unit_that_is_taken_says_to_whom() {
    let desk = Desk::open("taken").await;
    let (first, second) = (desk.incident().await, desk.incident().await);
    let send = |incident: &Value| format!("/api/v1/incidents/{}/assignments", text(&incident["id"]));
    let body = json!({"unit": "A01", "reason": "最近"});
    desk.done(&send(&first), body.clone()).await;
    let reply = desk.post(&send(&second), body).await;
    reply.expect_problem(409, "unit-taken");
    assert_eq!(reply.body["unit"], "A01");
    assert_eq!(reply.body["incident"], first["id"]);
    assert_eq!(reply.body["number"], first["number"]);
    assert!(text(&reply.body["assignment"]).starts_with("assignment_"));
}

#[tokio::test]
async fn what_does_not_exist_is_404() {
    let desk = Desk::open("unknown").await;
    for (path, kind) in [
        (format!("/api/v1/calls/call_{NOWHERE}"), "unknown-call"),
        ("/api/v1/calls/nonsense".to_owned(), "unknown-call"),
        (format!("/api/v1/incidents/incident_{NOWHERE}"), "unknown-incident"),
        (format!("/api/v1/incidents/call_{NOWHERE}/assignments"), "unknown-incident"),
        (format!("/api/v1/assignments/assignment_{NOWHERE}"), "unknown-assignment"),
        ("/api/v1/units/A99".to_owned(), "unknown-unit"),
        ("/api/v1/hospitals/H99/arrivals".to_owned(), "unknown-hospital"),
        ("/tiles/3/0/0.mvt".to_owned(), "unknown-tile"),
        ("/tiles/14/1/1".to_owned(), "unknown-tile"),
        ("/api/v1/nothing".to_owned(), "unknown-path"),
        ("/nothing.html".to_owned(), "unknown-path"),
    ] {
        desk.get(&path).await.expect_problem(404, kind);
    }
    let hold = format!("/api/v1/incidents/incident_{NOWHERE}/hold");
    desk.post(&hold, json!({"reason": "x", "for_s": 60})).await.expect_problem(404, "unknown-incident");
    let taken_on = format!("/api/v1/escalations/not_rolling.assignment_{NOWHERE}/acknowledge");
    desk.post(&taken_on, Value::Null).await.expect_problem(404, "unknown-escalation");
    let closure = format!("/api/v1/closures/closure_{NOWHERE}");
    desk.send(Method::DELETE, &closure, &[], Vec::new()).await.expect_problem(404, "unknown-closure");
    desk.send(Method::DELETE, "/api/v1/units", &[], Vec::new()).await.expect_problem(405, "method");
}

#[tokio::test]
async fn what_is_malformed_or_impossible_says_so() {
    let desk = Desk::open("malformed").await;
    let incidents = "/api/v1/incidents";
    let unknown_field = json!({"complaint": "x", "triage": {"level": "I"}, "colour": "red"});
    desk.post(incidents, unknown_field).await.expect_problem(400, "malformed");
    desk.post(incidents, json!({"complaint": "x"})).await.expect_problem(400, "malformed");
    desk.get("/api/v1/units?limit=0").await.expect_problem(400, "malformed");
    desk.get("/api/v1/units?colour=red").await.expect_problem(400, "malformed");
    desk.get("/api/v1/reports/response-times?period=2026-H3").await.expect_problem(400, "malformed");
    let mut nowhere = an_incident();
    nowhere["place"]["position"]["latitude"] = json!(91.0);
    desk.post(incidents, nowhere).await.expect_problem(422, "impossible");
    let mut many = an_incident();
    many["needs"]["units"] = json!(51);
    desk.post(incidents, many).await.expect_problem(422, "units-wanted");
    let send = |headers: &'static [(&str, &str)], body: Vec<u8>| {
        desk.send(Method::POST, "/api/v1/calls", headers, body)
    };
    let body = || json!({"source": "telephone"}).to_string().into_bytes();
    send(&[("jichi-seat", "")], body()).await.expect_problem(400, "unnamed");
    send(&[("content-type", "text/plain")], body()).await.expect_problem(415, "not-json");
    send(&[("idempotency-key", "键")], body()).await.expect_problem(400, "malformed");
    send(&[("if-match", "7")], body()).await.expect_problem(400, "malformed");
    send(&[], vec![b' '; 64 * 1024 + 1]).await.expect_problem(413, "too-large");
    assert_eq!(send(&[], body()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn foreign_pages_and_hosts_are_refused_on_every_route() {
    let desk = Desk::open("foreign").await;
    for path in ["/", "/api/v1/units", "/api/v1/live", "/metrics", "/tiles/14/13394/6728.mvt"] {
        let foreign = desk.send(Method::GET, path, &[("origin", "http://evil.example")], Vec::new()).await;
        foreign.expect_problem(403, "not-allowed");
    }
    let own =
        desk.send(Method::GET, "/api/v1/units", &[("origin", "http://127.0.0.1:8120")], Vec::new()).await;
    assert_eq!(own.status, StatusCode::OK);
    assert_eq!(own.headers["x-content-type-options"], "nosniff");
    assert!(own.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn a_repeat_does_nothing_and_gets_the_same_answer_across_a_restart() {
    let mut desk = Desk::open("repeat").await;
    let body = || an_incident().to_string().into_bytes();
    let key = [("idempotency-key", "k-1")];
    let first = desk.send(Method::POST, "/api/v1/incidents", &key, body()).await;
    let second = desk.send(Method::POST, "/api/v1/incidents", &key, body()).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.body["id"], second.body["id"]);
    desk.restart().await;
    let third = desk.send(Method::POST, "/api/v1/incidents", &key, body()).await;
    assert_eq!(first.body["id"], third.body["id"]);
    assert_eq!(desk.get("/api/v1/incidents").await.body["items"].as_array().map(Vec::len), Some(1));
    let mut other = an_incident();
    other["complaint"] = json!("腹痛");
    let reused = desk.send(Method::POST, "/api/v1/incidents", &key, other.to_string().into_bytes()).await;
    reused.expect_problem(422, "key-reused");
}

#[tokio::test]
async fn a_write_for_another_version_is_412() {
    let desk = Desk::open("version").await;
    let incident = desk.incident().await;
    let path = format!("/api/v1/incidents/{}", text(&incident["id"]));
    // The first proposal is a change of the incident, too.
    desk.until(&format!("{path}/proposal"), |_| true).await;
    let etag = desk.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
    let change = json!({"notes": "三楼"}).to_string().into_bytes();
    let changed = desk.send(Method::PATCH, &path, &[("if-match", &etag)], change.clone()).await;
    assert_eq!((changed.status, &changed.body["notes"]), (StatusCode::OK, &json!("三楼")));
    let late = desk.send(Method::PATCH, &path, &[("if-match", &etag)], change).await;
    late.expect_problem(412, "changed");
    assert_eq!(late.body["version"], changed.body["version"]);
    let cancel = format!("{path}/cancel");
    let body = json!({"reason": "误报"}).to_string().into_bytes();
    desk.send(Method::POST, &cancel, &[("if-match", &etag)], body).await.expect_problem(412, "changed");
}

#[tokio::test]
async fn of_many_who_saw_the_same_version_one_gets_through() {
    let desk = Desk::open("race").await;
    let incident = desk.incident().await;
    let path = format!("/api/v1/incidents/{}", text(&incident["id"]));
    desk.until(&format!("{path}/proposal"), |_| true).await;
    let etag = desk.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
    let (hold, seen) = (format!("{path}/hold"), [("if-match", etag.as_str())]);
    let attempt = |number: i32| {
        let body = json!({"reason": format!("等待消防 {number}"), "for_s": 600}).to_string().into_bytes();
        desk.send(Method::POST, &hold, &seen, body)
    };
    let answers = futures_util::future::join_all((0..16).map(attempt)).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(taken, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = Desk::open("pages").await;
    for _ in 0..3 {
        desk.incident().await;
    }
    let first = desk.get("/api/v1/incidents?limit=2").await.body;
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    let second = desk.get(&format!("/api/v1/incidents?limit=2&cursor={}", text(&first["next"]))).await.body;
    assert_eq!((second["items"].as_array().map(Vec::len), &second["next"]), (Some(1), &Value::Null));
    assert!(text(&first["items"][1]["id"]) < text(&second["items"][0]["id"]));
}

#[tokio::test]
async fn the_unhappy_half_of_the_job() {
    let desk = Desk::open("unhappy").await;
    let incident = desk.incident().await;
    let path = format!("/api/v1/incidents/{}", text(&incident["id"]));
    let held = desk.done(&format!("{path}/hold"), json!({"reason": "等候", "for_s": 600})).await;
    assert_eq!((&held["phase"], &held["hold"]["reason"]), (&json!("held"), &json!("等候")));
    desk.done(&format!("{path}/wake"), Value::Null).await;
    let other = desk.incident().await;
    let similar = desk.get(&format!("{path}/similar")).await.body;
    assert_eq!(similar["items"][0]["id"], other["id"]);
    let joined = desk
        .done(&format!("/api/v1/incidents/{}/merge", text(&other["id"])), json!({"into": incident["id"]}))
        .await;
    assert_eq!(joined["end"]["how"], json!({"outcome": "merged", "into": incident["id"]}));
    let paused = desk.done("/api/v1/units/A01/pause", json!({"reason": "加油"})).await;
    assert_eq!((&paused["readiness"], &paused["pause"]["reason"]), (&json!("paused"), &json!("加油")));
    let send = format!("{path}/assignments");
    desk.post(&send, json!({"unit": "A01", "reason": "近"})).await.expect_problem(409, "unit-paused");
    desk.done("/api/v1/units/A01/resume", Value::Null).await;
    let crew = desk.done("/api/v1/units/A02/crew", json!({"name": "刘 洋", "role": "nurse"})).await;
    assert_eq!(crew["crew"].as_array().map(Vec::len), Some(2));
    let signed_off =
        desk.send(Method::DELETE, "/api/v1/units/A02/crew/%E5%88%98%20%E6%B4%8B", &[], Vec::new()).await;
    assert_eq!(signed_off.body["crew"].as_array().map(Vec::len), Some(1), "{}", signed_off.body);
    let assignment = desk.done(&send, json!({"unit": "A02", "reason": "A01 加油"})).await;
    let recalled = desk
        .done(&format!("/api/v1/assignments/{}/recall", text(&assignment["id"])), json!({"reason": "改派"}))
        .await;
    assert_eq!(recalled["end"]["outcome"], "cancelled_before_rolling");
    let cancelled = desk.done(&format!("{path}/cancel"), json!({"reason": "误报"})).await;
    assert_eq!(cancelled["end"]["how"], json!({"outcome": "cancelled", "reason": "误报"}));
    desk.post(&send, json!({"unit": "A01", "reason": "近"})).await.expect_problem(409, "incident-ended");
}

#[tokio::test]
async fn a_bridge_is_closed_where_it_is_pointed_at() {
    let desk = Desk::open("closure").await;
    let near = desk.get("/api/v1/roads/nearest?longitude=114.41&latitude=30.6001").await.body;
    assert_eq!((&near["name"], &near["bridge"]), (&json!("二桥"), &json!(true)), "{near}");
    let body = json!({"near": {"longitude": 114.41, "latitude": 30.6001}, "reason": "事故"});
    let closure = desk.done("/api/v1/closures", body).await;
    assert_eq!((&closure["ways"], &closure["name"]), (&json!([2]), &json!("二桥")));
    assert!(closure["lines"][0].as_array().is_some_and(|line| line.len() >= 2), "{closure}");
    assert_eq!(desk.get("/api/v1/closures").await.body["items"][0]["id"], closure["id"]);
    let path = format!("/api/v1/closures/{}", text(&closure["id"]));
    let opened = desk.send(Method::DELETE, &path, &[], Vec::new()).await;
    assert_eq!(opened.status, StatusCode::NO_CONTENT);
    let unknown = json!({"ways": [99], "name": "x", "reason": "y"});
    desk.post("/api/v1/closures", unknown).await.expect_problem(422, "impossible");
    desk.get("/api/v1/roads/nearest?longitude=10&latitude=10").await.expect_problem(404, "unknown-road");
}

#[tokio::test]
async fn a_hospital_diverts_and_takes_patients_again() {
    let desk = Desk::open("divert").await;
    let body = json!({"reason": "抢救室满", "authority": "市卫健委", "for_s": 3600});
    let diverted = desk.done("/api/v1/hospitals/H01/diversion", body).await;
    assert_eq!(diverted["diversion"]["authority"], "市卫健委");
    let again = desk.send(Method::DELETE, "/api/v1/hospitals/H01/diversion", &[], Vec::new()).await;
    assert_eq!(again.body["diversion"], Value::Null);
}

//! A text call from the caller's own page, and what its secret does not open.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Desk, text};

#[tokio::test]
async fn a_caller_who_cannot_speak_is_answered_and_sees_help_come() {
    let desk = Desk::open("text").await;
    let nobody = [("jichi-person", ""), ("jichi-seat", "")];
    let body = json!({"text": "我妈妈胸口疼", "place": {"address": "滨江路 88 号"}}).to_string().into_bytes();
    let started = desk.send(Method::POST, "/api/v1/text-calls", &nobody, body).await;
    assert_eq!(started.status.as_u16(), 201, "{}", started.body);
    let (call, secret) = (text(&started.body["call"]), text(&started.body["secret"]));
    let path = format!("/api/v1/text-calls/{call}");
    let key = [("jichi-person", ""), ("jichi-seat", ""), ("jichi-secret", secret)];
    let seen = desk.send(Method::GET, &path, &key, Vec::new()).await.body;
    assert_eq!((&seen["state"], &seen["ahead"], &seen["help"]), (&json!("ringing"), &json!(0), &Value::Null));
    assert_eq!(seen["lines"][0]["text"], "我妈妈胸口疼");

    desk.done(&format!("/api/v1/calls/{call}/answer"), Value::Null).await;
    desk.done(&format!("/api/v1/calls/{call}/lines"), json!({"text": "救护车马上到"})).await;
    let line = json!({"text": "三楼"}).to_string().into_bytes();
    let written = desk.send(Method::POST, &format!("{path}/lines"), &key, line).await.body;
    let from: Vec<_> = written["lines"].as_array().unwrap().iter().map(|line| text(&line["from"])).collect();
    assert_eq!(from, ["caller", "centre", "caller"]);
    let place = json!({"position": {"longitude": 114.32, "latitude": 30.6}}).to_string().into_bytes();
    let located = desk.send(Method::POST, &format!("{path}/location"), &key, place).await.body;
    assert_eq!(located["place"]["position"]["longitude"], 114.32);

    let mut incident = super::an_incident();
    incident["call"] = json!(call);
    let incident = desk.done("/api/v1/incidents", incident).await;
    let send = format!("/api/v1/incidents/{}/assignments", text(&incident["id"]));
    desk.done(&send, json!({"unit": "A01", "reason": "近"})).await;
    let seen = desk.send(Method::GET, &path, &key, Vec::new()).await.body;
    assert_eq!((&seen["help"]["unit"], &seen["help"]["stage"]), (&json!("A01"), &json!("ordered")));
}

#[tokio::test]
async fn a_secret_opens_nothing_else() {
    let desk = Desk::open("secret").await;
    let start = async || {
        let body = json!({"text": "救命"}).to_string().into_bytes();
        desk.send(Method::POST, "/api/v1/text-calls", &[], body).await.body
    };
    let (mine, other) = (start().await, start().await);
    let path = format!("/api/v1/text-calls/{}", text(&other["call"]));
    for secret in [text(&mine["secret"]), "", "zz", "00"] {
        let reply = desk.send(Method::GET, &path, &[("jichi-secret", secret)], Vec::new()).await;
        reply.expect_problem(403, "not-allowed");
        let line = json!({"text": "x"}).to_string().into_bytes();
        let reply =
            desk.send(Method::POST, &format!("{path}/lines"), &[("jichi-secret", secret)], line).await;
        reply.expect_problem(403, "not-allowed");
    }
}

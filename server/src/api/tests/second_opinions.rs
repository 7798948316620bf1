//! Second opinions of a running centre: after the proposal, beside it, and recorded when somebody follows one.

use serde_json::{Value, json};

use super::{Desk, an_incident, text};
use crate::api::second_opinions::look_at_city;

/// An incident for which both units would be in time.
async fn an_incident_of(desk: &Desk, level: &str) -> String {
    let mut body = an_incident();
    body["triage"] = json!({ "level": level });
    body["needs"] = json!({ "units": 1, "skills": [] });
    text(&desk.done("/api/v1/incidents", body).await["id"]).to_owned()
}

fn path(incident: &str) -> String {
    format!("/api/v1/incidents/{incident}/proposal")
}

#[tokio::test]
async fn a_second_opinion_follows_the_proposal_and_may_be_followed() {
    let desk = Desk::open("second-opinion").await;
    let (urgent, incident) = (an_incident_of(&desk, "I").await, an_incident_of(&desk, "IV").await);
    desk.frames_written().await;
    assert!(desk.api.second_opinions().on_any().is_none(), "no city is known yet");
    // Their own places are all the demand there is.
    look_at_city(&desk.api).unwrap();
    desk.done(&path(&urgent), Value::Null).await;
    let made = desk.done(&path(&incident), Value::Null).await;
    assert!(made["second_opinion"].is_null(), "the proposal does not wait for it: {made}");
    let shown = desk.until(&path(&incident), |proposal| proposal["second_opinion"].is_object()).await;
    let opinion = &shown["second_opinion"];
    let units = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|it| text(&it["unit"]).to_owned()).collect()
    };
    assert_eq!(units(&opinion["outlooks"]), units(&shown["candidates"]), "{shown}");
    assert_eq!((&opinion["scenarios"], &opinion["horizon_s"]), (&json!(60), &json!(3600.0)));
    assert!(
        !text(&opinion["zh"]).is_ascii() && text(&opinion["en"]).is_ascii()
            || text(&opinion["en"]).contains('±')
    );
    // It was asked for before the other: whoever is most urgent gets whoever arrives first.
    let other = desk.get(&path(&urgent)).await.body;
    assert!(other["second_opinion"].is_null(), "{other}");

    let second = text(&shown["candidates"][1]["unit"]);
    let order = json!({
        "unit": second, "proposal": shown["id"], "code": "second_opinion", "reason": opinion["zh"],
    });
    let sent = desk.done(&format!("/api/v1/incidents/{incident}/assignments"), order).await;
    assert_eq!(sent["override_code"], "second_opinion", "{sent}");
    assert_eq!(sent["override_reason"], opinion["zh"]);
    assert_eq!(sent["passed_over"], shown["candidates"][0]["unit"]);
}

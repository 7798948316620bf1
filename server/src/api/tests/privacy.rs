//! A full name or telephone number leaves by one door: every read of the interface, and every live frame, is searched for
//! marked private text that is in the centre.

use axum::http::Method;
use dispatch_core::patient::{Findings, PatientEntry};
use dispatch_core::private::Private;
use serde_json::{Value, json};

use super::{Desk, text};
use crate::api::openapi;

const NAME: &str = "欧阳甲乙丙丁";
const PHONE: &str = "13900007777";

#[tokio::test]
async fn no_view_shows_a_full_name_or_number() {
    let desk = Desk::open("privacy").await;
    let call = desk.done("/api/v1/calls", json!({"source": "telephone", "phone": PHONE})).await;
    desk.done(&format!("/api/v1/calls/{}/answer", text(&call["id"])), Value::Null).await;
    let mut incident = super::an_incident();
    incident["call"] = call["id"].clone();
    incident["patients"] = json!([{"name": NAME, "age_years": 70}]);
    let incident = desk.done("/api/v1/incidents", incident).await;
    let incident_path = format!("/api/v1/incidents/{}", text(&incident["id"]));
    let sent =
        desk.done(&format!("{incident_path}/assignments"), json!({"unit": "A01", "reason": "近"})).await;
    let assignment_path = format!("/api/v1/assignments/{}", text(&sent["id"]));
    desk.done(&format!("{assignment_path}/destination"), json!({"hospital": "H01"})).await;
    desk.until(&format!("{incident_path}/proposal"), |_| true).await;
    desk.charts(text(&sent["id"]), found(NAME)).await;
    let board = desk.get("/api/v1/hospitals/H01/arrivals").await.body;
    assert_eq!(board["items"][0]["charts"][0]["findings"]["judgement"], "心梗", "{board}");
    assert_eq!(
        board["items"][0]["charts"][0]["findings"]["name_masked"], "",
        "not even a family name: {board}"
    );
    let shown = desk.get(&assignment_path).await.body;
    assert_eq!(shown["charts"][0]["findings"]["name_masked"], "欧阳**");

    let mut looked = 0;
    for path in reads() {
        let named = match path.split('/').nth(3) {
            Some("calls") => path.replace("{id}", text(&call["id"])),
            Some("incidents") => path.replace("{id}", text(&incident["id"])),
            Some("assignments") => path.replace("{id}", text(&sent["id"])),
            Some("units") => path.replace("{id}", "A01"),
            _ => path.replace("{id}", "H01"),
        };
        let reply = desk.send(Method::GET, &named, &[], Vec::new()).await;
        let shown = reply.body.to_string();
        assert!(!shown.contains(NAME) && !shown.contains(PHONE), "{named}: {shown}");
        looked += usize::from(reply.status.is_success() && shown.len() > 20);
    }
    assert!(looked > 15, "only {looked} reads showed anything");
    desk.frames_written().await;
    let frames = desk.api.live().join(Some(0)).missed.unwrap();
    assert!(frames.len() > 10);
    for frame in frames {
        assert!(!frame.text.contains(NAME) && !frame.text.contains(PHONE), "{}", frame.text.as_str());
    }
    let revealed = desk.done(&format!("/api/v1/calls/{}/reveal", text(&call["id"])), Value::Null).await;
    assert_eq!(revealed, json!({"phone": PHONE}));
}

fn found(name: &str) -> PatientEntry {
    let (name, judgement) = (Private::new(name), "心梗".to_owned());
    PatientEntry::Findings(Findings { name, judgement, ..Findings::default() })
}

/// Every path that can be read, from the description itself.
fn reads() -> Vec<String> {
    let description: Value = serde_json::from_str(&openapi::description()).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let reads =
        paths.iter().filter(|(path, methods)| methods.get("get").is_some() && path.starts_with("/api/v1/"));
    reads.map(|(path, _)| path.clone()).collect()
}

//! What leaves the centre, and what was made one and is two again, over HTTP.

use serde_json::{Value, json};

use super::{Desk, an_incident, text};

#[tokio::test]
async fn an_incident_is_ours_until_a_person_records_who_took_it() {
    let desk = Desk::open("handoff").await;
    let id = text(&desk.incident().await["id"]).to_owned();
    let path = format!("/api/v1/incidents/{id}/handoff");
    let accepted = json!({"accepted_by": "邻市 周调度"});
    desk.post(&format!("{path}/accept"), accepted.clone()).await.expect_problem(409, "not-offered");
    desk.post(&path, json!({"to": "邻市急救中心"})).await.expect_problem(400, "malformed");
    desk.post(&path, json!({"to": "邻市急救中心", "reason": ""})).await.expect_problem(422, "empty");
    let offered = desk.done(&path, json!({"to": "邻市急救中心", "reason": "跨市界"})).await;
    assert_eq!((&offered["phase"], &offered["handoff"]["accepted_by"]), (&json!("waiting"), &Value::Null));
    let withdrawn = desk.done(&format!("{path}/withdraw"), json!({"reason": "对方无车"})).await;
    assert_eq!(withdrawn["handoff"], Value::Null);
    desk.done(&path, json!({"to": "邻市急救中心", "reason": "跨市界"})).await;
    let ended = desk.done(&format!("{path}/accept"), accepted).await;
    assert_eq!(
        ended["end"]["how"],
        json!({"outcome": "handed_off", "to": "邻市急救中心", "accepted_by": "邻市 周调度"})
    );
    let report = desk.get("/api/v1/reports/response-times").await.body;
    let counts = &report["call_counts"];
    assert_eq!((&counts["handed_off"], &counts["emergencies"]), (&json!(1), &json!(0)), "{counts}");
    assert_eq!(desk.get("/api/v1/rules").await.body["handoff_within_s"], 60.0);
}

#[tokio::test]
async fn a_call_is_handed_over_and_what_is_not_urgent_is_redirected() {
    let desk = Desk::open("handoff-call").await;
    let call = text(&desk.done("/api/v1/calls", json!({"source": "telephone"})).await["id"]).to_owned();
    let path = format!("/api/v1/calls/{call}/handoff");
    let offered = desk.done(&path, json!({"to": "邻市", "reason": "跨市界"})).await;
    assert_eq!((&offered["state"], &offered["handoff"]["to"]), (&json!("ringing"), &json!("邻市")));
    let ended = desk.done(&format!("{path}/accept"), json!({"accepted_by": "周"})).await;
    assert_eq!((&ended["state"], &ended["end"]), (&json!("ended"), &json!("other_centre")));

    let urgent = text(&desk.incident().await["id"]).to_owned();
    let to = json!({"to": "999", "reason": "出院回家"});
    let refused = desk.post(&format!("/api/v1/incidents/{urgent}/redirect"), to.clone()).await;
    refused.expect_problem(403, "not-allowed");
    assert!(text(&refused.body["detail_zh"]).contains("Ⅳ"), "{}", refused.body);
    let mut body = an_incident();
    body["triage"] = json!({"level": "IV"});
    let minor = text(&desk.done("/api/v1/incidents", body).await["id"]).to_owned();
    let ended = desk.done(&format!("/api/v1/incidents/{minor}/redirect"), to).await;
    assert_eq!(ended["end"]["how"]["outcome"], "redirected");
}

#[tokio::test]
async fn what_was_merged_is_split_again() {
    let desk = Desk::open("split").await;
    let (first, second) = (desk.incident().await, desk.incident().await);
    let (first, second) = (text(&first["id"]), text(&second["id"]));
    let split = format!("/api/v1/incidents/{second}/split");
    desk.post(&split, Value::Null).await.expect_problem(409, "not-merged");
    desk.done(&format!("/api/v1/incidents/{second}/merge"), json!({"into": first})).await;
    let again = desk.done(&split, Value::Null).await;
    assert_eq!((&again["phase"], &again["units_short"]), (&json!("waiting"), &json!(1)));

    let call = text(&desk.done("/api/v1/calls", json!({"source": "telephone"})).await["id"]).to_owned();
    desk.done(&format!("/api/v1/calls/{call}/join"), json!({"incident": first})).await;
    let own = desk.post(&format!("/api/v1/calls/{call}/split"), an_incident()).await;
    assert_eq!((own.status.as_u16(), &own.body["calls"]), (201, &json!([call])));
    assert_eq!(desk.get(&format!("/api/v1/incidents/{first}")).await.body["calls"], json!([]));
}

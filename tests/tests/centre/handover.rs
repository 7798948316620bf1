//! The main job: a call becomes an incident, a real agent carries it to handover, the hospital sees it come, the report
//! counts it.

use anyhow::{Context, Result, bail};
use serde_json::json;
use system_tests::agent::Agent;
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::deadline::eventually;

use crate::tables::{SOON, crewed, place_near, proposal, stage_is, text};

/// A name that must not come out on any board.
const FULL_NAME: &str = "欧阳建国";

#[tokio::test]
async fn a_call_is_carried_to_handover_and_counted() -> Result<()> {
    let city = City::make("handover", 2)?;
    let _centre = city.start_centre().await?;
    let api = city.api()?;
    let agent = crewed(&city, &api, "A01").await?;

    let (incident, number) = take_call(&city, &api).await?;
    let assignment = send(&api, &incident).await?;
    roll(&api, &agent, &assignment).await?;
    let hospital = choose_hospital(&api, &agent, &assignment).await?;
    deliver(&api, &agent, &assignment, &hospital).await?;
    is_counted(&api, &incident, &number).await
}

async fn take_call(city: &City, api: &Api) -> Result<(String, String)> {
    let place = place_near(city, "A01")?;
    let call = api
        .post(
            "/api/v1/calls",
            json!({"source": "telephone", "phone": "13812342290", "text_only": false, "place": place}),
        )
        .await?;
    assert_eq!(call["state"], "ringing");
    assert!(
        !call.to_string().contains("13812342290"),
        "a call shows its number only to whom it is revealed: {call}"
    );
    let call = text(&call, "id")?.to_owned();
    let answered = api.post(&format!("/api/v1/calls/{call}/answer"), json!({})).await?;
    assert_eq!(answered["state"], "answered");

    let sketch = json!({
        "call": call, "complaint": "胸痛", "triage": {"level": "I", "determinant": null}, "place": place,
        "patients": [{"name": FULL_NAME, "sex": "male", "age_years": 58}],
        "needs": {"units": 1, "skills": ["chest_pain"]},
    });
    let incident = api.post("/api/v1/incidents", sketch).await?;
    assert!(!incident.to_string().contains(FULL_NAME), "an incident shows masked names: {incident}");
    assert_eq!(api.get(&format!("/api/v1/calls/{call}")).await?["state"], "taken");
    Ok((text(&incident, "id")?.to_owned(), text(&incident, "number")?.to_owned()))
}

/// Accepts the first candidate; a second acceptance of the same unit is refused and says to whom it is taken.
async fn send(api: &Api, incident: &str) -> Result<String> {
    let proposal = proposal(api, incident).await?;
    let first = &proposal["candidates"][0];
    assert_eq!(first["unit"], "A01", "{proposal}");
    assert_eq!(first["basis"], "road", "the generated city has roads: {proposal}");
    let sum =
        first["mobilisation_s"].as_f64().unwrap_or_default() + first["travel_s"].as_f64().unwrap_or_default();
    assert!(
        (sum - first["arrival_s"].as_f64().unwrap_or_default()).abs() < 0.01,
        "arrival is their sum: {first}"
    );
    assert!(first["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{first}");

    let body = json!({"unit": "A01", "proposal": proposal["id"], "reason": null});
    let assignment = api.post(&format!("/api/v1/incidents/{incident}/assignments"), body).await?;
    assert_eq!(assignment["stage"], "ordered");

    let other =
        api.incident("外伤", &json!({"position": null, "address": "人民路", "waiting_place": ""})).await?;
    let path = format!("/api/v1/incidents/{}/assignments", text(&other, "id")?);
    let refused = api.try_post(&path, json!({"unit": "A01", "proposal": null, "reason": "试"})).await?;
    assert_eq!(refused.status.as_u16(), 409, "{}", refused.body);
    assert_eq!(refused.body["type"], "/problems/unit-taken");
    assert_eq!(refused.body["assignment"], assignment["id"], "{}", refused.body);
    api.post(&format!("/api/v1/incidents/{}/cancel", text(&other, "id")?), json!({"reason": "重复"})).await?;
    Ok(text(&assignment, "id")?.to_owned())
}

/// The order reaches the vehicle; the crew acknowledges; the wheels prove the departure before the crew presses it.
async fn roll(api: &Api, agent: &Agent, assignment: &str) -> Result<()> {
    let state = agent.sees("the order", SOON, |state| state["orders"][0]["assignment"] == assignment).await?;
    assert_eq!(state["orders"][0]["complaint"], "胸痛");
    assert_eq!(state["orders"][0]["waiting_place"], "小区东门");
    let way = state["orders"][0]["route"].as_array().context("an order carries its way")?;
    assert!(way.len() >= 2, "the crew sees the road to the patient with the centre away: {state}");
    assert!(state["orders"][0]["travel_time_s"].as_u64() > Some(0), "{state}");
    agent.press(assignment, "acknowledged").await?;
    stage_is(api, assignment, "acknowledged").await?;

    agent.receiver.drive(40.0, 45.0);
    eventually("the motion to prove the departure", SOON, || async {
        let seen = api.get(&format!("/api/v1/assignments/{assignment}")).await?;
        if seen["departure"]["moved_at"].is_string() { Ok(Some(())) } else { bail!("{seen}") }
    })
    .await?;
    agent.press(assignment, "rolling").await?;
    let rolling = stage_is(api, assignment, "rolling").await?;
    assert!(rolling["times"]["rolling"]["at"].is_string(), "{rolling}");
    agent.press(assignment, "on_scene").await?;
    agent.receiver.drive(0.0, 45.0);
    agent.press(assignment, "at_patient").await?;
    stage_is(api, assignment, "at_patient").await?;
    Ok(())
}

async fn choose_hospital(api: &Api, agent: &Agent, assignment: &str) -> Result<String> {
    let choices = api.list(&format!("/api/v1/assignments/{assignment}/destinations")).await?;
    assert!(choices.len() > 1, "a city has several hospitals: {choices:?}");
    let hospital = text(&choices[0], "hospital")?.to_owned();
    let body = json!({"hospital": hospital, "reason": ""});
    api.post(&format!("/api/v1/assignments/{assignment}/destination"), body).await?;
    let state = agent
        .sees("the hospital", SOON, |state| state["orders"][0]["hospital"]["id"] == hospital.as_str())
        .await?;
    let way = state["orders"][0]["hospital"]["route"].as_array().map_or(0, Vec::len);
    assert!(way >= 2, "the way to the hospital comes with it: {state}");

    let board = api.get(&format!("/api/v1/hospitals/{hospital}/arrivals")).await?;
    assert_eq!(board["items"][0]["assignment"], assignment, "{board}");
    assert_eq!(board["items"][0]["patients"][0]["name_masked"], "欧阳**", "{board}");
    assert!(!board.to_string().contains(FULL_NAME), "a board shows no full name: {board}");
    for elsewhere in api.list("/api/v1/hospitals").await? {
        if elsewhere["id"] != hospital.as_str() {
            let other = api.get(&format!("/api/v1/hospitals/{}/arrivals", text(&elsewhere, "id")?)).await?;
            assert_eq!(other["items"], json!([]), "an ambulance bound elsewhere is shown nowhere else");
        }
    }
    Ok(hospital)
}

async fn deliver(api: &Api, agent: &Agent, assignment: &str, hospital: &str) -> Result<()> {
    api.post(&format!("/api/v1/assignments/{assignment}/arrival-acknowledgement"), json!({})).await?;
    let board = api.get(&format!("/api/v1/hospitals/{hospital}/arrivals")).await?;
    assert!(board["items"][0]["acknowledged"]["at"].is_string(), "{board}");
    for stage in ["left_scene", "at_hospital", "handed_over", "available"] {
        agent.press(assignment, stage).await?;
        stage_is(api, assignment, stage).await?;
    }
    agent.sees("no order any more", SOON, |state| state["orders"] == json!([])).await?;
    Ok(())
}

async fn is_counted(api: &Api, incident: &str, number: &str) -> Result<()> {
    let ended = api.get(&format!("/api/v1/incidents/{incident}")).await?;
    assert_eq!(ended["phase"], "ended", "{ended}");
    let report =
        api.get("/api/v1/reports/response-times?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z").await?;
    assert!(report.to_string().contains(number), "the report opens to the run {number}: {report}");
    Ok(())
}

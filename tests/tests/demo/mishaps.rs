//! The four mishaps in a running demo: a bridge is closed, a call is cancelled, an agent dies in the middle of an order,
//! the centre is killed and started again. Nobody dispatches here but the test; callers and crews are simulated.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::deadline::eventually;
use system_tests::scratch::Scratch;

use crate::bridge::{a_closed_bridge_changes_the_proposal, place, stations};
use crate::running::{Demo, SOON, Wanted, kill, text};

#[tokio::test]
async fn the_demo_survives_its_four_mishaps() -> Result<()> {
    let scratch = Scratch::new("mishaps")?;
    let state = scratch.join("demo");
    std::fs::create_dir(&state)?;
    let demo = Demo::start(&state, &Wanted { units: 6, seats: "calls-only", clock_rate: 30 }).await?;
    let api = demo.api().clone();

    a_closed_bridge_changes_the_proposal(&api).await.context("the bridge")?;
    let cancelled = a_cancelled_call_is_in_the_report(&api).await.context("the cancelled call")?;
    let escalated = a_silent_agent_is_escalated(&demo, &state).await.context("the silent agent")?;
    a_killed_centre_loses_nothing(&demo, &state, &[cancelled, escalated]).await.context("the killed centre")
}

/// Cancelled after the unit rolled: the crew is recalled, the report says so.
async fn a_cancelled_call_is_in_the_report(api: &Api) -> Result<String> {
    let station = stations(api).await?.swap_remove(0);
    let incident = api.incident("腹痛", &place(&station)).await?;
    let id = text(&incident, "id")?.to_owned();
    let assignment = assign_first(api, &id).await?;
    eventually("the unit to roll", SOON, || async {
        let seen = api.get(&format!("/api/v1/assignments/{assignment}")).await?;
        if seen["times"]["rolling"]["at"].is_string() { Ok(Some(())) } else { bail!("{seen}") }
    })
    .await?;
    api.post(&format!("/api/v1/incidents/{id}/cancel"), json!({"reason": "回车: 家属自行送医"})).await?;
    let ended = eventually("the assignment to end", SOON, || async {
        let seen = api.get(&format!("/api/v1/assignments/{assignment}")).await?;
        if seen["end"].is_object() { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await?;
    assert_eq!(ended["end"]["outcome"], "cancelled_rolling", "{ended}");
    let number = text(&incident, "number")?.to_owned();
    let report =
        api.get("/api/v1/reports/response-times?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z").await?;
    let said = report.to_string();
    assert!(
        said.contains(&number) && said.contains("cancelled_rolling"),
        "the report says {number} was cancelled: {said}"
    );
    Ok(id)
}

/// The agent dies with an order nobody acknowledged: somebody is told, and the next unit is proposed.
async fn a_silent_agent_is_escalated(demo: &Demo, state: &Path) -> Result<String> {
    let api = demo.api();
    let station = stations(api).await?.swap_remove(0);
    let incident = api.incident("卒中", &place(&station)).await?;
    let id = text(&incident, "id")?.to_owned();
    let assignment = assign_first(api, &id).await?;
    let unit = text(&api.get(&format!("/api/v1/assignments/{assignment}")).await?, "unit")?.to_owned();
    kill(state, &unit)?;
    eventually("an escalation about it", SOON, || async {
        let standing = api.list("/api/v1/escalations").await?;
        let about = |escalation: &&Value| {
            let about = escalation["about"].to_string();
            about.contains(&id) || about.contains(&assignment) || about.contains(&format!("\"{unit}\""))
        };
        standing.iter().find(about).map_or_else(|| bail!("{standing:?}"), |found| Ok(Some(found.clone())))
    })
    .await?;
    eventually("another unit to be proposed", SOON, || async {
        let seen = api.post(&format!("/api/v1/incidents/{id}/proposal"), json!({})).await?;
        let next = seen["candidates"][0]["unit"].as_str().unwrap_or_default().to_owned();
        let other = !next.is_empty() && next != unit;
        if other { Ok(Some(())) } else { bail!("{seen}") }
    })
    .await?;
    Ok(id)
}

/// SIGKILL between answering a call and sending a unit; the demo starts the centre again, and the call goes on.
async fn a_killed_centre_loses_nothing(demo: &Demo, state: &Path, incidents: &[String]) -> Result<()> {
    let api = demo.api();
    let station = stations(api).await?.swap_remove(0);
    let body =
        json!({"source": "telephone", "phone": "13800000001", "text_only": false, "place": place(&station)});
    let call = api.post("/api/v1/calls", body).await?;
    let call = text(&call, "id")?.to_owned();
    let answered = api.try_post(&format!("/api/v1/calls/{call}/answer"), json!({})).await?;
    assert!(
        answered.status.is_success() || answered.status.as_u16() == 409,
        "a simulated seat may be quicker: {}",
        answered.body
    );
    kill(state, "dispatchd")?;
    eventually("the centre to be back", SOON, || async { api.text("/readyz").await.map(Some) }).await?;

    let seen = api.get(&format!("/api/v1/calls/{call}")).await?;
    assert!(
        seen["answered_at"].is_string() || seen["state"] != "ringing",
        "the answered call is answered: {seen}"
    );
    for incident in incidents {
        api.get(&format!("/api/v1/incidents/{incident}")).await.context("an incident from before")?;
    }
    let incident = api.incident("胸痛", &place(&station)).await?;
    let assignment = eventually("a unit to send after the restart", SOON, || async {
        assign_first(api, text(&incident, "id")?).await.map(Some)
    })
    .await?;
    eventually("the crew to acknowledge over the new connection", SOON, || async {
        let seen = api.get(&format!("/api/v1/assignments/{assignment}")).await?;
        if seen["times"]["acknowledged"]["at"].is_string() { Ok(Some(())) } else { bail!("{seen}") }
    })
    .await
}

/// Sends the first candidate of the newest proposal that can still be sent.
async fn assign_first(api: &Api, incident: &str) -> Result<String> {
    let proposal = eventually("a proposal", SOON, || async {
        let seen = api.get(&format!("/api/v1/incidents/{incident}/proposal")).await?;
        if seen["candidates"][0]["unit"].is_string() { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await?;
    let body = json!({"unit": proposal["candidates"][0]["unit"], "proposal": proposal["id"], "reason": null});
    let assignment = api.post(&format!("/api/v1/incidents/{incident}/assignments"), body).await?;
    Ok(text(&assignment, "id")?.to_owned())
}

//! What several tests enter: places near a unit's station, an incident with its proposal, an accepted unit.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use system_tests::agent::Agent;
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::deadline::eventually;

/// Everything a centre does by itself is done well within this, even while the machine is busy.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A place about a kilometre from a unit's station.
pub(crate) fn place_near(city: &City, unit: &str) -> Result<Value> {
    let (longitude, latitude) = city.station_of(unit)?;
    Ok(json!({
        "position": {"longitude": longitude + 0.006, "latitude": latitude + 0.006},
        "address": "滨江路 128 号 3 单元", "waiting_place": "小区东门",
    }))
}

/// The text of a member, or an error that shows the whole value.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str> {
    value[member].as_str().with_context(|| format!("no `{member}` in {value}"))
}

/// Waits until the centre has the unit on its link, crewed and with a position.
pub(crate) async fn unit_is_ready(api: &Api, unit: &str) -> Result<Value> {
    eventually(&format!("{unit} to be ready"), SOON, || async {
        let seen = api.get(&format!("/api/v1/units/{unit}")).await?;
        let ready = seen["readiness"] == "ready" && seen["link"] == "up" && !seen["position"].is_null();
        if ready { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await
}

/// Waits until an assignment is at a stage at the centre.
pub(crate) async fn stage_is(api: &Api, assignment: &str, stage: &str) -> Result<Value> {
    eventually(&format!("the centre to have {stage}"), SOON, || async {
        let seen = api.get(&format!("/api/v1/assignments/{assignment}")).await?;
        if seen["stage"] == stage { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await
}

/// Waits for the newest proposal of an incident that has a candidate.
pub(crate) async fn proposal(api: &Api, incident: &str) -> Result<Value> {
    eventually("a proposal with a candidate", SOON, || async {
        let seen = api.get(&format!("/api/v1/incidents/{incident}/proposal")).await?;
        let found = seen["candidates"].as_array().is_some_and(|candidates| !candidates.is_empty());
        if found { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await
}

/// A unit on the road: agent started, crew signed on, seen by the centre.
pub(crate) async fn crewed(city: &City, api: &Api, unit: &str) -> Result<Agent> {
    let agent = city.start_agent(unit).await?;
    agent.sees("the centre", SOON, |state| state["link"]["state"] == "connected").await?;
    agent.sign_on().await?;
    unit_is_ready(api, unit).await?;
    Ok(agent)
}

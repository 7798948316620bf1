//! The crew's page with the centre away: it opens, is reloaded, takes presses and what is told of patients; afterwards the centre has it all.
//! The steps are `console/e2e/work_alone.mjs`.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use system_tests::browser::{ecg, walk};
use system_tests::city::City;

use crate::tables::{SOON, crewed, place_near, stage_is, text};

const WALK_WITHIN: Duration = Duration::from_mins(3);

#[tokio::test]
async fn the_terminal_works_in_the_browser_with_the_centre_away() -> Result<()> {
    let city = City::make("offline", 2)?;
    let (status, said) = city.dispatchd(&["pack-map", "--config", "centre.toml", "--out", "city.mbtiles"])?;
    anyhow::ensure!(status.success(), "pack-map: {said}");
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    let agent = crewed(&city, &api, "A01").await?;
    let incident = api.incident("外伤", &place_near(&city, "A01")?).await?;
    let path = format!("/api/v1/incidents/{}/assignments", text(&incident, "id")?);
    let assignment = api.post(&path, json!({"unit": "A01", "proposal": null, "reason": "试"})).await?;
    let assignment = text(&assignment, "id")?;
    agent.sees("the order", SOON, |state| state["orders"][0]["assignment"] == assignment).await?;
    centre.kill()?;
    agent.sees("that the centre is away", SOON, |state| state["link"]["state"] == "connecting").await?;

    let ecg = ecg(city.path())?;
    walk(
        "work_alone.mjs",
        &[("JICHI_TERMINAL", agent.terminal()), ("JICHI_ECG", &ecg)],
        &city.path().join("walk.log"),
        WALK_WITHIN,
    )
    .await?;

    let _centre = city.start_centre().await?;
    stage_is(&api, assignment, "acknowledged").await?;
    agent.sees("that all is told", SOON, |state| state["link"]["unsent"] == 0).await?;
    let seen = api.get(&format!("/api/v1/assignments/{assignment}/charts")).await?;
    assert_eq!(seen["items"][0]["alerts"][0]["kind"], "trauma", "{seen}");
    assert_eq!(seen["items"][0]["vitals"]["spo2_percent"], 94, "{seen}");
    let kinds: Vec<_> =
        seen["items"][0]["files"].as_array().into_iter().flatten().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["ecg", "photo"], "{seen}");
    Ok(())
}

//! A day that a real centre recorded, lived again from its journal by the command line.

use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::city::City;

use crate::tables::{place_near, proposal, text};

#[tokio::test]
async fn a_recorded_day_is_lived_again_under_another_policy() -> Result<()> {
    let city = City::make("past-day", 3)?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    for unit in ["A01", "A02", "A03"] {
        api.post(&format!("/api/v1/units/{unit}/crew"), json!({"name": "李强", "role": "driver"})).await?;
    }
    let number = handled(&city, &api, false).await?;
    handled(&city, &api, true).await?;
    centre.terminate(Duration::from_secs(20))?;

    // The folder of the journal, no configuration: straight lines, and it says so.
    let (status, said) = city.dispatchd(&["replay", "--journal", "data", "--policy", "closest-preempt"])?;
    assert!(status.success(), "{said}");
    assert!(said.contains("straight-line estimates, not by road"), "{said}");
    assert_eq!(said.matches(&number).count(), 1, "every emergency has its line: {said}");
    let counted = |line: &str| line.split_whitespace().eq(["emergencies", "1", "1", "1"]);
    assert!(said.lines().any(counted), "the drill is in no figure: {said}");
    assert!(said.contains("3-minute departures 100.0 % instead of 100.0 %, response P90"), "{said}");
    assert!(said.contains("3分钟出车率"), "{said}");

    let files = ["--json", "day.json", "--csv", "day.csv"];
    let by_road = ["replay", "--config", "centre.toml", "--policy", "closest"];
    let (status, said) = city.dispatchd(&[&by_road[..], &files[..]].concat())?;
    assert!(status.success(), "{said}");
    assert!(said.contains("by road"), "{said}");
    let json: Value = serde_json::from_slice(&read(city.path(), "day.json")?)?;
    let line = &json["calls"][0];
    assert_eq!(line["number"], number.as_str(), "{json}");
    assert_eq!(line["recorded"]["unit"], line["modelled"]["unit"], "{line}");
    assert_eq!(line["recorded"]["departure_s"], line["modelled"]["departure_s"], "{line}");
    let csv = String::from_utf8(read(city.path(), "day.csv")?)?;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.starts_with("number,incident,level,area,received_at,recorded_unit"), "{csv}");

    for (arguments, expected) in [
        (["--policy", "nearest"], "there is no policy `nearest`"),
        (["--day", "yesterday"], "\"yesterday\" is not a day: write it as 2026-11-21"),
        (["--day", "2001-01-01"], "the journal holds no incident of 2001-01-01"),
    ] {
        let all = [&["replay", "--config", "centre.toml"], &arguments[..]].concat();
        refused(&city.dispatchd(&all)?, expected);
    }
    Ok(())
}

fn refused((status, said): &(ExitStatus, String), expected: &str) {
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("dispatchd: ")).collect();
    assert!(!status.success() && lines.len() == 1 && lines[0].contains(expected), "{expected}: {said}");
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>> {
    std::fs::read(folder.join(name)).with_context(|| format!("{name} was not written"))
}

/// An emergency that the desk carries to its end, step by step. Comes back with its number.
async fn handled(city: &City, api: &Api, test: bool) -> Result<String> {
    let place = place_near(city, "A01")?;
    let asked = json!({"source": "telephone", "phone": "13812342290", "text_only": false, "place": place});
    let call = api.post("/api/v1/calls", asked).await?;
    let sketch = json!({"call": call["id"], "complaint": "胸痛", "place": place, "test": test,
        "triage": {"level": "I", "determinant": null}});
    let incident = api.post("/api/v1/incidents", sketch).await?;
    let id = text(&incident, "id")?;
    let proposal = proposal(api, id).await?;
    let body = json!({"unit": proposal["candidates"][0]["unit"], "proposal": proposal["id"], "reason": null});
    let assignment = api.post(&format!("/api/v1/incidents/{id}/assignments"), body).await?;
    let assignment = text(&assignment, "id")?;
    for stage in ["acknowledged", "rolling", "on_scene", "available"] {
        api.post(&format!("/api/v1/assignments/{assignment}/status"), json!({"stage": stage})).await?;
    }
    Ok(text(&incident, "number")?.to_owned())
}

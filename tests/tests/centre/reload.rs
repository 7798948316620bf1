//! A running centre reads its configuration and its map again when it is told to; a bad one is counted and changes nothing.

use anyhow::{Context, Result};
use system_tests::api::Api;
use system_tests::city::{City, READY_WITHIN};
use system_tests::deadline::eventually;
use system_tests::process::{Process, run};
use toml::Value;

#[tokio::test]
async fn a_configuration_is_read_again_and_a_bad_one_changes_nothing() -> Result<()> {
    let city = City::make("reload", 2)?;
    let centre = city.start_centre().await?;
    let api = city.api()?;
    let good = std::fs::read_to_string(city.path().join("centre.toml"))?;
    let map = std::fs::read(city.path().join("city.map"))?;

    std::fs::write(city.path().join("centre.toml"), "[[[")?;
    told(&centre, &api, "refused_config").await?;
    std::fs::write(city.path().join("centre.toml"), &good)?;
    std::fs::write(city.path().join("city.map"), &map[..map.len() / 2])?;
    told(&centre, &api, "refused_map").await?;
    api.text("/readyz").await.context("the centre goes on with what it has")?;
    std::fs::write(city.path().join("city.map"), &map)?;

    city.amend("centre.toml", |table| {
        let units = table["units"].as_array_mut().expect("the city has units");
        let mut another = units[0].clone();
        another["id"] = Value::from("A99");
        units.push(another);
    })?;
    told(&centre, &api, "done").await?;
    let units = api.text("/api/v1/units").await?;
    assert!(units.contains("A99"), "the new unit is known: {units}");
    Ok(())
}

/// Sends SIGHUP and waits until the outcome is counted.
async fn told(centre: &Process, api: &Api, outcome: &str) -> Result<()> {
    let line = format!("jichi_reloads_total{{outcome=\"{outcome}\"}} 1");
    let (sent, said) = run(std::process::Command::new("kill").args(["-HUP", &centre.id().to_string()]))?;
    assert!(sent.success(), "{said}");
    eventually(&format!("{line} in /metrics"), READY_WITHIN, || async {
        Ok(api.text("/metrics").await?.contains(&line).then_some(()))
    })
    .await
}

//! A vehicle written by others: a Python client made from the .proto and `docs/vehicle-link.md` alone registers, sends
//! positions, acknowledges an order and carries it on.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;
use system_tests::city::City;
use system_tests::deadline::eventually;
use system_tests::process::Process;
use system_tests::tree;

use crate::tables::{SOON, place_near, stage_is, text};

#[tokio::test]
async fn a_python_client_takes_an_order_and_acknowledges_it() -> Result<()> {
    let city = City::make("python", 2)?;
    let _centre = city.start_centre().await?;
    let api = city.api()?;
    let certificates = city.certificate("A01")?;
    let (longitude, latitude) = city.station_of("A01")?;
    api.post("/api/v1/units/A01/crew", json!({"name": "李强", "role": "driver"})).await?;

    let mut command = Command::new(python()?);
    command
        .arg(tree::root().join("tests/python/vehicle_client.py"))
        .args(["--centre", &format!("127.0.0.1:{}", city.link_port())])
        .arg("--certificates")
        .arg(&certificates)
        .args(["--longitude", &longitude.to_string(), "--latitude", &latitude.to_string()]);
    let client = Process::start("vehicle_client.py", &mut command, &city.path().join("python.log"))?;

    eventually("its position at the centre", SOON, || async {
        let unit = api.get("/api/v1/units/A01").await?;
        if unit["position"].is_null() || unit["link"] != "up" {
            bail!("{unit}; it says {}", client.log_end())
        }
        Ok(Some(()))
    })
    .await?;
    let incident = api.incident("胸痛", &place_near(&city, "A01")?).await?;
    let path = format!("/api/v1/incidents/{}/assignments", text(&incident, "id")?);
    let assignment = api.post(&path, json!({"unit": "A01", "proposal": null, "reason": "试"})).await?;
    let assignment = text(&assignment, "id")?;
    let seen = stage_is(&api, assignment, "acknowledged").await.with_context(|| client.log_end())?;
    assert!(seen["delivered_at"].is_string(), "the order's delivery is on record: {seen}");
    Ok(())
}

/// The Python environment that `./x test` makes, or the one named.
fn python() -> Result<PathBuf> {
    let path = std::env::var_os("JICHI_PYTHON")
        .map_or_else(|| tree::root().join("target/tools/venv/bin/python"), PathBuf::from);
    if !path.is_file() {
        bail!("{} is missing: ./x test makes it, or set JICHI_PYTHON", path.display());
    }
    Ok(path)
}

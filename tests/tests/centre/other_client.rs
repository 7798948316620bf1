//! A vehicle written by others: a Python client made from the .proto and `docs/vehicle-link.md` alone registers, sends
//! positions, acknowledges an order and rolls. It also sends garbage and every report twice: neither does any harm.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::deadline::eventually;
use system_tests::process::Process;
use system_tests::tree;

use crate::tables::{SOON, place_near, stage_is, text, unit_is_ready};

#[tokio::test]
async fn a_python_client_takes_an_order_and_acknowledges_it() -> Result<()> {
    let city = City::make("python", 2)?;
    let _centre = city.start_centre().await?;
    let api = city.api()?;
    let photo = city.path().join("photo.jpg");
    std::fs::write(&photo, noise())?;
    let mut command = python_vehicle(&city, "A01")?;
    command
        .args(["--sign-on", "李强", "--positions", "2", "--orders", "1", "--stages", "acknowledged,rolling"])
        .args(["--garbage", "--repeat", "--patient", "--photo"])
        .arg(&photo);
    let mut client = Process::start("vehicle_client.py", &mut command, &city.path().join("python.log"))?;

    unit_is_ready(&api, "A01").await.with_context(|| client.log_end())?;
    let incident = api.incident("胸痛", &place_near(&city, "A01")?).await?;
    let path = format!("/api/v1/incidents/{}/assignments", text(&incident, "id")?);
    let assignment = api.post(&path, json!({"unit": "A01", "proposal": null, "reason": "试"})).await?;
    let assignment = text(&assignment, "id")?;
    let seen = stage_is(&api, assignment, "rolling").await.with_context(|| client.log_end())?;
    assert!(seen["delivered_at"].is_string(), "the order's delivery is on record: {seen}");
    assert_eq!(seen["times"]["acknowledged"]["source"], "terminal", "{seen}");
    let stamps = seen["stamps"]
        .as_array()
        .map_or(0, |stamps| stamps.iter().filter(|stamp| stamp["stage"] == "acknowledged").count());
    assert_eq!(stamps, 1, "a report sent twice counts once: {seen}");
    let charted = until_charted(&api, assignment).await.with_context(|| client.log_end())?;
    let chart = &charted["charts"][0];
    assert_eq!(
        (&chart["vitals"]["heart_rate_per_min"], &chart["vitals"]["spo2_percent"]),
        (&json!(0), &json!(null))
    );
    assert_eq!(
        (&chart["vitals"]["device"], chart["course"].as_array().map(Vec::len)),
        (&json!("M-7"), Some(1))
    );
    assert_eq!(chart["alerts"][0]["kind"], "stroke", "{charted}");
    assert!(api.metric("jichi_vehicles_bad_messages_total").await? >= 1.0, "the garbage is counted");
    assert!(client.wait(SOON)?.success(), "the client is content: {}", client.log_end());
    photo_is_there(&api, assignment).await
}

/// The client's photo, of which it sent one half on a stream that it broke off and the other on the next, as it was.
async fn photo_is_there(api: &Api, assignment: &str) -> Result<()> {
    let charts = api.get(&format!("/api/v1/assignments/{assignment}/charts")).await?;
    let files = charts["items"][0]["files"].as_array().context("a list of files")?;
    assert_eq!(files.len(), 1, "a card sent twice counts once: {charts}");
    assert_eq!((&files[0]["kind"], &files[0]["device"]), (&json!("photo"), &json!("P-7")), "{charts}");
    let path = format!("/api/v1/assignments/{assignment}/files/{}", text(&files[0], "id")?);
    let (status, bytes) = api.bytes(&path).await?;
    assert!(status == 200 && bytes == noise(), "{status}, {} bytes", bytes.len());
    Ok(())
}

/// Something that is long enough to break off, and nowhere the same.
fn noise() -> Vec<u8> {
    (0_u32..200_000).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

/// Waits for both entries: the centre has them when the client is answered, and shows them a moment later.
async fn until_charted(api: &Api, assignment: &str) -> Result<Value> {
    eventually("the patient's chart", SOON, || async {
        let seen = api.get(&format!("/api/v1/assignments/{assignment}")).await?;
        let alerted = seen["charts"][0]["alerts"].as_array().is_some_and(|alerts| !alerts.is_empty());
        if alerted { Ok(Some(seen)) } else { bail!("{seen}") }
    })
    .await
}

/// The client as a unit's vehicle at its station; what it is to do is still to be said.
pub(crate) fn python_vehicle(city: &City, unit: &str) -> Result<Command> {
    let (longitude, latitude) = city.station_of(unit)?;
    let mut command = Command::new(python()?);
    command
        .arg(tree::root().join("tests/python/vehicle_client.py"))
        .args(["--centre", &format!("127.0.0.1:{}", city.link_port())])
        .arg("--certificates")
        .arg(city.certificate(unit)?)
        .arg("--proto")
        .arg(tree::root().join("vehicle-agent/link/proto"))
        .args(["--longitude", &longitude.to_string(), "--latitude", &latitude.to_string()]);
    Ok(command)
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

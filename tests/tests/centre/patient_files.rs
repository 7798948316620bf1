//! ECGs and photos: from a monitor or the crew's tablet through the vehicle's disk to the centre, over its death in the middle, and to the
//! other node.

use std::io::Read;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use system_tests::agent::Agent;
use system_tests::api::Api;
use system_tests::city::City;
use system_tests::deadline::eventually;
use system_tests::ports;
use system_tests::process::{program, run};

use crate::pair::Pair;
use crate::tables::{SOON, crewed, place_near, text};

/// Two megabytes at a vehicle's pace.
const SENT_WITHIN: Duration = Duration::from_mins(2);

/// Sends a unit to somebody, and its crew goes there.
async fn at_a_patient(city: &City, api: &Api, agent: &Agent) -> Result<String> {
    let incident = api.incident("胸痛", &place_near(city, "A01")?).await?;
    let path = format!("/api/v1/incidents/{}/assignments", text(&incident, "id")?);
    let assignment = api.post(&path, json!({"unit": "A01", "proposal": null, "reason": "试"})).await?;
    let id = text(&assignment, "id")?.to_owned();
    agent.sees("the order", SOON, |state| state["orders"][0]["assignment"] == id).await?;
    agent.press(&id, "rolling").await?;
    Ok(id)
}

/// What the terminal says of the files of the first patient.
fn files(state: &Value) -> Vec<Value> {
    state["orders"][0]["patients"][0]["files"].as_array().cloned().unwrap_or_default()
}

fn is_kept(file: &Value) -> bool {
    file["at_centre"] == file["bytes"]
}

async fn path_of(api: &Api, assignment: &str, kind: &str) -> Result<String> {
    let charts = api.get(&format!("/api/v1/assignments/{assignment}/charts")).await?;
    let files = charts["items"][0]["files"].as_array().context("files are charted")?;
    let file = files.iter().find(|file| file["kind"] == kind).context("one of this kind")?;
    Ok(format!("/api/v1/assignments/{assignment}/files/{}", text(file, "id")?))
}

/// Something that no packing makes shorter.
fn noise(bytes: usize) -> Vec<u8> {
    (0_u64..).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u8).take(bytes).collect()
}

#[tokio::test]
async fn a_monitors_ecg_and_a_photo_reach_the_centre_through_its_death() -> Result<()> {
    let city = City::make("files", 2)?;
    let monitor = ports::tcp()?;
    city.amend("agents/A01.toml", |agent| {
        agent.insert("monitor".into(), format!("mllp://127.0.0.1:{monitor}").into());
    })?;
    let mut centre = city.start_centre().await?;
    let api = city.api()?;
    let agent = crewed(&city, &api, "A01").await?;
    let assignment = at_a_patient(&city, &api, &agent).await?;

    let mut sim = Command::new(program("sim")?);
    sim.args(["monitor", "--readings", "1", "--ecg-every", "1", "--to"]).arg(format!("127.0.0.1:{monitor}"));
    let (status, said) = run(&mut sim)?;
    ensure!(status.success(), "sim monitor: {said}");
    agent.sees("the ECG at the centre", SOON, |state| files(state).iter().any(is_kept)).await?;
    let ecg = path_of(&api, &assignment, "ecg").await?;
    let (status, packed) = api.bytes(&ecg).await?;
    assert_eq!(status, 200);
    let mut unpacked = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked)?;
    assert_eq!(unpacked.matches("MDC_ECG_LEAD_").count(), 12, "twelve leads");

    let photo = noise(2_000_000);
    agent.keep_file(&assignment, "photo", "image/jpeg", photo.clone()).await?;
    let half_way = |file: &Value| file["kind"] == "photo" && file["at_centre"].as_u64() > Some(600_000);
    let seen = agent.sees("half of the photo gone", SOON, |state| files(state).iter().any(half_way)).await?;
    let on_its_way = path_of(&api, &assignment, "photo").await?;
    assert_eq!(api.bytes(&on_its_way).await?.0, 503, "it is not whole: {seen}");
    centre.kill()?;
    let _centre = city.start_centre().await?;
    let whole =
        agent.sees("the photo at the centre", SENT_WITHIN, |state| files(state).iter().all(is_kept)).await?;
    assert_eq!(files(&whole).len(), 2);
    assert_eq!(api.bytes(&on_its_way).await?, (200, photo));
    // It went on where it was: of the pieces of 8 KiB this centre has taken fewer than there are.
    let taken = api.metric("jichi_vehicles_files_total").await?;
    assert!(taken < 0.8 * 2_000_000.0 / 8192.0, "{taken} answers to pieces since the start");
    assert_eq!(api.bytes(&on_its_way.replace(&assignment, "assignment_x")).await?.0, 404);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_vehicle_may_forget_the_other_node_has() -> Result<()> {
    let mut pair = Pair::start("files-pair").await?;
    let agent = crewed(&pair.city, pair.api(0), "A01").await?;
    let assignment = at_a_patient(&pair.city, pair.api(0), &agent).await?;
    let photo = noise(200_000);
    pair.postgres.kill()?;
    agent.keep_file(&assignment, "photo", "image/jpeg", photo.clone()).await?;
    let path = eventually("the photo at the desk", SOON, || async {
        let path = path_of(pair.api(0), &assignment, "photo").await?;
        let (status, bytes) = pair.api(0).bytes(&path).await?;
        if status == 200 && bytes == photo { Ok(Some(path)) } else { bail!("{status}") }
    })
    .await?;
    pair.postgres.start_again().await?;
    pair.wait_for(0, "normal").await?;
    // Another one, so that its answer comes after the first was copied.
    agent.keep_file(&assignment, "photo", "image/jpeg", noise(10_000)).await?;
    agent
        .sees("both at the centre", SOON, |state| files(state).len() == 2 && files(state).iter().all(is_kept))
        .await?;
    copied(pair.api(0)).await?;
    pair.kill(0)?;
    pair.wait_for(1, "normal").await?;
    assert_eq!(pair.api(1).bytes(&path).await?, (200, photo));
    Ok(())
}

/// Both files are in PostgreSQL.
async fn copied(api: &Api) -> Result<()> {
    eventually("both files in PostgreSQL", SOON, || async {
        let copied = api.metric("jichi_files_copied_total").await?;
        if copied >= 2.0 { Ok(Some(())) } else { bail!("{copied}") }
    })
    .await
}

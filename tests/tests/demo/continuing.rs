//! Left alone, the demo finishes runs within three minutes; stopped and started again, it goes on where it stopped.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;
use system_tests::api::Api;
use system_tests::deadline::eventually;
use system_tests::judge::judge;
use system_tests::process::{program, run};
use system_tests::scratch::Scratch;

use crate::running::{Demo, SOON, Wanted, text};

const RUN_WITHIN: Duration = Duration::from_mins(3);
/// Two units and more at a station, so that equal arrivals are ranked by their codes.
const WANTED: Wanted = Wanted { units: 20, seats: "all", clock_rate: 30 };

#[tokio::test]
async fn a_demo_left_alone_finishes_runs_and_goes_on_after_a_stop() -> Result<()> {
    let scratch = Scratch::new("continuing")?;
    let state = scratch.join("demo");
    std::fs::create_dir(&state)?;
    let demo = Demo::start(&state, &WANTED).await?;
    let number = finished_run(demo.api()).await?;
    let before = incidents(demo.api()).await?;
    let stopped_at = now(demo.api()).await?;
    let said = demo.stop()?;
    assert!(said.contains("Stopped at"), "{said}");
    assert!(!state.join("pids").exists(), "a stopped demo leaves no process behind");

    let demo = Demo::start(&state, &WANTED).await?;
    let after = incidents(demo.api()).await?;
    let lost: Vec<_> = before.iter().filter(|number| !after.contains(number)).collect();
    assert!(lost.is_empty(), "lost over the stop: {lost:?}");
    assert!(report(demo.api()).await?.contains(&number), "the run {number} is still in the report");
    let started_at = now(demo.api()).await?;
    assert!(started_at >= stopped_at, "the domain clock never goes back: {stopped_at} then {started_at}");
    eventually("a further incident", SOON * 2, || async {
        let seen = incidents(demo.api()).await?;
        if seen.len() > after.len() { Ok(Some(())) } else { bail!("{} incidents", seen.len()) }
    })
    .await?;
    demo.stop()?;
    every_proposal_holds(&state)
}

/// What the living centre proposed comes out of its recorded inputs again: in its own core, and by a judge that shares nothing
/// with it.
fn every_proposal_holds(state: &Path) -> Result<()> {
    let journal = |verb: &[&str]| {
        run(Command::new(program("dispatchd")?)
            .args(verb)
            .arg("--journal")
            .arg(state.join("data/journal.sqlite")))
    };
    let (replayed, said) = journal(&["replay"])?;
    assert!(replayed.success() && said.contains("SAME"), "{said}");
    let (exported, events) = journal(&["journal", "export"])?;
    assert!(exported.success(), "{events}");
    let seen = judge(&events)?;
    assert!(seen.proposals >= 5 && seen.at_station > 0, "too little to judge: {seen:?}");
    assert!(seen.ties > 0, "units of one station tie, or their order is never put to the test: {seen:?}");
    Ok(())
}

/// The number of an incident that was carried to its end and is in the report.
async fn finished_run(api: &Api) -> Result<String> {
    eventually("a finished run in the report", RUN_WITHIN, || async {
        let report = report(api).await?;
        let ended = api.list("/api/v1/incidents?state=ended").await?;
        let done = ended.iter().find(|incident| incident["end"]["how"]["outcome"] == "done");
        match done {
            Some(incident) if report.contains(text(incident, "number")?) => {
                Ok(Some(text(incident, "number")?.to_owned()))
            }
            _ => bail!("{} ended incidents, {done:?}", ended.len()),
        }
    })
    .await
}

async fn incidents(api: &Api) -> Result<Vec<String>> {
    let all = api.list("/api/v1/incidents?state=all&limit=1000").await?;
    all.iter().map(|incident| text(incident, "number").map(str::to_owned)).collect()
}

async fn report(api: &Api) -> Result<String> {
    let report =
        api.get("/api/v1/reports/response-times?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z").await?;
    Ok(report.to_string())
}

/// The domain clock. RFC 3339 times in UTC compare as text.
async fn now(api: &Api) -> Result<String> {
    let time: Value = api.get("/api/v1/time").await?;
    Ok(text(&time, "now")?.to_owned())
}

//! Closing a bridge: found on the map by asking which road is where, closed, seen in the proposal, opened again.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::api::Api;
use system_tests::deadline::eventually;
use uuid::Uuid;

use crate::running::{SOON, text};

/// Two proposals less apart than this are the same: a standing vehicle's position still moves by metres.
const SAME_WITHIN_S: f64 = 10.0;

/// Points asked for on a straight line between two stations.
const POINTS: u32 = 120;

/// Longitude and latitude in degrees, WGS-84.
pub(crate) type At = (f64, f64);

/// Seconds of driving by unit.
type Times = BTreeMap<String, f64>;

/// Some bridge is on somebody's way: with it closed, the proposal has other times; opened again, the first ones.
pub(crate) async fn a_closed_bridge_changes_the_proposal(api: &Api) -> Result<()> {
    let stations = stations(api).await?;
    let incident = api.incident("胸痛", &place(&stations[0])).await?;
    let incident = text(&incident, "id")?;
    let before = eventually("a proposal of several units", SOON, || async {
        let seen = times(api, incident).await?;
        if seen.len() > 1 { Ok(Some(seen)) } else { bail!("{seen:?}") }
    })
    .await?;
    let mut tried = Vec::new();
    for (name, at) in bridges(api, &stations).await? {
        let closure = close(api, at).await?;
        let closed = times(api, incident).await?;
        open(api, text(&closure, "id")?).await?;
        tried.push((name, closed.clone()));
        if is_same(&before, &closed) {
            continue;
        }
        eventually("the first times after the bridge was opened", SOON, || async {
            let seen = times(api, incident).await?;
            if is_same(&before, &seen) { Ok(Some(())) } else { bail!("{seen:?}, not {before:?}") }
        })
        .await?;
        api.post(&format!("/api/v1/incidents/{incident}/cancel"), json!({"reason": "演练结束"})).await?;
        return Ok(());
    }
    bail!("no bridge changes {before:?}: {tried:?}")
}

/// Where the stations are, in the centre's order.
pub(crate) async fn stations(api: &Api) -> Result<Vec<At>> {
    let list = api.list("/api/v1/stations").await?;
    list.iter().map(|station| at(&station["position"]).with_context(|| station.to_string())).collect()
}

/// A place some streets away from a station.
pub(crate) fn place(station: &At) -> Value {
    json!({"position": {"longitude": station.0 + 0.004, "latitude": station.1 + 0.003}, "address": "", "waiting_place": ""})
}

/// The bridges on the straight lines from the first station to the others, each once.
async fn bridges(api: &Api, stations: &[At]) -> Result<BTreeMap<String, At>> {
    let mut found = BTreeMap::new();
    let from = stations[0];
    for to in &stations[1..] {
        for step in 0..=POINTS {
            let share = f64::from(step) / f64::from(POINTS);
            let here = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            let path = format!("/api/v1/roads/nearest?longitude={}&latitude={}", here.0, here.1);
            let road = api.try_get(&path).await?;
            if road.body["bridge"] == true {
                found.entry(format!("{} {}", road.body["name"], road.body["way"])).or_insert(here);
            }
        }
    }
    anyhow::ensure!(!found.is_empty(), "no bridge lies between the stations");
    Ok(found)
}

async fn close(api: &Api, at: At) -> Result<Value> {
    let near = json!({"longitude": at.0, "latitude": at.1});
    api.post("/api/v1/closures", json!({"near": near, "reason": "演练"})).await
}

async fn open(api: &Api, closure: &str) -> Result<()> {
    let path = format!("/api/v1/closures/{closure}");
    let answer = api.ask(Method::DELETE, &path, None, &Uuid::now_v7().to_string()).await?;
    anyhow::ensure!(answer.status.as_u16() == 204, "{path}: {} {}", answer.status, answer.body);
    Ok(())
}

/// Who would come if one were sent at this moment, and how long each would drive.
async fn times(api: &Api, incident: &str) -> Result<Times> {
    let seen = api.post(&format!("/api/v1/incidents/{incident}/proposal"), json!({})).await?;
    let candidates = seen["candidates"].as_array().context("candidates")?;
    Ok(candidates
        .iter()
        .filter_map(|candidate| {
            Some((candidate["unit"].as_str()?.to_owned(), candidate["travel_s"].as_f64()?))
        })
        .collect())
}

fn is_same(one: &Times, other: &Times) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(unit, time)| other.get(unit).is_some_and(|seen| (seen - time).abs() < SAME_WITHIN_S))
}

fn at(position: &Value) -> Option<At> {
    Some((position["longitude"].as_f64()?, position["latitude"].as_f64()?))
}

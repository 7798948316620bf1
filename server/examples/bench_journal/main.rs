//! How many commands a second the centre makes durable, against PostgreSQL's single-row commits in the same run on the
//! same disk, how many positions it takes in for a second of processor time, and how long it takes to start on a million events.
//!
//! `cargo run --release -p server --example bench_journal -- target/bench/journal.json`

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

mod centre;
mod postgres;
mod start;
#[path = "../../src/postgres/throwaway.rs"]
mod throwaway;

use std::time::Duration;

use serde::Serialize;

/// One line of the result.
#[derive(Debug, Serialize)]
struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    /// What it is compared with, in the same run.
    peer: Option<f64>,
    /// `value` / `peer`.
    ratio: Option<f64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1);
    let postgres = postgres::commits_per_second(64, RUN, RUNS).await?;
    let mut rows = Vec::new();
    for clients in [1, 16, 64] {
        let value = centre::commits_per_second(clients, RUN, RUNS).await?;
        let peer = postgres.filter(|_| clients == 64);
        let what = format!("durable commands, {clients} clients");
        rows.push(Row { what, value, unit: "1/s", peer, ratio: peer.map(|peer| value / peer) });
    }
    if let Some(value) = postgres {
        let what = "PostgreSQL, single-row commits, 64 clients".to_owned();
        rows.push(Row { what, value, unit: "1/s", peer: None, ratio: None });
    }
    let value = centre::positions_per_cpu_second()?;
    let what = "positions taken in, 10,000 units".to_owned();
    rows.push(Row { what, value, unit: "1/CPU-s", peer: None, ratio: None });
    let starts = start::starts().await?;
    let on = |how: &str| format!("start on {} events, {how}", starts.events);
    for (how, value) in [("snapshot", starts.from_snapshot_s), ("event by event", starts.event_by_event_s)] {
        rows.push(Row { what: on(how), value: value * 1e3, unit: "ms", peer: None, ratio: None });
    }
    for row in &rows {
        let ratio = row.ratio.map(|ratio| format!("{ratio:.1} x the peer")).unwrap_or_default();
        println!("{:<45}{:>12.0} {:<9}{ratio}", row.what, row.value, row.unit);
    }
    if let Some(path) = path {
        std::fs::write(&path, serde_json::to_vec_pretty(&rows)?)?;
    }
    Ok(())
}

/// The middle of several measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const RUN: Duration = Duration::from_secs(2);
const RUNS: usize = 3;

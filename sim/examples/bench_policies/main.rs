//! The city twin on the reference case: is it exact, how many calls a second does one core live through, how long until a case is
//! ready. `cargo run --release -p sim --example bench_policies -- CASE [ROWS.json]`. Prints a table and writes rows of
//! `{"what","value","unit","peer","ratio"}`. With `--train` instead of rows it measures nothing: a build with counters in it counts. The peer is the reference simulator itself as measured for this project.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

mod decisions;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use mimalloc::MiMalloc;
use serde_json::{Value, json};
use sim::case::{Case, Generator, Keep, SeedSet, read_calls};
use sim::twin::{Twin, golden};

/// The one that `sim` runs with.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().context("name the folder of the case")?;
    let path = args.next().unwrap_or_else(|| "target/bench/policies.json".to_owned());
    let folder = Path::new(&folder);
    if path == "--train" {
        return train(folder);
    }
    let mut rows = Vec::new();
    let begun = Instant::now();
    let case = Case::read(folder)?;
    let roads_s = begun.elapsed().as_secs_f64();
    let twin = Twin::new(case, true)?;
    rows.push(row("B4 a case made ready, cover included", begun.elapsed().as_secs_f64(), "s", Some(49.0)));
    rows.push(row("B4 ... of that its roads", roads_s, "s", None));
    rows.push(row("B4 ... memory at its peak", peak_mib(), "MiB", None));
    rows.push(row("B4 the same again, from what was kept", again_s(folder)?, "s", None));
    for golden in &GOLDEN {
        measure(&twin, folder, golden, &mut rows)?;
    }
    let matching = decisions::matching()?;
    rows.push(row("B9 a matching of 64 x 64, median", matching.median_s * 1e3, "ms", None));
    rows.push(row("B9 a matching of 64 x 64, p99", matching.p99_s * 1e3, "ms", None));
    let zones = twin.cover()?.into_iter().next().context("the case has no demand")?;
    let move_up = decisions::move_up(&zones)?;
    rows.push(row("B9 a move-up by DMEXCLP, median", move_up.median_s * 1e6, "us", None));
    rows.push(row("B9 a move-up by DMEXCLP, p99", move_up.p99_s * 1e6, "us", None));
    let calls = read_calls(&folder.join("golden").join(GOLDEN[0].file), twin.case().hospitals.len())?;
    let rollout = decisions::rollout(&twin, &calls)?;
    let of = "B9 rollout 5 candidates x 200 scenarios x 90 min";
    rows.push(row(&format!("{of}, median"), rollout.median_s * 1e3, "ms", None));
    rows.push(row(&format!("{of}, p99"), rollout.p99_s * 1e3, "ms", None));
    println!("{:<58} {:>14} {:<10} {:>12} {:>8}", "what", "value", "unit", "peer", "ratio");
    for row in &rows {
        let number =
            |key: &str| row[key].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let (value, peer, ratio) = (number("value"), number("peer"), number("ratio"));
        println!("{:<58} {value:>14} {:<10} {peer:>12} {ratio:>8}", text("what"), text("unit"));
    }
    if let Some(folder) = Path::new(&path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, serde_json::to_vec_pretty(&rows)?)?;
    Ok(())
}

/// Lives through generated days under every policy, for a build that is guided by what such days do most. Never those that are
/// measured.
fn train(folder: &Path) -> anyhow::Result<()> {
    let twin = Twin::new(Case::read(folder)?, true)?;
    let generator = Generator::read(twin.case(), SeedSet::Train)?;
    let policies = GOLDEN.iter().map(|golden| golden.policy).chain([BEST]);
    let calls = generator.calls(0, TRAINING_DAYS);
    let spots = twin.spots(&calls);
    for policy in policies {
        twin.run(policy, &calls, &spots)?;
    }
    Ok(())
}

/// One policy, the reference's answers under it, and how many calls a second the reference itself manages, where that is known.
struct Golden {
    policy: &'static str,
    file: &'static str,
    target: &'static str,
    peer: Option<f64>,
}

fn measure(twin: &Twin, folder: &Path, golden: &Golden, rows: &mut Vec<Value>) -> anyhow::Result<()> {
    let &Golden { policy, file, target, peer } = golden;
    let path = folder.join("golden").join(file);
    let calls = read_calls(&path, twin.case().hospitals.len())?;
    let spots = twin.spots(&calls);
    let mut seconds = Vec::new();
    let mut events = 0;
    for run in 0..RUNS {
        let begun = cpu_time();
        let mut outcome = twin.run(policy, &calls, &spots)?;
        for _ in 1..LIVES {
            outcome = twin.run(policy, &calls, &spots)?;
        }
        seconds.push(cpu_time().saturating_sub(begun).as_secs_f64() / f64::from(LIVES));
        events = outcome.events;
        if run == 0 {
            let agreement = golden::agreement(&path, &calls, &spots, &outcome.answers)?;
            let same = (agreement.calls - agreement.differ) as f64 / agreement.calls as f64 * 100.0;
            rows.push(row(&format!("B1 {policy}: calls the same as the reference's"), same, "%", None));
            agreement.differing.iter().for_each(|line| println!("{line}"));
        }
    }
    seconds.sort_by(f64::total_cmp);
    let median_s = seconds[seconds.len() / 2];
    let count = calls.len() as f64;
    rows.push(row(&format!("{target} {policy}: through the core"), count / median_s, "calls/s", peer));
    rows.push(row(&format!("{target} ... events of the core"), events as f64 / median_s, "events/s", None));
    Ok(())
}

/// How long it takes to make a case ready of which everything costly was kept, seconds.
fn again_s(folder: &Path) -> anyhow::Result<f64> {
    let kept = std::env::temp_dir().join(format!("jichi-bench-{}", std::process::id()));
    let ready = || -> anyhow::Result<f64> {
        let begun = Instant::now();
        let case = Case::read_kept(folder, |files| Keep::within(kept.clone(), files).map(Some))?;
        drop(Twin::new(case, true)?);
        Ok(begun.elapsed().as_secs_f64())
    };
    ready()?;
    let again_s = ready()?;
    std::fs::remove_dir_all(kept)?;
    Ok(again_s)
}

fn row(what: &str, value: f64, unit: &str, peer: Option<f64>) -> Value {
    let ratio = peer.map(|peer| if unit == "s" { peer / value } else { value / peer });
    json!({ "what": what, "value": value, "unit": unit, "peer": peer, "ratio": ratio })
}

/// Time this thread has spent on a processor; the wall clock where the system does not say.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| STARTED.with(Instant::elapsed), Duration::from_nanos)
}

/// The most memory the process has held; 0 where the system does not say.
fn peak_mib() -> f64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

thread_local! {
    static STARTED: Instant = Instant::now();
}

const GOLDEN: [Golden; 4] = [
    Golden { policy: "closest", file: "train_rep1_nonenoredisp.csv.gz", target: "B2", peer: Some(31_700.0) },
    Golden { policy: "closest-preempt", file: "train_rep1_none.csv.gz", target: "B2", peer: None },
    Golden { policy: "dmexclp:0.4", file: "train_rep1_dmexclp0.4noredisp.csv.gz", target: "B3", peer: None },
    Golden {
        policy: "closest-preempt+dmexclp:0.4",
        file: "train_rep1_dmexclp0.4.csv.gz",
        target: "B3",
        peer: Some(18_100.0),
    },
];
const RUNS: usize = 9;
/// The calls are lived through so many times in each run: some systems count processor time in ticks of four milliseconds.
const LIVES: u32 = 8;
/// What tuning finds.
const BEST: &str = "matching+relief+bounded:300+dmexclp:0.3";
const TRAINING_DAYS: f64 = 30.0;

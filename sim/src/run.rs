//! `sim run`: the calls of a file, lived through in a case under a policy, and what became of each.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use sim::case::{multiplied, read_calls};
use sim::twin::{Twin, write_answers};

use crate::compare::{BEST, read_case, resolved};
use crate::what_if::{WhatIf, factor};

pub(crate) const RUN_HELP: &str = "Policies: closest | closest-preempt | closest-guarded, each alone or with +dmexclp:Q; dmexclp:Q; matching, +relief, +bounded:S; best. With
+rollout:R behind it the desk follows every second opinion, with R futures for each candidate (slow). Q is the share of time that a unit is
busy; best is what a short tuning on the case's training seeds finds. Units are taken from less urgent calls by the table that the
case's sim_config.xml names.

Examples:
  sim run --case auckland --policy closest --calls day.csv.gz --out answers.csv
  sim run --case auckland --policy closest-preempt+dmexclp:0.4 --calls day.csv --out answers.csv
  sim run --case auckland --policy closest --calls day.csv --calls ×2 --remove-unit 4 --out answers.csv";

#[derive(Args)]
pub(crate) struct RunArgs {
    /// The folder of the case, in the form of the simulator JEMSS.
    #[arg(long)]
    case: PathBuf,
    /// The policy with its parameters.
    #[arg(long)]
    policy: String,
    /// The calls, CSV, packed by gzip or not; once more with ×N (whole) for so many times the calls.
    #[arg(long, required = true, value_name = "FILE|×N")]
    calls: Vec<PathBuf>,
    /// The file to write: one row a call.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    what_if: WhatIf,
}

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<()> {
    let begun = Instant::now();
    let with_cover = args.policy == BEST || Twin::wants_cover(&args.policy)?;
    let (file, times) = calls_and_times(&args.calls)?;
    let twin = Twin::new(read_case(&args.case, &args.what_if.changes(RUN_DAYS))?, with_cover)?;
    let policy = resolved(&twin, &args.policy)?;
    let calls = multiplied(&read_calls(file, twin.case().hospitals.len())?, times);
    let spots = twin.spots(&calls);
    let ready = Instant::now();
    let outcome = twin.run(&policy, &calls, &spots)?;
    let lived = ready.elapsed();
    let cannot = || format!("cannot write {}", args.out.display());
    let mut to = std::io::BufWriter::new(std::fs::File::create(&args.out).with_context(cannot)?);
    write_answers(&mut to, &calls, &outcome.answers).and_then(|()| to.flush()).with_context(cannot)?;
    eprintln!(
        "{} calls in {:.3} s ({:.0} a second, {} events), made ready in {:.3} s",
        calls.len(),
        lived.as_secs_f64(),
        calls.len() as f64 / lived.as_secs_f64(),
        outcome.events,
        (ready - begun).as_secs_f64(),
    );
    Ok(())
}

/// The file of calls, and how many times each comes in.
fn calls_and_times(given: &[PathBuf]) -> anyhow::Result<(&Path, u32)> {
    let of = |path: &PathBuf| factor(&path.to_string_lossy());
    let files: Vec<&PathBuf> = given.iter().filter(|path| of(path).is_none()).collect();
    let times: Vec<f64> =
        given.iter().filter_map(of).collect::<Result<_, String>>().map_err(anyhow::Error::msg)?;
    let [file] = files.as_slice() else { bail!("--calls: name one file of calls") };
    match times.as_slice() {
        [] => Ok((file, 1)),
        [times] if times.fract() == 0.0 => Ok((file, *times as u32)),
        _ => bail!("--calls: calls of a file are multiplied once, by a whole number"),
    }
}

/// As long as traffic is told apart by the hour in a file of calls.
const RUN_DAYS: u32 = 60;

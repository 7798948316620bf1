//! `sim run`: the calls of a file, lived through in a case under a policy, and what became of each.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use sim::case::{Case, read_calls};
use sim::twin::{Twin, write_answers};

use crate::compare::{BEST, resolved};

pub(crate) const RUN_HELP: &str = "Policies: closest | closest-preempt | closest-guarded, each alone or with +dmexclp:Q; dmexclp:Q; best. Q is the share of time that a unit is
busy; best is what a short tuning on the case's training seeds finds. Units are taken from less urgent calls by the table that the
case's sim_config.xml names.

Examples:
  sim run --case auckland --policy closest --calls day.csv.gz --out answers.csv
  sim run --case auckland --policy closest-preempt+dmexclp:0.4 --calls day.csv --out answers.csv";

#[derive(Args)]
pub(crate) struct RunArgs {
    /// The folder of the case, in the form of the simulator JEMSS.
    #[arg(long)]
    case: PathBuf,
    /// The policy with its parameters.
    #[arg(long)]
    policy: String,
    /// The calls, CSV, packed by gzip or not.
    #[arg(long)]
    calls: PathBuf,
    /// The file to write: one row a call.
    #[arg(long)]
    out: PathBuf,
}

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<()> {
    let begun = Instant::now();
    let with_cover = args.policy == BEST || Twin::wants_cover(&args.policy)?;
    let twin = Twin::new(Case::read(&args.case)?, with_cover)?;
    let policy = resolved(&twin, &args.policy)?;
    let calls = read_calls(&args.calls, twin.case().hospitals.len())?;
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

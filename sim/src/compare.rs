//! `sim compare` and `sim tune`: policies on the same generated days.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use sim::case::{Case, Generator, SeedSet};
use sim::twin::Twin;
use sim::twin::comparison::{Comparison, Extent, compare};
use sim::twin::tuning::tune;

pub(crate) const COMPARE_HELP: &str = "Calls are drawn by the case's own gen_config with its seeds; every policy meets the same ones. The first policy is the
one the others are compared with: differences are within each replication, with 95 % intervals by Student's t.

Examples:
  sim compare --case auckland --policy closest --policy dmexclp:0.4 --replications 10 --days 14
  sim compare --case auckland --policy closest-preempt --policy best --replications 30 --days 14 --json comparison.json";

#[derive(Args)]
pub(crate) struct CompareArgs {
    /// The folder of the case, in the form of the simulator JEMSS.
    #[arg(long)]
    case: PathBuf,
    /// A policy; the first is what the others are compared with. `best` is what tuning finds.
    #[arg(long, required = true)]
    policy: Vec<String>,
    /// How many replications, each with days of its own.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    replications: u64,
    /// How many days count in each, after one to warm up.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// Whose seeds: what was tuned on the one is judged on the other.
    #[arg(long, value_enum, default_value_t = Seeds::Test)]
    seeds: Seeds,
    /// Write every statistic there, replication by replication.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct TuneArgs {
    /// The folder of the case, in the form of the simulator JEMSS.
    #[arg(long)]
    case: PathBuf,
    /// How many replications, of the training seeds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    replications: u64,
    /// How many days count in each, after one to warm up.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Seeds {
    Train,
    Test,
}

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<()> {
    let wants = |policy: &String| Ok(policy == BEST || Twin::wants_cover(policy)?);
    let wants: Vec<bool> = args.policy.iter().map(wants).collect::<anyhow::Result<_>>()?;
    let twin = Twin::new(Case::read(&args.case)?, wants.contains(&true))?;
    let policies: Vec<String> =
        args.policy.iter().map(|policy| resolved(&twin, policy)).collect::<anyhow::Result<_>>()?;
    let seeds = if args.seeds == Seeds::Train { SeedSet::Train } else { SeedSet::Test };
    let extent = Extent { replications: args.replications, days: f64::from(args.days) };
    let comparison = compare(&twin, &generator(&twin, seeds)?, &policies, extent)?;
    show(&comparison);
    match &args.json {
        Some(path) => write(path, &comparison),
        None => Ok(()),
    }
}

pub(crate) fn run_tuning(args: &TuneArgs) -> anyhow::Result<()> {
    let twin = Twin::new(Case::read(&args.case)?, true)?;
    let extent = Extent { replications: args.replications, days: f64::from(args.days) };
    let tuned = tune(&twin, &generator(&twin, SeedSet::Train)?, extent)?;
    show(&tuned.tried);
    print(&format!("best on the training seeds: {}", tuned.best));
    Ok(())
}

/// A policy by its name; `best` is found by a short tuning on the case's training seeds.
pub(crate) fn resolved(twin: &Twin, policy: &str) -> anyhow::Result<String> {
    if policy != BEST {
        return Ok(policy.to_owned());
    }
    let best = tune(twin, &generator(twin, SeedSet::Train)?, BRIEFLY)?.best;
    eprintln!("best: {best}");
    Ok(best)
}

fn generator(twin: &Twin, seeds: SeedSet) -> anyhow::Result<Generator> {
    Ok(Generator::read(twin.case(), seeds)?)
}

fn show(comparison: &Comparison) {
    let first = comparison.policies.first();
    print(&format!("{:<34} {:<15} {:>22} {:>24}", "policy", "figure", "mean", "less the first"));
    for compared in &comparison.policies {
        for (estimate, difference) in compared.figures.iter().zip(&compared.difference) {
            let shown = |mean: f64, half: Option<f64>| {
                let half = half.map_or_else(String::new, |half| format!(" +- {half:.4}"));
                format!("{mean:.4}{half}")
            };
            let less = if first.is_some_and(|first| first == compared) {
                String::new()
            } else {
                shown(difference.mean, difference.half_width)
            };
            let mean = shown(estimate.mean, estimate.half_width);
            print(&format!("{:<34} {:<15} {mean:>22} {less:>24}", compared.policy, estimate.figure));
        }
    }
}

fn write(path: &Path, comparison: &Comparison) -> anyhow::Result<()> {
    std::fs::write(path, serde_json::to_vec_pretty(comparison)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the table is what the command is for")]
fn print(line: &str) {
    println!("{line}");
}

/// The policy that tuning finds.
pub(crate) const BEST: &str = "best";
/// Enough days to choose between parameters that differ at all.
const BRIEFLY: Extent = Extent { replications: 4, days: 7.0 };

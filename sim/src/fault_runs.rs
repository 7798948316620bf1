//! `sim faults`: two machines and a PostgreSQL, and everything that can go wrong between them.

use clap::{Args, ValueEnum};
use sim::faults::{self, Mode};

#[derive(Args)]
pub(crate) struct FaultsArgs {
    /// The seed; the same seed repeats the same run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long each run is, steps of 20 simulated milliseconds.
    #[arg(long, default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    steps: u64,
    /// What goes wrong.
    #[arg(long, value_enum, default_value_t = ModeName::Safety)]
    mode: ModeName,
    /// How many runs, each under the next seed.
    #[arg(long, default_value_t = 1)]
    runs: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    /// Anything at any time.
    Safety,
    /// From half-way on only what is broken for good stays broken.
    Liveness,
}

/// Runs them; the first law that breaks ends it.
pub(crate) fn run(args: &FaultsArgs) -> anyhow::Result<()> {
    let mode = match args.mode {
        ModeName::Safety => Mode::Safety,
        ModeName::Liveness => Mode::Liveness,
    };
    for seed in args.seed..args.seed.saturating_add(args.runs) {
        let tally = faults::run(seed, args.steps, mode)?;
        eprintln!(
            "seed {seed}: every law held. {} events acknowledged ({} with the follower's copy), {} as an island; {} leaderships, {} hand-overs, {} ends, {} fail-overs, {} stretches set aside, {} of them brought in; {} calls, {} orders taken, {} refused for their epoch",
            tally.acknowledged,
            tally.by_follower,
            tally.island,
            tally.leaderships,
            tally.hand_overs,
            tally.ends,
            tally.fail_overs,
            tally.quarantined,
            tally.brought_in,
            tally.calls,
            tally.orders,
            tally.stale_orders,
        );
    }
    Ok(())
}

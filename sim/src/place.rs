//! `sim place`: where a city's units should be based, by what they are expected to cover.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use dispatch_core::policy::placement::place;
use sim::case::{Case, Keep};
use sim::twin::Twin;

pub(crate) const PLACE_HELP: &str = "Expected cover is MEXCLP's: of the calls in reach of k free units the share 1 - Q^k, where Q is the share of time that a unit is
busy. The hours of the case's demand are placed one by one. Try what is proposed with `sim compare` before anybody moves.

Examples:
  sim place --case auckland
  sim place --case auckland --busy 0.5 --units 22";

#[derive(Args)]
pub(crate) struct PlaceArgs {
    /// The folder of the case, in the form of the simulator JEMSS.
    #[arg(long)]
    case: PathBuf,
    /// The share of time that a unit is busy.
    #[arg(long, default_value_t = 0.4)]
    busy: f64,
    /// How many units; the case's own number when left out.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=5_000))]
    units: Option<u16>,
}

pub(crate) fn run(args: &PlaceArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        (0.0..1.0).contains(&args.busy),
        "--busy {}: a share of time from 0 to below 1",
        args.busy
    );
    let twin = Twin::new(Case::read_kept(&args.case, Keep::of)?, true)?;
    let case = twin.case();
    let mut based = vec![0_u16; case.stations.len()];
    for &station in &case.ambulances {
        based[station] += 1;
    }
    let count = args.units.map_or_else(|| u16::try_from(case.ambulances.len()), Ok);
    let count = count.context("the case has more ambulances than can be placed")?;
    let room = vec![count; case.stations.len()];
    let mut out = std::io::stdout().lock();
    for (number, zones) in twin.cover()?.iter().enumerate() {
        let found = place(zones, args.busy, count, &room);
        let whole: f64 = zones.zones().map(|(_, calls_per_day)| calls_per_day).sum();
        writeln!(out, "period {}: {whole:.1} calls a day in reach of a station", number + 1)?;
        writeln!(out, "{:<28} {:>8} {:>8}", "station · 急救站", "now", "placed")?;
        for (station, (now, placed)) in case.stations.iter().zip(based.iter().zip(&found.units)) {
            writeln!(out, "{:<28} {now:>8} {placed:>8}", station.name)?;
        }
        let covered = zones.covered(args.busy, &based);
        writeln!(
            out,
            "{:<28} {covered:>8.1} {:>8.1}\n",
            "calls a day covered · 覆盖", found.covered_per_day
        )?;
    }
    Ok(())
}

//! `sim compare` and `sim tune`: policies on the same generated days.

mod chart;
mod csv;
mod map;
mod page;
mod plots;
mod progress;
mod table;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use sim::case::{Case, Change, Generator, Keep, SeedSet};
use sim::demand::days::Conduct;
use sim::demand::profile::Profile;
use sim::twin::Twin;
use sim::twin::areas::Areas;
use sim::twin::comparison::{Contender, Extent, compare};
use sim::twin::tuning::{POLICIES_TRIED, tune};

use crate::what_if::{WhatIf, times};

pub(crate) const COMPARE_HELP: &str = "Calls are drawn by the case's own gen_config with its seeds; every policy meets the same ones. The first policy is the
one the others are compared with: differences are within each replication, with 95 % intervals by Student's t. A star marks a
difference that chance explains in fewer than 5 of 100 cases, corrected by Holm for all that stand together.

What if: with one of the options below, every policy is tried in the city as it is and in the changed one.

Seeds: train, validate and test never share a day. `best` and `sim tune` only ever see train.

Examples:
  sim compare --case auckland --policy closest --policy dmexclp:0.4 --replications 10 --days 14
  sim compare --case auckland --policy closest-preempt --policy best --replications 30 --html comparison.html
  sim compare --case auckland --policy closest --policy closest-guarded --policy best --csv all.csv --json all.json
  sim compare --case auckland --policy closest --add-station 174.79,-36.88 --move-unit 3@15 --calls ×1.2
  sim compare --case auckland --policy closest --close-road 174.7455,-36.8302";

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
    /// Whose seeds: what was tuned on train is chosen on validate and judged on test.
    #[arg(long, value_enum, default_value_t = Seeds::Test)]
    seeds: Seeds,
    /// Also try so many times the calls (×2): what if the city grew?
    #[arg(long, value_name = "×N", value_parser = times, help_heading = "What if · 假设")]
    calls: Option<f64>,
    #[command(flatten)]
    what_if: WhatIf,
    /// Days as a profile has them, which `sim learn` writes, instead of the case's own.
    #[arg(long, value_name = "PROFILE.json", help_heading = "Closer to life · 更接近真实")]
    profile: Option<PathBuf>,
    /// Crews take time to roll, as in the profile.
    #[arg(long, requires = "profile", help_heading = "Closer to life · 更接近真实")]
    turnout: bool,
    /// Calls are called off, as in the profile.
    #[arg(long, requires = "profile", help_heading = "Closer to life · 更接近真实")]
    cancellations: bool,
    /// Each unit falls silent so often a day, for so many minutes on average.
    #[arg(long, value_name = "A_DAY:MINUTES", value_parser = silent, help_heading = "Closer to life · 更接近真实")]
    silent: Option<(f64, f64)>,
    /// Show every hour and every area in the terminal, too.
    #[arg(long)]
    detail: bool,
    /// Write a page with plots there, which needs nothing else.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Write every figure there, one a row.
    #[arg(long)]
    csv: Option<PathBuf>,
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
    Validate,
    Test,
}

impl Seeds {
    fn set(self) -> SeedSet {
        match self {
            Self::Train => SeedSet::Train,
            Self::Validate => SeedSet::Validate,
            Self::Test => SeedSet::Test,
        }
    }
}

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<()> {
    let with_cover = wants_cover(&args.policy)?;
    let twin = Twin::new(read_case(&args.case, &[])?, with_cover)?;
    let conduct = Conduct { turnout: args.turnout, cancellations: args.cancellations };
    let profile = args.profile.as_deref().map(Profile::read).transpose()?;
    let lifelike = |twin: &Twin| {
        let mut generator = Generator::read(twin.case(), args.seeds.set())?;
        if let Some(profile) = &profile {
            generator = generator.learned(twin.case(), profile, conduct);
        }
        if let Some((a_day, minutes)) = args.silent {
            generator = generator.with_silences(a_day, minutes);
        }
        Ok::<_, anyhow::Error>(generator)
    };
    let generator = lifelike(&twin)?;
    if profile.is_some() && !generator.has_learned_places() {
        eprintln!(
            "sim: the profile is of another city: its hours and times are used, the case's own places and calls a day"
        );
    }
    let contender = |policy: &String| {
        let resolved = resolved(&twin, policy)?;
        let name = if *policy == resolved { resolved.clone() } else { format!("{policy} = {resolved}") };
        Ok(Contender { name, policy: resolved, twin: &twin, generator: &generator })
    };
    let mut contenders: Vec<Contender<'_>> =
        args.policy.iter().map(contender).collect::<anyhow::Result<_>>()?;
    let changed = changed(args, with_cover, &lifelike)?;
    if let Some((twin, generator)) = &changed {
        let of = |contender: &Contender<'_>| Contender {
            name: format!("{} · 变更后 changed", contender.name),
            policy: contender.policy.clone(),
            twin,
            generator,
        };
        let added: Vec<Contender<'_>> = contenders.iter().map(of).collect();
        contenders.extend(added);
    }
    let extent = Extent { replications: args.replications, days: f64::from(args.days) };
    let bar = progress::Bar::new(args.replications * contenders.len() as u64, "比较 comparing");
    let comparison = compare(&contenders, extent, &|| bar.step())?;
    drop(bar);
    print(&table::of(&comparison, args.detail));
    let write = |path: &Option<PathBuf>, made: &dyn Fn() -> anyhow::Result<Vec<u8>>| match path {
        Some(path) => write(path, &made()?),
        None => Ok(()),
    };
    write(&args.json, &|| Ok(serde_json::to_vec_pretty(&comparison)?))?;
    write(&args.csv, &|| Ok(csv::of(&comparison)))?;
    write(&args.html, &|| {
        let outlines = Areas::of(twin.case()).outlines();
        Ok(page::of(&args.case, &comparison, &outlines).into_bytes())
    })
}

pub(crate) fn run_tuning(args: &TuneArgs) -> anyhow::Result<()> {
    let twin = Twin::new(read_case(&args.case, &[])?, true)?;
    let generator = Generator::read(twin.case(), SeedSet::Train)?;
    let extent = Extent { replications: args.replications, days: f64::from(args.days) };
    let bar = progress::Bar::new(args.replications * POLICIES_TRIED, "调参 tuning");
    let tuned = tune(&twin, &generator, extent, &|| bar.step())?;
    drop(bar);
    for round in &tuned.rounds {
        print(&table::of(round, false));
    }
    print(&format!("best on the training seeds: {}", tuned.best));
    Ok(())
}

/// The city as it would be, with its calls; `None` where nothing is to be changed.
fn changed(
    args: &CompareArgs,
    with_cover: bool,
    generator: &dyn Fn(&Twin) -> anyhow::Result<Generator>,
) -> anyhow::Result<Option<(Twin, Generator)>> {
    let changes = args.what_if.changes(args.days.saturating_add(2).min(TRAFFIC_DAYS_MAX));
    if changes.is_empty() && args.calls.is_none() {
        return Ok(None);
    }
    let twin = Twin::new(Case::read_changed(&args.case, &changes)?, with_cover)?;
    let generator = generator(&twin)?.times(args.calls.unwrap_or(1.0));
    Ok(Some((twin, generator)))
}

fn silent(text: &str) -> Result<(f64, f64), String> {
    let parts = text.split_once(':').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let sound = |&(a_day, minutes): &(f64, f64)| {
        (0.001..=100.0).contains(&a_day) && (0.1..=1440.0).contains(&minutes)
    };
    parts.filter(sound).ok_or_else(|| format!("`{text}`: write times a day and minutes, such as 0.5:10"))
}

/// Reads a case, and says what its users should know about it.
pub(crate) fn read_case(path: &Path, changes: &[Change]) -> anyhow::Result<Case> {
    let case = if changes.is_empty() {
        Case::read_kept(path, Keep::of)?
    } else {
        Case::read_changed(path, changes)?
    };
    for note in case.notes() {
        eprintln!("sim: {note}");
    }
    Ok(case)
}

/// Whether one of some policies wants to know what the stations cover.
fn wants_cover(policies: &[String]) -> anyhow::Result<bool> {
    let wants = |policy: &String| Ok(policy == BEST || Twin::wants_cover(policy)?);
    let wants: Vec<bool> = policies.iter().map(wants).collect::<anyhow::Result<_>>()?;
    Ok(wants.contains(&true))
}

/// A policy by its name; `best` is found by a short tuning on the case's training seeds.
pub(crate) fn resolved(twin: &Twin, policy: &str) -> anyhow::Result<String> {
    if policy != BEST {
        return Ok(policy.to_owned());
    }
    let generator = Generator::read(twin.case(), SeedSet::Train)?;
    let bar = progress::Bar::new(BRIEFLY.replications * POLICIES_TRIED, "调参 tuning");
    let best = tune(twin, &generator, BRIEFLY, &|| bar.step())?.best;
    drop(bar);
    eprintln!("best: {best}");
    Ok(best)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the table is what the command is for")]
fn print(text: &str) {
    println!("{}", text.trim_end());
}

/// Traffic is told apart by the hour for so long; after that it stays as it is then.
const TRAFFIC_DAYS_MAX: u32 = 400;
/// The policy that tuning finds.
pub(crate) const BEST: &str = "best";
/// Enough days to tell the longest waits apart.
const BRIEFLY: Extent = Extent { replications: 10, days: 14.0 };

//! `sim learn`: what a log of calls says about a city, as a small profile, with how well it fits.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use h3o::Resolution;
use sim::case::unpacked;
use sim::demand::fit::{Duration, Fitted};
use sim::demand::learn::{Choice, learn};
use sim::demand::log;
use sim::demand::profile::Profile;

pub(crate) const LEARN_HELP: &str =
    "The log is CSV with the columns of San Francisco's published calls for service, one row a unit: Call Number, Call Type, Unit Type,
Final Priority, Location as (latitude, longitude), and Received, Entry, Dispatch, Response, On Scene, Transport, Hospital and
Available DtTm in local time. The profile holds counts and distributions, no call. KS is the greatest distance between the shares of the
log and of the model.

Examples:
  sim learn --log calls.csv.gz --out profile.json
  sim learn --log calls.csv --out profile.json --unit-type MEDIC --resolution 7
  sim compare --case city --policy closest --policy best --profile profile.json --turnout --cancellations";

#[derive(Args)]
pub(crate) struct LearnArgs {
    /// The log, CSV, packed by gzip or not.
    #[arg(long)]
    log: PathBuf,
    /// The profile to write.
    #[arg(long)]
    out: PathBuf,
    /// Calls of this type count; may be given several times.
    #[arg(long, default_values_t = ["Medical Incident".to_owned()])]
    call_type: Vec<String>,
    /// Units of this type are ambulances; may be given several times.
    #[arg(long, default_values_t = ["MEDIC".to_owned(), "PRIVATE".to_owned()])]
    unit_type: Vec<String>,
    /// How fine the cells of H3 are: 7 is about 5 km², 8 about 0.7 km².
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(4..=10))]
    resolution: u8,
}

pub(crate) fn run(args: &LearnArgs) -> anyhow::Result<()> {
    let name = args
        .log
        .file_name()
        .map_or_else(|| args.log.display().to_string(), |name| name.to_string_lossy().into_owned());
    let trips = log::read(&name, &unpacked(&args.log)?)?;
    let choice = Choice {
        call_types: args.call_type.clone(),
        unit_types: args.unit_type.clone(),
        resolution: Resolution::try_from(args.resolution)?,
    };
    let profile = learn(&name, &trips, &choice)?;
    let bytes = serde_json::to_vec_pretty(&profile)?;
    std::fs::write(&args.out, bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    print(&shown(&profile));
    Ok(())
}

fn shown(profile: &Profile) -> String {
    let busiest = (0..profile.calls_per_hour.len())
        .max_by(|a, b| profile.calls_per_hour[*a].total_cmp(&profile.calls_per_hour[*b]));
    let busiest = busiest.unwrap_or_default();
    let mut text = format!(
        "{}\n{:.1} calls a day; most on {} from {:02}:00 ({:.1} an hour); {} cells\n{:.1} % taken to hospital, {:.1} % called back before arrival\n\n\
         {:<13} {:>6} {:<12} {:>6}   {:>27}   {:>27}\n",
        profile.learned_from,
        profile.calls_per_day(),
        DAYS[busiest / 24],
        busiest % 24,
        profile.calls_per_hour[busiest],
        profile.cells.len(),
        profile.transported * 100.0,
        profile.cancelled * 100.0,
        "min",
        "count",
        "family",
        "KS",
        "log: mean   P50   P90   P95",
        "model: mean   P50   P90   P95",
    );
    for (name, fitted) in profile.times.named() {
        text += &row(name, fitted);
    }
    text
}

fn row(name: &str, fitted: &Fitted) -> String {
    let family = match fitted.model {
        Duration::Exponential { .. } => "exponential",
        Duration::Gamma { .. } => "gamma",
        Duration::LogNormal { .. } => "log-normal",
        Duration::Weibull { .. } => "Weibull",
        Duration::Quantiles { .. } => "quantiles",
    };
    let minutes = |mean_s: f64, at_s: [f64; 3]| {
        let cells = std::iter::once(mean_s).chain(at_s).map(|seconds| format!("{:>5.2}", seconds / 60.0));
        cells.collect::<Vec<String>>().join(" ")
    };
    format!(
        "{name:<13} {:>6} {family:<12} {:>6.3}   {:>27}   {:>27}\n",
        fitted.count,
        fitted.distance,
        minutes(fitted.mean_s, fitted.recorded_s),
        minutes(fitted.model.mean_s(), fitted.modelled_s),
    )
}

#[expect(clippy::print_stdout, reason = "the table is what the command is for")]
fn print(text: &str) {
    println!("{}", text.trim_end());
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

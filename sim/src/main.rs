//! The `sim` command line.

mod compare;
mod fault_runs;
mod learn;
mod loads;
mod place;
mod run;
mod what_if;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use mimalloc::MiMalloc;
use roads::RoadMap;
use sim::city::{self, CityFiles};
use sim::demand::places::Places;
use sim::demand::profile::Profile;
use sim::demand::{Demand, table};

/// A simulated year is a billion small allocations.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Parser)]
#[command(
    name = "sim",
    version,
    about = "A city to try a dispatch centre in · 用于试运行调度中心的模拟城市",
    after_help = "Examples:\n  sim city --seed 1 --out demo\n  sim city --map wuhan.map --out demo --units 60\n  sim drive --config demo/drive.toml\n  sim calls --days 7 --out calls.csv"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a city and the files to run a centre in it · 生成城市与运行配置
    City(CityArgs),
    /// Drive a running centre: callers, seats, crews, hospitals · 驱动运行中的系统
    #[command(
        after_help = "Examples:\n  sim drive --config demo/drive.toml\n  sim drive --config demo/drive.toml --seconds 180"
    )]
    Drive(DriveArgs),
    /// Write the calls of some days as CSV · 仅生成呼救数据
    #[command(after_help = CALLS_HELP)]
    Calls(CallsArgs),
    /// Live through a file of calls under a policy, decided by the production core · 用真实调度核心按某策略重演一批呼救
    #[command(after_help = run::RUN_HELP)]
    Run(run::RunArgs),
    /// Policies on the same generated days, with intervals · 在相同的模拟日上比较派车策略
    #[command(after_help = compare::COMPARE_HELP)]
    Compare(compare::CompareArgs),
    /// Learn from a log of calls when, where and how long · 从呼救记录学习需求与时长
    #[command(after_help = learn::LEARN_HELP)]
    Learn(learn::LearnArgs),
    /// Find the parameters that suit a city, on its training seeds · 在训练种子上调参
    #[command(
        after_help = "Examples:\n  sim tune --case auckland\n  sim tune --case auckland --replications 30 --days 14"
    )]
    Tune(compare::TuneArgs),
    /// Where units should be based, by what they are expected to cover · 车辆驻点规划
    #[command(after_help = place::PLACE_HELP)]
    Place(place::PlaceArgs),
    /// Watch the laws through simulated days in which much goes wrong · 在模拟故障中检验系统规则
    #[command(
        after_help = "Examples:\n  sim check --seed 7 --hours 24\n  sim check --seed 1 --hours 6 --runs 50"
    )]
    Check(CheckArgs),
    /// Two machines, a PostgreSQL, and everything that can go wrong between them · 主备与数据库故障注入
    #[command(
        after_help = "Examples:\n  sim faults --seed 7\n  sim faults --seed 1 --steps 100000 --runs 50 --mode liveness"
    )]
    Faults(fault_runs::FaultsArgs),
    /// A fleet of thousands that reports every second to a running centre · 大规模车队上报
    #[command(after_help = loads::VEHICLES_HELP)]
    Vehicles(loads::VehiclesArgs),
    /// A vehicle that sends what nobody should, as fast as it can · 恶意车辆压力测试
    #[command(after_help = loads::FLOOD_HELP)]
    Flood(loads::FloodArgs),
    /// Time what a dispatcher waits for, run after run · 测量派车时延
    #[command(after_help = loads::PROBE_HELP)]
    Probe(loads::ProbeArgs),
    /// A monitor at a patient's side, telling a vehicle's program · 模拟监护仪
    #[command(after_help = loads::MONITOR_HELP)]
    Monitor(loads::MonitorArgs),
    /// An ECG of twelve leads, as a device writes it for others · 生成模拟十二导联心电图
    #[command(
        after_help = "HL7 aECG, ten seconds at 500 samples a second.\n\nExamples:\n  sim ecg --out ecg.xml\n  sim ecg --seed 7 --rate 110 --st-mv 0.3 --out infarction.xml"
    )]
    Ecg(loads::EcgArgs),
}

const CALLS_HELP: &str = "Columns: at (UTC), source, level, complaint, turn, longitude, latitude (WGS-84), units, skills, age_years,
answer_s, talk_s, decide_s, address. Times are drawn from San Francisco's ambulances of 31 Dec 2016 to 7 Jan 2017.

Examples:
  sim calls --seed 1 --days 7 --out calls.csv
  sim calls --seed 1 --days 1 --map wuhan.map --calls-per-day 2400 --out calls.csv";

#[derive(Args)]
struct DriveArgs {
    /// The configuration, as `sim city` writes it.
    #[arg(long)]
    config: PathBuf,
    /// Stop after so many seconds of the wall.
    #[arg(long)]
    seconds: Option<u64>,
}

#[derive(Args)]
struct CheckArgs {
    /// The seed; the same seed repeats the same day.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long each day is, simulated hours.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    hours: u32,
    /// How many days, each under the next seed.
    #[arg(long, default_value_t = 1)]
    runs: u64,
    /// Write the last day's journal there, one event a line, to look into what happened.
    #[arg(long)]
    journal: Option<PathBuf>,
}

#[derive(Args)]
struct CallsArgs {
    /// The seed: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many days, from midnight in the city.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// The first day (YYYY-MM-DD).
    #[arg(long, default_value = "2026-01-01")]
    from: String,
    /// Calls a day.
    #[arg(long, default_value_t = sim::drive::config::DEFAULT_CALLS_PER_DAY)]
    calls_per_day: f64,
    /// A real map (`dispatchd import-map`) instead of the generated city.
    #[arg(long)]
    map: Option<PathBuf>,
    /// What `sim learn` made of a log of calls: hours of the week and times at the desk.
    #[arg(long)]
    profile: Option<PathBuf>,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct CityArgs {
    /// The folder to write to; it is made when missing.
    #[arg(long)]
    out: PathBuf,
    /// The seed: the same seed gives the same city.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A real map (`dispatchd import-map`) instead of the generated city.
    #[arg(long)]
    map: Option<PathBuf>,
    /// How many ambulances.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=999))]
    units: u16,
    /// The domain clock's file, for a demonstration that runs faster than the wall.
    #[arg(long)]
    clock_file: Option<PathBuf>,
    /// Domain seconds per second of the wall, written for the vehicles' agents when there is a clock file.
    #[arg(long, default_value_t = 30.0)]
    clock_rate: f64,
    /// Calls a day.
    #[arg(long, default_value_t = sim::drive::config::DEFAULT_CALLS_PER_DAY)]
    calls_per_day: f64,
    /// The centre's HTTP address.
    #[arg(long, default_value = "127.0.0.1:8120")]
    api: String,
    /// The centre's address for vehicles.
    #[arg(long, default_value = "127.0.0.1:9120")]
    vehicles: String,
    /// Port of the first unit's terminal; the others follow.
    #[arg(long, default_value_t = 8201)]
    first_terminal_port: u16,
    /// Port of the first unit's position feed; the others follow.
    #[arg(long, default_value_t = 9301)]
    first_feed_port: u16,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::City(args) => make_city(args),
        Command::Drive(args) => sim::drive::run(&args.config, args.seconds),
        Command::Calls(args) => write_calls(&args),
        Command::Check(args) => check(&args),
        Command::Faults(args) => fault_runs::run(&args),
        Command::Vehicles(args) => loads::vehicles(args),
        Command::Flood(args) => loads::flood(args),
        Command::Probe(args) => loads::probe(args),
        Command::Monitor(args) => loads::monitor(args),
        Command::Ecg(args) => loads::ecg(&args),
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Learn(args) => learn::run(&args),
        Command::Place(args) => place::run(&args),
        Command::Tune(args) => compare::run_tuning(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, with its causes.
            eprintln!("sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn make_city(args: CityArgs) -> anyhow::Result<()> {
    let units = usize::from(args.units);
    let made = match &args.map {
        Some(path) => city::around(read_map(path)?, units, args.seed),
        None => city::generate(args.seed, units).context("the city cannot be built")?,
    };
    let files = CityFiles {
        out: args.out,
        clock_file: args.clock_file.map(std::path::absolute).transpose()?,
        clock_rate: args.clock_rate,
        api: args.api,
        vehicles: args.vehicles,
        first_terminal_port: args.first_terminal_port,
        first_feed_port: args.first_feed_port,
        calls_per_day: args.calls_per_day,
        seed: args.seed,
    };
    let written = city::write(&made, &files)?;
    eprintln!(
        "{}: {} junctions, {} stations, {} units, {} hospitals; {} files in {}",
        made.name,
        made.map.network().node_count(),
        made.stations.len(),
        made.units.len(),
        made.hospitals.len(),
        written.len(),
        files.out.display()
    );
    Ok(())
}

fn check(args: &CheckArgs) -> anyhow::Result<()> {
    for seed in args.seed..args.seed.saturating_add(args.runs) {
        let (outcome, events) = sim::check::run_with_journal(seed, args.hours);
        if let Some(path) = &args.journal {
            let mut to = std::io::BufWriter::new(
                std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
            );
            for event in &events {
                to.write_all(&dispatch_core::journal::v1::write(event))?;
                to.write_all(b"\n")?;
            }
            to.flush()?;
        }
        let passed = outcome?;
        eprintln!(
            "seed {seed}: every law held through {} steps, {} events, {} calls, {} orders, {} alarms, {} restarts ({} events taken back), {} positions; record {}",
            passed.steps,
            passed.events,
            passed.calls,
            passed.orders,
            passed.escalations,
            passed.tally.restarts,
            passed.tally.taken_back,
            passed.tally.positions,
            passed.digest,
        );
    }
    Ok(())
}

fn write_calls(args: &CallsArgs) -> anyhow::Result<()> {
    let map = match &args.map {
        Some(path) => read_map(path)?,
        None => city::generate_map(args.seed).context("the city cannot be built")?,
    };
    let first: jiff::civil::Date =
        args.from.parse().with_context(|| format!("--from {}: write YYYY-MM-DD", args.from))?;
    let midnight = first.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp().as_second() / 3600 - LOCAL_AHEAD_H;
    let first_hour = u64::try_from(midnight).with_context(|| format!("--from {}: too early", args.from))?;
    let demand = Demand::new(args.seed, args.calls_per_day, Places::of(&map));
    let demand = match &args.profile {
        Some(path) => demand.with_profile(Profile::read(path)?),
        None => demand,
    };
    let file =
        std::fs::File::create(&args.out).with_context(|| format!("cannot write {}", args.out.display()))?;
    let mut to = std::io::BufWriter::new(file);
    let mut count = 0;
    table::heading(&mut to)?;
    for hour in first_hour..first_hour + u64::from(args.days) * 24 {
        for call in demand.hour(hour) {
            table::row(&mut to, &call)?;
            count += 1;
        }
    }
    to.flush()?;
    eprintln!("{count} calls in {}", args.out.display());
    Ok(())
}

fn read_map(path: &Path) -> anyhow::Result<RoadMap> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    RoadMap::from_bytes(&bytes).with_context(|| format!("{} is no map file", path.display()))
}

const LOCAL_AHEAD_H: i64 = 8;

//! `sim vehicles`, `sim flood`, `sim probe`: load for a running centre.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use sim::ecg::{Heart, annotated};
use sim::load::{self, Door, FleetOptions, FloodKind, FloodOptions, ProbeOptions};
use sim::monitor::{self, MonitorOptions};

pub(crate) const VEHICLES_HELP: &str = "Each second a line of JSON: how many are linked, attempts, links lost, positions sent. The units must be among the
centre's [[units]]; they are named PREFIX and five digits from 1. Certificates are made from the development authority.

Examples:
  sim vehicles --link 127.0.0.1:9120 --authority demo/certificates --count 5000 --seconds 60
  sim vehicles --link 127.0.0.1:9120 --link 127.0.0.1:9121 --authority demo/certificates --count 5000";

pub(crate) const FLOOD_HELP: &str = "It has a good certificate, and comes back at once whenever it is cut off. At the end a line of JSON says what was sent and
how its connections ended.

Examples:
  sim flood --link 127.0.0.1:9120 --authority demo/certificates --unit A03 --seconds 10
  sim flood --link 127.0.0.1:9120 --authority demo/certificates --unit A03 --what talk";

pub(crate) const PROBE_HELP: &str = "Writes one line of JSON for each time taken and each answer given: call, proposal, position_to_proposal, order (asked to
acknowledged by the centre), order_at_vehicle, order_acknowledged (by the crew, on record).

Examples:
  sim probe --centre http://127.0.0.1:8120 --link 127.0.0.1:9120 --authority demo/certificates --units A01,A02 --out probe.jsonl";

pub(crate) const MONITOR_HELP: &str =
    "HL7 v2 (ORU^R01) over MLLP, to where `monitor` in vehicle.toml listens.

Examples:
  sim monitor --to 127.0.0.1:2575
  sim monitor --to 127.0.0.1:2575 --seed 7 --every-s 0.5 --readings 20
  sim monitor --to 127.0.0.1:2575 --ecg-every 60";

#[derive(Args)]
pub(crate) struct DoorArgs {
    /// A node's address for vehicles; named twice, vehicles try one after the other.
    #[arg(long, required = true)]
    link: Vec<SocketAddr>,
    /// The folder with `authority.pem` and `authority.key`.
    #[arg(long)]
    authority: PathBuf,
}

impl From<DoorArgs> for Door {
    fn from(args: DoorArgs) -> Self {
        Self { addresses: args.link, authority: args.authority }
    }
}

#[derive(Args)]
pub(crate) struct VehiclesArgs {
    #[command(flatten)]
    door: DoorArgs,
    /// How many vehicles.
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=99_999))]
    count: u32,
    /// What their names begin with.
    #[arg(long, default_value = "V")]
    prefix: String,
    /// Positions a second of each.
    #[arg(long, default_value_t = 1.0)]
    positions_per_s: f64,
    /// End after so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// Sockets they share.
    #[arg(long, default_value_t = 8)]
    sockets: usize,
    /// Threads they share.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// The middle of where they stand, degrees, WGS-84.
    #[arg(long, default_value_t = 114.3)]
    longitude: f64,
    /// The same.
    #[arg(long, default_value_t = 30.6)]
    latitude: f64,
    /// The seed of places and waits.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
pub(crate) struct FloodArgs {
    #[command(flatten)]
    door: DoorArgs,
    /// As which unit.
    #[arg(long)]
    unit: String,
    /// What is sent.
    #[arg(long, value_enum, default_value_t = FloodName::All)]
    what: FloodName,
    /// How long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum FloodName {
    /// Datagrams of noise.
    Datagrams,
    /// Frames of noise.
    Frames,
    /// Questions and old positions without end.
    Talk,
    /// Each in turn, one a connection.
    All,
}

#[derive(Args)]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    door: DoorArgs,
    /// The centre's HTTP address.
    #[arg(long)]
    centre: String,
    /// The units, each with a desk of its own.
    #[arg(long, value_delimiter = ',', required = true)]
    units: Vec<String>,
    /// How long.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The file to write to; what is there stays.
    #[arg(long)]
    out: PathBuf,
}

/// Runs a fleet.
pub(crate) fn vehicles(args: VehiclesArgs) -> anyhow::Result<()> {
    load::run_fleet(&FleetOptions {
        door: args.door.into(),
        count: args.count as usize,
        prefix: args.prefix,
        positions_per_s: args.positions_per_s,
        seconds: args.seconds,
        sockets: args.sockets,
        threads: args.threads,
        around: (args.longitude, args.latitude),
        seed: args.seed,
    })
}

/// Floods.
pub(crate) fn flood(args: FloodArgs) -> anyhow::Result<()> {
    let kind = match args.what {
        FloodName::Datagrams => FloodKind::Datagrams,
        FloodName::Frames => FloodKind::Frames,
        FloodName::Talk => FloodKind::Talk,
        FloodName::All => FloodKind::All,
    };
    load::run_flood(&FloodOptions { door: args.door.into(), unit: args.unit, kind, seconds: args.seconds })
}

/// Times.
pub(crate) fn probe(args: ProbeArgs) -> anyhow::Result<()> {
    load::run_probe(&ProbeOptions {
        door: args.door.into(),
        centre: args.centre,
        units: args.units,
        seconds: args.seconds,
        out: args.out,
    })
}

#[derive(Args)]
pub(crate) struct MonitorArgs {
    /// Where the vehicle's program listens for monitors.
    #[arg(long)]
    to: SocketAddr,
    /// The seed of the patient's course.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds between two readings.
    #[arg(long, default_value_t = 1.0)]
    every_s: f64,
    /// End after so many readings.
    #[arg(long)]
    readings: Option<u64>,
    /// The device's name.
    #[arg(long, default_value = "SIM-MONITOR")]
    device: String,
    /// With every so many readings comes an ECG of twelve leads; none when 0.
    #[arg(long, default_value_t = 0)]
    ecg_every: u64,
}

pub(crate) fn monitor(args: MonitorArgs) -> anyhow::Result<()> {
    let MonitorArgs { to, seed, every_s, readings, device, ecg_every } = args;
    if !(0.01..=3600.0).contains(&every_s) {
        anyhow::bail!("--every-s: write 0.01 to 3600");
    }
    monitor::run(&MonitorOptions { to, seed, every_s, readings, device, ecg_every })
}

#[derive(Args)]
pub(crate) struct EcgArgs {
    /// The seed of the heart.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Beats a minute.
    #[arg(long, default_value_t = 72.0)]
    rate: f64,
    /// How far the ST segment of the inferior leads is lifted, millivolts.
    #[arg(long, default_value_t = 0.0)]
    st_mv: f64,
    /// Where it is written.
    #[arg(long)]
    out: PathBuf,
}

pub(crate) fn ecg(args: &EcgArgs) -> anyhow::Result<()> {
    if !(20.0..=250.0).contains(&args.rate) || !(-1.0..=1.0).contains(&args.st_mv) {
        anyhow::bail!("--rate: write 20 to 250; --st-mv: write -1 to 1");
    }
    let heart = Heart { rate_per_min: args.rate, st_inferior_mv: args.st_mv };
    let text = annotated(args.seed, heart, jiff::Timestamp::now());
    std::fs::write(&args.out, text).with_context(|| format!("cannot write {}", args.out.display()))
}

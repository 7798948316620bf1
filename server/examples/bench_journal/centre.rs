//! The centre's side: whole commands through the handle, and positions through the same.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use dispatch_core::actor::Actor;
use dispatch_core::fleet::Fix;
use dispatch_core::ids::{StationId, UnitId};
use dispatch_core::vehicle::{Station, UnitSpec};
use dispatch_core::{Action, Command, Span};
use roads::Wgs84;
use server::centre::{CentreHandle, Submission};
use server::clock::Clock;
use server::districts::Districts;
use server::journal::Journal;
use server::running::{City, RunningCentre};

use crate::median;

/// A centre on a fresh journal, and the folder to remove afterwards.
struct Fresh {
    running: RunningCentre,
    folder: PathBuf,
}

impl Fresh {
    fn start() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("jichi-bench-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let opened = Journal::open(&folder, |_| {})?;
        let (clock, districts) = (Clock::real(), Districts::default());
        let city = City { clock, map: None, districts, head_to: None, wiring: None };
        Ok(Self { running: RunningCentre::start(opened, city)?, folder })
    }

    fn end(self) {
        self.running.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Commands that `clients` get durable in a second, each sending its next when the last is answered.
pub(crate) async fn commits_per_second(clients: usize, run: Duration, runs: usize) -> anyhow::Result<f64> {
    let fresh = Fresh::start()?;
    let centre = fresh.running.handle();
    let station: StationId = "S01".parse()?;
    let place = Wgs84::new(114.3, 30.6)?;
    submit(
        centre,
        Action::RegisterStation { station: Station { id: station, name: "S".into(), position: place } },
    )
    .await?;
    let mut units = Vec::new();
    for number in 0..clients {
        let unit: UnitId = format!("U{number}").parse()?;
        submit(centre, Action::RegisterUnit { unit: spec(unit, station) }).await?;
        units.push(unit);
    }
    let mut rates = Vec::new();
    for _ in 0..runs {
        let until = Instant::now() + run;
        let workers = units.iter().map(|&unit| tokio::spawn(pause_and_resume(centre.clone(), unit, until)));
        let mut count = 0;
        for worker in workers.collect::<Vec<_>>() {
            count += worker.await??;
        }
        rates.push(count as f64 / run.as_secs_f64());
    }
    tokio::task::spawn_blocking(move || fresh.end()).await?;
    Ok(median(rates))
}

/// A command and its opposite, so that the record stays as it is and only the journal grows.
async fn pause_and_resume(centre: CentreHandle, unit: UnitId, until: Instant) -> anyhow::Result<u64> {
    let mut count = 0;
    while Instant::now() < until {
        submit(&centre, Action::PauseUnit { unit, reason: "车辆加油，预计十分钟后恢复".to_owned() }).await?;
        submit(&centre, Action::ResumeUnit { unit }).await?;
        count += 2;
    }
    Ok(count)
}

async fn submit(centre: &CentreHandle, action: Action) -> anyhow::Result<()> {
    let by = Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() };
    centre.submit(Submission::new(Command { by, action })).await?;
    Ok(())
}

fn spec(id: UnitId, station: StationId) -> UnitSpec {
    UnitSpec {
        id,
        station,
        skills: std::collections::BTreeSet::new(),
        plate: String::new(),
        phone: String::new(),
    }
}

/// Positions worked off for a second of processor time of the whole process, pictures for readers among it.
pub(crate) fn positions_per_cpu_second() -> anyhow::Result<f64> {
    let fresh = Fresh::start()?;
    let centre = fresh.running.handle().clone();
    let units: Vec<UnitId> = (0..UNITS).map(|n| format!("U{n}").parse()).collect::<Result<_, _>>()?;
    let begun_s = cpu_s()?;
    let start = centre.clock().now() - Span::seconds(i64::from(ROUNDS));
    for round in 0..ROUNDS {
        for (number, &unit) in units.iter().enumerate() {
            let east = f64::from(round) * 0.000_1 + number as f64 * 0.000_05;
            let fix = Fix {
                boot: 1,
                seq: u64::from(round),
                at: start + Span::seconds(i64::from(round)),
                position: Wgs84::new(114.0 + east, 30.6)?,
                speed_kmh: 40.0,
                heading_deg: Some(90.0),
                accuracy_m: Some(5.0),
            };
            centre.observe(unit, fix);
        }
        while centre.positions_waiting() > 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    let spent_s = cpu_s()? - begun_s;
    fresh.end();
    Ok(f64::from(ROUNDS) * UNITS as f64 / spent_s)
}

/// Processor time of this process so far, user and system.
fn cpu_s() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').context("/proc/self/stat has another form")?.1;
    let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|f| f.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_S)
}

const UNITS: usize = 10_000;
const ROUNDS: u32 = 500;
/// Linux counts processor time in hundredths of a second on every machine this runs on.
const TICKS_PER_S: f64 = 100.0;

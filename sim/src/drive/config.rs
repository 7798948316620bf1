//! The configuration of `sim drive`: what is driven, by which addresses, with what demand.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use roads::Wgs84;
use serde::{Deserialize, Serialize};

use crate::demand::profile::Profile;

/// Everything `sim drive` is told. Paths are relative to the file's own folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The centre's HTTP address (`http://127.0.0.1:8120`).
    pub centre: String,
    /// The road map on which vehicles move.
    pub map: PathBuf,
    /// The domain clock; without it domain time is the wall's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_file: Option<PathBuf>,
    /// Where vehicles and open calls are kept, so that a restart goes on.
    #[serde(default = "default_state")]
    pub state: PathBuf,
    /// The seed of everything by chance.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Calls a day, before duplicates.
    #[serde(default = "default_calls_per_day")]
    pub calls_per_day: f64,
    /// What `sim learn` made of a log of calls: hours of the week, durations, shares. Without it, assumptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<PathBuf>,
    /// The profile itself.
    #[serde(skip)]
    pub learned: Option<Profile>,
    /// Which seats of the centre are simulated.
    #[serde(default)]
    pub seats: Seats,
    /// How many people sit at them.
    #[serde(default = "default_seat_count")]
    pub seat_count: usize,
    /// Driving times are multiplied by this: 1.2 is a slow day.
    #[serde(default = "default_traffic_factor")]
    pub traffic_factor: f64,
    /// Nothing goes wrong: crews never refuse, forget or break down, and every patient is taken along.
    #[serde(default)]
    pub calm: bool,
    /// Stations, where vehicles stand by.
    pub stations: Vec<SiteConfig>,
    /// Hospitals, where crews go when nobody names one.
    pub hospitals: Vec<SiteConfig>,
    /// The vehicles.
    pub units: Vec<UnitConfig>,
}

/// Which seats of the centre are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seats {
    /// Call-takers, dispatchers and emergency departments.
    #[default]
    All,
    /// Call-takers only: people dispatch.
    CallsOnly,
    /// None: calls ring until a person answers.
    None,
}

/// A station or a hospital.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is, WGS-84.
    pub position: Wgs84,
}

/// A vehicle with its addresses and crew.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitConfig {
    /// Its call sign.
    pub id: String,
    /// The code of its station.
    pub station: String,
    /// The address of its terminal (`http://127.0.0.1:8201`).
    pub terminal: String,
    /// Where its position feed (NMEA 0183) is offered: the agent connects to it.
    pub feed: String,
    /// Who signs on.
    pub crew: Vec<CrewConfig>,
}

/// A person of a crew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrewConfig {
    /// The person's name.
    pub name: String,
    /// `driver`, `doctor`, `nurse` or `stretcher`.
    pub role: String,
}

impl Config {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            anyhow::anyhow!("{}: line {line}: {}", path.display(), error.message().replace('\n', " "))
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.map = folder.join(&config.map);
        config.state = folder.join(&config.state);
        config.clock_file = config.clock_file.map(|file| folder.join(file));
        config.profile = config.profile.map(|file| folder.join(file));
        config.learned = config.profile.as_deref().map(Profile::read).transpose()?;
        config.centre = config.centre.trim_end_matches('/').to_owned();
        config.check().with_context(|| path.display().to_string())?;
        Ok(config)
    }

    /// The place of a station.
    pub fn station(&self, id: &str) -> Option<&SiteConfig> {
        self.stations.iter().find(|station| station.id == id)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.units.is_empty() || self.hospitals.is_empty() {
            bail!("at least one unit and one hospital are needed");
        }
        if let Some(unit) = self.units.iter().find(|unit| self.station(&unit.station).is_none()) {
            bail!("unit {} stands at station {:?}, which is not listed", unit.id, unit.station);
        }
        if !(0.0..=CALLS_PER_DAY_MAX).contains(&self.calls_per_day) {
            bail!("calls_per_day: {} is not between 0 and {CALLS_PER_DAY_MAX}", self.calls_per_day);
        }
        if !(0.2..=10.0).contains(&self.traffic_factor) {
            bail!("traffic_factor: {} is not between 0.2 and 10", self.traffic_factor);
        }
        if !(1..=SEATS_MAX).contains(&self.seat_count) {
            bail!("seat_count: {} is not between 1 and {SEATS_MAX}", self.seat_count);
        }
        Ok(())
    }
}

fn default_state() -> PathBuf {
    "drive-state.json".into()
}

fn default_seed() -> u64 {
    1
}

fn default_calls_per_day() -> f64 {
    DEFAULT_CALLS_PER_DAY
}

fn default_seat_count() -> usize {
    4
}

fn default_traffic_factor() -> f64 {
    1.0
}

/// Calls a day for a city with 40 units: what San Francisco had for 74 in the measured week (336), by units, less a quarter.
pub const DEFAULT_CALLS_PER_DAY: f64 = 260.0;
const CALLS_PER_DAY_MAX: f64 = 1_000_000.0;
const SEATS_MAX: usize = 40;

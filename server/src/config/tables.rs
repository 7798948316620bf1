//! The configuration file's tables as they are written.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use dispatch_core::Span;
use dispatch_core::ids::{HospitalId, StationId, UnitId};
use dispatch_core::incident::{AreaClass, Skill};
use dispatch_core::rules::Rules;
use roads::Wgs84;
use serde::Deserialize;

use super::TerminalConfig;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(default)]
    pub(super) demo: bool,
    pub(super) clock_file: Option<PathBuf>,
    pub(super) clock_rate: Option<f64>,
    pub(super) map: Option<PathBuf>,
    pub(super) map_attribution: Option<String>,
    pub(super) centre: Centre,
    #[serde(default)]
    pub(super) api: Api,
    pub(super) vehicles: Option<Vehicles>,
    pub(super) jt808: Option<Jt808>,
    pub(super) data: Data,
    pub(super) postgres: Option<Postgres>,
    pub(super) standby: Option<Standby>,
    #[serde(default)]
    pub(super) rules: Rules,
    #[serde(default)]
    pub(super) second_opinion: SecondOpinion,
    #[serde(default)]
    pub(super) stations: Vec<StationRow>,
    #[serde(default)]
    pub(super) units: Vec<UnitRow>,
    #[serde(default)]
    pub(super) hospitals: Vec<HospitalRow>,
    #[serde(default)]
    pub(super) districts: Vec<DistrictRow>,
    #[serde(default)]
    pub(super) demand: Vec<DemandRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Centre {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Api {
    pub(super) listen: SocketAddr,
}

impl Default for Api {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8120)) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vehicles {
    #[serde(default = "every_address")]
    pub(super) listen: SocketAddr,
    pub(super) certificates: PathBuf,
    pub(super) denied: Option<PathBuf>,
    pub(super) enrolment: Option<SocketAddr>,
    #[serde(default)]
    pub(super) terminal: TerminalConfig,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jt808 {
    #[serde(default = "every_address_for_trackers")]
    pub(super) listen: SocketAddr,
    pub(super) terminals: PathBuf,
    #[serde(default = "five")]
    pub(super) report_on_task_s: u32,
    #[serde(default = "fifteen")]
    pub(super) report_standby_s: u32,
    #[serde(default = "three_minutes")]
    pub(super) idle_s: u32,
}

fn every_address_for_trackers() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8808))
}

fn five() -> u32 {
    5
}

fn fifteen() -> u32 {
    15
}

fn three_minutes() -> u32 {
    180
}

fn every_address() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 9120))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub(super) dir: PathBuf,
    pub(super) head_to: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Postgres {
    pub(super) url: String,
    pub(super) positions_days: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standby {
    pub(super) node: u32,
    pub(super) listen: Option<SocketAddr>,
    pub(super) peer: Option<SocketAddr>,
    #[serde(default)]
    pub(super) elsewhere: String,
    pub(super) certificates: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SecondOpinion {
    pub(super) on: bool,
    pub(super) scenarios: u16,
    pub(super) horizon_s: Span,
}

impl Default for SecondOpinion {
    fn default() -> Self {
        Self { on: false, scenarios: 200, horizon_s: Span::seconds(90 * 60) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StationRow {
    pub(super) id: StationId,
    pub(super) name: String,
    pub(super) position: Wgs84,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitRow {
    pub(super) id: UnitId,
    pub(super) station: StationId,
    #[serde(default)]
    pub(super) skills: BTreeSet<Skill>,
    #[serde(default)]
    pub(super) plate: String,
    #[serde(default)]
    pub(super) phone: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HospitalRow {
    pub(super) id: HospitalId,
    pub(super) name: String,
    pub(super) position: Wgs84,
    #[serde(default)]
    pub(super) skills: BTreeSet<Skill>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DistrictRow {
    pub(super) name: String,
    pub(super) area: AreaClass,
    pub(super) polygon: Vec<Wgs84>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DemandRow {
    pub(super) position: Wgs84,
    pub(super) calls_per_day: f64,
}

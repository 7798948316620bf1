//! The centre's configuration file: TOML, read once at start. Relative paths start from the file's own folder. Whatever
//! is unknown or makes no sense is refused before anything is opened.

mod check;
mod tables;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use dispatch_core::assignment::Stage;
use dispatch_core::destination::HospitalSpec;
use dispatch_core::fleet::UsualDemand;
use dispatch_core::policy::rollout::Extent;
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::{Station, UnitSpec};
use serde::Deserialize;
use thiserror::Error;

use crate::clock::{Anchor, Clock, ClockError, wall_now};
use crate::districts::District;
use crate::jt808::{Terminals, TerminalsError};
use crate::vehicles::{DenyList, DenyListError};

/// Everything that differs from centre to centre.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// A demonstration: time may run faster, development certificates are made on the spot.
    pub demo: bool,
    /// What the domain clock runs by.
    pub clock: ClockChoice,
    /// The road map, as written by `import-map`. Without one every travel time is a straight-line estimate.
    pub map: Option<PathBuf>,
    /// Whose data the map is, shown on it; `None`: OpenStreetMap's own line.
    pub map_attribution: Option<String>,
    /// The centre's name, on every screen.
    pub name: String,
    /// Where the HTTP interface listens: a loopback address.
    pub api_listen: SocketAddr,
    /// Where vehicles connect; `None` runs the centre without vehicles.
    pub vehicles: Option<VehiclesConfig>,
    /// Where JT/T 808 terminals connect; `None`: there are none.
    pub jt808: Option<Jt808Config>,
    /// The folder of the journal and everything else that must outlive the process.
    pub data: PathBuf,
    /// A second place for the journal's signed head, best on another machine.
    pub head_to: Option<PathBuf>,
    /// The second copy of the journal.
    pub postgres: Option<PostgresConfig>,
    /// The other node; `None` where the centre has one.
    pub standby: Option<StandbyConfig>,
    /// Deadlines, targets and policy.
    pub rules: Rules,
    /// The stations.
    pub stations: Vec<Station>,
    /// The vehicles.
    pub units: Vec<UnitSpec>,
    /// The receiving hospitals.
    pub hospitals: Vec<HospitalSpec>,
    /// Districts with their class of area.
    pub districts: Vec<District>,
    /// How far second opinions on proposals look; `None`: there are none.
    pub second_opinion: Option<Extent>,
    /// Where help is usually wanted, until the centre has counted calls of its own.
    pub demand: Vec<UsualDemand>,
}

/// What the domain clock runs by.
#[derive(Debug, Clone, PartialEq)]
pub enum ClockChoice {
    /// The wall clock.
    Real,
    /// An anchor in a file.
    File(PathBuf),
    /// From now on, faster. Demonstrations only.
    Rate(f64),
}

/// Where vehicles connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VehiclesConfig {
    /// UDP address for QUIC.
    pub listen: SocketAddr,
    /// Folder with the authority's and the centre's certificates.
    pub certificates: PathBuf,
    /// The file that lists certificates which are believed no longer.
    pub denied: Option<PathBuf>,
    /// UDP address where vehicles enrol and renew their certificates; `None`: there is no such door.
    pub enrolment: Option<SocketAddr>,
    /// What the crews' terminals are set to.
    pub terminal: TerminalConfig,
}

/// What the crews' terminals are set to. What is left out is the link's own default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TerminalConfig {
    /// Milliseconds between two positions of a unit on a task.
    pub position_on_task_ms: Option<u32>,
    /// The same of one that stands by.
    pub position_standby_ms: Option<u32>,
    /// The same of one that is off duty.
    pub position_off_duty_ms: Option<u32>,
    /// The crew's buttons in their order; empty: all of them, with the usual words.
    pub steps: Vec<StepConfig>,
}

/// One button of the crew.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepConfig {
    /// What it reports.
    pub stage: Stage,
    /// What stands on it in Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Where JT/T 808 terminals connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jt808Config {
    /// TCP address.
    pub listen: SocketAddr,
    /// The file that lists the terminals with their codes.
    pub terminals: PathBuf,
    /// How often a terminal reports whose unit is on an order, in seconds.
    pub report_on_task_s: u32,
    /// How often it reports otherwise, in seconds.
    pub report_standby_s: u32,
    /// A connection that says nothing for this long ends, in seconds.
    pub idle_s: u32,
}

/// The second copy of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresConfig {
    /// `host=… user=… dbname=…` or `postgresql://…`, as PostgreSQL's own tools take it.
    pub url: String,
    /// For how many days the units' positions are kept there; `None`: they are not.
    pub positions_days: Option<u16>,
}

/// A node that keeps its record in PostgreSQL, too, and the other node where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandbyConfig {
    /// This node's number, which the other one does not have.
    pub node: u32,
    /// `None`: the centre has one node for the time being.
    pub other: Option<OtherNode>,
}

/// The other node of the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherNode {
    /// UDP address where the other node connects.
    pub listen: SocketAddr,
    /// Where the other node listens.
    pub peer: SocketAddr,
    /// The other node's HTTP interface, for whoever asks this one to write; empty: nobody is sent there.
    pub elsewhere: String,
    /// Folder with the authority's and the nodes' certificates.
    pub certificates: PathBuf,
}

/// What is wrong with a configuration, in one line.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read { path: String, source: std::io::Error },
    /// Not TOML, or a key or value that is not known.
    #[error("{path}, line {line}: {problem}")]
    Syntax { path: String, line: usize, problem: String },
    /// A value that makes no sense.
    #[error("{path}: {key}: {problem}")]
    Value { path: String, key: String, problem: String },
}

impl Config {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.display().to_string(), source })?;
        Self::parse(path, &text)
    }

    /// Checks the text of a file; `path` says where relative paths start and what errors name.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let file: tables::Settings = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(1, |before| 1 + before.matches('\n').count());
            let problem = error.message().lines().collect::<Vec<_>>().join(" ");
            ConfigError::Syntax { path: path.display().to_string(), line, problem }
        })?;
        check::resolve(path, file)
    }

    /// The JT/T 808 terminals that are enrolled, read from their file; none where the configuration has no door for them.
    pub fn terminals(&self) -> Result<Terminals, TerminalsError> {
        let Some(jt808) = &self.jt808 else { return Ok(Terminals::default()) };
        Terminals::load(&jt808.terminals, &self.units.iter().map(|unit| unit.id).collect())
    }

    /// The vehicles' certificates that are believed no longer, read from their file; none where there is no such file.
    pub fn denied(&self) -> Result<DenyList, DenyListError> {
        let path = self.vehicles.as_ref().and_then(|vehicles| vehicles.denied.as_ref());
        path.map_or_else(|| Ok(DenyList::default()), |path| DenyList::load(path))
    }

    /// The domain clock that the configuration asks for.
    pub fn clock(&self) -> Result<Clock, ClockError> {
        match &self.clock {
            ClockChoice::Real => Ok(Clock::real()),
            ClockChoice::File(path) => Clock::from_file(path),
            ClockChoice::Rate(rate) => {
                let now = wall_now();
                Ok(Clock::anchored(Anchor { wall: now, domain: now, rate: *rate }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::Span;

    const SMALL: &str = r#"
        map = "city.map"
        [centre]
        name = "海棠急救中心"
        [data]
        dir = "data"
        [[stations]]
        id = "S01"
        name = "城东站"
        position = { longitude = 114.3, latitude = 30.6 }
        [[units]]
        id = "A01"
        station = "S01"
        skills = ["als"]
    "#;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("/etc/jichi/centre.toml"), text)
    }

    #[test]
    fn what_is_left_out_has_the_documented_default() {
        let config = parse(SMALL).unwrap();
        assert_eq!(config.api_listen, "127.0.0.1:8120".parse().unwrap());
        assert_eq!(config.map.as_deref(), Some(Path::new("/etc/jichi/city.map")));
        assert_eq!(config.map_attribution, None);
        assert_eq!(config.data, Path::new("/etc/jichi/data"));
        assert_eq!(config.rules, Rules::default());
        assert_eq!(config.clock, ClockChoice::Real);
        assert_eq!((&config.vehicles, &config.jt808), (&None, &None));
        let trackers =
            parse(&format!("{SMALL}\n[jt808]\nterminals = 'terminals.toml'")).unwrap().jt808.unwrap();
        assert_eq!(trackers.listen, "0.0.0.0:8808".parse().unwrap());
        assert_eq!(trackers.terminals, Path::new("/etc/jichi/terminals.toml"));
        assert_eq!((trackers.report_on_task_s, trackers.report_standby_s, trackers.idle_s), (5, 15, 180));
        assert_eq!(config.second_opinion, None);
        assert_eq!(config.units[0].id.as_str(), "A01");
    }

    #[test]
    fn each_mistake_gets_one_clear_line() {
        let cases = [
            ("[api]\nlisten = '0.0.0.0:8120'", "loopback"),
            ("[api]\nlisten = '[2001:db8::1]:8120'", "loopback"),
            ("[api]\nlisten = 'here'", "line"),
            ("[api]\nlissten = '127.0.0.1:1'", "lissten"),
            ("clock_rate = 30.0", "demo = true"),
            ("[rules]\nroll_within = 3", "roll_within"),
            ("[rules]\nroll_within_s = -3", "roll_within_s"),
            ("[rules]\ncandidates_max = 0", "candidates_max"),
            ("[rules]\npolicy = 'random'", "there is no policy"),
            ("[second_opinion]\nscenarios = 5", "second_opinion.scenarios"),
            ("[second_opinion]\nhorizon_s = 60", "second_opinion.horizon_s"),
            ("[rules]\nmove_up_gain_min = 1.5", "move_up_gain_min"),
            ("[[rules.response_plans]]\nname = '空'\nunits = []", "空"),
            ("[[rules.dispatch_levels]]\nlacks = 'als'\nthen = 'shrug'", "shrug"),
            ("[[rules.shifts]]\nname = '早班'\nfrom = '25:00'\nto = '19:30'\nunits = ['A01']", "07:30"),
            ("[[rules.shifts]]\nname = '早班'\nfrom = '07:30'\nto = '19:30'\nunits = ['A77']", "A77"),
            ("[rules.station_areas]\nby = 'drawn'", "polygons"),
            (
                "[rules.station_areas]\nby = 'nearest'\n[[rules.station_areas.areas]]\nstation = 'S77'\npolygon = [{longitude = 114.0, latitude = 30.0}, {longitude = 114.1, latitude = 30.0}, {longitude = 114.1, latitude = 30.1}]",
                "S77",
            ),
            ("[[rules.mutual_aid.from]]\nname = '江北急救中心'\nunits = ['B77']", "B77"),
            ("[[rules.mutual_aid.from]]\nname = ''\nunits = ['A01']", "needs a name"),
            ("[[rules.traffic]]\nname = '早高峰'\nfrom = '07:00'\nto = '09:00'\nmain_roads = 0.0", "factors"),
            ("[[rules.traffic]]\nname = '早高峰'\ndays = 'monday'\nfrom = '07:00'\nto = '09:00'", "monday"),
            (
                "[[demand]]\nposition = { longitude = 114.0, latitude = 30.0 }\ncalls_per_day = -1.0",
                "calls_per_day",
            ),
            ("[[rules.override_reasons]]\ncode = 'far'\nzh = '远'\nen = ''", "far needs a label"),
            ("[[units]]\nid = 'A 2'\nstation = 'S01'", "A 2"),
            ("[[units]]\nid = 'A02'\nstation = 'S09'", "S09"),
            ("[[units]]\nid = 'A01'\nstation = 'S01'", "twice"),
            ("[[units]]\nid = 'A02'\nstation = 'S01'\nskills = ['flying']", "flying"),
            (
                "[[hospitals]]\nid = 'H01'\nname = 'x'\nposition = { longitude = 214.0, latitude = 30.0 }",
                "214",
            ),
            ("[[districts]]\nname = 'x'\narea = 'rural'\npolygon = []", "polygon"),
            ("= 3", "line"),
        ];
        each_is_told(&cases);
    }

    #[test]
    fn so_does_each_mistake_about_those_who_connect() {
        each_is_told(&[
            ("[jt808]\nlisten = '0.0.0.0:8808'", "terminals"),
            ("[jt808]\nterminals = 't.toml'\nreport_on_task_s = 0", "jt808.report_on_task_s"),
            ("[jt808]\nterminals = 't.toml'\nreport_standby_s = 301", "jt808.report_standby_s"),
            ("[jt808]\nterminals = 't.toml'\nreport_on_task_s = 30", "silent_after_s"),
            ("[jt808]\nterminals = 't.toml'\nreport_standby_s = 60\nidle_s = 60", "jt808.idle_s"),
            ("[postgres]\nurl = 'mysql://x'", "url"),
            ("[postgres]\n", "url"),
            ("[postgres]\nurl = 'host=x'\npositions_days = 0", "positions_days"),
            (
                "[standby]\nnode = 1\nlisten = '127.0.0.1:1'\npeer = '127.0.0.1:2'\ncertificates = 'c'",
                "postgres",
            ),
            (
                "[postgres]\nurl = 'host=x'\n[standby]\nnode = 0\nlisten = '127.0.0.1:1'\npeer = '127.0.0.1:2'\ncertificates = 'c'",
                "standby.node",
            ),
            (
                "[postgres]\nurl = 'host=x'\n[standby]\nnode = 1\nlisten = '127.0.0.1:1'\npeer = '127.0.0.1:1'\ncertificates = 'c'",
                "standby.peer",
            ),
            ("[postgres]\nurl = 'host=x'\n[standby]\nnode = 1\npeer = '127.0.0.1:1'", "standby"),
            ("[postgres]\nurl = 'host=x'\n[standby]\nnode = 1\nelsewhere = 'http://b'", "standby"),
            (
                "[vehicles]\ncertificates = 'c'\n[vehicles.terminal]\nposition_on_task_ms = 10",
                "vehicles.terminal",
            ),
            (
                "[vehicles]\ncertificates = 'c'\n[[vehicles.terminal.steps]]\nstage = 'rolling'\nzh = '出车'\nen = 'Rolling'",
                "from acknowledged to available",
            ),
            (
                "[vehicles]\ncertificates = 'c'\n[[vehicles.terminal.steps]]\nstage = 'flying'\nzh = '飞'\nen = 'Fly'",
                "flying",
            ),
        ]);
    }

    #[track_caller]
    fn each_is_told(cases: &[(&str, &str)]) {
        for (mistake, says) in cases {
            let (top, tables) = if mistake.starts_with('[') { ("", *mistake) } else { (*mistake, "") };
            let error = parse(&format!("{top}\n{SMALL}\n{tables}")).unwrap_err().to_string();
            assert!(error.contains(says), "{mistake:?} gave {error:?}");
            assert!(error.starts_with("/etc/jichi/centre.toml") && !error.contains('\n'), "{error:?}");
        }
    }

    #[test]
    fn second_opinions_are_given_where_they_are_asked_for() {
        let extent =
            |table: &str| parse(&format!("{SMALL}\n[second_opinion]\n{table}")).unwrap().second_opinion;
        let usual = Extent { scenarios: 200, horizon: Span::seconds(5_400) };
        assert_eq!(extent("on = true"), Some(usual));
        assert_eq!(extent("on = true\nscenarios = 50"), Some(Extent { scenarios: 50, ..usual }));
        assert_eq!(extent("on = false\nhorizon_s = 3600"), None);
    }

    #[test]
    fn a_demonstration_may_run_faster() {
        let config = parse(&format!("demo = true\nclock_rate = 30.0\n{SMALL}")).unwrap();
        assert_eq!(config.clock, ClockChoice::Rate(30.0));
        let config = parse(&format!("demo = true\nclock_file = 'clock.toml'\n{SMALL}")).unwrap();
        assert_eq!(config.clock, ClockChoice::File("/etc/jichi/clock.toml".into()));
    }
}

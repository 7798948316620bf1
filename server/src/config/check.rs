//! What a configuration's values must be, checked before anything is opened.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dispatch_core::Span;
use dispatch_core::assignment::{DispatchLevels, Stage};
use dispatch_core::destination::HospitalSpec;
use dispatch_core::fleet::UsualDemand;
use dispatch_core::policy::Policy;
use dispatch_core::policy::rollout::{Extent, SCENARIOS_MIN};
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::{Station, UnitSpec};

use super::{
    ClockChoice, Config, ConfigError, Jt808Config, OtherNode, PostgresConfig, StandbyConfig, TerminalConfig,
    VehiclesConfig, tables,
};
use crate::districts::District;

/// The file's values, checked and with whole paths.
pub(super) fn resolve(path: &Path, file: tables::Settings) -> Result<Config, ConfigError> {
    let checker = Checker { path };
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    let clock = checker.clock(&file, &folder)?;
    checker
        .refuse(file.centre.name.trim().is_empty(), "centre.name", || "give the centre's name".to_owned())?;
    let api_listen = file.api.listen;
    checker.refuse(!api_listen.ip().is_loopback(), "api.listen", || {
        format!(
            "{} is not a loopback address: until accounts exist anybody who reaches the interface could dispatch, \
             so it listens on 127.0.0.1 or [::1] only",
            api_listen.ip()
        )
    })?;
    if let Some(postgres) = &file.postgres {
        let bad = postgres.url.parse::<tokio_postgres::Config>().err();
        checker.refuse(bad.is_some() || postgres.url.trim().is_empty(), "postgres.url", || {
            "it must be like postgresql://user@host/dbname, or host=… user=… dbname=…".to_owned()
        })?;
    }
    let days = file.postgres.as_ref().and_then(|postgres| postgres.positions_days);
    checker.refuse(days == Some(0), "postgres.positions_days", || {
        "give the number of days that positions are kept, or leave it out to keep none".to_owned()
    })?;
    checker.jt808(file.jt808.as_ref(), file.rules.silent_after_s)?;
    checker.standby(&file)?;
    checker.terminal(file.vehicles.as_ref().map(|vehicles| &vehicles.terminal))?;
    checker.rules(&file.rules)?;
    checker.lists(&file)?;
    let second_opinion = checker.second_opinion(&file.second_opinion)?;
    Ok(Config {
        path: path.to_owned(),
        demo: file.demo,
        clock,
        map: file.map.map(|map| folder.join(map)),
        map_attribution: file.map_attribution,
        name: file.centre.name,
        api_listen,
        vehicles: file.vehicles.map(|table| vehicles(table, &folder)),
        jt808: file.jt808.map(|table| jt808(table, &folder)),
        data: folder.join(file.data.dir),
        head_to: file.data.head_to.map(|file| folder.join(file)),
        postgres: file.postgres.map(|p| PostgresConfig { url: p.url, positions_days: p.positions_days }),
        standby: file.standby.map(|table| standby(table, &folder)),
        rules: file.rules,
        second_opinion,
        stations: stations(file.stations),
        units: units(file.units),
        hospitals: file
            .hospitals
            .into_iter()
            .map(|h| HospitalSpec { id: h.id, name: h.name, position: h.position, skills: h.skills })
            .collect(),
        demand: file
            .demand
            .into_iter()
            .map(|d| UsualDemand { position: d.position, calls_per_day: d.calls_per_day })
            .collect(),
        districts: file.districts.into_iter().map(|d| District::new(d.name, d.area, &d.polygon)).collect(),
    })
}

fn vehicles(table: tables::Vehicles, folder: &Path) -> VehiclesConfig {
    VehiclesConfig {
        listen: table.listen,
        certificates: folder.join(table.certificates),
        denied: table.denied.map(|file| folder.join(file)),
        enrolment: table.enrolment,
        terminal: table.terminal,
    }
}

fn jt808(table: tables::Jt808, folder: &Path) -> Jt808Config {
    Jt808Config {
        listen: table.listen,
        terminals: folder.join(table.terminals),
        report_on_task_s: table.report_on_task_s,
        report_standby_s: table.report_standby_s,
        idle_s: table.idle_s,
    }
}

fn standby(table: tables::Standby, folder: &Path) -> StandbyConfig {
    let tables::Standby { node, listen, peer, elsewhere, certificates } = table;
    let other = listen.zip(peer).zip(certificates).map(|((listen, peer), certificates)| OtherNode {
        listen,
        peer,
        elsewhere,
        certificates: folder.join(certificates),
    });
    StandbyConfig { node, other }
}

fn stations(rows: Vec<tables::StationRow>) -> Vec<Station> {
    rows.into_iter().map(|s| Station { id: s.id, name: s.name, position: s.position }).collect()
}

fn units(rows: Vec<tables::UnitRow>) -> Vec<UnitSpec> {
    let spec = |u: tables::UnitRow| UnitSpec {
        id: u.id,
        station: u.station,
        skills: u.skills,
        plate: u.plate,
        phone: u.phone,
    };
    rows.into_iter().map(spec).collect()
}

struct Checker<'a> {
    path: &'a Path,
}

impl Checker<'_> {
    fn jt808(&self, table: Option<&tables::Jt808>, silent_after: Span) -> Result<(), ConfigError> {
        let Some(table) = table else { return Ok(()) };
        for (name, seconds) in
            [("report_on_task_s", table.report_on_task_s), ("report_standby_s", table.report_standby_s)]
        {
            self.refuse(!(1..=REPORT_S_MAX).contains(&seconds), format!("jt808.{name}"), || {
                format!("it must be between 1 and {REPORT_S_MAX}")
            })?;
        }
        let on_task = Span::seconds(table.report_on_task_s.into());
        self.refuse(on_task >= silent_after, "jt808.report_on_task_s", || {
            "it must be less than rules.silent_after_s, or a unit on an order is called silent between two reports"
                .to_owned()
        })?;
        let longest = table.report_on_task_s.max(table.report_standby_s);
        self.refuse(table.idle_s <= 2 * longest, "jt808.idle_s", || {
            "it must be more than twice the time between two reports, or terminals that are well lose their connections"
                .to_owned()
        })
    }

    fn terminal(&self, terminal: Option<&TerminalConfig>) -> Result<(), ConfigError> {
        let Some(terminal) = terminal else { return Ok(()) };
        let intervals =
            [terminal.position_on_task_ms, terminal.position_standby_ms, terminal.position_off_duty_ms];
        let odd = intervals.into_iter().flatten().any(|ms| !(200..=600_000).contains(&ms));
        self.refuse(odd, "vehicles.terminal", || {
            "a position is reported every 200 to 600000 milliseconds".to_owned()
        })?;
        let steps = &terminal.steps;
        let in_order = steps.windows(2).all(|two| two[0].stage < two[1].stage);
        let bounds = steps.first().zip(steps.last());
        let whole = bounds
            .is_none_or(|(first, last)| first.stage == Stage::Acknowledged && last.stage == Stage::Available);
        self.refuse(!in_order || !whole, "vehicles.terminal.steps", || {
            "list the steps in their order, from acknowledged to available; those between may be left out"
                .to_owned()
        })?;
        let named = |text: &str| (1..=STEP_CHARS_MAX).contains(&text.chars().count());
        let unnamed = steps.iter().any(|step| !named(&step.zh) || !named(&step.en));
        self.refuse(unnamed, "vehicles.terminal.steps", || {
            format!("each step has words in zh and en, of at most {STEP_CHARS_MAX} characters")
        })
    }

    fn standby(&self, file: &tables::Settings) -> Result<(), ConfigError> {
        if let Some(standby) = &file.standby {
            self.refuse(standby.node == 0, "standby.node", || {
                "number the two nodes of the centre 1 and 2".to_owned()
            })?;
            self.refuse(file.postgres.is_none(), "standby", || {
                "this node's events are to be in PostgreSQL, too: add [postgres] with its url".to_owned()
            })?;
            let given = [standby.listen.is_some(), standby.peer.is_some(), standby.certificates.is_some()];
            let one_node = given == [false; 3] && standby.elsewhere.is_empty();
            self.refuse(!one_node && given != [true; 3], "standby", || {
                "give listen, peer and certificates for the other node, or node alone where there is none"
                    .to_owned()
            })?;
            self.refuse(!one_node && standby.listen == standby.peer, "standby.peer", || {
                "it is this node's own address: give the other node's".to_owned()
            })?;
        }
        Ok(())
    }

    fn refuse(
        &self,
        wrong: bool,
        key: impl Into<String>,
        problem: impl FnOnce() -> String,
    ) -> Result<(), ConfigError> {
        if !wrong {
            return Ok(());
        }
        Err(ConfigError::Value { path: self.path.display().to_string(), key: key.into(), problem: problem() })
    }

    fn clock(&self, file: &tables::Settings, folder: &Path) -> Result<ClockChoice, ConfigError> {
        if !file.demo {
            let key = if file.clock_rate.is_some() { "clock_rate" } else { "clock_file" };
            self.refuse(file.clock_rate.is_some() || file.clock_file.is_some(), key, || {
                "a centre in service runs by the wall clock; for a demonstration set demo = true".to_owned()
            })?;
        }
        if let Some(clock) = &file.clock_file {
            return Ok(ClockChoice::File(folder.join(clock)));
        }
        let Some(rate) = file.clock_rate else { return Ok(ClockChoice::Real) };
        self.refuse(!(0.01..=1000.0).contains(&rate), "clock_rate", || {
            format!("{rate} is not between 0.01 and 1000")
        })?;
        Ok(ClockChoice::Rate(rate))
    }

    fn rules(&self, rules: &Rules) -> Result<(), ConfigError> {
        let spans = [
            ("answer_within_s", rules.answer_within_s),
            ("take_within_s", rules.take_within_s),
            ("propose_within_s", rules.propose_within_s),
            ("assign_within_s", rules.assign_within_s),
            ("deliver_within_s", rules.deliver_within_s),
            ("acknowledge_within_s", rules.acknowledge_within_s),
            ("roll_warn_s", rules.roll_warn_s),
            ("roll_within_s", rules.roll_within_s),
            ("motion_disagreement_s", rules.motion_disagreement_s),
            ("hospital_acknowledge_within_s", rules.hospital_acknowledge_within_s),
            ("handoff_within_s", rules.handoff_within_s),
            ("silent_after_s", rules.silent_after_s),
            ("scheduled_lead_s", rules.scheduled_lead_s),
            ("scheduled_run_s", rules.scheduled_run_s),
            ("ended_kept_s", rules.ended_kept_s),
            ("cover_within_s", rules.cover_within_s),
            ("shift_end_warn_s", rules.shift_end_warn_s),
        ];
        for (name, span) in spans {
            let wrong = span <= Span::ZERO || span > Span::seconds(SPAN_S_MAX);
            self.refuse(wrong, format!("rules.{name}"), || {
                format!("it must be more than 0 and at most {SPAN_S_MAX} s")
            })?;
        }
        let offset = rules.utc_offset_s.micros().abs();
        self.refuse(offset > Span::seconds(14 * 3600).micros(), "rules.utc_offset_s", || {
            "no clock is more than 14 hours from UTC".to_owned()
        })?;
        self.refuse(rules.roll_warn_s >= rules.roll_within_s, "rules.roll_warn_s", || {
            "the warning must come before roll_within_s".to_owned()
        })?;
        self.refuse(!(1..=100).contains(&rules.candidates_max), "rules.candidates_max", || {
            "a proposal lists between 1 and 100 units".to_owned()
        })?;
        let share = rules.move_up_gain_min;
        self.refuse(!(0.0..=1.0).contains(&share), "rules.move_up_gain_min", || {
            format!("{share} is not a share between 0 and 1")
        })?;
        let unknown = rules.policy.parse::<Policy>().err();
        self.refuse(unknown.is_some(), "rules.policy", || {
            unknown.as_ref().map(ToString::to_string).unwrap_or_default()
        })?;
        let wrong = rules.response_plans.problem();
        self.refuse(wrong.is_some(), "rules.response_plans", || wrong.clone().unwrap_or_default())?;
        let rows = rules.dispatch_levels.0.len();
        self.refuse(rows > DispatchLevels::COUNT_MAX, "rules.dispatch_levels", || {
            format!("there are {} rows at most", DispatchLevels::COUNT_MAX)
        })?;
        let wrong = rules.shifts.problem();
        self.refuse(wrong.is_some(), "rules.shifts", || wrong.clone().unwrap_or_default())?;
        let wrong = rules.station_areas.problem();
        self.refuse(wrong.is_some(), "rules.station_areas", || wrong.clone().unwrap_or_default())?;
        let wrong = rules.mutual_aid.problem();
        self.refuse(wrong.is_some(), "rules.mutual_aid", || wrong.clone().unwrap_or_default())?;
        let wrong = rules.traffic.problem();
        self.refuse(wrong.is_some(), "rules.traffic", || wrong.clone().unwrap_or_default())?;
        let wrong = rules.override_reasons.problem();
        self.refuse(wrong.is_some(), "rules.override_reasons", || wrong.clone().unwrap_or_default())
    }

    fn second_opinion(&self, table: &tables::SecondOpinion) -> Result<Option<Extent>, ConfigError> {
        let &tables::SecondOpinion { on, scenarios, horizon_s } = table;
        self.refuse(
            !(SCENARIOS_MIN..=SCENARIOS_MAX).contains(&scenarios),
            "second_opinion.scenarios",
            || format!("{scenarios} is not between {SCENARIOS_MIN} and {SCENARIOS_MAX}"),
        )?;
        self.refuse(!(HORIZON_MIN..=HORIZON_MAX).contains(&horizon_s), "second_opinion.horizon_s", || {
            "it must look between 10 minutes and 6 hours ahead".to_owned()
        })?;
        Ok(on.then_some(Extent { scenarios, horizon: horizon_s }))
    }

    fn lists(&self, file: &tables::Settings) -> Result<(), ConfigError> {
        let stations = self.once("stations", file.stations.iter().map(|s| s.id))?;
        let units = self.once("units", file.units.iter().map(|u| u.id))?;
        for shift in &file.rules.shifts.0 {
            let stranger = shift.units.iter().find(|unit| !units.contains(unit));
            self.refuse(stranger.is_some(), format!("rules.shifts {}", shift.name), || {
                format!("its unit {} is not among the units", stranger.map_or("", |unit| unit.as_str()))
            })?;
        }
        let of_neighbours = file.rules.mutual_aid.from.iter().flat_map(|neighbour| &neighbour.units);
        for unit in of_neighbours.filter(|unit| !units.contains(unit)) {
            self.refuse(true, "rules.mutual_aid", || format!("its unit {unit} is not among the units"))?;
        }
        for area in file.rules.station_areas.areas.iter().filter(|area| !stations.contains(&area.station)) {
            self.refuse(true, "rules.station_areas", || {
                format!("the station {} is not among the stations", area.station)
            })?;
        }
        self.once("hospitals", file.hospitals.iter().map(|h| h.id))?;
        for unit in &file.units {
            self.refuse(!stations.contains(&unit.station), format!("units {}", unit.id), || {
                format!("its station {} is not among the stations", unit.station)
            })?;
        }
        for district in &file.districts {
            self.refuse(district.polygon.len() < 3, format!("districts {}", district.name), || {
                "its polygon needs three corners at least".to_owned()
            })?;
        }
        self.refuse(file.demand.len() > DEMAND_MAX, "demand", || {
            format!("there are {DEMAND_MAX} places at most")
        })?;
        for place in &file.demand {
            let known = place.calls_per_day.is_finite() && place.calls_per_day >= 0.0;
            self.refuse(!known, "demand calls_per_day", || "it must be 0 or more".to_owned())?;
        }
        Ok(())
    }

    fn once<I: Ord + Copy + std::fmt::Display>(
        &self,
        list: &str,
        ids: impl Iterator<Item = I>,
    ) -> Result<BTreeSet<I>, ConfigError> {
        let mut seen = BTreeSet::new();
        for id in ids {
            self.refuse(!seen.insert(id), list, || format!("{id} is listed twice"))?;
        }
        Ok(seen)
    }
}

/// A tracker that reports less often says little of where its unit is.
const REPORT_S_MAX: u32 = 300;
/// Places at which demand is known.
const DEMAND_MAX: usize = 10_000;
/// More futures say hardly more.
const SCENARIOS_MAX: u16 = 5_000;
/// A look ahead that ends before a run does says nothing.
const HORIZON_MIN: Span = Span::seconds(600);
/// What is farther off has little to do with who goes now.
const HORIZON_MAX: Span = Span::seconds(6 * 3_600);
/// A week: no deadline of a call is longer.
const SPAN_S_MAX: i64 = 7 * 24 * 3600;

/// What fits on the largest button of a tablet.
const STEP_CHARS_MAX: usize = 20;

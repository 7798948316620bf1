//! What `replay` is told of a day that is lived again: which one, under which policy, and what else is different.

use std::collections::BTreeSet;
use std::path::PathBuf;

use dispatch_core::ids::{StationId, UnitId};
use dispatch_core::incident::Skill;
use dispatch_core::replay::{Change, Plan};
use roads::Wgs84;

/// What is to be different, and where the result goes.
#[derive(Debug, clap::Args)]
pub(super) struct PlanArguments {
    /// Live a past day again under this policy: closest, closest-preempt, closest-guarded or matching, each alone or with some of
    /// +bounded:SECONDS, +relief, +dmexclp:Q.
    #[arg(long, value_name = "NAME[:PARAMS]")]
    policy: Option<String>,
    /// The day, by the city's clocks; without it the last one with emergencies.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) day: Option<String>,
    /// The road map, where the configuration names none. Without a map journeys are straight-line estimates, and say so.
    #[arg(long, value_name = "FILE.map")]
    pub(super) map: Option<PathBuf>,
    /// A station more.
    #[arg(long, value_name = "S99=LON,LAT", value_parser = add_station)]
    add_station: Vec<Change>,
    /// A station elsewhere.
    #[arg(long, value_name = "S03=LON,LAT", value_parser = move_station)]
    move_station: Vec<Change>,
    /// A unit more, crewed all day; it can do what most units can, or what is named.
    #[arg(long, value_name = "A99@S03[:SKILL,…]", value_parser = add_unit)]
    add_unit: Vec<Change>,
    /// A unit at another station.
    #[arg(long, value_name = "A12@S05", value_parser = move_unit)]
    move_unit: Vec<Change>,
    /// A unit less.
    #[arg(long, value_name = "A12", value_parser = remove_unit)]
    remove_unit: Vec<Change>,
    /// A road closed all day, by its name or its way numbers.
    #[arg(long, value_name = "NAME|WAY[,WAY]", value_parser = close_road)]
    close_road: Vec<Change>,
    /// So many times as many calls, 1 to 10: ×2 doubles them.
    #[arg(long, value_name = "×N", value_parser = times)]
    calls: Option<f64>,
    /// Decides which calls are repeated, and when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write everything as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Write every emergency as one row.
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
}

impl PlanArguments {
    /// Whether a day is to be lived again at all.
    pub(super) fn wanted(&self) -> bool {
        self.day.is_some()
            || self.json.is_some()
            || self.csv.is_some()
            || self.plan() != Plan { seed: self.seed, ..Plan::default() }
    }

    /// What is to be different: stations before the units that go to them.
    pub(super) fn plan(&self) -> Plan {
        let changes = [
            &self.add_station,
            &self.move_station,
            &self.add_unit,
            &self.move_unit,
            &self.remove_unit,
            &self.close_road,
        ];
        Plan {
            policy: self.policy.clone(),
            changes: changes.into_iter().flatten().cloned().collect(),
            calls_times: self.calls.unwrap_or(1.0),
            seed: self.seed,
        }
    }
}

fn add_station(text: &str) -> Result<Change, String> {
    let (station, position) = station_at(text)?;
    Ok(Change::AddStation { station, position })
}

fn move_station(text: &str) -> Result<Change, String> {
    let (station, position) = station_at(text)?;
    Ok(Change::MoveStation { station, position })
}

fn station_at(text: &str) -> Result<(StationId, Wgs84), String> {
    let bad =
        || format!("{text:?} is not a station and its place: write S03=114.31,30.52 (longitude, latitude)");
    let (code, place) = text.split_once('=').ok_or_else(bad)?;
    let (longitude, latitude) = place.split_once(',').ok_or_else(bad)?;
    let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| bad());
    let station = code.parse::<StationId>().map_err(|error| error.to_string())?;
    let position = Wgs84::new(degrees(longitude)?, degrees(latitude)?).map_err(|error| error.to_string())?;
    Ok((station, position))
}

fn add_unit(text: &str) -> Result<Change, String> {
    let (place, skills) = text.split_once(':').map_or((text, None), |(place, skills)| (place, Some(skills)));
    let (unit, station) = unit_at(place)?;
    let skills = skills.map(named_skills).transpose()?;
    Ok(Change::AddUnit { unit, station, skills })
}

fn move_unit(text: &str) -> Result<Change, String> {
    let (unit, station) = unit_at(text)?;
    Ok(Change::MoveUnit { unit, station })
}

fn unit_at(text: &str) -> Result<(UnitId, StationId), String> {
    let bad = || format!("{text:?} is not a unit and its station: write A12@S05");
    let (unit, station) = text.split_once('@').ok_or_else(bad)?;
    let unit = unit.parse::<UnitId>().map_err(|error| error.to_string())?;
    let station = station.parse::<StationId>().map_err(|error| error.to_string())?;
    Ok((unit, station))
}

fn named_skills(text: &str) -> Result<BTreeSet<Skill>, String> {
    let named = text.split(',').filter(|name| !name.is_empty());
    named
        .map(|name| {
            serde_json::from_value(name.trim().into()).map_err(|_| {
                format!("{name:?} is not a skill: als, chest_pain, stroke, trauma, maternal, newborn, negative_pressure, bariatric")
            })
        })
        .collect()
}

fn remove_unit(text: &str) -> Result<Change, String> {
    text.parse().map(|unit| Change::RemoveUnit { unit }).map_err(|error| error.to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "the form that every value parser has")]
fn close_road(text: &str) -> Result<Change, String> {
    Ok(Change::CloseRoad { road: text.to_owned() })
}

fn times(text: &str) -> Result<f64, String> {
    let number = text.trim_start_matches(['×', 'x', 'X']);
    number.parse().map_err(|_| format!("{text:?} is not how many times: write ×2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_written_in_a_few_characters() {
        let place = Wgs84::new(114.31, 30.52).unwrap();
        let station = |code: &str| code.parse::<StationId>().unwrap();
        let unit = |code: &str| code.parse::<UnitId>().unwrap();
        let add = Change::AddStation { station: station("S99"), position: place };
        assert_eq!(add_station("S99=114.31,30.52"), Ok(add));
        let move_there = Change::MoveStation { station: station("S03"), position: place };
        assert_eq!(move_station("S03=114.31, 30.52"), Ok(move_there));
        let skills = Some([Skill::Als, Skill::Stroke].into());
        let with_skills = Change::AddUnit { unit: unit("A99"), station: station("S03"), skills };
        assert_eq!(add_unit("A99@S03:als,stroke"), Ok(with_skills));
        let usual = Change::AddUnit { unit: unit("A99"), station: station("S03"), skills: None };
        assert_eq!(add_unit("A99@S03"), Ok(usual));
        assert_eq!(times("×2"), Ok(2.0));
        assert_eq!(times("x1.5"), Ok(1.5));
    }

    #[test]
    fn what_cannot_be_read_says_how_it_is_written() {
        for (refused, how) in [
            (add_station("S99").map(drop), "write S03=114.31,30.52"),
            (add_station("S99=30.52").map(drop), "write S03=114.31,30.52"),
            (move_station("S99=200,30").map(drop), "longitude"),
            (add_unit("A99").map(drop), "write A12@S05"),
            (add_unit("A99@S03:wings").map(drop), "is not a skill: als"),
            (times("many").map(drop), "write ×2"),
        ] {
            let said = refused.unwrap_err();
            assert!(said.contains(how), "{said}");
        }
    }
}

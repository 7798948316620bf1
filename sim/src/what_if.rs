//! What if: the options that change a case for a study.

use clap::Args;
use sim::case::{Change, Numbered, Point, Traffic};

/// The changes to make to a case. Stations come first, then units.
#[derive(Args)]
#[command(next_help_heading = "What if · 假设")]
pub(crate) struct WhatIf {
    /// A new station there; it has the next number.
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true)]
    add_station: Vec<Point>,
    /// A station elsewhere.
    #[arg(long, value_name = "STATION@LON,LAT")]
    move_station: Vec<Numbered<Point>>,
    /// A new unit at a station.
    #[arg(long, value_name = "STATION", value_parser = from_one)]
    add_unit: Vec<usize>,
    /// A unit to another station.
    #[arg(long, value_name = "UNIT@STATION")]
    move_unit: Vec<Numbered<usize>>,
    /// A unit less.
    #[arg(long, value_name = "UNIT", value_parser = from_one)]
    remove_unit: Vec<usize>,
    /// No way over the roads within 30 m, or the nearest one, in both directions.
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true)]
    close_road: Vec<Point>,
    /// Times on the road by the hour of the day, such as 7-9:1.3,17-19:1.4,22-6:0.9.
    #[arg(long, value_name = "FROM-TO:FACTOR,...")]
    traffic: Option<Traffic>,
}

impl WhatIf {
    /// For so many days, which traffic wants to know.
    fn traffic(&self, days: u32) -> Option<Change> {
        self.traffic.clone().map(|traffic| Change::Traffic { traffic, days })
    }

    /// The changes in the order in which they are made, for a study of so many days.
    pub(crate) fn changes(&self, days: u32) -> Vec<Change> {
        let closed = self.close_road.iter().map(|&at| Change::CloseRoad { at });
        let added = self.add_station.iter().map(|&at| Change::AddStation { at });
        let moved = self.move_station.iter().map(|&to| Change::MoveStation { station: to.number, at: to.to });
        let units = self.add_unit.iter().map(|&station| Change::AddUnit { station });
        let elsewhere = self.move_unit.iter().map(|&to| Change::MoveUnit { unit: to.number, station: to.to });
        let removed = self.remove_unit.iter().map(|&unit| Change::RemoveUnit { unit });
        let roads = closed.chain(self.traffic(days));
        roads.chain(added).chain(moved).chain(units).chain(elsewhere).chain(removed).collect()
    }
}

/// By how much the calls are multiplied: `×2`, `x2`, `*1.5`; `None` where it is no such sign.
pub(crate) fn factor(text: &str) -> Option<Result<f64, String>> {
    let number = text.strip_prefix(['×', 'x', '*'])?;
    let valid = number.trim().parse::<f64>().ok().filter(|factor| FACTORS.contains(factor));
    Some(valid.ok_or_else(|| format!("`{text}`: write ×N, N from 0.01 to 100")))
}

/// The same, where nothing else may stand.
pub(crate) fn times(text: &str) -> Result<f64, String> {
    factor(text).unwrap_or_else(|| Err(format!("`{text}`: write ×N, such as ×2")))
}

fn from_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| format!("`{text}` is no number from 1"))
}

const FACTORS: std::ops::RangeInclusive<f64> = 0.01..=100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_not_a_file() {
        assert_eq!(factor("×2"), Some(Ok(2.0)));
        assert_eq!(factor("x0.5"), Some(Ok(0.5)));
        assert!(matches!(factor("×0"), Some(Err(_))) && matches!(factor("xyz"), Some(Err(_))));
        assert_eq!(factor("day.csv"), None);
    }
}

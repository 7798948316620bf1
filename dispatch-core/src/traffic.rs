//! How fast ambulances drive at this hour against the usual: a table by the city's clocks, for weekdays, weekends or every day.
//!
//! Only the hours that differ are named; a road's usual speed holds at all others. The time comes with whoever asks.

use roads::SpeedFactors;
use serde::{Deserialize, Serialize};

use crate::rules::Rules;
use crate::time::{Span, UtcTime};
use crate::vehicle::TimeOfDay;

/// The hours at which ambulances drive slower or faster than usual. The first row that suits holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrafficTable(pub Vec<TrafficRow>);

/// Some hours of some days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficRow {
    /// What people call them (早高峰).
    pub name: String,
    /// On which days; hours past midnight belong to the day on which they began.
    #[serde(default)]
    pub days: TrafficDays,
    /// When they begin, by the city's clocks.
    pub from: TimeOfDay,
    /// When they end; the same as `from` is round the clock.
    pub to: TimeOfDay,
    /// Speed on motorways and trunk roads against the usual: 0.8 is a fifth slower.
    #[serde(default = "as_usual")]
    pub fast_roads: f64,
    /// The same on primary to tertiary roads, and for estimates in a straight line.
    #[serde(default = "as_usual")]
    pub main_roads: f64,
    /// The same on everything smaller.
    #[serde(default = "as_usual")]
    pub small_roads: f64,
}

/// Days of the week. Holidays are not known: on them a weekday is a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrafficDays {
    /// All seven.
    #[default]
    Every,
    /// Monday to Friday.
    Weekday,
    /// Saturday and Sunday.
    Weekend,
}

impl TrafficTable {
    /// The most rows: one for each hour of the week.
    pub const COUNT_MAX: usize = 168;

    /// The row that holds at a moment; `None` when roads are as usual.
    pub fn at(&self, now: UtcTime, utc_offset: Span) -> Option<&TrafficRow> {
        self.0.iter().find(|row| row.holds(now + utc_offset))
    }

    /// What is wrong with the table, if anything.
    pub fn problem(&self) -> Option<String> {
        if self.0.len() > Self::COUNT_MAX {
            return Some(format!("there are {} rows at most", Self::COUNT_MAX));
        }
        let wrong = |row: &&TrafficRow| {
            let factors = [row.fast_roads, row.main_roads, row.small_roads];
            row.name.trim().is_empty() || !factors.iter().all(|factor| FACTORS.contains(factor))
        };
        let wrong = self.0.iter().find(wrong);
        wrong.map(|row| {
            let (least, most) = (FACTORS.start(), FACTORS.end());
            format!(
                "the row {:?} from {} needs a name and factors from {least} to {most}",
                row.name, row.from
            )
        })
    }
}

impl TrafficRow {
    /// Its speeds against the usual.
    pub fn speeds(&self) -> SpeedFactors {
        let Self { fast_roads, main_roads, small_roads, .. } = *self;
        SpeedFactors { fast_roads, main_roads, small_roads }
    }

    /// Speed on main roads in percent of the usual.
    pub fn percent(&self) -> u32 {
        (self.main_roads * 100.0).round() as u32
    }

    /// Whether it holds at a moment of the city's clocks, counted as if they were UTC.
    fn holds(&self, local: UtcTime) -> bool {
        let day = local.micros().div_euclid(DAY_US);
        let time = local.micros().rem_euclid(DAY_US);
        let length = match (self.to.micros() - self.from.micros()).rem_euclid(DAY_US) {
            0 => DAY_US,
            length => length,
        };
        let into = (time - self.from.micros()).rem_euclid(DAY_US);
        let began_on = if into > time { day - 1 } else { day };
        into < length && self.days.has(began_on)
    }
}

impl TrafficDays {
    /// Whether a day is one of them, counted from 1970-01-01, a Thursday.
    fn has(self, day: i64) -> bool {
        let since_monday = (day + 3).rem_euclid(7);
        match self {
            Self::Every => true,
            Self::Weekday => since_monday < 5,
            Self::Weekend => since_monday >= 5,
        }
    }
}

impl Rules {
    /// The hours that hold at a moment, where roads are not as usual.
    pub fn traffic_at(&self, now: UtcTime) -> Option<&TrafficRow> {
        self.traffic.at(now, self.utc_offset_s)
    }

    /// How fast ambulances drive at a moment against the usual.
    pub fn speeds_at(&self, now: UtcTime) -> SpeedFactors {
        self.traffic_at(now).map_or(SpeedFactors::USUAL, TrafficRow::speeds)
    }
}

fn as_usual() -> f64 {
    1.0
}

const DAY_US: i64 = 86_400_000_000;
/// Slower than a tenth nobody drives, and faster than thrice the usual nobody either.
const FACTORS: std::ops::RangeInclusive<f64> = 0.1..=3.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, days: TrafficDays, from: &str, to: &str, main_roads: f64) -> TrafficRow {
        let (name, from, to) = (name.to_owned(), from.parse().unwrap(), to.parse().unwrap());
        TrafficRow { name, days, from, to, fast_roads: 1.0, main_roads, small_roads: 1.0 }
    }

    /// What holds at a time of a city eight hours ahead of UTC. 2026-11-21 is a Saturday.
    fn at<'a>(table: &'a TrafficTable, local: &str) -> Option<&'a str> {
        let now: UtcTime = format!("{local}:00+08:00").parse().unwrap();
        table.at(now, Span::seconds(8 * 3600)).map(|row| row.name.as_str())
    }

    #[test]
    fn hours_begin_and_end_to_the_minute_on_their_days() {
        let table = TrafficTable(vec![
            row("早高峰", TrafficDays::Weekday, "07:00", "09:30", 0.6),
            row("夜间", TrafficDays::Weekend, "22:00", "02:00", 1.2),
            row("白天", TrafficDays::Every, "09:00", "10:00", 0.9),
        ]);
        let cases = [
            ("2026-11-20T06:59", None),
            ("2026-11-20T07:00", Some("早高峰")),
            ("2026-11-20T09:29", Some("早高峰")),
            ("2026-11-20T09:30", Some("白天")),
            ("2026-11-21T07:00", None),
            ("2026-11-21T09:00", Some("白天")),
            ("2026-11-23T07:00", Some("早高峰")),
            ("2026-11-20T23:00", None),
            ("2026-11-21T01:00", None),
            ("2026-11-21T22:00", Some("夜间")),
            ("2026-11-22T01:59", Some("夜间")),
            ("2026-11-23T01:59", Some("夜间")),
            ("2026-11-23T02:00", None),
        ];
        for (local, expected) in cases {
            assert_eq!(at(&table, local), expected, "{local}");
        }
        let all_day = TrafficTable(vec![row("周末", TrafficDays::Weekend, "00:00", "00:00", 1.1)]);
        assert_eq!(at(&all_day, "2026-11-22T23:59"), Some("周末"));
        assert_eq!(at(&all_day, "2026-11-23T00:00"), None);
    }

    #[test]
    fn factors_that_nobody_drives_at_are_refused() {
        for factor in [0.0, 0.09, 3.1, f64::NAN, -1.0] {
            let table = TrafficTable(vec![row("x", TrafficDays::Every, "07:00", "09:00", factor)]);
            assert!(table.problem().is_some_and(|problem| problem.contains("from 07:00")), "{factor}");
        }
        let nameless = TrafficTable(vec![row(" ", TrafficDays::Every, "07:00", "09:00", 1.0)]);
        assert!(nameless.problem().is_some());
        assert_eq!(TrafficTable(vec![row("x", TrafficDays::Every, "07:00", "09:00", 0.1)]).problem(), None);
    }

    #[test]
    fn roads_are_as_usual_where_no_row_holds() {
        let mut rules = Rules::default();
        let now = "2026-11-21T01:00:00Z".parse().unwrap();
        assert_eq!(rules.speeds_at(now), SpeedFactors::USUAL);
        rules.traffic = TrafficTable(vec![row("上午", TrafficDays::Every, "09:00", "10:00", 0.75)]);
        assert_eq!(rules.speeds_at(now), SpeedFactors { main_roads: 0.75, ..SpeedFactors::USUAL });
        assert_eq!(rules.traffic_at(now).map(TrafficRow::percent), Some(75));
    }
}

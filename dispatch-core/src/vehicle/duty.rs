//! The shift table: which units are on duty when, by the city's clocks. A unit that no shift names is always on duty.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::UnitId;
use crate::time::{Span, UtcTime};

/// A time of the city's day, to the minute (`07:30`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u16,
}

/// One shift: the same hours every day, past midnight when it ends before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// What people call it (早班).
    pub name: String,
    /// When it begins, by the city's clocks.
    pub from: TimeOfDay,
    /// When it ends; the same as `from` is round the clock.
    pub to: TimeOfDay,
    /// The units on it.
    pub units: BTreeSet<UnitId>,
}

/// Every shift.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShiftTable(pub Vec<Shift>);

/// Whether a unit is on duty at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// No shift names it: it is on duty whenever its crew is signed on.
    Always,
    /// It is on duty for this much longer.
    For(Span),
    /// It is off duty for this much longer.
    Off(Span),
}

impl ShiftTable {
    /// The most shifts of one centre.
    pub const COUNT_MAX: usize = 500;

    /// Whether a unit is on duty. Shifts that follow on one another are one.
    #[inline]
    pub fn duty(&self, unit: UnitId, now: UtcTime, utc_offset: Span) -> Duty {
        // Asked for every unit by every look for units, and many a centre has no shifts here.
        if self.0.is_empty() { Duty::Always } else { self.by_shifts(unit, now, utc_offset) }
    }

    fn by_shifts(&self, unit: UnitId, now: UtcTime, utc_offset: Span) -> Duty {
        let own: Vec<&Shift> = self.0.iter().filter(|shift| shift.units.contains(&unit)).collect();
        if own.is_empty() {
            return Duty::Always;
        }
        let day = micros_of_day(now, utc_offset);
        let mut lasts = Span::ZERO;
        // Each turn goes on to the end of a shift: a whole day of them is round the clock.
        while lasts < DAY {
            let at = (day + lasts.micros()).rem_euclid(DAY.micros());
            let Some(left) = own.iter().filter_map(|shift| shift.left(at)).max() else { break };
            lasts += left;
        }
        match lasts {
            Span::ZERO => {
                let until = own.iter().map(|shift| until(shift.from, day)).min();
                Duty::Off(until.unwrap_or(DAY))
            }
            lasts if lasts >= DAY => Duty::Always,
            lasts => Duty::For(lasts),
        }
    }

    /// What is wrong with the table, if anything.
    pub fn problem(&self) -> Option<String> {
        if self.0.len() > Self::COUNT_MAX {
            return Some(format!("there are {} shifts at most", Self::COUNT_MAX));
        }
        let nameless = self.0.iter().find(|shift| shift.name.trim().is_empty() || shift.units.is_empty());
        nameless.map(|shift| format!("the shift {:?} from {} needs a name and units", shift.name, shift.from))
    }
}

impl Shift {
    /// How long it still lasts at a moment of the day; `None` outside it.
    fn left(&self, micros_of_day: i64) -> Option<Span> {
        let into = (micros_of_day - self.from.micros()).rem_euclid(DAY.micros());
        let length = until(self.to, self.from.micros());
        (into < length.micros()).then(|| length - Span::from_micros(into))
    }
}

/// How long from a moment of the day to the next time that the clocks show this; a whole day when they show it now.
fn until(time: TimeOfDay, micros_of_day: i64) -> Span {
    let until = (time.micros() - micros_of_day).rem_euclid(DAY.micros());
    if until == 0 { DAY } else { Span::from_micros(until) }
}

fn micros_of_day(now: UtcTime, utc_offset: Span) -> i64 {
    (now + utc_offset).micros().rem_euclid(DAY.micros())
}

impl TimeOfDay {
    /// Microseconds since midnight.
    pub(crate) fn micros(self) -> i64 {
        i64::from(self.minutes) * 60_000_000
    }
}

impl FromStr for TimeOfDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a time of the day like 07:30");
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !two_digits(hours) || !two_digits(minutes) {
            return Err(wrong());
        }
        let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if hours > 23 || minutes > 59 { Err(wrong()) } else { Ok(Self { minutes: hours * 60 + minutes }) }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

const DAY: Span = Span::seconds(86_400);

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(from: &str, to: &str, units: &[&str]) -> Shift {
        let units = units.iter().map(|unit| unit.parse().unwrap()).collect();
        Shift { name: from.to_owned(), from: from.parse().unwrap(), to: to.parse().unwrap(), units }
    }

    /// What the table says of A01 at a time of the city's day, eight hours ahead of UTC.
    fn at(table: &ShiftTable, clock: &str) -> Duty {
        let now: UtcTime = format!("2026-11-21T{clock}:00+08:00").parse().unwrap();
        table.duty("A01".parse().unwrap(), now, Span::seconds(8 * 3600))
    }

    fn minutes(minutes: i64) -> Span {
        Span::seconds(60 * minutes)
    }

    #[test]
    fn a_shift_begins_and_ends_to_the_minute() {
        let table = ShiftTable(vec![shift("07:30", "19:30", &["A01"])]);
        assert_eq!(at(&table, "07:29"), Duty::Off(minutes(1)));
        assert_eq!(at(&table, "07:30"), Duty::For(minutes(720)));
        assert_eq!(at(&table, "19:29"), Duty::For(minutes(1)));
        assert_eq!(at(&table, "19:30"), Duty::Off(minutes(720)));
    }

    #[test]
    fn a_night_goes_past_midnight_and_shifts_that_meet_are_one() {
        let night = shift("19:30", "07:30", &["A01", "A02"]);
        let table = ShiftTable(vec![night.clone()]);
        assert_eq!(at(&table, "23:30"), Duty::For(minutes(480)));
        assert_eq!(at(&table, "00:30"), Duty::For(minutes(420)));
        let table = ShiftTable(vec![night.clone(), shift("07:30", "08:30", &["A01"])]);
        assert_eq!(at(&table, "06:30"), Duty::For(minutes(120)));
        let table = ShiftTable(vec![night, shift("07:00", "20:00", &["A01"])]);
        assert_eq!(at(&table, "06:30"), Duty::Always, "round the clock");
        assert_eq!(at(&ShiftTable(vec![shift("08:00", "08:00", &["A01"])]), "03:00"), Duty::Always);
    }

    #[test]
    fn whom_no_shift_names_is_always_on_duty() {
        let table = ShiftTable(vec![shift("07:30", "19:30", &["A02"])]);
        assert_eq!(at(&table, "03:00"), Duty::Always);
        assert_eq!(at(&ShiftTable::default(), "03:00"), Duty::Always);
    }

    #[test]
    fn times_and_tables_that_make_no_sense_are_refused() {
        for wrong in ["7:30", "24:00", "12:60", "12", "ab:cd", "+7:30"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
        let table = ShiftTable(vec![shift("07:30", "19:30", &[])]);
        assert!(table.problem().is_some_and(|problem| problem.contains("07:30")));
        assert_eq!(ShiftTable(vec![shift("07:30", "19:30", &["A01"])]).problem(), None);
    }
}

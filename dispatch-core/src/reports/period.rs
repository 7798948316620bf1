//! The span of time a report is about: half-years and years cut at local midnight after 30 June and 31 December, or free ends.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::time::{Span, UtcTime};

/// The span of time a report is about: from its start, up to and without its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// What people call it (`2026-H2`, `2026`).
    pub name: String,
    /// Its first moment, UTC.
    pub from: UtcTime,
    /// The first moment after it, UTC.
    pub to: UtcTime,
}

/// A period that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPeriod {
    /// Not a half-year or a year.
    #[error("{0:?} is not a period: write 2026-H1, 2026-H2 or 2026")]
    Unknown(String),
    /// Not a day.
    #[error("{0:?} is not a day: write it as 2026-11-21")]
    UnknownDay(String),
    /// It ends before it starts.
    #[error("the period ends at {to}, which is not after its start at {from}")]
    Backwards {
        /// The start given.
        from: UtcTime,
        /// The end given.
        to: UtcTime,
    },
}

impl Period {
    /// `2026-H1` (1 January to 30 June), `2026-H2` (1 July to 31 December) or `2026`, by the clocks of a city that are
    /// `utc_offset` ahead of UTC.
    pub fn parse(name: &str, utc_offset: Span) -> Result<Self, BadPeriod> {
        let bad = || BadPeriod::Unknown(name.chars().take(40).collect());
        let (year, half) = match name.split_once('-') {
            Some((year, half @ ("H1" | "H2"))) => (year, half),
            None => (name, ""),
            Some(_) => return Err(bad()),
        };
        let year =
            Some(year).filter(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()));
        let year: i16 =
            year.and_then(|digits| digits.parse().ok()).filter(|&year| year >= 1970).ok_or_else(bad)?;
        let ((from_year, from_month), (to_year, to_month)) = match half {
            "H1" => ((year, 1), (year, 7)),
            "H2" => ((year, 7), (year.saturating_add(1), 1)),
            _ => ((year, 1), (year.saturating_add(1), 1)),
        };
        let from = first_of(from_year, from_month, utc_offset).ok_or_else(bad)?;
        let to = first_of(to_year, to_month, utc_offset).ok_or_else(bad)?;
        Ok(Self { name: name.to_owned(), from, to })
    }

    /// One day (`2026-11-21`), from midnight to midnight by the clocks of a city that are `utc_offset` ahead of UTC.
    pub fn day(name: &str, utc_offset: Span) -> Result<Self, BadPeriod> {
        let bad = || BadPeriod::UnknownDay(name.chars().take(40).collect());
        let written = name.len() == "2026-11-21".len() && name.is_ascii();
        let date: Date = name.parse().ok().filter(|_| written).ok_or_else(bad)?;
        let midnight = |date: Date| {
            let midnight = date.to_zoned(TimeZone::UTC).ok()?;
            Some(UtcTime::from_micros(midnight.timestamp().as_microsecond()) - utc_offset)
        };
        let from = midnight(date).ok_or_else(bad)?;
        let to = date.tomorrow().ok().and_then(midnight).ok_or_else(bad)?;
        Ok(Self { name: name.to_owned(), from, to })
    }

    /// A period with free ends.
    pub fn between(from: UtcTime, to: UtcTime) -> Result<Self, BadPeriod> {
        if to <= from {
            return Err(BadPeriod::Backwards { from, to });
        }
        Ok(Self { name: format!("{from}/{to}"), from, to })
    }

    /// Whether a moment lies in it.
    pub fn contains(&self, at: UtcTime) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// Local midnight at the start of a month.
fn first_of(year: i16, month: i8, utc_offset: Span) -> Option<UtcTime> {
    let midnight = Date::new(year, month, 1).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(UtcTime::from_micros(midnight.timestamp().as_microsecond()) - utc_offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_years_are_cut_at_local_midnight() {
        let beijing = Span::seconds(8 * 3600);
        let table = [
            ("2026-H1", "2025-12-31T16:00:00Z", "2026-06-30T16:00:00Z"),
            ("2026-H2", "2026-06-30T16:00:00Z", "2026-12-31T16:00:00Z"),
            ("2026", "2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z"),
        ];
        for (name, from, to) in table {
            let period = Period::parse(name, beijing).unwrap();
            assert_eq!(
                (period.from.to_string(), period.to.to_string()),
                (from.to_owned(), to.to_owned()),
                "{name}"
            );
            assert!(period.contains(period.from) && !period.contains(period.to));
        }
        for bad in ["", "H1", "2026-H3", "26-H1", "2026-h1", "+026", "9999", "1969", "2026-H1-x"] {
            assert!(Period::parse(bad, beijing).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_day_is_cut_at_local_midnight() {
        let day = Period::day("2026-11-21", Span::seconds(8 * 3600)).unwrap();
        let ends = (day.from.to_string(), day.to.to_string());
        assert_eq!(ends, ("2026-11-20T16:00:00Z".to_owned(), "2026-11-21T16:00:00Z".to_owned()));
        for bad in ["", "2026-11-31", "20261121", "2026-11-21T00", "2026-1-1", "yesterday"] {
            assert!(Period::day(bad, Span::ZERO).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_period_does_not_run_backwards() {
        let at = UtcTime::from_micros(5);
        assert!(Period::between(at, at).is_err());
        assert!(Period::between(at, UtcTime::from_micros(6)).unwrap().contains(at));
    }
}

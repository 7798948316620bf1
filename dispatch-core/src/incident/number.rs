//! The number people say: date and a count that restarts each day (`20261121-0042`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::{Span, UtcTime};

/// The short number of an incident: the local date and a count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentNumber {
    /// The local date as `YYYYMMDD`.
    pub date: u32,
    /// The count of that day, from 1.
    pub count: u32,
}

impl IncidentNumber {
    /// The number after `last` at `now`, in a city whose clocks are `utc_offset` ahead of UTC.
    pub fn next(last: Option<Self>, now: UtcTime, utc_offset: Span) -> Self {
        let date = local_date(now, utc_offset);
        match last {
            // A clock that was set back must not give a number twice.
            Some(last) if last.date >= date => Self { date: last.date, count: last.count + 1 },
            _ => Self { date, count: 1 },
        }
    }
}

/// The local date of `now` as `YYYYMMDD`, in a city whose clocks are `utc_offset` ahead of UTC.
pub(crate) fn local_date(now: UtcTime, utc_offset: Span) -> u32 {
    let local = jiff::Timestamp::from_microsecond((now + utc_offset).micros())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::UTC);
    let (year, month, day) = (local.year(), local.month(), local.day());
    u32::from(year.unsigned_abs()) * 10_000
        + u32::from(month.unsigned_abs()) * 100
        + u32::from(day.unsigned_abs())
}

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}-{:04}", self.date, self.count)
    }
}

impl FromStr for IncidentNumber {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('-')
            .and_then(|(date, count)| Some(Self { date: date.parse().ok()?, count: count.parse().ok()? }));
        parsed.ok_or_else(|| format!("{text:?} is not an incident number like 20261121-0042"))
    }
}

impl Serialize for IncidentNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IncidentNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_restarts_at_local_midnight_and_never_repeats() {
        let beijing = Span::seconds(8 * 3600);
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let first = IncidentNumber::next(None, at("2026-11-21T15:59:59Z"), beijing);
        let next_day = IncidentNumber::next(Some(first), at("2026-11-21T16:00:00Z"), beijing);
        let clock_back = IncidentNumber::next(Some(next_day), at("2026-11-21T15:00:00Z"), beijing);
        assert_eq!(
            [first, next_day, clock_back].map(|n| n.to_string()),
            ["20261121-0001", "20261122-0001", "20261122-0002"]
        );
        assert_eq!("20261121-0042".parse::<IncidentNumber>().unwrap().count, 42);
    }
}

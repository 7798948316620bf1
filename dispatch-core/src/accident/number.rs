//! The number people say of an accident: date and a count that restarts each day, marked `M` (`20261121-M02`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::incident::IncidentNumber;
use crate::time::{Span, UtcTime};

/// The short number of an accident: the local date and a count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccidentNumber {
    /// The local date as `YYYYMMDD`.
    pub date: u32,
    /// The count of that day, from 1.
    pub count: u32,
}

impl AccidentNumber {
    /// The number after `last` at `now`, in a city whose clocks are `utc_offset` ahead of UTC.
    pub fn next(last: Option<Self>, now: UtcTime, utc_offset: Span) -> Self {
        let last = last.map(|last| IncidentNumber { date: last.date, count: last.count });
        let IncidentNumber { date, count } = IncidentNumber::next(last, now, utc_offset);
        Self { date, count }
    }
}

impl fmt::Display for AccidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}-M{:02}", self.date, self.count)
    }
}

impl FromStr for AccidentNumber {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once("-M")
            .and_then(|(date, count)| Some(Self { date: date.parse().ok()?, count: count.parse().ok()? }));
        parsed.ok_or_else(|| format!("{text:?} is not an accident's number like 20261121-M02"))
    }
}

impl Serialize for AccidentNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AccidentNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_apart_from_an_incidents_and_reads_back() {
        let now: UtcTime = "2026-11-21T04:00:00Z".parse().unwrap();
        let first = AccidentNumber::next(None, now, Span::seconds(8 * 3600));
        let second = AccidentNumber::next(Some(first), now, Span::seconds(8 * 3600));
        assert_eq!(second.to_string(), "20261121-M02");
        assert_eq!("20261121-M02".parse::<AccidentNumber>(), Ok(second));
        assert!("20261121-0002".parse::<AccidentNumber>().is_err());
    }
}

//! The numbers people say: the local date and a count that restarts each day. An incident is `20261121-0042`, an accident
//! `20261121-M02`: nobody who hears one takes it for the other.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::{Span, UtcTime};

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $mark:literal $digits:literal, $kind:literal $example:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The local date as `YYYYMMDD`.
            pub date: u32,
            /// The count of that day, from 1.
            pub count: u32,
        }

        impl $name {
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

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{:08}-", $mark, "{:0", $digits, "}"), self.date, self.count)
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let parts = text.split_once(concat!("-", $mark));
                let parsed = parts
                    .and_then(|(date, count)| Some(Self { date: date.parse().ok()?, count: count.parse().ok()? }));
                parsed.ok_or_else(|| format!(concat!("{:?} is not ", $kind, " like ", $example), text))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

numbers! {
    /// The short number of an incident: the local date and a count from 1.
    IncidentNumber = "" 4, "an incident number" "20261121-0042";
    /// The short number of an accident: the local date and a count from 1, marked as an accident's.
    AccidentNumber = "M" 2, "an accident's number" "20261121-M02";
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

#[cfg(test)]
mod tests {
    use super::*;

    const BEIJING: Span = Span::seconds(8 * 3600);

    #[test]
    fn the_count_restarts_at_local_midnight_and_never_repeats() {
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let first = IncidentNumber::next(None, at("2026-11-21T15:59:59Z"), BEIJING);
        let next_day = IncidentNumber::next(Some(first), at("2026-11-21T16:00:00Z"), BEIJING);
        let clock_back = IncidentNumber::next(Some(next_day), at("2026-11-21T15:00:00Z"), BEIJING);
        assert_eq!(
            [first, next_day, clock_back].map(|n| n.to_string()),
            ["20261121-0001", "20261122-0001", "20261122-0002"]
        );
        assert_eq!("20261121-0042".parse::<IncidentNumber>().unwrap().count, 42);
    }

    #[test]
    fn an_accidents_is_said_apart_from_an_incidents() {
        let now: UtcTime = "2026-11-21T04:00:00Z".parse().unwrap();
        let first = AccidentNumber::next(None, now, BEIJING);
        let second = AccidentNumber::next(Some(first), now, BEIJING);
        assert_eq!(second.to_string(), "20261121-M02");
        assert_eq!("20261121-M02".parse::<AccidentNumber>(), Ok(second));
        assert!("20261121-0002".parse::<AccidentNumber>().is_err());
        assert!("20261121-M02".parse::<IncidentNumber>().is_err());
    }
}

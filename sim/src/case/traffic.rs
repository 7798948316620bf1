//! Traffic by the hour of the day: travel modes once more for each factor, and a timetable that changes between them.

use std::str::FromStr;

use super::{Streets, Timetable};

/// By what times on the road are multiplied in each hour of the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    by_hour: [f64; 24],
}

impl FromStr for Traffic {
    type Err = String;

    /// `7-9:1.3,17-19:1.4,22-6:0.9`: from the begin of one hour to the begin of another.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut by_hour = [1.0; 24];
        for spell in text.split(',') {
            let wrong = || {
                format!(
                    "`{spell}`: write FROM-TO:FACTOR, hours from 0 to 24 and a factor from 0.2 to 5, such as 7-9:1.3"
                )
            };
            let (hours, factor) = spell.split_once(':').ok_or_else(wrong)?;
            let (from, to) = hours.split_once('-').ok_or_else(wrong)?;
            let hour =
                |text: &str| text.trim().parse::<usize>().ok().filter(|hour| *hour <= 24).ok_or_else(wrong);
            let (from, to) = (hour(from)?, hour(to)?);
            let factor = factor.trim().parse::<f64>().ok().filter(|factor| FACTORS.contains(factor));
            let factor = factor.ok_or_else(wrong)?;
            if from == to {
                return Err(wrong());
            }
            // Over midnight where the end comes first.
            let count = if from < to { to - from } else { to + 24 - from };
            for hour in from..from + count {
                by_hour[hour % 24] = factor;
            }
        }
        Ok(Self { by_hour })
    }
}

impl Traffic {
    /// Makes streets and timetable those of this traffic, for so many days from the start; after them it stays as it is then.
    pub(super) fn make(&self, streets: &mut Streets, timetable: &mut Timetable, days: u32) {
        let mut factors: Vec<f64> = self.by_hour.to_vec();
        factors.sort_by(f64::total_cmp);
        factors.dedup();
        let usual = streets.arc_ns.clone();
        let times = |factor: f64| {
            let scaled = move |ns: &u64| ((*ns as f64 * factor).round() as u64).max(1);
            usual.iter().map(move |times| times.iter().map(scaled).collect::<Vec<u64>>())
        };
        streets.arc_ns = factors.iter().flat_map(|factor| times(*factor)).collect();
        let place = |hour: usize| {
            factors
                .iter()
                .position(|factor| factor.total_cmp(&self.by_hour[hour]).is_eq())
                .unwrap_or_default()
        };
        timetable.repeat_modes(factors.len(), &std::array::from_fn(place), days);
    }
}

const FACTORS: std::ops::RangeInclusive<f64> = 0.2..=5.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Priority;
    use crate::case::network_tests::streets;

    const HOUR: u64 = 3_600_000_000_000;

    #[test]
    fn each_hour_has_its_times() {
        let traffic: Traffic = "7-9:1.5,22-6:0.5".parse().unwrap();
        let mut changed = streets(1);
        let plain = streets(1);
        let mut timetable = Timetable::of_one_set(&[1e6, 3e6], [0, 0, 1]);
        traffic.make(&mut changed, &mut timetable, 3);
        assert_eq!((changed.arc_ns.len(), timetable.mode_count()), (6, 6));
        for (hour, factor) in
            [(0, 0.5), (5, 0.5), (6, 1.0), (7, 1.5), (9, 1.0), (24 + 8, 1.5), (48 + 23, 0.5), (500, 0.5)]
        {
            for (priority, usual) in [(Priority::High, 0), (Priority::Low, 1)] {
                let mode = timetable.mode(priority, hour * HOUR);
                let wanted = (plain.arc_ns[usual][3] as f64 * factor).round() as u64;
                assert_eq!(changed.arc_ns[mode][3], wanted.max(1), "hour {hour}");
                assert_eq!(timetable.off_road_ns(mode, 1.0), [1_000_000, 3_000_000][usual]);
            }
        }
        for wrong in ["7-9", "7-9:0", "7-25:1", "7-7:2", "x"] {
            assert!(wrong.parse::<Traffic>().is_err(), "{wrong}");
        }
    }
}

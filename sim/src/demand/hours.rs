//! When people call: the hour of the day.

/// Calls in each local hour in relation to the day's mean. Assumption: the shape that centres of large cities publish, low at four
/// in the morning, high from ten to eight in the evening; the highest hour is 1.6 times the mean, as in the figures of the field
/// that this system is designed for (2,000 to 3,500 calls a day, 250 in the peak hour).
pub const HOURS: [f64; 24] = [
    0.66, 0.56, 0.48, 0.43, 0.40, 0.46, 0.66, 0.94, 1.16, 1.34, 1.42, 1.34, 1.26, 1.26, 1.28, 1.30, 1.28,
    1.28, 1.34, 1.40, 1.32, 1.10, 0.83, 0.70,
];

/// Calls an hour at a local hour (0 to 23), when there are so many a day.
pub fn calls_per_hour(calls_per_day: f64, hour: usize) -> f64 {
    calls_per_day / 24.0 * HOURS[hour % 24]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_make_a_whole_day() {
        let sum: f64 = (0..24).map(|hour| calls_per_hour(2_400.0, hour)).sum();
        assert!((sum / 2_400.0 - 1.0).abs() < 0.01, "{sum}");
    }
}

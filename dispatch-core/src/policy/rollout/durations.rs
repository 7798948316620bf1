//! How long the pieces of a run take that no road decides: on scene, at hospital, at the desk; and how many patients are taken along.

use crate::time::Span;

/// How long something takes, as the values that a tenth, two tenths, … of all stay under, from the shortest to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread([u32; TENTHS + 1]);

/// How long the pieces of a run take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Durations {
    /// On scene, until the unit leaves it or is free.
    pub scene: Spread,
    /// From arriving at a hospital to being free.
    pub hospital: Spread,
    /// From the call to the order, where a unit is free.
    pub desk: Span,
    /// The share of patients that are taken to a hospital, 0 to 1.
    pub conveyed: f64,
}

impl Spread {
    /// From what was seen; `None` when that is less than [`SEEN_MIN`], for too few say little about the longest.
    pub fn of(mut seen: Vec<Span>) -> Option<Self> {
        seen.retain(|took| (Span::ZERO..=LONGEST).contains(took));
        if seen.len() < SEEN_MIN {
            return None;
        }
        seen.sort_unstable();
        let at = |tenth: usize| milliseconds(seen[tenth * (seen.len() - 1) / TENTHS]);
        Some(Self(std::array::from_fn(at)))
    }

    /// Always the same.
    pub fn always(span: Span) -> Self {
        Self([milliseconds(span); TENTHS + 1])
    }

    /// The value that this share of all stay under, milliseconds.
    pub(super) fn at(&self, share: f64) -> u32 {
        let tenths = share * TENTHS as f64;
        let below = (tenths as usize).min(TENTHS - 1);
        let (low, high) = (f64::from(self.0[below]), f64::from(self.0[below + 1]));
        (low + (high - low) * (tenths - below as f64)) as u32
    }

    /// What is left of something that has gone on for `elapsed_ms`, at this share of all that go on so long. Whatever has gone on
    /// longer than anything should be over at any moment.
    pub(super) fn left(&self, elapsed_ms: u32, share: f64) -> u32 {
        let over = self.share_under(elapsed_ms);
        if over >= 1.0 {
            return (share * f64::from(SOON_MS)) as u32;
        }
        self.at(over + share * (1.0 - over)).saturating_sub(elapsed_ms)
    }

    /// The share of all that stay under a value.
    fn share_under(&self, value_ms: u32) -> f64 {
        let above = self.0.partition_point(|limit| *limit <= value_ms);
        if above == 0 || above > TENTHS {
            return if above == 0 { 0.0 } else { 1.0 };
        }
        let (low, high) = (f64::from(self.0[above - 1]), f64::from(self.0[above]));
        (above as f64 - 1.0 + (f64::from(value_ms) - low) / (high - low)) / TENTHS as f64
    }
}

impl Default for Durations {
    /// What is believed before a centre has runs of its own: the middle and the upper tenths of a week of ambulance runs in one
    /// large city. Assumption, replaced by what is learned.
    fn default() -> Self {
        let seconds = |values: [u32; TENTHS + 1]| Spread(values.map(|value| value * 1_000));
        Self {
            scene: seconds([120, 540, 700, 830, 950, 1_080, 1_220, 1_380, 1_570, 1_842, 3_000]),
            hospital: seconds([300, 1_060, 1_330, 1_540, 1_730, 1_906, 2_090, 2_280, 2_510, 2_836, 5_000]),
            desk: Span::seconds(60),
            conveyed: 0.83,
        }
    }
}

/// A span in whole milliseconds, never negative.
pub(super) fn milliseconds(span: Span) -> u32 {
    u32::try_from((span.micros().max(0) + 500) / 1_000).unwrap_or(u32::MAX)
}

const TENTHS: usize = 10;
/// Fewer say little about the longest.
pub const SEEN_MIN: usize = 100;
/// Longer is a press that was forgotten.
const LONGEST: Span = Span::seconds(4 * 3_600);
/// What has gone on longer than anything is over within this.
const SOON_MS: u32 = 300_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_that_of_what_was_seen() {
        let seen: Vec<Span> = (0..=1_000).map(Span::seconds).collect();
        let spread = Spread::of(seen).unwrap();
        assert_eq!((spread.at(0.0), spread.at(0.25), spread.at(0.5)), (0, 250_000, 500_000));
        assert!(spread.at(0.999_999) <= 1_000_000);
        // Having lasted 400 s, half of those that go on last 700 s.
        assert_eq!(spread.left(400_000, 0.5), 300_000);
        assert_eq!(spread.left(2_000_000, 0.5), SOON_MS / 2);
        assert_eq!(Spread::of(vec![Span::seconds(60); SEEN_MIN - 1]), None);
        let impossible = vec![Span::seconds(-1); SEEN_MIN];
        assert_eq!(Spread::of(impossible), None);
        assert_eq!(Spread::always(Span::seconds(5)).at(0.3), 5_000);
        assert_eq!(Spread::always(Span::seconds(5)).left(2_000, 0.3), 3_000);
    }
}

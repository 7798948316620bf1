//! The times of an assignment: what the crew pressed, what the motion proves, what the desk entered; nothing overwritten.

use serde::{Deserialize, Serialize};

use super::Stage;
use crate::actor::Actor;
use crate::time::{Span, UtcTime};

/// Where a recorded time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampSource {
    /// Pressed by the crew on the terminal.
    Terminal,
    /// Proved by the vehicle's motion.
    Motion,
    /// Entered at the desk, as heard by radio or telephone.
    Desk,
    /// Entered at the desk later, to correct what was recorded.
    Correction,
    /// Written on paper while the system was away, and entered afterwards.
    Paper,
    /// The centre's own act (the order itself).
    Centre,
}

/// One recorded time of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The step.
    pub stage: Stage,
    /// When it happened, UTC, by the clock of whoever saw it.
    pub at: UtcTime,
    /// When the centre recorded it, UTC.
    pub entered_at: UtcTime,
    /// Where it comes from.
    pub source: StampSource,
    /// Who recorded it.
    pub by: Actor,
    /// Why, for a correction.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Every time ever recorded of one assignment, in the order of recording.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StageTimes(Vec<Stamp>);

impl StageTimes {
    /// The most stamps one assignment keeps: enough for every step by every source, and many corrections.
    pub const STAMPS_MAX: usize = 200;

    /// None yet, with room for those of a whole run: they come one by one.
    pub(crate) fn for_a_run() -> Self {
        Self(Vec::with_capacity(STAMPS_USUALLY))
    }

    /// Adds a recorded time; earlier ones stay.
    pub(crate) fn record(&mut self, stamp: Stamp) {
        self.0.push(stamp);
    }

    /// How many times are recorded.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything recorded, in the order of recording.
    pub fn stamps(&self) -> &[Stamp] {
        &self.0
    }

    /// The newest time of a step from one source.
    pub fn by(&self, stage: Stage, source: StampSource) -> Option<UtcTime> {
        self.0.iter().rev().find(|s| s.stage == stage && s.source == source).map(|s| s.at)
    }

    /// The time that counts for a step: the newest correction, else the crew's press, else the desk's entry, else
    /// the motion. Where it comes from is told along.
    pub fn counted(&self, stage: Stage) -> Option<&Stamp> {
        let rank = |source: StampSource| match source {
            StampSource::Correction => 0,
            StampSource::Centre | StampSource::Terminal => 1,
            StampSource::Desk | StampSource::Paper => 2,
            StampSource::Motion => 3,
        };
        // The newest of the best source: `min_by_key` keeps the first of equals, so newest first.
        self.0.iter().rev().filter(|s| s.stage == stage).min_by_key(|s| rank(s.source))
    }

    /// The time that counts for a step.
    pub fn at(&self, stage: Stage) -> Option<UtcTime> {
        self.counted(stage).map(|stamp| stamp.at)
    }

    /// How far the crew's press and the motion are apart, where both exist.
    pub fn disagreement(&self, stage: Stage) -> Option<Span> {
        let moved = self.by(stage, StampSource::Motion)?;
        let pressed = self.by(stage, StampSource::Terminal)?;
        Some(pressed.since(moved))
    }
}

/// The order, the steps to the end of the run, and the motion's word on some of them.
const STAMPS_USUALLY: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(at_s: i64, source: StampSource) -> Stamp {
        let at = UtcTime::from_micros(at_s * 1_000_000);
        Stamp {
            stage: Stage::Rolling,
            at,
            entered_at: at,
            source,
            by: Actor::rule("test"),
            reason: String::new(),
        }
    }

    #[test]
    fn a_correction_counts_and_the_old_value_stays() {
        let mut times = StageTimes::default();
        times.record(stamp(50, StampSource::Motion));
        assert_eq!(times.counted(Stage::Rolling).unwrap().source, StampSource::Motion);
        times.record(stamp(90, StampSource::Terminal));
        assert_eq!(times.at(Stage::Rolling).unwrap().micros(), 90_000_000);
        assert_eq!(times.disagreement(Stage::Rolling), Some(Span::seconds(40)));
        times.record(stamp(55, StampSource::Correction));
        times.record(stamp(56, StampSource::Correction));
        assert_eq!(times.at(Stage::Rolling).unwrap().micros(), 56_000_000);
        assert_eq!(times.stamps().len(), 4);
        assert_eq!(times.at(Stage::OnScene), None);
    }
}

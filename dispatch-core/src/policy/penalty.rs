//! What a wait costs: linear in its length, steeper past the goal of its level, and growing with age so that nobody is forgotten.

use crate::incident::Level;
use crate::time::Span;

/// What it costs that help arrives this long after the call for it, where the level's goal is `goal`. No unit: a cost is only ever
/// set against another.
pub(crate) fn penalty(level: Level, after: Span, goal: Span) -> f64 {
    let goals = after.micros().max(0) as f64 / goal.micros().max(1) as f64;
    let late = (goals - 1.0).max(0.0);
    let age = goals / AGE_GOALS;
    weight(level) * (goals + LATE * late + age * age)
}

/// What one goal's length of waiting weighs, level against level. Assumption, to be set by a centre's own judgement.
fn weight(level: Level) -> f64 {
    match level {
        Level::I => 16.0,
        Level::II => 4.0,
        Level::III => 1.0,
        Level::IV => 0.5,
    }
}

/// How much steeper a wait past its goal is.
const LATE: f64 = 2.0;
/// After so many goals the age of a wait weighs as much as one goal of waiting.
const AGE_GOALS: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_every_second_and_every_level() {
        let goal = Span::seconds(600);
        let at = |level, seconds| penalty(level, Span::seconds(seconds), goal);
        for level in [Level::I, Level::II, Level::III, Level::IV] {
            assert!((0..2_000).all(|second| at(level, second + 1) > at(level, second)));
            // A minute past the goal weighs more than a minute before it.
            assert!(at(level, 720) - at(level, 660) > at(level, 420) - at(level, 360));
        }
        assert!(at(Level::I, 300) > at(Level::II, 300) && at(Level::III, 300) > at(Level::IV, 300));
    }
}

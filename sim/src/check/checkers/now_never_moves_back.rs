//! Late data fills history and never moves "now" backwards: a unit's present position is never replaced by an older one, and the journal's
//! own time never goes back.

use std::collections::BTreeMap;

use dispatch_core::fleet::Fix;
use dispatch_core::ids::UnitId;
use dispatch_core::{Span, UtcTime};

use super::{Checker, View};

/// See the file.
#[derive(Debug, Default)]
pub struct NowNeverMovesBack {
    newest: BTreeMap<UnitId, (u64, u64, UtcTime)>,
}

impl NowNeverMovesBack {
    /// Judges the present position of a unit.
    pub fn judge(&mut self, unit: UnitId, fix: &Fix, now: UtcTime) -> Result<(), String> {
        let new = (fix.boot, fix.seq, fix.at);
        if fix.at > now + Span::seconds(FUTURE_S_MAX) {
            return Err(format!("{unit} is shown at {}, and it is {now}", fix.at));
        }
        if let Some(old) = self.newest.insert(unit, new) {
            // A count that fell is a late report, unless it is so much newer that the terminal must have lost its memory.
            let late = (new.0, new.1) < (old.0, old.1) && new.2 <= old.2 + Span::seconds(COUNT_LOST_AFTER_S);
            if new.2 < old.2 || late {
                return Err(format!("{unit} moved back from {old:?} to {new:?}"));
            }
        }
        Ok(())
    }
}

impl Checker for NowNeverMovesBack {
    fn name(&self) -> &'static str {
        "now_never_moves_back"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        match view.journal {
            [.., before, last] if last.at < before.at => {
                Err(format!("the journal goes from {} to {}", before.at, last.at))
            }
            _ => Ok(()),
        }
    }

    fn position(&mut self, view: &View<'_>, unit: UnitId) -> Result<(), String> {
        view.centre.fleet().current(unit).map_or(Ok(()), |fix| self.judge(unit, fix, view.now))
    }

    fn restarted(&mut self, _view: &View<'_>) -> Result<(), String> {
        // Positions are not events: they are heard anew.
        self.newest.clear();
        Ok(())
    }
}

const COUNT_LOST_AFTER_S: i64 = 60;
/// A vehicle's clock may be ahead by this much.
const FUTURE_S_MAX: i64 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn a_position_and_a_journal_that_go_back_are_found() {
        let t = |s: i64| UtcTime::from_micros(s * 1_000_000);
        let fix = |seq, at| Fix {
            boot: 1,
            seq,
            at,
            position: roads::Wgs84::new(118.0, 29.0).unwrap(),
            speed_kmh: 0.0,
            heading_deg: None,
            accuracy_m: None,
        };
        let unit: UnitId = "A01".parse().unwrap();
        let mut checker = NowNeverMovesBack::default();
        assert_eq!(checker.judge(unit, &fix(2, t(10)), t(12)), Ok(()));
        assert!(checker.judge(unit, &fix(3, t(9)), t(12)).unwrap_err().contains("moved back"));
        let mut checker = NowNeverMovesBack::default();
        checker.judge(unit, &fix(2, t(10)), t(12)).unwrap();
        assert!(checker.judge(unit, &fix(1, t(11)), t(12)).unwrap_err().contains("moved back"));
        assert!(checker.judge(unit, &fix(9, t(40)), t(12)).unwrap_err().contains("is shown at"));

        let mut history = Broken::with_one_order();
        history.swap_last_two();
        assert!(
            history.judge(&mut NowNeverMovesBack::default()).unwrap_err().contains("the journal goes from")
        );
    }
}

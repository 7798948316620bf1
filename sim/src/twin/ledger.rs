//! What the units of a run do with their time: how far and how long each drives, and how long it is busy with calls. Kept only where
//! somebody will compare it.

use serde::Serialize;

/// A span of a run that counts, nanoseconds from the start.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The end of the time to warm up.
    pub begins_ns: u64,
    /// The end of the days that count.
    pub ends_ns: u64,
}

/// What one unit did within the window.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct UnitWork {
    /// Kilometres driven, with patients and without.
    pub driven_km: f64,
    /// Time on the road, seconds.
    pub driven_s: f64,
    /// Time between being sent to a call and being free again, seconds.
    pub busy_s: f64,
    /// How often it was sent.
    pub sent: u32,
}

/// The books of a run.
#[derive(Debug)]
pub(super) struct Ledger {
    window: Window,
    units: Vec<Open>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Open {
    work: UnitWork,
    way: Option<Way>,
    busy_since_ns: Option<u64>,
}

/// A way that a unit is on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) starts_ns: u64,
    pub(super) ends_ns: u64,
    pub(super) km: f64,
}

impl Ledger {
    /// Empty books of so many units.
    pub(super) fn new(units: usize, window: Window) -> Self {
        Self { window, units: vec![Open::default(); units] }
    }

    /// A unit sets out; whatever way it was on ends here.
    pub(super) fn sets_out(&mut self, unit: usize, way: Way) {
        self.halts(unit, way.starts_ns);
        self.units[unit].way = Some(way);
    }

    /// A unit is sent to a call.
    pub(super) fn is_sent(&mut self, unit: usize, now_ns: u64) {
        let open = &mut self.units[unit];
        open.busy_since_ns.get_or_insert(now_ns);
        open.work.sent += u32::from((self.window.begins_ns..self.window.ends_ns).contains(&now_ns));
    }

    /// A unit is done with its call.
    pub(super) fn is_free(&mut self, unit: usize, now_ns: u64) {
        if let Some(since_ns) = self.units[unit].busy_since_ns.take() {
            self.units[unit].work.busy_s += self.counted_s(since_ns, now_ns);
        }
    }

    /// Closes the books at the end of the run.
    pub(super) fn closed(mut self) -> Vec<UnitWork> {
        for unit in 0..self.units.len() {
            self.halts(unit, u64::MAX);
            self.is_free(unit, self.window.ends_ns);
        }
        self.units.into_iter().map(|open| open.work).collect()
    }

    fn halts(&mut self, unit: usize, now_ns: u64) {
        let Some(way) = self.units[unit].way.take() else { return };
        let counted_s = self.counted_s(way.starts_ns, way.ends_ns.min(now_ns));
        let whole_s = (way.ends_ns - way.starts_ns) as f64 / 1e9;
        let work = &mut self.units[unit].work;
        work.driven_s += counted_s;
        if whole_s > 0.0 {
            work.driven_km += way.km * counted_s / whole_s;
        }
    }

    /// Seconds of a time that lie in the window.
    fn counted_s(&self, from_ns: u64, to_ns: u64) -> f64 {
        let (from, to) = (from_ns.max(self.window.begins_ns), to_ns.min(self.window.ends_ns));
        to.saturating_sub(from) as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_window_counts_and_a_way_may_end_early() {
        const S: u64 = 1_000_000_000;
        let mut ledger = Ledger::new(2, Window { begins_ns: 100 * S, ends_ns: 200 * S });
        let way = |from: u64, to: u64, km| Way { starts_ns: from * S, ends_ns: to * S, km };
        ledger.is_sent(0, 90 * S);
        ledger.sets_out(0, way(90, 110, 2.0));
        ledger.is_free(0, 150 * S);
        // Turned round half way home, and on the road when the window closes.
        ledger.sets_out(0, way(150, 170, 4.0));
        ledger.is_sent(0, 160 * S);
        ledger.sets_out(0, way(160, 240, 8.0));
        let work = ledger.closed();
        let expected = UnitWork { driven_km: 1.0 + 2.0 + 4.0, driven_s: 60.0, busy_s: 90.0, sent: 1 };
        assert_eq!(work, [expected, UnitWork::default()]);
    }
}

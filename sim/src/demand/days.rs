//! Days drawn from a profile for a case: as many calls in each hour of the week as were seen, where they were seen, and everything that
//! chance decides in each.

use h3o::{CellIndex, LatLng};

use super::profile::{HOURS, Profile};
use crate::case::{CallRow, Case, Point, Priority, days_to_ns, exponential};
use crate::chance::Chance;

/// What of a profile is used beyond when, where and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conduct {
    /// Crews take time to roll.
    pub turnout: bool,
    /// Calls are called off.
    pub cancellations: bool,
}

/// The days of a profile in a case.
#[derive(Debug)]
pub struct LearnedDays {
    profile: Profile,
    conduct: Conduct,
    seed: u64,
    /// So many times the calls of the profile.
    factor: f64,
    /// Where calls come from, when the profile is of this city.
    cells: Vec<(CellIndex, f64)>,
}

impl LearnedDays {
    /// The days of a profile; `calls_per_day` is what the case itself has, and counts where the profile is of another city.
    pub fn of(profile: &Profile, conduct: Conduct, case: &Case, calls_per_day: f64, seed: u64) -> Self {
        let ground = case.network.ground();
        let here = |cell: &CellIndex| {
            let middle = LatLng::from(*cell);
            ground.nearest(Point { x: middle.lng(), y: middle.lat() }).off_road_km < HERE_KM
        };
        let cells = profile.cells.iter().filter_map(|(cell, share)| Some((cell.parse().ok()?, *share)));
        let cells: Vec<(CellIndex, f64)> = cells.filter(|(cell, _)| here(cell)).collect();
        let is_here = cells.iter().map(|(_, share)| share).sum::<f64>() > 0.5;
        Self {
            profile: profile.clone(),
            conduct,
            seed,
            factor: if is_here { 1.0 } else { calls_per_day / profile.calls_per_day() },
            cells: if is_here { cells } else { Vec::new() },
        }
    }

    /// Whether the places are the profile's own.
    pub fn is_of_this_city(&self) -> bool {
        !self.cells.is_empty()
    }

    /// The calls of one replication until `days` have passed, `times` as many as usual; `elsewhere` gives a place where the profile has
    /// none. Day 0 is a Monday.
    pub fn calls(
        &self,
        (replication, times): (u64, f64),
        days: f64,
        mut elsewhere: impl FnMut(&mut Chance) -> Point,
    ) -> Vec<CallRow> {
        let stream = |purpose: &str| Chance::of(self.seed, purpose, replication);
        let (mut arrivals, mut urgency, mut places) =
            (stream("arrivals"), stream("urgency"), stream("places"));
        let (mut times_of, mut turns, mut crews) = (stream("times"), stream("turns"), stream("crews"));
        let most = self.profile.calls_per_hour.iter().copied().fold(0.0, f64::max);
        let per_day = most * self.factor * times * 24.0;
        let (mut calls, mut arrives) = (Vec::new(), 0.0);
        loop {
            // Of calls as dense as in the busiest hour each hour keeps its part.
            arrives += exponential(&mut arrivals) / per_day;
            if arrives >= days {
                return calls;
            }
            let hour = (arrives * 24.0) as usize % HOURS;
            if !arrivals.yes(self.profile.calls_per_hour[hour] / most) {
                continue;
            }
            let spans = &self.profile.times;
            let transport = turns.yes(self.profile.transported);
            let scene = if transport { &spans.scene } else { &spans.scene_only };
            let ns = |seconds: f64| days_to_ns(seconds.clamp(0.0, LONGEST_S) / 86_400.0);
            let [triage, decision, scene, handover] =
                [&spans.triage, &spans.decision, scene, &spans.hospital]
                    .map(|fitted| ns(fitted.model.draw_s(&mut times_of)));
            let turnout = ns(spans.turnout.model.draw_s(&mut crews));
            let (is_off, off) =
                (crews.yes(self.profile.cancelled), spans.cancellation.model.draw_s(&mut crews));
            let at = self.place(&mut places).unwrap_or_else(|| elsewhere(&mut places));
            calls.push(CallRow {
                index: calls.len() as u32 + 1,
                priority: Priority::ALL[urgency.weighted(self.profile.priorities.into_iter())],
                at,
                arrives_ns: days_to_ns(arrives),
                dispatch_delay_ns: triage + decision,
                on_scene_ns: scene,
                transport,
                handover_ns: if transport { handover } else { 0 },
                hospital: None,
                turnout_ns: if self.conduct.turnout { turnout } else { 0 },
                called_off_ns: (self.conduct.cancellations && is_off).then(|| ns(off)),
            });
        }
    }

    /// A place in one of the cells; `None` where there are none.
    fn place(&self, chance: &mut Chance) -> Option<Point> {
        if self.cells.is_empty() {
            return None;
        }
        let (cell, _) = self.cells[chance.weighted(self.cells.iter().map(|(_, share)| *share))];
        let corners = cell.boundary();
        let ends = |of: fn(&LatLng) -> f64| {
            let values = corners.iter().map(of);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ((west, east), (south, north)) = (ends(|c| c.lng()), ends(|c| c.lat()));
        let drawn = (0..TRIES_MAX).find_map(|_| {
            let at = Point { x: chance.between(west, east), y: chance.between(south, north) };
            let inside = LatLng::new(at.y, at.x).is_ok_and(|p| p.to_cell(cell.resolution()) == cell);
            inside.then_some(at)
        });
        let middle = LatLng::from(cell);
        Some(drawn.unwrap_or(Point { x: middle.lng(), y: middle.lat() }))
    }
}

/// A cell nearer to a road than this is in the city.
const HERE_KM: f64 = 2.0;
const LONGEST_S: f64 = 12.0 * 3600.0;
const TRIES_MAX: usize = 100;

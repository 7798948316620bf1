//! Living through one future with one contender: whoever is first there goes, the most urgent first where somebody has to wait, and a
//! unit that becomes free goes to whoever waits, else to where it stands by. What each wait costs is counted.
//!
//! Units that stand by at the same station are as good as one another and are only counted. Of one on its way between two places the
//! time to a third is taken to lie between the times from both, by how far it has come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::penalty::penalty;
use super::city::{City, PlaceNumber};
use super::durations::milliseconds;
use super::future::{Future, Release, Stay};
use super::situation::{Contender, Holds, Situation, Task};
use crate::incident::Level;
use crate::time::Span;

/// What one course came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    /// What the wait of the patient of the proposal costs.
    pub(super) own: f64,
    /// What the waits of all others cost.
    pub(super) others: f64,
    /// How long the others wait, all together, milliseconds.
    pub(super) others_wait_ms: f64,
    /// How many of the others wait longer than their goal.
    pub(super) others_late: u32,
    /// How many others there are.
    pub(super) others_count: u32,
}

/// The units and those who wait, at one moment of a course.
#[derive(Debug)]
pub(super) struct Course<'a> {
    city: &'a City,
    situation: &'a Situation,
    /// How many stand by at each station.
    standing: Vec<u16>,
    moving: Vec<Moving>,
    at_work: BinaryHeap<Reverse<(Release, PlaceNumber)>>,
    /// Those who wait, the next to be served first.
    queue: Vec<Waiting>,
    worth: Worth,
    tally: Tally,
}

/// A free unit on its way to a station.
#[derive(Debug, Clone, Copy)]
struct Moving {
    from: PlaceNumber,
    to: PlaceNumber,
    left_ms: u32,
    arrives_ms: u32,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    level: usize,
    /// When the call came, milliseconds from now.
    since_ms: i64,
    zone: PlaceNumber,
    stay: Stay,
}

/// Which free unit goes.
#[derive(Debug, Clone, Copy)]
enum Goes {
    Standing(u16),
    Moving(usize),
}

/// What one more unit would add to the cover of each group of zones.
#[derive(Debug)]
struct Worth {
    /// The powers of the share of time that a unit is taken to be busy, up to the number of units; none where units go home.
    powers: Vec<f64>,
    covering: Vec<u32>,
    adds: Vec<f64>,
}

impl<'a> Course<'a> {
    pub(super) fn new(city: &'a City, situation: &'a Situation) -> Self {
        let groups = city.cover.demand.len();
        let units = situation.free.len() + situation.busy.len();
        // Multiplied one by one: what `powi` gives may differ from machine to machine.
        let powers =
            |busy: f64| std::iter::successors(Some(1.0), move |power| Some(power * busy)).take(units + 1);
        let powers: Vec<f64> = situation.move_up.map(|busy| powers(busy).collect()).unwrap_or_default();
        Self {
            city,
            situation,
            standing: vec![0; city.plan.stations.len()],
            moving: Vec::new(),
            at_work: BinaryHeap::new(),
            queue: Vec::new(),
            worth: Worth { powers, covering: vec![0; groups], adds: vec![0.0; groups] },
            tally: Tally::default(),
        }
    }

    /// Lives through a future in which this contender goes.
    pub(super) fn live(&mut self, future: &Future, contender: &Contender) -> Tally {
        self.begin(future, contender);
        self.serve(0);
        let mut calls = future.calls.iter().peekable();
        loop {
            let call_ms = calls.peek().map(|call| call.ready_ms);
            let free_ms = self.at_work.peek().map(|Reverse((release, _))| release.at_ms);
            match (call_ms, free_ms) {
                (Some(call_ms), free_ms) if free_ms.is_none_or(|free_ms| call_ms < free_ms) => {
                    if let Some(call) = calls.next() {
                        let (zone, level, stay) = (call.zone, call.level, call.stay);
                        self.wait(Waiting { level, since_ms: i64::from(call.rings_ms), zone, stay });
                        self.serve(call_ms);
                    }
                }
                // Nobody more is to come, and nobody waits.
                (None, _) if self.queue.is_empty() => break,
                (_, Some(_)) => {
                    if let Some(Reverse((release, home))) = self.at_work.pop() {
                        self.becomes_free(release, home);
                    }
                }
                (_, None) => break,
            }
        }
        self.tally
    }

    fn begin(&mut self, future: &Future, contender: &Contender) {
        let Situation { free, busy, waiting, patient, .. } = self.situation;
        self.standing.fill(0);
        self.moving.clear();
        self.at_work.clear();
        self.queue.clear();
        self.worth.clear(&self.city.cover.demand);
        self.tally = Tally::default();
        for (number, unit) in free.iter().enumerate() {
            if contender.holds != Holds::Nothing(number) {
                self.goes_home(unit.on_the_way, unit.station, 0);
            }
        }
        for (number, unit) in busy.iter().enumerate() {
            let taken = contender.holds == Holds::Order(number);
            match unit.task {
                Task::ToScene { patient, .. } if taken => {
                    let since_ms = -i64::from(milliseconds(patient.waited));
                    let (level, stay) = (patient.level as usize, future.awaited[number]);
                    self.wait(Waiting { level, since_ms, zone: patient.zone, stay });
                }
                Task::ToScene { arrival, patient } => {
                    self.count(patient.level as usize, patient.waited + arrival);
                    self.at_work.push(Reverse((future.releases[number], unit.station)));
                }
                _ => self.at_work.push(Reverse((future.releases[number], unit.station))),
            }
        }
        for (patient, stay) in waiting.iter().zip(&future.waiting) {
            let since_ms = -i64::from(milliseconds(patient.waited));
            self.wait(Waiting { level: patient.level as usize, since_ms, zone: patient.zone, stay: *stay });
        }
        let home = match contender.holds {
            Holds::Nothing(number) => free[number].station,
            Holds::Order(number) => busy[number].station,
        };
        self.tally.own = self.cost(patient.level as usize, patient.waited + contender.arrival);
        let release = future.own.ends(self.city, patient.zone, milliseconds(contender.arrival));
        self.at_work.push(Reverse((release, home)));
    }

    /// Somebody begins to wait: behind whoever is more urgent, or as urgent and waits longer.
    fn wait(&mut self, who: Waiting) {
        let rank = (who.level, who.since_ms);
        let place = self.queue.partition_point(|other| (other.level, other.since_ms) <= rank);
        self.queue.insert(place, who);
    }

    /// Sends free units to those who wait, as far as they reach.
    fn serve(&mut self, now_ms: u32) {
        while let Some(head) = self.queue.first().copied() {
            let Some((goes, takes_ms)) = self.first_there(now_ms, head.zone) else { return };
            self.queue.remove(0);
            let station = match goes {
                Goes::Standing(station) => {
                    self.standing[usize::from(station)] -= 1;
                    PlaceNumber(station)
                }
                Goes::Moving(number) => self.moving.remove(number).to,
            };
            self.worth.change(self.city, station, false);
            self.goes(now_ms, head, takes_ms, station);
        }
    }

    /// A unit goes to somebody, whatever it did before.
    fn goes(&mut self, now_ms: u32, to: Waiting, takes_ms: u32, home: PlaceNumber) {
        let arrives_ms = now_ms.saturating_add(takes_ms);
        self.count(to.level, Span::from_micros((i64::from(arrives_ms) - to.since_ms) * 1_000));
        self.at_work.push(Reverse((to.stay.ends(self.city, to.zone, arrives_ms), home)));
    }

    fn becomes_free(&mut self, release: Release, home: PlaceNumber) {
        let Release { at_ms, place } = release;
        if self.queue.is_empty() {
            let station = self.worth.best_station(self.city).unwrap_or(home);
            return self.goes_home(Some(place), station, at_ms);
        }
        let head = self.queue.remove(0);
        self.goes(at_ms, head, self.city.travel_ms(place, head.zone), home);
    }

    fn goes_home(&mut self, from: Option<PlaceNumber>, to: PlaceNumber, now_ms: u32) {
        self.worth.change(self.city, to, true);
        match from {
            Some(from) => {
                let arrives_ms = now_ms.saturating_add(self.city.travel_ms(from, to));
                self.moving.push(Moving { from, to, left_ms: now_ms, arrives_ms });
            }
            None => self.standing[usize::from(to.0)] += 1,
        }
    }

    /// The free unit that would be there first, and how long that takes; of equals one that stands by, then the one that has been on its
    /// way the longest.
    fn first_there(&mut self, now_ms: u32, zone: PlaceNumber) -> Option<(Goes, u32)> {
        self.settle(now_ms);
        let city = self.city;
        let near =
            city.stations_towards(zone).iter().find(|station| self.standing[usize::from(**station)] > 0);
        let mut first = near.map(|station| (Goes::Standing(*station), city.arrival_ms(*station, zone)));
        for (number, unit) in self.moving.iter().enumerate() {
            let takes_ms = unit.takes_ms(city, now_ms, zone);
            if first.is_none_or(|(_, known_ms)| takes_ms < known_ms) {
                first = Some((Goes::Moving(number), takes_ms));
            }
        }
        first
    }

    /// Whoever has reached its station stands by there.
    fn settle(&mut self, now_ms: u32) {
        let standing = &mut self.standing;
        self.moving.retain(|unit| {
            let on_its_way = unit.arrives_ms > now_ms;
            if !on_its_way {
                standing[usize::from(unit.to.0)] += 1;
            }
            on_its_way
        });
    }

    /// Counts somebody else's wait.
    fn count(&mut self, level: usize, wait: Span) {
        self.tally.others += self.cost(level, wait);
        self.tally.others_wait_ms += wait.micros() as f64 / 1_000.0;
        self.tally.others_late += u32::from(wait > self.city.plan.goals[level]);
        self.tally.others_count += 1;
    }

    fn cost(&self, level: usize, wait: Span) -> f64 {
        penalty(LEVELS[level], wait, self.city.plan.goals[level])
    }
}

impl Moving {
    fn takes_ms(&self, city: &City, now_ms: u32, zone: PlaceNumber) -> u32 {
        let way_ms = u64::from((self.arrives_ms - self.left_ms).max(1));
        let done_ms = u64::from(now_ms.saturating_sub(self.left_ms)).min(way_ms);
        let from_ms = u64::from(city.travel_ms(self.from, zone));
        let to_ms = u64::from(city.travel_ms(self.to, zone));
        ((from_ms * (way_ms - done_ms) + to_ms * done_ms) / way_ms) as u32
    }
}

impl Worth {
    fn clear(&mut self, demand: &[f64]) {
        self.covering.fill(0);
        self.adds.copy_from_slice(demand);
    }

    /// One unit more stands by at a station or is on its way there, or one less.
    fn change(&mut self, city: &City, station: PlaceNumber, more: bool) {
        if self.powers.is_empty() {
            return;
        }
        for group in &city.cover.groups_of[usize::from(station.0)] {
            let group = usize::from(*group);
            self.covering[group] = self.covering[group].wrapping_add_signed(if more { 1 } else { -1 });
            self.adds[group] = city.cover.demand[group] * self.powers[self.covering[group] as usize];
        }
    }

    /// Where one more unit adds the most cover, the first of equals; none where units go home.
    fn best_station(&self, city: &City) -> Option<PlaceNumber> {
        if self.powers.is_empty() {
            return None;
        }
        let adds = |groups: &Vec<u16>| groups.iter().map(|group| self.adds[usize::from(*group)]).sum::<f64>();
        let mut best: Option<(u16, f64)> = None;
        for (station, groups) in (0..).zip(&city.cover.groups_of) {
            let gain = adds(groups);
            // What differs in its last digits is equal: a sum in another order must not decide where a unit stands.
            if best.is_none_or(|(_, known)| gain > known * (1.0 + 1e-9)) {
                best = Some((station, gain));
            }
        }
        best.map(|(station, _)| PlaceNumber(station))
    }
}

const LEVELS: [Level; 4] = [Level::I, Level::II, Level::III, Level::IV];

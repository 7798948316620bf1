//! The same course with every unit looked at by itself, and everything worked out anew each time: slow, and simple enough to be right.

use super::super::course::Tally;
use super::super::future::{Future, Stay};
use super::super::*;
use crate::incident::Level;
use crate::policy::penalty::penalty;

#[derive(Clone, Copy)]
enum Does {
    StandsBy,
    Drives { from: PlaceNumber, left_ms: u32, arrives_ms: u32 },
    Works { free_ms: u32, place: PlaceNumber },
}

struct One {
    home: PlaceNumber,
    does: Does,
}

struct Patients<'a> {
    city: &'a City,
    units: Vec<One>,
    waiting: Vec<(usize, i64, PlaceNumber, Stay)>,
    tally: Tally,
}

pub(super) fn live(city: &City, situation: &Situation, future: &Future, contender: &Contender) -> Tally {
    let mut town = begin(city, situation, future, contender);
    town.send_all(0);
    let mut calls = future.calls.iter().peekable();
    loop {
        let next_free = town.units.iter().enumerate().filter_map(|(number, unit)| match unit.does {
            Does::Works { free_ms, place } => Some((free_ms, place, unit.home, number)),
            _ => None,
        });
        let next_free = next_free.min();
        match (calls.peek(), next_free) {
            (Some(call), next_free) if next_free.is_none_or(|(free_ms, ..)| call.ready_ms < free_ms) => {
                town.waiting.push((call.level, i64::from(call.rings_ms), call.zone, call.stay));
                let now_ms = call.ready_ms;
                calls.next();
                town.send_all(now_ms);
            }
            (None, _) if town.waiting.is_empty() => return town.tally,
            (_, Some((now_ms, place, _, number))) => town.frees(situation.move_up, number, now_ms, place),
            (_, None) => return town.tally,
        }
    }
}

fn begin<'a>(city: &'a City, situation: &Situation, future: &Future, contender: &Contender) -> Patients<'a> {
    let milliseconds = |span: Span| (span.micros() + 500) / 1_000;
    let mut town = Patients { city, units: Vec::new(), waiting: Vec::new(), tally: Tally::default() };
    for (number, unit) in situation.free.iter().enumerate() {
        let does = match unit.on_the_way {
            _ if contender.holds == Holds::Nothing(number) => continue,
            None => Does::StandsBy,
            Some(from) => Does::Drives { from, left_ms: 0, arrives_ms: city.travel_ms(from, unit.station) },
        };
        town.units.push(One { home: unit.station, does });
    }
    for (number, unit) in situation.busy.iter().enumerate() {
        if let Task::ToScene { arrival, patient } = unit.task {
            if contender.holds == Holds::Order(number) {
                let since = -milliseconds(patient.waited);
                town.waiting.push((patient.level as usize, since, patient.zone, future.awaited[number]));
                continue;
            }
            town.counts(patient.level as usize, patient.waited + arrival);
        }
        let release = future.releases[number];
        town.units.push(One {
            home: unit.station,
            does: Does::Works { free_ms: release.at_ms, place: release.place },
        });
    }
    for (patient, stay) in situation.waiting.iter().zip(&future.waiting) {
        town.waiting.push((patient.level as usize, -milliseconds(patient.waited), patient.zone, *stay));
    }
    let home = match contender.holds {
        Holds::Nothing(number) => situation.free[number].station,
        Holds::Order(number) => situation.busy[number].station,
    };
    let Patient { level, waited, zone } = situation.patient;
    town.tally.own = penalty(level, waited + contender.arrival, city.plan.goals[level as usize]);
    let release = future.own.ends(city, zone, milliseconds(contender.arrival) as u32);
    town.units.push(One { home, does: Does::Works { free_ms: release.at_ms, place: release.place } });
    town
}

impl Patients<'_> {
    fn next_served(&self) -> Option<usize> {
        (0..self.waiting.len()).min_by_key(|at| (self.waiting[*at].0, self.waiting[*at].1))
    }

    fn send_all(&mut self, now_ms: u32) {
        while let Some(head) = self.next_served() {
            let zone = self.waiting[head].2;
            let times = self.units.iter().enumerate();
            let times = times.filter_map(|(number, unit)| {
                // Of equals one that stands by, at the first of its stations, then the one that has been on its way the longest.
                let order = match unit.does {
                    Does::Drives { left_ms, arrives_ms, .. } if arrives_ms > now_ms => (true, left_ms),
                    _ => (false, u32::from(unit.home.0)),
                };
                Some((self.takes_ms(unit, now_ms, zone)?, order, number))
            });
            let Some((takes_ms, _, number)) = times.min() else { return };
            self.sends(head, number, now_ms + takes_ms);
        }
    }

    fn takes_ms(&self, unit: &One, now_ms: u32, zone: PlaceNumber) -> Option<u32> {
        let city = self.city;
        match unit.does {
            Does::Works { .. } => None,
            Does::Drives { from, left_ms, arrives_ms } if arrives_ms > now_ms => {
                let way = u64::from(arrives_ms - left_ms);
                let (done, left) = (u64::from(now_ms - left_ms), u64::from(arrives_ms - now_ms));
                let (a, b) = (city.travel_ms(from, zone), city.travel_ms(unit.home, zone));
                Some(((u64::from(a) * left + u64::from(b) * done) / way) as u32)
            }
            _ => Some(milliseconds_to_roll(city, unit.home) + city.travel_ms(unit.home, zone)),
        }
    }

    fn sends(&mut self, who: usize, number: usize, arrives_ms: u32) {
        let (level, since_ms, zone, stay) = self.waiting.remove(who);
        self.counts(level, Span::from_micros((i64::from(arrives_ms) - since_ms) * 1_000));
        let release = stay.ends(self.city, zone, arrives_ms);
        self.units[number].does = Does::Works { free_ms: release.at_ms, place: release.place };
    }

    fn frees(&mut self, move_up: Option<f64>, number: usize, now_ms: u32, place: PlaceNumber) {
        if let Some(head) = self.next_served() {
            let zone = self.waiting[head].2;
            return self.sends(head, number, now_ms + self.city.travel_ms(place, zone));
        }
        if let Some(busy) = move_up {
            self.units[number].home = self.best_station(busy);
        }
        let arrives_ms = now_ms + self.city.travel_ms(place, self.units[number].home);
        self.units[number].does = Does::Drives { from: place, left_ms: now_ms, arrives_ms };
    }

    /// Zone by zone: how many free units cover it, and what one more from each station would add.
    fn best_station(&self, busy: f64) -> PlaceNumber {
        let plan = &self.city.plan;
        let first_zone = plan.stations.len() + plan.hospitals.len();
        let covers = |station: PlaceNumber, zone: PlaceNumber| {
            let takes_ms = milliseconds_to_roll(self.city, station) + self.city.travel_ms(station, zone);
            i64::from(takes_ms) * 1_000 <= plan.cover_within.micros()
        };
        let gain = |station: PlaceNumber| -> f64 {
            let zones = plan.zones.iter().enumerate();
            let gains = zones.map(|(row, zone)| (PlaceNumber::test(first_zone + row), zone.calls_per_day));
            let gains = gains.filter(|(zone, _)| covers(station, *zone)).map(|(zone, calls_per_day)| {
                let free = self.units.iter().filter(|unit| !matches!(unit.does, Does::Works { .. }));
                let covering = free.filter(|unit| covers(unit.home, zone)).count();
                calls_per_day * busy.powi(covering as i32)
            });
            gains.sum()
        };
        let mut best = PlaceNumber::test(0);
        for station in (1..plan.stations.len()).map(PlaceNumber::test) {
            // Sums in another order differ in their last digits; where many cover already, one more adds next to nothing, and still
            // counts.
            if gain(station) > gain(best) * (1.0 + 1e-9) {
                best = station;
            }
        }
        best
    }

    fn counts(&mut self, level: usize, wait: Span) {
        let goal = self.city.plan.goals[level];
        self.tally.others += penalty([Level::I, Level::II, Level::III, Level::IV][level], wait, goal);
        self.tally.others_wait_ms += wait.micros() as f64 / 1_000.0;
        self.tally.others_late += u32::from(wait > goal);
        self.tally.others_count += 1;
    }
}

fn milliseconds_to_roll(city: &City, station: PlaceNumber) -> u32 {
    let plan = city.plan.stations.get(usize::from(station.0));
    plan.map_or(0, |station| (station.rolls.micros() / 1_000) as u32)
}

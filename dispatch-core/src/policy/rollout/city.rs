//! The city as the rollout knows it: stations, hospitals, zones where help is wanted, and how long it takes from each to each. Worked
//! out beforehand, away from any proposal, and the same for all that follow until the demand or the roads change.

use roads::{Profile, Wgs84, straight_line_time};

use super::durations::{Durations, milliseconds};
use crate::fleet::TravelTable;
use crate::ids::{HospitalId, StationId};
use crate::time::Span;

/// What a city is worked out from.
#[derive(Debug, Clone, PartialEq)]
pub struct CityPlan {
    /// The stations.
    pub stations: Vec<StationPlan>,
    /// The hospitals.
    pub hospitals: Vec<(HospitalId, Wgs84)>,
    /// The zones.
    pub zones: Vec<ZonePlan>,
    /// How the calls lie on the levels, I to IV; only their proportions count.
    pub levels: [f64; 4],
    /// Within what time of the call help should be there, by level from I to IV.
    pub goals: [Span; 4],
    /// Covered means reached by a free unit within this time of its being sent.
    pub cover_within: Span,
    /// How long the pieces of a run take.
    pub durations: Durations,
}

/// A station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StationPlan {
    /// Its code.
    pub id: StationId,
    /// Where it is, WGS-84.
    pub position: Wgs84,
    /// Expected time until a unit there rolls.
    pub rolls: Span,
}

/// A part of the city, taken as one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZonePlan {
    /// Where, WGS-84.
    pub position: Wgs84,
    /// How often help is wanted there, calls per day.
    pub calls_per_day: f64,
}

/// A place of the city by its number: the stations first, then the hospitals, then the zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceNumber(pub(super) u16);

/// A city ready for rollouts.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    pub(super) plan: CityPlan,
    places: Vec<Wgs84>,
    /// Milliseconds, row by row from each place to each place.
    travel_ms: Vec<u32>,
    /// Expected time until a unit rolls, station by station.
    pub(super) rolls_ms: Vec<u32>,
    /// For each zone the stations in the order in which a unit from there would arrive.
    nearest_stations: Vec<u16>,
    /// For each place the hospital that is reached first; none where there is no hospital.
    nearest_hospital: Vec<Option<PlaceNumber>>,
    /// Calls per millisecond in the whole city.
    pub(super) calls_per_ms: f64,
    /// The share of calls in the zones up to each.
    zone_shares: Vec<f64>,
    /// The share of calls of the levels up to each.
    level_shares: [f64; 4],
    pub(super) cover: Cover,
}

/// What the stations cover: zones that are reached in time from the same stations count as one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cover {
    /// The demand of each group, calls per day.
    pub(super) demand: Vec<f64>,
    /// The groups that each station covers.
    pub(super) groups_of: Vec<Vec<u16>>,
}

/// Why a plan makes no city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCity {
    /// There must be somewhere to stand by and somewhere to go.
    #[error("a city needs at least one station and one zone")]
    Empty,
    /// More than numbers for places.
    #[error("a city has at most {PLACES_MAX} stations, hospitals and zones")]
    TooLarge,
    /// The table is not one of these places.
    #[error("the travel times are not from each place to each place")]
    Table,
    /// A rate or share that is none.
    #[error("demand, levels and shares must be numbers, and none of them negative")]
    Rates,
}

impl CityPlan {
    /// The places in the order of their numbers: a table from each to each of them is wanted.
    pub fn places(&self) -> Vec<Wgs84> {
        let stations = self.stations.iter().map(|station| station.position);
        let hospitals = self.hospitals.iter().map(|(_, position)| *position);
        stations.chain(hospitals).chain(self.zones.iter().map(|zone| zone.position)).collect()
    }

    fn problem(&self) -> Option<BadCity> {
        let rates = self.zones.iter().map(|zone| zone.calls_per_day).chain(self.levels);
        let sound = |rate: f64| rate.is_finite() && rate >= 0.0;
        if self.stations.is_empty() || self.zones.is_empty() {
            return Some(BadCity::Empty);
        }
        if self.stations.len() + self.hospitals.len() + self.zones.len() > PLACES_MAX {
            return Some(BadCity::TooLarge);
        }
        let conveyed = (0.0..=1.0).contains(&self.durations.conveyed);
        let all = rates.into_iter().all(sound) && self.levels.iter().sum::<f64>() > 0.0 && conveyed;
        (!all).then_some(BadCity::Rates)
    }
}

impl City {
    /// The city of a plan with the times from each of its places to each. Where no way leads the straight line is taken.
    pub fn new(plan: CityPlan, table: &TravelTable) -> Result<Self, BadCity> {
        if let Some(problem) = plan.problem() {
            return Err(problem);
        }
        let places = plan.places();
        if table.times.len() != places.len() * places.len() {
            return Err(BadCity::Table);
        }
        let travel = |(at, time): (usize, &Option<Span>)| {
            let (from, to) = (places[at / places.len()], places[at % places.len()]);
            milliseconds(time.unwrap_or_else(|| estimated(from, to)))
        };
        let travel_ms = table.times.iter().enumerate().map(travel).collect();
        let calls_per_day: f64 = plan.zones.iter().map(|zone| zone.calls_per_day).sum();
        let mut city = Self {
            rolls_ms: plan.stations.iter().map(|station| milliseconds(station.rolls)).collect(),
            nearest_stations: Vec::new(),
            nearest_hospital: Vec::new(),
            calls_per_ms: calls_per_day / DAY_MS,
            zone_shares: up_to(plan.zones.iter().map(|zone| zone.calls_per_day)),
            level_shares: shares_of(plan.levels),
            cover: Cover::default(),
            places,
            travel_ms,
            plan,
        };
        city.order();
        city.cover = city.covered();
        Ok(city)
    }

    /// How often help is wanted in the whole city, calls per day.
    pub fn calls_per_day(&self) -> f64 {
        self.calls_per_ms * DAY_MS
    }

    /// The stations, in the order of the plan.
    pub fn stations(&self) -> Vec<PlaceNumber> {
        (0..self.plan.stations.len()).map(number).collect()
    }

    /// The number of a station.
    pub fn station(&self, id: StationId) -> Option<PlaceNumber> {
        self.plan.stations.iter().position(|station| station.id == id).map(number)
    }

    /// The number of a hospital.
    pub fn hospital(&self, id: HospitalId) -> Option<PlaceNumber> {
        let place = self.plan.hospitals.iter().position(|(known, _)| *known == id)?;
        Some(number(self.plan.stations.len() + place))
    }

    /// The place that is nearest in a straight line.
    pub fn place_near(&self, position: Wgs84) -> PlaceNumber {
        number(nearest(&self.places, position))
    }

    /// The zone that is nearest in a straight line.
    pub fn zone_near(&self, position: Wgs84) -> PlaceNumber {
        let first = self.first_zone();
        number(first + nearest(&self.places[first..], position))
    }

    /// How long it takes from one place to another.
    pub fn travel(&self, from: PlaceNumber, to: PlaceNumber) -> Span {
        Span::from_micros(i64::from(self.travel_ms(from, to)) * 1_000)
    }

    /// The hospital that is reached first from a place.
    pub fn hospital_near(&self, from: PlaceNumber) -> Option<PlaceNumber> {
        self.nearest_hospital[usize::from(from.0)]
    }

    pub(super) fn travel_ms(&self, from: PlaceNumber, to: PlaceNumber) -> u32 {
        self.travel_ms[usize::from(from.0) * self.places.len() + usize::from(to.0)]
    }

    /// The stations in the order in which a unit from there would be in a zone.
    pub(super) fn stations_towards(&self, zone: PlaceNumber) -> &[u16] {
        let stations = self.plan.stations.len();
        let row = usize::from(zone.0) - self.first_zone();
        &self.nearest_stations[row * stations..][..stations]
    }

    pub(super) fn is_station(&self, place: PlaceNumber) -> bool {
        usize::from(place.0) < self.plan.stations.len()
    }

    pub(super) fn is_zone(&self, place: PlaceNumber) -> bool {
        (self.first_zone()..self.places.len()).contains(&usize::from(place.0))
    }

    pub(super) fn holds(&self, place: PlaceNumber) -> bool {
        usize::from(place.0) < self.places.len()
    }

    /// The zone at this share of all calls.
    pub(super) fn zone_at(&self, share: f64) -> PlaceNumber {
        let last = self.zone_shares.len() - 1;
        let row = self.zone_shares.partition_point(|up_to| *up_to <= share).min(last);
        number(self.first_zone() + row)
    }

    /// The level at this share of all calls, from 0 for I.
    pub(super) fn level_at(&self, share: f64) -> usize {
        self.level_shares.partition_point(|up_to| *up_to <= share).min(3)
    }

    fn first_zone(&self) -> usize {
        self.plan.stations.len() + self.plan.hospitals.len()
    }

    fn order(&mut self) {
        let stations = self.plan.stations.len();
        let mut nearest_stations = Vec::with_capacity(self.plan.zones.len() * stations);
        for zone in self.first_zone()..self.places.len() {
            let mut row: Vec<u16> = (0..stations as u16).collect();
            row.sort_by_key(|station| self.arrival_ms(*station, number(zone)));
            nearest_stations.extend(row);
        }
        self.nearest_stations = nearest_stations;
        let hospitals = stations..self.first_zone();
        let from = |place| hospitals.clone().map(number).min_by_key(|to| self.travel_ms(number(place), *to));
        self.nearest_hospital = (0..self.places.len()).map(from).collect();
    }

    /// From being sent to being there, for a unit that stands by at a station.
    pub(super) fn arrival_ms(&self, station: u16, zone: PlaceNumber) -> u32 {
        self.rolls_ms[usize::from(station)].saturating_add(self.travel_ms(PlaceNumber(station), zone))
    }

    fn covered(&self) -> Cover {
        let within_ms = milliseconds(self.plan.cover_within);
        let stations = self.plan.stations.len() as u16;
        let mut groups = std::collections::BTreeMap::<Vec<u16>, f64>::new();
        for (row, zone) in self.plan.zones.iter().enumerate() {
            let at = number(self.first_zone() + row);
            let members: Vec<u16> =
                (0..stations).filter(|station| self.arrival_ms(*station, at) <= within_ms).collect();
            *groups.entry(members).or_default() += zone.calls_per_day;
        }
        let mut cover = Cover { demand: Vec::new(), groups_of: vec![Vec::new(); usize::from(stations)] };
        for (members, demand) in groups {
            let group = cover.demand.len() as u16;
            cover.demand.push(demand);
            for station in members {
                cover.groups_of[usize::from(station)].push(group);
            }
        }
        cover
    }
}

#[cfg(test)]
impl PlaceNumber {
    pub(super) const fn test(place: usize) -> Self {
        Self(place as u16)
    }
}

fn number(place: usize) -> PlaceNumber {
    PlaceNumber(place as u16)
}

fn nearest(places: &[Wgs84], position: Wgs84) -> usize {
    let metres = places.iter().map(|place| place.distance_m(position)).enumerate();
    metres.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(place, _)| place)
}

fn estimated(from: Wgs84, to: Wgs84) -> Span {
    let time = straight_line_time(from, to, Profile::LightsAndSirens);
    Span::from_micros(i64::try_from(time.us()).unwrap_or(i64::MAX))
}

/// The share of the whole that parts make up, up to each of them; all of it in the first where there is nothing to share.
fn up_to(parts: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let total: f64 = parts.clone().sum();
    let sum = parts.scan(0.0, |sum, part| {
        *sum += part;
        Some(*sum)
    });
    sum.map(|sum| if total > 0.0 { sum / total } else { 1.0 }).collect()
}

fn shares_of(levels: [f64; 4]) -> [f64; 4] {
    let shares = up_to(levels.into_iter());
    std::array::from_fn(|level| shares[level])
}

/// Numbers for places: a table of so many squared is a few megabytes.
pub const PLACES_MAX: usize = 1_024;
const DAY_MS: f64 = 86_400_000.0;

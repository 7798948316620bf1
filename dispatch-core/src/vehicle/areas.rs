//! Station areas: whose area a place is in, so that an area's own units go first, within a bound.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use roads::Wgs84;
use serde::{Deserialize, Serialize};

use super::Station;
use crate::ids::StationId;
use crate::incident::Level;
use crate::time::Span;

/// The rule of station areas: off unless a centre chooses otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StationAreas {
    /// How it is known whose area a place is in.
    pub by: AreasBy,
    /// An area's own unit goes first if it arrives at most this much after whoever arrives first.
    pub later_max_s: Span,
    /// For which levels of triage; none listed: every.
    pub levels: BTreeSet<Level>,
    /// The areas, where they are drawn.
    pub areas: Vec<StationArea>,
}

/// How it is known whose area a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreasBy {
    /// There are no areas.
    #[default]
    Off,
    /// It is in the area of the station that is nearest in a straight line.
    Nearest,
    /// It is in the areas drawn around it.
    Drawn,
}

/// The area of one station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationArea {
    /// The station.
    pub station: StationId,
    /// Its corners in order, WGS-84; the last is joined to the first.
    pub polygon: Vec<Wgs84>,
}

impl Default for StationAreas {
    fn default() -> Self {
        Self {
            by: AreasBy::Off,
            // Assumption: who waits longer than this for the own station's unit would ask why.
            later_max_s: Span::seconds(180),
            levels: BTreeSet::new(),
            areas: Vec::new(),
        }
    }
}

impl StationAreas {
    /// The most areas that are drawn.
    pub const AREAS_MAX: usize = 1_000;
    /// The most corners of one area.
    pub const CORNERS_MAX: usize = 1_000;

    /// The stations in whose area a place is; none where the rule is off, is not for this level, or no area is drawn there.
    pub fn stations_of(
        &self,
        place: Wgs84,
        level: Level,
        stations: &BTreeMap<StationId, Arc<Station>>,
    ) -> BTreeSet<StationId> {
        if !self.levels.is_empty() && !self.levels.contains(&level) {
            return BTreeSet::new();
        }
        match self.by {
            AreasBy::Off => BTreeSet::new(),
            AreasBy::Nearest => {
                let distance_m = |station: &&Arc<Station>| station.position.distance_m(place);
                let nearest = stations.values().min_by(|a, b| distance_m(a).total_cmp(&distance_m(b)));
                nearest.map(|station| station.id).into_iter().collect()
            }
            AreasBy::Drawn => {
                let around = self.areas.iter().filter(|area| holds(&area.polygon, place));
                around.map(|area| area.station).collect()
            }
        }
    }

    /// What is wrong with the rule, if anything.
    pub fn problem(&self) -> Option<String> {
        if self.areas.len() > Self::AREAS_MAX {
            return Some(format!("there are {} areas at most", Self::AREAS_MAX));
        }
        if self.later_max_s < Span::ZERO {
            return Some("later_max_s must be 0 or more".to_owned());
        }
        if self.by == AreasBy::Drawn && self.areas.is_empty() {
            return Some("areas that are drawn need polygons".to_owned());
        }
        let wrong = self.areas.iter().find(|area| !(3..=Self::CORNERS_MAX).contains(&area.polygon.len()));
        wrong.map(|area| {
            format!("the area of {} needs between 3 and {} corners", area.station, Self::CORNERS_MAX)
        })
    }
}

/// Whether a place is inside: a line to the east of it crosses the border an odd number of times.
fn holds(polygon: &[Wgs84], place: Wgs84) -> bool {
    let ends = polygon.iter().zip(polygon.iter().cycle().skip(1));
    let crossed = ends.filter(|(a, b)| {
        let north_of = |corner: &Wgs84| corner.latitude() > place.latitude();
        if north_of(a) == north_of(b) {
            return false;
        }
        let share = (place.latitude() - a.latitude()) / (b.latitude() - a.latitude());
        place.longitude() < a.longitude() + share * (b.longitude() - a.longitude())
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(longitude: f64, latitude: f64) -> Wgs84 {
        Wgs84::new(longitude, latitude).unwrap()
    }

    fn stations() -> BTreeMap<StationId, Arc<Station>> {
        [("S01", 114.0), ("S02", 114.1)]
            .map(|(code, longitude)| {
                let id: StationId = code.parse().unwrap();
                (id, Arc::new(Station { id, name: code.to_owned(), position: place(longitude, 30.0) }))
            })
            .into()
    }

    fn of(areas: &StationAreas, longitude: f64, latitude: f64) -> Vec<String> {
        let found = areas.stations_of(place(longitude, latitude), Level::II, &stations());
        found.iter().map(ToString::to_string).collect()
    }

    /// A horseshoe, open to the north, and a square over its western arm.
    fn drawn() -> StationAreas {
        let corners =
            |points: &[(f64, f64)]| points.iter().map(|(x, y)| place(114.0 + x, 30.0 + y)).collect();
        let horseshoe = corners(&[
            (0.0, 0.0),
            (0.3, 0.0),
            (0.3, 0.3),
            (0.2, 0.3),
            (0.2, 0.1),
            (0.1, 0.1),
            (0.1, 0.3),
            (0.0, 0.3),
        ]);
        let square = corners(&[(-0.1, 0.2), (0.05, 0.2), (0.05, 0.4), (-0.1, 0.4)]);
        let area = |station: &str, polygon| StationArea { station: station.parse().unwrap(), polygon };
        StationAreas {
            by: AreasBy::Drawn,
            areas: vec![area("S01", horseshoe), area("S02", square)],
            ..StationAreas::default()
        }
    }

    #[test]
    fn a_place_is_in_the_areas_drawn_around_it() {
        let drawn = drawn();
        assert_eq!(of(&drawn, 114.15, 30.05), ["S01"]);
        assert_eq!(of(&drawn, 114.25, 30.25), ["S01"]);
        assert_eq!(of(&drawn, 114.15, 30.25), [""; 0], "between the arms");
        assert_eq!(of(&drawn, 114.02, 30.25), ["S01", "S02"]);
        assert_eq!(of(&drawn, 113.95, 30.35), ["S02"]);
        assert_eq!(of(&drawn, 114.5, 30.05), [""; 0]);
    }

    #[test]
    fn the_nearest_station_and_no_station_at_all() {
        let nearest = StationAreas { by: AreasBy::Nearest, ..StationAreas::default() };
        assert_eq!(
            (of(&nearest, 114.04, 30.0), of(&nearest, 114.06, 30.0)),
            (vec!["S01".to_owned()], vec!["S02".to_owned()])
        );
        assert_eq!(of(&nearest, 114.05, 31.0).len(), 1);
        assert_eq!(of(&StationAreas::default(), 114.0, 30.0), [""; 0]);
        let only_grave = StationAreas { levels: [Level::I].into(), ..nearest };
        assert_eq!(of(&only_grave, 114.04, 30.0), [""; 0]);
    }

    #[test]
    fn areas_that_make_no_sense_are_refused() {
        assert_eq!(drawn().problem(), None);
        let mut two_corners = drawn();
        two_corners.areas[1].polygon.truncate(2);
        assert!(two_corners.problem().is_some_and(|problem| problem.contains("S02")));
        let nothing = StationAreas { by: AreasBy::Drawn, ..StationAreas::default() };
        assert!(nothing.problem().is_some());
        let backwards = StationAreas { later_max_s: Span::seconds(-1), ..StationAreas::default() };
        assert!(backwards.problem().is_some());
    }
}

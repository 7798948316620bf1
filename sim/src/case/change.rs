//! What if: a case with a station more, a unit elsewhere, a bridge closed. Changes are made to what was read, in the order in which they
//! are given; the files stay as they are.

use std::str::FromStr;

use super::{Case, CaseError, Network, Point, Scale, Site, Streets, Traffic};

/// A change to a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new station, without units.
    AddStation {
        /// Where.
        at: Point,
    },
    /// A station elsewhere, with the units that belong to it.
    MoveStation {
        /// Its number, from 1.
        station: usize,
        /// Where to.
        at: Point,
    },
    /// A new unit.
    AddUnit {
        /// The number of its station, from 1.
        station: usize,
    },
    /// A unit that belongs to another station.
    MoveUnit {
        /// Its number, from 1.
        unit: usize,
        /// The number of its new station, from 1.
        station: usize,
    },
    /// A unit less. Other changes go by the numbers before.
    RemoveUnit {
        /// Its number, from 1.
        unit: usize,
    },
    /// Other times on the road by the hour of the day.
    Traffic {
        /// How much other.
        traffic: Traffic,
        /// For how many days from the start.
        days: u32,
    },
    /// No way over the roads at a place.
    CloseRoad {
        /// Where.
        at: Point,
    },
}

/// A change that cannot be made, or words that are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("--{what}: {problem}")]
pub struct ChangeError {
    what: &'static str,
    problem: String,
}

/// What stands after an option, `3@174.76,-36.85`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbered<T> {
    /// The number before the sign.
    pub number: usize,
    /// What comes after it.
    pub to: T,
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no place: write longitude,latitude, such as 174.76,-36.85");
        let (x, y) = text.split_once(',').ok_or_else(wrong)?;
        let number = |part: &str| part.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        Ok(Self { x: number(x).ok_or_else(wrong)?, y: number(y).ok_or_else(wrong)? })
    }
}

impl<T: FromStr<Err: std::fmt::Display>> FromStr for Numbered<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}`: write NUMBER@WHERE, such as 3@174.76,-36.85 or 3@2");
        let (number, to) = text.split_once('@').ok_or_else(wrong)?;
        let number = number.trim().parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
        Ok(Self { number, to: to.trim().parse().map_err(|error: T::Err| error.to_string())? })
    }
}

impl Change {
    /// The option it is written with.
    fn what(&self) -> &'static str {
        match self {
            Self::AddStation { .. } => "add-station",
            Self::MoveStation { .. } => "move-station",
            Self::AddUnit { .. } => "add-unit",
            Self::MoveUnit { .. } => "move-unit",
            Self::RemoveUnit { .. } => "remove-unit",
            Self::Traffic { .. } => "traffic",
            Self::CloseRoad { .. } => "close-road",
        }
    }

    fn bad(&self, problem: impl Into<String>) -> CaseError {
        let error = ChangeError { what: self.what(), problem: problem.into() };
        CaseError::new("what if", error.to_string())
    }

    /// Makes a change to the roads, before they become a network.
    pub(super) fn close(&self, streets: &mut Streets, scale: Scale) -> Result<(), CaseError> {
        let &Self::CloseRoad { at } = self else { return Ok(()) };
        let from_road = |&(a, b): &(u32, u32)| {
            scale.distance_to_line_km(at, streets.nodes[a as usize], streets.nodes[b as usize]) * 1000.0
        };
        let distances_m: Vec<f64> = streets.arcs.iter().map(from_road).collect();
        let nearest_m = distances_m.iter().copied().fold(f64::INFINITY, f64::min);
        if nearest_m > NEAREST_M_MAX {
            return Err(self.bad(format!(
                "no road is within {NEAREST_M_MAX} m of {},{}: the nearest is {nearest_m:.0} m away",
                at.x, at.y
            )));
        }
        let closed_m = CLOSE_M.max(nearest_m + 1.0);
        streets.keep_arcs(|arc| distances_m[arc] > closed_m);
        Ok(())
    }

    /// Makes a change to what stands beside the roads.
    pub(super) fn make(&self, case: &mut Case, removed: &mut Vec<usize>) -> Result<(), CaseError> {
        let known = |number: usize, count: usize, what: &str| match number {
            1.. if number <= count => Ok(number - 1),
            _ => Err(self.bad(format!("there is no {what} {number}: they are numbered from 1 to {count}"))),
        };
        let station = |case: &Case, number| known(number, case.stations.len(), "station");
        match *self {
            Self::AddStation { at } => {
                let name = format!("stations {}", case.stations.len() + 1);
                let site = self.site(&case.network, name, at)?;
                case.stations.push(site);
            }
            Self::MoveStation { station: number, at } => {
                let place = station(case, number)?;
                let name = case.stations[place].name.clone();
                case.stations[place] = self.site(&case.network, name, at)?;
            }
            Self::AddUnit { station: number } => {
                let place = station(case, number)?;
                case.ambulances.push(place);
            }
            Self::MoveUnit { unit, station: number } => {
                let place = known(unit, case.ambulances.len(), "unit")?;
                case.ambulances[place] = station(case, number)?;
            }
            Self::RemoveUnit { unit } => removed.push(known(unit, case.ambulances.len(), "unit")?),
            Self::CloseRoad { .. } | Self::Traffic { .. } => {}
        }
        Ok(())
    }

    fn site(&self, network: &Network, name: String, at: Point) -> Result<Site, CaseError> {
        let spot = network.ground().nearest(at);
        if spot.off_road_km > FROM_ROAD_KM_MAX {
            let problem = format!(
                "{},{} is {:.1} km from the nearest road: longitude comes first",
                at.x, at.y, spot.off_road_km
            );
            return Err(self.bad(problem));
        }
        Ok(Site { name, spot })
    }
}

/// How near to a place every road is closed: both carriageways of a bridge.
const CLOSE_M: f64 = 30.0;
/// The nearest road is closed where none is so near, up to this far.
const NEAREST_M_MAX: f64 = 200.0;
/// A station stands at a road.
const FROM_ROAD_KM_MAX: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_numbers_are_read() {
        assert_eq!("174.76, -36.85".parse(), Ok(Point { x: 174.76, y: -36.85 }));
        let moved: Numbered<Point> = "3@174.76,-36.85".parse().unwrap();
        assert_eq!((moved.number, moved.to.y), (3, -36.85));
        assert_eq!("4@2".parse::<Numbered<usize>>().unwrap(), Numbered { number: 4, to: 2 });
        for wrong in ["3", "0@2", "a@2", "3@"] {
            assert!(wrong.parse::<Numbered<usize>>().is_err(), "{wrong}");
        }
        assert!("174.76".parse::<Point>().is_err() && "a,b".parse::<Point>().is_err());
    }
}

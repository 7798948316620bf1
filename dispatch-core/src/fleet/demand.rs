//! Where help is wanted: incidents counted by H3 cell. Counts without names, so that a heat map shows no single patient's home.

use std::collections::BTreeMap;
use std::fmt;

use h3o::{CellIndex, LatLng, Resolution};
use roads::Wgs84;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::{Event, Fact};
use crate::ids::IncidentId;
use crate::incident::{IncidentKind, Place};
use crate::time::UtcTime;

/// One H3 cell of resolution 8: a hexagon of about 0.7 km².
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(CellIndex);

impl Cell {
    /// The cell that holds a place.
    pub fn at(place: Wgs84) -> Self {
        let point =
            LatLng::new(place.latitude(), place.longitude()).expect("invariant: a WGS-84 position is finite");
        Self(point.to_cell(RESOLUTION))
    }

    /// Its middle, WGS-84.
    pub fn centre(self) -> Wgs84 {
        let middle = LatLng::from(self.0);
        Wgs84::new(middle.lng(), middle.lat()).expect("invariant: the middle of a cell is on the earth")
    }

    /// Its corners in order, WGS-84, for drawing.
    pub fn corners(self) -> Vec<Wgs84> {
        self.0.boundary().iter().filter_map(|corner| Wgs84::new(corner.lng(), corner.lat()).ok()).collect()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let index: CellIndex = text.parse().map_err(serde::de::Error::custom)?;
        if index.resolution() == RESOLUTION {
            Ok(Self(index))
        } else {
            Err(serde::de::Error::custom("the cell is not of resolution 8"))
        }
    }
}

/// How many incidents each cell has seen: emergencies only, no tests, the same event once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Demand {
    cells: BTreeMap<Cell, u64>,
    /// Open incidents that may still move or turn out to be the same, with the cell each is counted in.
    open: BTreeMap<IncidentId, Option<Cell>>,
    /// Those that turned out to be the same as another, with the cell each was counted in, in case they are not.
    merged: BTreeMap<IncidentId, Option<Cell>>,
    /// When the first and the newest event were, UTC.
    seen: Option<(UtcTime, UtcTime)>,
}

impl Demand {
    /// Counts one incident at a place.
    pub fn count(&mut self, place: Wgs84) {
        self.add(Cell::at(place));
    }

    /// Takes in an event; only those about incidents matter.
    pub fn apply(&mut self, event: &Event) {
        let (first, newest) = self.seen.unwrap_or((event.at, event.at));
        self.seen = Some((first.min(event.at), newest.max(event.at)));
        match &event.fact {
            Fact::IncidentCreated { incident, sketch, .. }
                if sketch.kind == IncidentKind::Emergency && !sketch.test =>
            {
                self.open.insert(*incident, None);
                self.place(*incident, &sketch.place);
            }
            // It is over, and moves no more.
            Fact::IncidentEnteredFromPaper { sketch, .. }
                if sketch.kind == IncidentKind::Emergency && !sketch.test =>
            {
                if let Some(position) = sketch.place.position {
                    self.count(position);
                }
            }
            Fact::IncidentChanged { incident, change } => {
                if let Some(place) = &change.place {
                    self.place(*incident, place);
                }
            }
            Fact::IncidentMerged { incident, .. } => {
                if let Some(counted) = self.open.remove(incident) {
                    if let Some(cell) = counted {
                        self.take_away(cell);
                    }
                    self.merged.insert(*incident, counted);
                }
            }
            Fact::IncidentSplit { incident, .. } => {
                if let Some(counted) = self.merged.remove(incident) {
                    if let Some(cell) = counted {
                        self.add(cell);
                    }
                    self.open.insert(*incident, counted);
                }
            }
            Fact::IncidentDone { incident } | Fact::IncidentCancelled { incident, .. } => {
                self.open.remove(incident);
            }
            _ => {}
        }
    }

    /// The cells with their counts, in the order of the cells.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, u64)> + '_ {
        self.cells.iter().map(|(&cell, &count)| (cell, count))
    }

    /// Over how many days incidents were counted.
    pub fn days(&self) -> f64 {
        self.seen.map_or(0.0, |(first, newest)| newest.since(first).as_secs_f64() / DAY_S)
    }

    /// How many incidents were counted.
    pub fn total(&self) -> u64 {
        self.cells.values().sum()
    }

    fn place(&mut self, incident: IncidentId, place: &Place) {
        let Some(known) = self.open.get_mut(&incident) else { return };
        let new = place.position.map(Cell::at);
        let old = std::mem::replace(known, new);
        if let Some(cell) = old {
            self.take_away(cell);
        }
        if let Some(cell) = new {
            self.add(cell);
        }
    }

    fn add(&mut self, cell: Cell) {
        *self.cells.entry(cell).or_default() += 1;
    }

    fn take_away(&mut self, cell: Cell) {
        if let Some(count) = self.cells.get_mut(&cell) {
            *count -= 1;
            if *count == 0 {
                self.cells.remove(&cell);
            }
        }
    }
}

const DAY_S: f64 = 86_400.0;
const RESOLUTION: Resolution = Resolution::Eight;

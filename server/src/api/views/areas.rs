//! Who goes first where, and whom to ask: station areas and neighbours.

use dispatch_core::vehicle::{AreasBy, MutualAid, StationAreas};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::seconds;
use super::words::{LevelWord, words};

words! {
    /// How it is known whose area a place is in.
    AreasByWord = AreasBy { Off, Nearest, Drawn }
}

/// The rule of station areas.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = StationAreas)]
pub(crate) struct StationAreasView {
    by: AreasByWord,
    /// An area's own unit goes first if it arrives at most this much after whoever arrives first.
    later_max_s: f64,
    /// For which levels; none listed: every.
    levels: Vec<LevelWord>,
    /// The stations whose areas are drawn.
    drawn: Vec<String>,
}

/// The rule of mutual aid.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MutualAid)]
pub(crate) struct MutualAidView {
    /// A neighbour's unit is offered only where it arrives this much before every own unit that can do as much.
    gain_s: f64,
    from: Vec<NeighbourView>,
}

/// A centre or organisation that helps out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Neighbour)]
pub(crate) struct NeighbourView {
    name: String,
    units: Vec<String>,
}

impl From<&StationAreas> for StationAreasView {
    fn from(rule: &StationAreas) -> Self {
        Self {
            by: rule.by.into(),
            later_max_s: seconds(rule.later_max_s),
            levels: rule.levels.iter().copied().map(LevelWord::from).collect(),
            drawn: rule.areas.iter().map(|area| area.station.to_string()).collect(),
        }
    }
}

impl From<&MutualAid> for MutualAidView {
    fn from(rule: &MutualAid) -> Self {
        let neighbour = |it: &dispatch_core::vehicle::Neighbour| NeighbourView {
            name: it.name.clone(),
            units: it.units.iter().map(ToString::to_string).collect(),
        };
        Self { gain_s: seconds(rule.gain_s), from: rule.from.iter().map(neighbour).collect() }
    }
}

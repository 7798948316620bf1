//! A closed road with its course on the map.

use dispatch_core::roadworks::Closure;
use roads::Network;
use serde::Serialize;
use utoipa::ToSchema;

use super::place::{Position, Time};

/// A closed stretch of road.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Closure)]
pub(crate) struct ClosureView {
    #[schema(example = "closure_0192f000-0000-7000-8000-000000000004")]
    id: String,
    /// The ways of the road map that are closed, in both directions.
    ways: Vec<i64>,
    name: String,
    reason: String,
    since: Time,
    /// Where they run, for drawing; empty without a road map.
    lines: Vec<Vec<Position>>,
}

impl ClosureView {
    pub(crate) fn of(closure: &Closure, network: Option<&Network>) -> Self {
        let lines = network.map(|network| lines(closure, network)).unwrap_or_default();
        Self {
            id: closure.id.to_string(),
            ways: closure.ways.clone(),
            name: closure.name.clone(),
            reason: closure.reason.clone(),
            since: closure.since.into(),
            lines,
        }
    }
}

/// Each piece of road once, whichever way it may be driven.
fn lines(closure: &Closure, network: &Network) -> Vec<Vec<Position>> {
    let arcs = closure.ways.iter().flat_map(|way| network.arcs_of_way(*way));
    arcs.filter(|arc| network.twin(*arc).is_none_or(|twin| *arc < twin))
        .map(|arc| network.arc_points(arc).into_iter().map(Position::from).collect())
        .collect()
}

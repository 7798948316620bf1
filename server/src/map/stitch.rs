//! Puts the pieces of a road, which end at every junction, together again: a name needs a line long enough to stand on, and
//! a road of one line is cut and drawn faster than one of fifty.

use std::collections::BTreeMap;

use roads::{Network, RoadClass, Way, Wgs84};

/// A road or a long part of one.
pub(super) struct Road<'a> {
    pub(super) way: Way<'a>,
    pub(super) points: Vec<Wgs84>,
}

/// The zoom from which a class of road is seen.
pub(super) fn zoom_min(class: RoadClass) -> u8 {
    match class {
        RoadClass::Motorway | RoadClass::Trunk => super::mercator::ZOOM_MIN,
        RoadClass::Primary => 8,
        RoadClass::Secondary => 10,
        RoadClass::MotorwayLink | RoadClass::TrunkLink | RoadClass::Tertiary => 11,
        RoadClass::PrimaryLink
        | RoadClass::SecondaryLink
        | RoadClass::TertiaryLink
        | RoadClass::Unclassified => 12,
        RoadClass::Residential | RoadClass::LivingStreet => 13,
        RoadClass::Service | RoadClass::Track => 14,
    }
}

/// Every road of the network, the widest last so that it lies on top.
pub(super) fn stitched_roads(network: &Network) -> Vec<Road<'_>> {
    let mut pieces: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for number in 0..network.road_piece_count() {
        pieces.entry(network.road_piece(number).way.id).or_default().push(number);
    }
    let mut roads = Vec::new();
    for numbers in pieces.into_values() {
        stitch(network, &numbers, &mut roads);
    }
    roads.sort_by_key(|road| std::cmp::Reverse(road.way.class));
    roads
}

/// Joins each piece to the end of a line begun before, else begins a new one. Pieces of a way come in its own order, so one
/// look at the newest line is enough in almost every case; what does not fit stays a line of its own.
fn stitch<'a>(network: &'a Network, numbers: &[usize], roads: &mut Vec<Road<'a>>) {
    let first = roads.len();
    for &number in numbers {
        let piece = network.road_piece(number);
        let (start, end) = (piece.points.first().copied(), piece.points.last().copied());
        let line = roads[first..].last_mut();
        match line {
            Some(line) if line.points.last().copied() == start => {
                line.points.extend(piece.points.into_iter().skip(1));
            }
            Some(line) if line.points.last().copied() == end => {
                line.points.extend(piece.points.into_iter().rev().skip(1));
            }
            Some(line) if line.points.first().copied() == end => {
                line.points.splice(0..1, piece.points);
            }
            _ => roads.push(Road { way: piece.way, points: piece.points }),
        }
    }
}

//! One journey: how long, which way, and the roads' names for the crew.

use serde::Serialize;

use super::reverse::ReverseSearch;
use super::space::SearchSpace;
use crate::snap::{Place, point_at};
use crate::{ArcId, Basis, Network, Snap, TravelTime, Weights, Wgs84};

/// A way to drive.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    /// Travel time, the ways to and from the road included.
    pub time: TravelTime,
    /// Length on the road in metres.
    pub length_m: f64,
    /// The line on the road, from snap to snap.
    pub points: Vec<Wgs84>,
    /// The roads in order.
    pub steps: Vec<RouteStep>,
    /// Always [`Basis::Road`] here; it travels with the time to whoever shows it.
    pub basis: Basis,
}

/// A stretch on one road.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouteStep {
    /// Name of the road; empty when it has none.
    pub name: String,
    /// Length in metres.
    pub length_m: f64,
}

/// The fastest way between two places; `None` when there is none.
pub fn route(
    network: &Network,
    weights: &Weights,
    space: &mut SearchSpace,
    from: &Snap,
    to: &Snap,
) -> Option<Route> {
    let mut search = ReverseSearch::new(network, weights, space, to);
    let time = search.time_to_reach(from)?;
    let mut route =
        Route { time, length_m: 0.0, points: vec![from.on_road], steps: Vec::new(), basis: Basis::Road };
    for stretch in stretches(&search, from) {
        route.add(network, &stretch);
    }
    Some(route)
}

/// Travel time between two places; `None` when there is no way.
pub fn travel_time(
    network: &Network,
    weights: &Weights,
    space: &mut SearchSpace,
    from: &Snap,
    to: &Snap,
) -> Option<TravelTime> {
    ReverseSearch::new(network, weights, space, to).time_to_reach(from)
}

/// A part of an arc, as fractions of its length.
struct Stretch {
    arc: u32,
    from: f64,
    to: f64,
}

fn stretches(search: &ReverseSearch<'_>, from: &Snap) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let Some((time, first)) = search.tentative_from(from) else {
        return stretches;
    };
    let Some((_, begin)) = from.arcs(search.network()).find(|(arc, _)| arc.0 == first) else {
        return stretches;
    };
    let target_on = |arc: u32| {
        search.target().arcs(search.network()).find(|(a, _)| a.0 == arc).map_or(1.0, |(_, fraction)| fraction)
    };
    let ends_here = matches!(search.target().place, Place::Edge { .. })
        && search.reaches_on(ArcId(first), begin, time.saturating_sub(from.off_road_time()));
    if ends_here {
        stretches.push(Stretch { arc: first, from: begin, to: target_on(first) });
        return stretches;
    }
    stretches.push(Stretch { arc: first, from: begin, to: 1.0 });
    let mut arc = first;
    while let Some((next, last)) = search.next(arc) {
        stretches.push(Stretch { arc: next, from: 0.0, to: if last { target_on(next) } else { 1.0 } });
        if last {
            break;
        }
        arc = next;
    }
    stretches
}

impl Route {
    fn add(&mut self, network: &Network, stretch: &Stretch) {
        let arc = ArcId(stretch.arc);
        let points = network.arc_points(arc);
        let length_m = network.arc_length_m(arc) * (stretch.to - stretch.from);
        let line = cut(&points, stretch.from, stretch.to);
        // The first point of a stretch is the last of the one before.
        for point in line {
            if self.points.last() != Some(&point) {
                self.points.push(point);
            }
        }
        self.length_m += length_m;
        let name = network.arc_way(arc).name;
        match self.steps.last_mut() {
            Some(step) if step.name == name => step.length_m += length_m,
            _ => self.steps.push(RouteStep { name: name.to_owned(), length_m }),
        }
    }
}

/// The part of a line between two fractions of its length, both ends included.
fn cut(points: &[Wgs84], from: f64, to: f64) -> Vec<Wgs84> {
    let whole: f64 = points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let mut line = vec![point_at(points, from)];
    let mut along = 0.0;
    for pair in points.windows(2) {
        along += pair[0].distance_m(pair[1]);
        if along > whole * from && along < whole * to {
            line.push(pair[1]);
        }
    }
    line.push(point_at(points, to));
    line
}

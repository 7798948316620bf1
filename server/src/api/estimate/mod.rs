//! Travel times for what is shown: expected arrivals and the way to each hospital. Estimates for people's eyes, made off the
//! owner's thread, kept for a few seconds, bounded in work; decisions are made from the proposals' own inputs.

mod eta;
mod hospital_times;

pub(crate) use eta::{EtaKeeper, Etas};
pub(crate) use hospital_times::{HospitalTime, HospitalTimes};

use dispatch_core::Span;
use dispatch_core::assignment::Basis;
use roads::{Profile, ReverseSearch, SearchSpace, SpeedFactors, TravelTime, Wgs84, straight_line_time_at};

use crate::road_weights::RoadsNow;

/// Times from several places to one target at this hour's speeds, over the roads where they can answer, else in a straight line and
/// said so.
fn times_to(
    roads: Option<&RoadsNow>,
    hour: &SpeedFactors,
    space: &mut SearchSpace,
    target: Wgs84,
    from: impl Iterator<Item = Wgs84>,
) -> Vec<(Span, Basis)> {
    let reach = roads.and_then(|roads| Some((roads, roads.map.snap(target, SNAP_M_MAX)?)));
    let mut search = reach.as_ref().map(|(roads, snap)| {
        (&roads.map, ReverseSearch::new(roads.map.network(), &roads.weights, space, snap))
    });
    from.map(|place| {
        let by_road =
            search.as_mut().and_then(|(map, search)| search.time_to_reach(&map.snap(place, SNAP_M_MAX)?));
        if let Some(time) = by_road {
            return (span(time), Basis::Road);
        }
        let time = straight_line_time_at(place, target, Profile::LightsAndSirens, hour);
        (span(time), Basis::StraightLine)
    })
    .collect()
}

fn span(time: TravelTime) -> Span {
    Span::from_micros(i64::try_from(time.us()).unwrap_or(i64::MAX))
}

/// A place farther from any road than this is off the map.
const SNAP_M_MAX: f64 = 500.0;

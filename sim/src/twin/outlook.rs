//! The city as a rollout knows it, learned from calls of the past: where they came from, how urgent they were, how long everything
//! took. The roads are those of the case.

use dispatch_core::Span;
use dispatch_core::assignment::Basis;
use dispatch_core::fleet::TravelTable;
use dispatch_core::policy::rollout::{City, CityPlan, Durations, Spread, StationPlan, ZonePlan};

use super::reach::{span, wgs84};
use super::{Twin, TwinError, setup};
use crate::case::{CallRow, Case, CaseError, Point, Priority, Spot};

impl Twin {
    /// The city of a rollout, from the calls of so many days.
    pub fn outlook(&self, past: &[CallRow], days: f64) -> Result<City, TwinError> {
        let case = self.case();
        let plan = plan(case, past, days)?;
        let table = table(case, &plan);
        City::new(plan, &table).map_err(|problem| CaseError::new("the calls", problem.to_string()).into())
    }
}

fn plan(case: &Case, past: &[CallRow], days: f64) -> Result<CityPlan, TwinError> {
    let station = |(number, site): (usize, &crate::case::Site)| {
        let (id, position) = (setup::station_id(number)?, wgs84(site.spot.at));
        Ok::<_, TwinError>(StationPlan { id, position, rolls: Span::ZERO })
    };
    let hospital = |(number, site): (usize, &crate::case::Site)| {
        Ok::<_, TwinError>((setup::hospital_id(number)?, wgs84(site.spot.at)))
    };
    let count = |priority: Priority| past.iter().filter(|call| call.priority == priority).count() as f64;
    let each = days.max(1.0 / 24.0).recip();
    let rules = setup::rules(case, "closest".parse()?, false);
    Ok(CityPlan {
        stations: case.stations.iter().enumerate().map(station).collect::<Result<_, _>>()?,
        hospitals: case.hospitals.iter().enumerate().map(hospital).collect::<Result<_, _>>()?,
        zones: ZonePlan::of(past.iter().map(|call| (wgs84(call.at), each))),
        levels: [count(Priority::High), count(Priority::Medium), count(Priority::Low), 0.0],
        goals: rules.response_goals_s,
        cover_within: rules.response_goals_s[0],
        durations: durations(past),
    })
}

fn durations(past: &[CallRow]) -> Durations {
    let usual = Durations::default();
    let conveyed = || past.iter().filter(|call| call.transport);
    let mean_delay_ns =
        past.iter().map(|call| call.dispatch_delay_ns).sum::<u64>() / past.len().max(1) as u64;
    Durations {
        scene: Spread::of(past.iter().map(|call| span(call.on_scene_ns)).collect()).unwrap_or(usual.scene),
        hospital: Spread::of(conveyed().map(|call| span(call.handover_ns)).collect())
            .unwrap_or(usual.hospital),
        desk: span(mean_delay_ns),
        conveyed: conveyed().count() as f64 / past.len().max(1) as f64,
    }
}

/// Times from each place to each: to the zones as units drive to the most urgent calls, to stations and hospitals as they drive
/// otherwise, at midnight.
fn table(case: &Case, plan: &CityPlan) -> TravelTable {
    let spots: Vec<Spot> = plan
        .places()
        .iter()
        .map(|place| case.network.ground().nearest(Point { x: place.longitude(), y: place.latitude() }))
        .collect();
    let sites = plan.stations.len() + plan.hospitals.len();
    let travels_as = case.promises[Priority::High.index()].travels_as;
    let (urgent, ordinary) = (case.timetable.mode(travels_as, 0), case.timetable.mode(Priority::Low, 0));
    let time = |from: &Spot, (to, spot): (usize, &Spot)| {
        let mode = if to < sites { ordinary } else { urgent };
        let off_road_ns = |spot: &Spot| case.timetable.off_road_ns(mode, spot.off_road_km);
        let drive_ns = case.network.time_ns(mode, from.node, spot.node)?;
        Some(span(off_road_ns(from) + drive_ns + off_road_ns(spot)))
    };
    let times =
        spots.iter().flat_map(|from| spots.iter().enumerate().map(move |to| time(from, to))).collect();
    TravelTable { times, basis: Basis::Road }
}

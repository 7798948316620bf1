//! A desk that follows every second opinion: `+rollout:R` behind a policy's name, with R futures for each candidate.
//!
//! The city that it looks ahead in is learned from calls of the past: where they came from, how urgent they were, how long everything
//! took. The roads are those of the case. Weighing is the core's; here it is only followed.

use dispatch_core::assignment::{Basis, Proposal};
use dispatch_core::fleet::{Fix, FleetPicture, TravelTable, UnitFix};
use dispatch_core::ids::UnitId;
use dispatch_core::policy::rollout::{
    City, CityPlan, Durations, Extent, SCENARIOS_MIN, Situation, Spread, StationPlan, Verdict, ZonePlan,
    rollout,
};
use dispatch_core::{Record, Span, UtcTime};
use roads::Wgs84;

use super::reach::{span, wgs84};
use super::{Twin, TwinError, setup};
use crate::case::{CallRow, Case, CaseError, Point, Priority, Spot};

/// How far a desk looks ahead, and in what city.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook<'a> {
    pub(super) city: &'a City,
    pub(super) scenarios: u16,
}

impl Outlook<'_> {
    /// Brings the unit to the front that the second opinion on a proposal prefers, if it does.
    pub(super) fn follow(&self, record: &Record, picture: &FleetPicture, proposal: &mut Proposal) {
        let extent = Extent { scenarios: self.scenarios, horizon: HORIZON };
        let situation = Situation::of(record, picture, proposal, self.city, extent);
        let opinion = situation.and_then(|situation| rollout(self.city, &situation));
        let Some(Verdict::Prefers { unit }) = opinion.map(|opinion| opinion.verdict) else { return };
        if let Some(rank) = proposal.ranked.iter().position(|candidate| candidate.unit == unit) {
            proposal.ranked[..=rank].rotate_right(1);
        }
    }
}

/// The policy of the core in a name, and how many futures the desk looks at; none where it takes what is proposed.
pub(super) fn parted(policy: &str) -> (&str, Option<u16>) {
    let part = policy.rsplit_once("+rollout:");
    let parted = part.and_then(|(name, scenarios)| Some((name, scenarios.parse().ok()?)));
    match parted.filter(|(_, scenarios)| *scenarios >= SCENARIOS_MIN) {
        Some((name, scenarios)) => (name, Some(scenarios)),
        None => (policy, None),
    }
}

/// Where the units are, for the core.
pub(super) fn picture(now: UtcTime, units: impl Iterator<Item = (UnitId, Wgs84)>) -> FleetPicture {
    let fix = |position| Fix {
        boot: 1,
        seq: 1,
        at: now,
        position,
        speed_kmh: 0.0,
        heading_deg: None,
        accuracy_m: None,
    };
    let seen = units.map(|(unit, position)| UnitFix { unit, fix: fix(position), heard_at: now });
    FleetPicture::new(now, seen.collect())
}

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

/// How long calls come in, in each future.
const HORIZON: Span = Span::seconds(90 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::sketch::Sketch;
    use crate::case::{Generator, SeedSet};

    #[test]
    fn a_desk_that_looks_ahead_is_part_of_a_name() {
        assert_eq!(parted("matching+relief+rollout:200"), ("matching+relief", Some(200)));
        for whole in ["matching+relief", "closest+rollout:5", "closest+rollout:many", "rollout:200"] {
            assert_eq!(parted(whole), (whole, None));
        }
    }

    #[test]
    fn the_same_days_come_out_the_same_and_not_as_without_looking_ahead() {
        let written = Sketch::new().write("outlook");
        let twin = Twin::new(Case::read(&written.0).unwrap(), false).unwrap();
        let calls = Generator::read(twin.case(), SeedSet::Test).unwrap().calls(0, 6.0);
        let spots = twin.spots(&calls);
        let ahead = twin.run("closest+rollout:40", &calls, &spots).unwrap();
        assert!(ahead == twin.run("closest+rollout:40", &calls, &spots).unwrap());
        let plain = twin.run("closest", &calls, &spots).unwrap();
        let other = ahead.answers.iter().zip(&plain.answers).filter(|(a, b)| a.unit != b.unit).count();
        assert!(other > 0, "nobody else was ever sent");
        assert!(twin.run("closest+rollout:5", &calls, &spots).is_err(), "too few futures are no look ahead");
    }
}

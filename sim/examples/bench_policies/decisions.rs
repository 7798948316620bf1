//! How long single decisions take: a matching of sixty-four incidents and units, where a unit that became free should stand by, and a
//! second opinion on five units.

use std::time::Instant;

use anyhow::Context;
use dispatch_core::actor::Actor;
use dispatch_core::assignment::{
    Basis, CandidateInput, DispatchLevel, FreeArrival, ProposalInputs, Rival, UnitState, propose,
};
use dispatch_core::ids::{IncidentId, ProposalId, UnitId};
use dispatch_core::incident::Level;
use dispatch_core::policy::Policy;
use dispatch_core::policy::cover::CoverZones;
use dispatch_core::policy::rollout::{
    Busy, City, Contender, Free, Holds, Patient, Situation, Task, rollout as look_ahead,
};
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Action, Command, DispatchCentre, Span, UtcTime};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use roads::Wgs84;
use sim::case::{CallRow, Point};
use sim::twin::Twin;
use uuid::Uuid;

/// Median and 99th percentile of what was measured, seconds.
pub(crate) struct Measured {
    pub(crate) median_s: f64,
    pub(crate) p99_s: f64,
}

/// One incident with sixty-three rivals who wait, and sixty-four free units that can go to any of them.
pub(crate) fn matching() -> anyhow::Result<Measured> {
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let place = Wgs84::new(114.3, 30.6).context("a place on earth")?;
    let units: Vec<UnitId> = (0..SIDE).map(unit).collect::<Result<_, _>>()?;
    let levels = [Level::I, Level::II, Level::III, Level::IV];
    Ok(timed(MATCHINGS, |_| {
        let mut arrival = || Span::seconds(60 + i64::from(chance.next_u32() % 1_800));
        let candidates = units.iter().take(1).map(|&unit| CandidateInput {
            unit,
            state: UnitState::AtStation,
            position: place,
            position_age_s: Span::ZERO,
            mobilisation_s: Span::ZERO,
            travel_s: arrival(),
            basis: Basis::Road,
            skills: [].into(),
            interrupts: None,
            cover_loss: None,
            duty_left_s: None,
            freeing: None,
            own_area: false,
            aid: None,
            level: DispatchLevel::Allow,
        });
        let candidates = candidates.collect();
        let rivals = (1..SIDE).map(|number| Rival {
            incident: IncidentId::new(Uuid::from_u128(number as u128)),
            level: levels[number % 4],
            waited_s: Span::seconds(number as i64 * 7),
            goal_s: Span::seconds(720),
            remaining_s: None,
            arrivals: units.iter().map(|&unit| FreeArrival { unit, arrival_s: arrival() }).collect(),
        });
        let inputs = ProposalInputs {
            at: UtcTime::from_micros(0),
            incident: IncidentId::new(Uuid::nil()),
            target: place,
            level: Level::II,
            units_short: 1,
            skills: [].into(),
            policy: "matching".to_owned(),
            candidates_max: 1,
            road_weights: String::new(),
            candidates,
            left_out: Vec::new(),
            relieves: None,
            waited_s: Span::ZERO,
            goal_s: Span::seconds(720),
            rivals: rivals.collect(),
            demand_per_day: None,
            traffic: None,
            area_later_max_s: None,
            about_to_be_free: Vec::new(),
            slots: Vec::new(),
        };
        let begun = Instant::now();
        let proposal = propose(ProposalId::new(Uuid::nil()), inputs);
        let took_s = begun.elapsed().as_secs_f64();
        // Each proposal sets its candidate against nobody: two matchings.
        (proposal.ranked.len(), took_s / 2.0)
    }))
}

/// Where a unit that became free should stand by, with the zones of a case and a unit at each of its stations and two more.
pub(crate) fn move_up(zones: &CoverZones) -> anyhow::Result<Measured> {
    let mut centre = DispatchCentre::new();
    let place = Wgs84::new(114.3, 30.6).context("a place on earth")?;
    let mut tell = |action| {
        let command = Command { by: Actor::rule("bench"), action };
        centre.execute(&command, UtcTime::from_micros(0)).map(drop)
    };
    for (number, &id) in zones.stations.iter().enumerate() {
        tell(Action::RegisterStation { station: Station { id, name: id.to_string(), position: place } })?;
        let unit = unit(number)?;
        let spec =
            UnitSpec { id: unit, station: id, skills: [].into(), plate: String::new(), phone: String::new() };
        tell(Action::RegisterUnit { unit: spec })?;
        tell(Action::SignOn { unit, name: "crew".to_owned(), role: CrewRole::Driver })?;
    }
    let policy: Policy = "dmexclp:0.4".parse()?;
    let policy = policy.move_up.context("the policy moves units up")?;
    let units: Vec<UnitId> = (0..zones.stations.len()).map(unit).collect::<Result<_, _>>()?;
    Ok(timed(MOVES, |turn| {
        let begun = Instant::now();
        let advice = policy.advise(centre.record(), zones, units[turn % units.len()]);
        let took_s = begun.elapsed().as_secs_f64();
        (usize::from(advice.is_some()), took_s)
    }))
}

/// A second opinion on five units for a call, with as many units at work as usually are and the calls of the case to come.
pub(crate) fn rollout(twin: &Twin, calls: &[CallRow]) -> anyhow::Result<Measured> {
    let days = calls.last().map_or(1.0, |call| call.arrives_ns as f64 / DAY_NS);
    let city = twin.outlook(calls, days)?;
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let stations = &twin.case().ambulances;
    let situations: Vec<Situation> = calls
        .iter()
        .cycle()
        .take(ROLLOUTS)
        .map(|call| situation(&city, stations.len(), call, &mut chance))
        .collect::<anyhow::Result<_>>()?;
    let mut lived = 0;
    let measured = timed(ROLLOUTS, |turn| {
        let begun = Instant::now();
        let opinion = look_ahead(&city, &situations[turn]);
        let took_s = begun.elapsed().as_secs_f64();
        lived += opinion.as_ref().map_or(0, |opinion| usize::from(opinion.scenarios));
        (opinion.map_or(0, |opinion| opinion.outlooks.len()), took_s)
    });
    anyhow::ensure!(lived == ROLLOUTS * SCENARIOS, "a rollout was cut short: {lived} scenarios");
    Ok(measured)
}

fn situation(
    city: &City,
    units: usize,
    call: &CallRow,
    chance: &mut ChaCha8Rng,
) -> anyhow::Result<Situation> {
    let place = |at: Point| Wgs84::new(at.x, at.y).context("a place on earth");
    let zone = city.zone_near(place(call.at)?);
    let mut number = |count: usize| chance.next_u32() as usize % count;
    let stations = city.stations();
    let on_order = |station: usize, minutes: usize| Busy {
        station: stations[station],
        task: Task::OnScene { since: Span::seconds(minutes as i64 * 60), zone },
    };
    let free: Vec<Free> = (0..units / 2)
        .map(|_| Free { station: stations[number(stations.len())], on_the_way: None })
        .collect();
    let busy = (units / 2..units).map(|_| on_order(number(stations.len()), number(30))).collect();
    let contender = |place: usize| {
        let arrival = city.travel(free[place].station, zone);
        Ok::<_, anyhow::Error>(Contender { unit: unit(place)?, arrival, holds: Holds::Nothing(place) })
    };
    Ok(Situation {
        seed: u64::from(chance.next_u32()),
        scenarios: SCENARIOS as u16,
        horizon: Span::seconds(90 * 60),
        patient: Patient { level: Level::III, waited: Span::seconds(90), zone },
        contenders: (0..5).map(contender).collect::<Result<_, _>>()?,
        free,
        busy,
        waiting: Vec::new(),
        move_up: Some(0.4),
    })
}

fn unit(number: usize) -> anyhow::Result<UnitId> {
    format!("A{:05}", number + 1).parse().context("a unit's code")
}

fn timed(times: usize, mut decide: impl FnMut(usize) -> (usize, f64)) -> Measured {
    let mut took: Vec<f64> = (0..times).map(|turn| std::hint::black_box(decide(turn)).1).collect();
    took.sort_by(f64::total_cmp);
    Measured { median_s: took[times / 2], p99_s: took[times * 99 / 100] }
}

/// Incidents and units of a matching.
const SIDE: usize = 64;
const MATCHINGS: usize = 500;
const MOVES: usize = 5_000;
const ROLLOUTS: usize = 1_000;
const SCENARIOS: usize = 200;
const DAY_NS: f64 = 86_400e9;

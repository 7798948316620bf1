//! What a day would have been with other stations, units, roads, or more calls.

use dispatch_core::ids::ClosureId;
use dispatch_core::incident::Level;
use dispatch_core::replay::{Answer, Change, Comparison, Plan};
use dispatch_core::roadworks::Closure;
use dispatch_core::{Action, Span};
use roads::{MapBuilder, RoadClass, RoadMap, WaySpec, Wgs84};
use uuid::Uuid;

use crate::same_day::different;
use crate::town::{HOSPITAL, Town, Work, at, here};

/// One unit near the hospital, and every call comes from the far end of the street.
fn far_away() -> Town {
    let mut town = Town::new("closest", &[114.00, 114.04]);
    for number in 0..9 {
        town.rings(2000 + number * 9000, 114.20, Level::II);
    }
    town.live(different);
    town
}

fn with(changes: Vec<Change>) -> Plan {
    Plan { changes, ..Plan::default() }
}

fn p90s(comparison: &Comparison) -> (Span, Span) {
    (comparison.modelled.response.p90_s.unwrap(), comparison.planned.response.p90_s.unwrap())
}

fn add_station() -> Change {
    Change::AddStation { station: "S09".parse().unwrap(), position: here(114.20) }
}

fn add_unit(station: &str) -> Change {
    Change::AddUnit { unit: "A09".parse().unwrap(), station: station.parse().unwrap(), skills: None }
}

#[test]
fn a_unit_where_the_calls_come_from_improves_the_day() {
    let comparison = far_away().compare(&with(vec![add_station(), add_unit("S09")])).unwrap();
    let (then, now) = p90s(&comparison);
    assert!(now + Span::seconds(300) < then, "{then:?} {now:?}");
    let by_the_new: Vec<_> = comparison
        .calls
        .iter()
        .filter(|line| line.planned.as_ref().unwrap().unit.as_str() == "A09")
        .collect();
    assert!(by_the_new.len() >= 8, "{:#?}", comparison.calls);
    assert_eq!(comparison.policy, comparison.own_policy);
}

#[test]
fn moving_the_unit_there_does_as_well_and_taking_it_away_does_harm() {
    let unit = "A02".parse().unwrap();
    let to_calls = vec![add_station(), Change::MoveUnit { unit, station: "S09".parse().unwrap() }];
    let moved = far_away().compare(&with(to_calls)).unwrap();
    let (then, now) = p90s(&moved);
    assert!(now + Span::seconds(300) < then, "{then:?} {now:?}");

    let nearer = Change::MoveStation { station: "S02".parse().unwrap(), position: here(114.18) };
    let (then, now) = p90s(&far_away().compare(&with(vec![nearer])).unwrap());
    assert!(now + Span::seconds(200) < then, "{then:?} {now:?}");

    let removed = far_away().compare(&with(vec![Change::RemoveUnit { unit }])).unwrap();
    let (then, now) = (removed.modelled.response.mean_s.unwrap(), removed.planned.response.mean_s.unwrap());
    assert!(now > then + Span::seconds(60), "{then:?} {now:?}");
    assert!(removed.calls.iter().all(|line| line.planned.as_ref().unwrap().unit != unit));
}

#[test]
fn twice_the_calls_wait_longer_and_are_the_same_every_time() {
    let town = far_away();
    let plan = |seed: u64| Plan { calls_times: 2.0, seed, ..Plan::default() };
    let comparison = town.compare(&plan(1)).unwrap();
    assert_eq!((comparison.modelled.emergencies, comparison.planned.emergencies), (9, 18));
    assert_eq!(comparison.calls.iter().filter(|line| line.number.ends_with('+')).count(), 9);
    let (then, now) = (comparison.modelled.response.mean_s, comparison.planned.response.mean_s);
    assert!(now > then, "{then:?} {now:?}");
    assert_eq!(town.compare(&plan(1)).unwrap(), comparison);
    assert_ne!(town.compare(&plan(2)).unwrap().planned, comparison.planned);
    let half_more = Plan { calls_times: 1.5, ..Plan::default() };
    let between = town.compare(&half_more).unwrap().planned.emergencies;
    assert!((10..18).contains(&between), "{between}");
}

#[test]
fn free_units_stand_by_where_calls_come_from_under_a_policy_that_posts_them() {
    let policy = Some("dmexclp:0.4".to_owned());
    let plan = Plan { policy, changes: vec![add_station()], ..Plan::default() };
    let (then, now) = p90s(&far_away().compare(&plan).unwrap());
    assert!(now + Span::seconds(200) < then, "a unit that was there stays near: {then:?} {now:?}");
}

/// The street of the town as a road, and a long way round over the hill.
fn street() -> RoadMap {
    let mut builder = MapBuilder::new();
    let nodes: Vec<_> = (0..=22).map(|km| builder.add_node(here(113.99 + f64::from(km) * 0.01))).collect();
    for (number, pair) in nodes.windows(2).enumerate() {
        let id = i64::try_from(number).unwrap() + 1;
        let name = if id == 12 { "长江大桥" } else { "滨江路" }.to_owned();
        builder.add_way(WaySpec { name, ..WaySpec::new(id, RoadClass::Primary, pair.to_vec()) });
    }
    let hill = builder.add_node(Wgs84::new(114.10, 30.15).unwrap());
    builder.add_way(WaySpec::new(99, RoadClass::Primary, vec![nodes[0], hill, nodes[22]]));
    builder.build(&mut |_| {}).unwrap()
}

#[test]
fn a_closed_bridge_sends_everybody_the_long_way_round() {
    let map = street();
    let town = far_away();
    let close = |road: &str| with(vec![Change::CloseRoad { road: road.to_owned() }]);
    let comparison = town.compare_on(Some(&map), &close("长江大桥")).unwrap();
    let (then, now) = p90s(&comparison);
    assert!(now > then + Span::seconds(600), "{then:?} {now:?}");
    assert_eq!(town.compare_on(Some(&map), &close("12")).unwrap().planned, comparison.planned);
    let unknown = town.compare_on(Some(&map), &close("黄河大桥")).unwrap_err().to_string();
    assert!(unknown.contains("the map has no road \"黄河大桥\""), "{unknown}");
    let without = town.compare(&close("长江大桥")).unwrap_err().to_string();
    assert!(without.contains("a road map is needed"), "{without}");
}

#[test]
fn a_road_closed_before_the_day_is_closed_on_it() {
    let mut town = Town::new("closest", &[114.00, 114.04]);
    let id = ClosureId::new(Uuid::from_u128(1));
    let (name, reason) = ("长江大桥".to_owned(), "封桥".to_owned());
    town.now_asks(Action::CloseRoad { closure: Closure { id, ways: vec![12], name, reason, since: at(0) } });
    town.rings(2000, 114.20, Level::II);
    town.live(different);
    // The record was made in straight lines, and sent the nearer one; over the hill the other is nearer.
    let comparison = town.compare_on(Some(&street()), &Plan::default()).unwrap();
    let line = &comparison.calls[0];
    let unit = |answer: &Option<Answer>| answer.as_ref().unwrap().unit.to_string();
    assert_eq!(
        (unit(&line.recorded), unit(&line.modelled)),
        ("A02".to_owned(), "A01".to_owned()),
        "{line:?}"
    );
}

#[test]
fn over_the_roads_the_model_still_gives_the_recorded_day() {
    // The record was made in straight lines: how much slower it was than the roads say goes with each call.
    let mut town = Town::new("closest", &[114.00, 114.10]);
    for number in 0..6 {
        town.rings(2000 + number * 6000, HOSPITAL + 0.01, Level::II);
    }
    town.live(|_| Work { mobilise: 70, pace: 1.1, scene: 700 });
    let comparison = town.compare_on(Some(&street()), &Plan::default()).unwrap();
    assert_eq!(comparison.fidelity.same_unit, 6, "{:#?}", comparison.calls);
    assert!(comparison.fidelity.p50_apart_s.unwrap() <= Span::seconds(5), "{:?}", comparison.fidelity);
}

#[test]
fn changes_to_what_is_not_there_are_refused() {
    let town = far_away();
    let unit = "A77".parse().unwrap();
    let station = "S77".parse().unwrap();
    for (change, expected) in [
        (Change::RemoveUnit { unit }, "no unit A77"),
        (Change::MoveUnit { unit: "A01".parse().unwrap(), station }, "no station S77"),
        (Change::MoveStation { station, position: here(114.0) }, "no station S77"),
        (
            Change::AddStation { station: "S01".parse().unwrap(), position: here(114.0) },
            "a station S01 already",
        ),
    ] {
        let refused = town.compare(&with(vec![change])).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let too_many = Plan { calls_times: 11.0, ..Plan::default() };
    assert!(town.compare(&too_many).unwrap_err().to_string().contains("1 to 10"));
}

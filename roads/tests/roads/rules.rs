//! Single rules on small towns drawn by hand.

use std::collections::BTreeSet;

use roads::{
    Barrier, Direction, FixedTimes, MapBuilder, MapError, NodeKey, Profile, ReverseSearch, RoadClass,
    RoadMap, SearchSpace, Snap, SnapMemory, Source, SpeedFactors, TravelTime, TurnRule, U_TURN_S, WaySpec,
    Weights, WeightsError, nearest_arrivals, travel_time,
};

use crate::city::position;

/// A square of streets, 0 south-west, 1 south-east, 2 north-east, 3 north-west, ways 1 (south) to 4 (west).
fn square() -> (MapBuilder, [NodeKey; 4]) {
    let mut builder = MapBuilder::new();
    let corners =
        [(0.0, 0.0), (0.01, 0.0), (0.01, 0.01), (0.0, 0.01)].map(|(x, y)| builder.add_node(position(x, y)));
    (builder, corners)
}

fn street(id: i64, nodes: &[NodeKey]) -> WaySpec {
    WaySpec::new(id, RoadClass::Residential, nodes.to_vec())
}

fn add_square(builder: &mut MapBuilder, corners: [NodeKey; 4], south: Direction) {
    builder.add_way(WaySpec { direction: south, ..street(1, &[corners[0], corners[1]]) });
    for (id, from, to) in [(2, 1, 2), (3, 2, 3), (4, 3, 0)] {
        builder.add_way(street(id, &[corners[from], corners[to]]));
    }
}

fn time(map: &RoadMap, weights: &Weights, from: NodeKey, to: NodeKey) -> Option<TravelTime> {
    let at = |key| Snap::at_node(map.network(), map.network().node_for(key).expect("a junction"));
    travel_time(map.network(), weights, &mut SearchSpace::new(), &at(from), &at(to))
}

fn lights(map: &RoadMap) -> Weights {
    Weights::base(map.network(), Profile::LightsAndSirens)
}

fn build(builder: MapBuilder) -> RoadMap {
    builder.build(&mut |_| {}).expect("a sound town")
}

#[test]
fn a_one_way_street_leads_one_way() {
    for (direction, east_is_quick) in [(Direction::Forward, true), (Direction::Backward, false)] {
        let (mut builder, corners) = square();
        add_square(&mut builder, corners, direction);
        let map = build(builder);
        let weights = lights(&map);
        let east = time(&map, &weights, corners[0], corners[1]).unwrap();
        let west = time(&map, &weights, corners[1], corners[0]).unwrap();
        assert_eq!(east < west, east_is_quick, "{direction:?}: {east} {west}");
    }
}

#[test]
fn a_forbidden_turn_costs_the_way_round_and_an_only_turn_forbids_the_rest() {
    // A spur south of corner 0 comes up way 5; turning right there onto way 1 is forbidden.
    let with_rule = |rule: Option<(TurnRule, i64)>| {
        let (mut builder, corners) = square();
        add_square(&mut builder, corners, Direction::Both);
        let spur = builder.add_node(position(0.0, -0.005));
        builder.add_way(street(5, &[spur, corners[0]]));
        if let Some((rule, to)) = rule {
            builder.add_turn_rule(rule, 5, corners[0], to);
        }
        let map = build(builder);
        time(&map, &lights(&map), spur, corners[1]).unwrap()
    };
    let free = with_rule(None);
    assert!(with_rule(Some((TurnRule::Forbidden, 1))) > free);
    assert!(with_rule(Some((TurnRule::Only, 4))) > free);
    assert_eq!(with_rule(Some((TurnRule::Only, 1))), free);
    assert_eq!(with_rule(Some((TurnRule::Forbidden, 4))), free);
}

#[test]
fn who_may_not_turn_drives_on_and_round_a_block_if_that_is_quicker_than_turning_back() {
    // From the south onto the way east is forbidden. To the north there is a side street, and beyond it a block to drive round.
    let east_from_the_south = |to_the_block_s: f64| {
        let mut builder = MapBuilder::new();
        let places = [
            (0.0, 0.0),
            (0.0, 0.01),
            (0.01, 0.01),
            (0.0, 0.02),
            (0.01, 0.02),
            (0.0, 0.03),
            (0.01, 0.03),
            (0.01, 0.04),
        ];
        let [south, crossing, east, side, side_end, block, a, b] =
            places.map(|(x, y)| builder.add_node(position(x, y)));
        let mut add = |id, from, to, seconds, direction| {
            let time = TravelTime::from_s(seconds);
            let fixed_times = Some(FixedTimes { lights_and_sirens: time, ordinary: time });
            builder.add_way(WaySpec { direction, fixed_times, ..street(id, &[from, to]) });
        };
        add(1, south, crossing, 10.0, Direction::Both);
        add(2, crossing, east, 10.0, Direction::Both);
        add(3, crossing, side, 3.0, Direction::Both);
        add(4, side, side_end, 50.0, Direction::Both);
        add(5, side, block, to_the_block_s, Direction::Both);
        add(6, block, a, 1.0, Direction::Forward);
        add(7, a, b, 1.0, Direction::Forward);
        add(8, b, block, 1.0, Direction::Forward);
        builder.add_turn_rule(TurnRule::Forbidden, 1, crossing, 2);
        let map = build(builder);
        time(&map, &lights(&map), south, east).unwrap()
    };
    let seconds = TravelTime::from_s;
    assert_eq!(east_from_the_south(6.0), seconds(10.0 + 3.0 + 6.0 + 3.0 + 6.0 + 3.0 + 10.0));
    assert_eq!(east_from_the_south(9.0), seconds(10.0 + 3.0 + U_TURN_S + 3.0 + 10.0));
}

#[test]
fn a_closed_road_is_driven_around_and_still_reached() {
    let (mut builder, corners) = square();
    add_square(&mut builder, corners, Direction::Both);
    let map = build(builder);
    let open = lights(&map);
    let closed = open.with_closures(map.network(), &BTreeSet::from([1, 999]));
    assert_ne!(open.id(), closed.id());
    assert_eq!(closed.closed_ways(), &BTreeSet::from([1]));
    let before = time(&map, &open, corners[0], corners[1]).unwrap();
    let after = time(&map, &closed, corners[0], corners[1]).unwrap();
    // Three sides instead of one; north to south is a little longer than east to west.
    assert!(after.us() > 3 * before.us(), "{before} {after}");
    let all = open.with_closures(map.network(), &BTreeSet::from([1, 2, 3, 4]));
    assert_eq!(time(&map, &all, corners[0], corners[1]), None);
    // An incident on the closed road itself is reached from its end.
    let middle = map.snap(position(0.005, 0.0), 20.0).expect("on way 1");
    let from = Snap::at_node(map.network(), map.network().node_for(corners[0]).unwrap());
    let reached = travel_time(map.network(), &closed, &mut SearchSpace::new(), &from, &middle).unwrap();
    assert!(reached < before);
}

#[test]
fn a_bollard_parts_a_street_and_a_gate_delays() {
    let with = |barrier: Option<Barrier>| {
        let (mut builder, corners) = square();
        let middle = builder.add_node(position(0.005, 0.0));
        builder.add_way(street(1, &[corners[0], middle, corners[1]]));
        for (id, from, to) in [(2, 1, 2), (3, 2, 3), (4, 3, 0)] {
            builder.add_way(street(id, &[corners[from], corners[to]]));
        }
        if let Some(barrier) = barrier {
            builder.add_barrier(middle, barrier);
        }
        let map = build(builder);
        time(&map, &lights(&map), corners[0], corners[1]).unwrap()
    };
    let free = with(None);
    let gate = with(Some(Barrier::Gate)).saturating_sub(free);
    assert!((gate.as_s() - roads::GATE_DELAY_S).abs() < 0.001, "{}", gate.as_s());
    assert!(with(Some(Barrier::Closed)).us() > 3 * free.us());
}

#[test]
fn fixed_times_come_out_to_the_microsecond() {
    let (mut builder, corners) = square();
    let times = |l, o| {
        Some(FixedTimes { lights_and_sirens: TravelTime::from_us(l), ordinary: TravelTime::from_us(o) })
    };
    for (id, from, to, l) in [(1, 0, 1, 1_000_003), (2, 1, 0, 2_000_001), (3, 1, 2, 7), (4, 2, 1, 11)] {
        let way = street(id, &[corners[from], corners[to]]);
        builder.add_way(WaySpec { direction: Direction::Forward, fixed_times: times(l, l * 2), ..way });
    }
    let map = build(builder);
    let ordinary = Weights::base(map.network(), Profile::Ordinary);
    assert_eq!(time(&map, &lights(&map), corners[0], corners[2]).unwrap().us(), 1_000_010);
    assert_eq!(time(&map, &ordinary, corners[2], corners[0]).unwrap().us(), 4_000_024);
    assert_eq!(time(&map, &ordinary, corners[2], corners[2]), Some(TravelTime::ZERO));
    assert_eq!(map.network().node_for(corners[3]), None, "an unused node is no junction");
}

#[test]
fn speeds_and_factors_change_times_and_ids() {
    let (mut builder, corners) = square();
    add_square(&mut builder, corners, Direction::Both);
    let map = build(builder);
    let base = lights(&map);
    let one = BTreeSet::from([1]);
    let slow = base.with_factor(map.network(), &one, 2.0).unwrap();
    let arc = map.network().arcs_of_way(1).next().unwrap();
    assert_eq!(slow.arc_time(arc).unwrap().us(), 2 * base.arc_time(arc).unwrap().us());
    assert_ne!(slow.id(), base.id());
    assert_eq!(base.id(), lights(&map).id());
    assert!(matches!(base.with_factor(map.network(), &one, f64::NAN), Err(WeightsError::BadFactor(_))));
    assert!(matches!(base.with_factor(map.network(), &one, 0.0), Err(WeightsError::BadFactor(_))));
    let speeds = SpeedFactors { fast_roads: 1.0, main_roads: 1.0, small_roads: 1.0 };
    let legal = Weights::with_speeds(map.network(), Profile::Ordinary, &speeds).unwrap();
    let expected = map.network().arc_length_m(arc) / (30.0 / 3.6);
    assert!((legal.arc_time(arc).unwrap().as_s() - expected).abs() < 2e-5);
    let absurd = SpeedFactors { small_roads: 0.0, ..speeds };
    assert!(Weights::with_speeds(map.network(), Profile::Ordinary, &absurd).is_err());
}

#[test]
fn snapping_finds_the_road_its_name_and_the_distance_off_it() {
    let (mut builder, corners) = square();
    builder.add_way(WaySpec { name: "解放大道".into(), ..street(1, &[corners[0], corners[1]]) });
    builder.add_way(street(2, &[corners[1], corners[2]]));
    let map = build(builder);
    let p = position(0.0025, 0.0002);
    let snap = map.snap(p, 100.0).expect("a road within 100 m");
    assert_eq!(snap.way(map.network()).unwrap().name, "解放大道");
    assert!((snap.off_road_m - 22.24).abs() < 0.05, "{}", snap.off_road_m);
    let fractions: Vec<f64> = snap.arcs(map.network()).map(|(_, fraction)| fraction).collect();
    assert_eq!(fractions.len(), 2);
    assert!((fractions[0] - 0.25).abs() < 1e-4 && (fractions[1] - 0.75).abs() < 1e-4, "{fractions:?}");
    assert_eq!(map.snap(p, 10.0), None);
    assert_eq!(map.snaps(p, 5_000.0, 5).len(), 2);
}

#[test]
fn impossible_ways_are_refused_by_name() {
    let refuse = |way: WaySpec| {
        let (mut builder, _) = square();
        builder.add_way(way);
        builder.build(&mut |_| {}).unwrap_err()
    };
    let a = NodeKey(0);
    assert!(matches!(refuse(street(7, &[a])), MapError::BadWay { way_id: 7, .. }));
    assert!(matches!(refuse(street(7, &[a, NodeKey(99)])), MapError::BadWay { way_id: 7, .. }));
    assert!(matches!(refuse(street(7, &[a, a])), MapError::NoRoads));
    let fast = WaySpec { speed_kmh: Some(f64::INFINITY), ..street(7, &[a, NodeKey(1)]) };
    assert!(matches!(refuse(fast), MapError::BadWay { way_id: 7, .. }));
    assert!(matches!(MapBuilder::new().build(&mut |_| {}), Err(MapError::NoRoads)));
}

#[test]
fn with_fewer_units_than_asked_for_the_search_does_not_go_on_through_the_city() {
    let mut builder = MapBuilder::new();
    let corners: Vec<NodeKey> =
        (0..400).map(|n| builder.add_node(position(f64::from(n) * 0.001, 0.0))).collect();
    for (id, pair) in corners.windows(2).enumerate() {
        builder.add_way(street(id as i64 + 1, pair));
        // A side street keeps each corner a junction.
        let end = builder.add_node(position(id as f64 * 0.001, 0.001));
        builder.add_way(street(id as i64 + 1_001, &[pair[0], end]));
    }
    let map = build(builder);
    let weights = lights(&map);
    let at = |n: usize| Snap::at_node(map.network(), map.network().node_for(corners[n]).expect("a junction"));
    let source = |key: usize, n: usize| Source {
        key,
        snap: at(n),
        delay: TravelTime::ZERO,
        road_time_min: weights.road_time_min(at(n).asked, at(200).asked),
    };
    let mut space = SearchSpace::new();
    let mut search = ReverseSearch::new(map.network(), &weights, &mut space, &at(200));
    let answer = nearest_arrivals(&mut search, [source(1, 202), source(2, 190)], 10);
    assert_eq!(answer.arrivals.iter().map(|arrival| arrival.key).collect::<Vec<_>>(), [1, 2]);
    let far = search.time_to_reach(&at(300)).expect("a way");
    let mut space = SearchSpace::new();
    let mut search = ReverseSearch::new(map.network(), &weights, &mut space, &at(200));
    nearest_arrivals(&mut search, [source(1, 202), source(2, 190)], 10);
    assert!(search.frontier() < far, "stopped at {}, {far} is far beyond both", search.frontier());
}

#[test]
fn a_snap_from_memory_is_that_of_its_own_map() {
    let town = |north: f64| {
        let mut builder = MapBuilder::new();
        let ends = [(0.0, north), (0.01, north)].map(|(x, y)| builder.add_node(position(x, y)));
        builder.add_way(street(1, &ends));
        build(builder)
    };
    let (here, there) = (town(0.0), town(0.001));
    let p = position(0.005, 0.0002);
    let mut memory = SnapMemory::new();
    for map in [&here, &here, &there, &here] {
        assert_eq!(memory.snap(map, p, 500.0), map.snap(p, 500.0));
        assert_eq!(memory.snap(map, p, 1.0), None, "another limit is another question");
    }
}

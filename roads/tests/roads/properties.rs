//! Laws that hold in every town: the search, the tables and the judge agree to the microsecond.

use std::collections::BTreeSet;

use proptest::prelude::*;
use roads::{
    Profile, ReverseSearch, RoadMap, SearchSpace, Snap, Source, TableIndex, TravelTime, Weights,
    nearest_arrivals, route,
};

use crate::city::{Spot, Town, spots, towns};
use crate::oracle;

/// Some roads closed, some slow.
fn change(map: &RoadMap, base: &Weights, slow: &[i64], closed: &[i64]) -> (Weights, Weights) {
    let set = |ids: &[i64]| ids.iter().copied().collect::<BTreeSet<i64>>();
    let open = base.with_factor(map.network(), &set(slow), 2.5).expect("a sound factor");
    (open.with_closures(map.network(), &set(closed)), open)
}

#[derive(Debug, Clone)]
struct Case {
    town: Town,
    from: Vec<Spot>,
    to: Vec<Spot>,
    slow: Vec<i64>,
    closed: Vec<i64>,
    delays_s: Vec<u32>,
    count: usize,
}

fn cases() -> impl Strategy<Value = Case> {
    let ways = || prop::collection::vec(1i64..20, 0..4);
    let few = || prop::collection::vec(spots(), 1..8);
    (towns(), few(), few(), ways(), ways(), prop::collection::vec(0u32..200, 8), 1usize..5).prop_map(
        |(town, from, to, slow, closed, delays_s, count)| Case {
            town,
            from,
            to,
            slow,
            closed,
            delays_s,
            count,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn search_route_tables_and_judge_agree(case in cases()) {
        let Some(map) = case.town.build() else { return Ok(()) };
        let network = map.network();
        let base = Weights::base(network, Profile::LightsAndSirens);
        let (weights, open) = change(&map, &base, &case.slow, &case.closed);
        let from: Vec<Snap> = case.from.iter().map(|spot| spot.snap(&map)).collect();
        let to: Vec<Snap> = case.to.iter().map(|spot| spot.snap(&map)).collect();
        let index = TableIndex::new(&map);
        let tables = index.customise(&map, &weights);
        let table = tables.times(&from, &to);
        let mut space = SearchSpace::new();
        for (t, target) in to.iter().enumerate() {
            let judged: Vec<_> = from.iter().map(|source| oracle::time(network, &weights, &open, source, target)).collect();
            let mut search = ReverseSearch::new(network, &weights, &mut space, target);
            for (s, source) in from.iter().enumerate() {
                prop_assert_eq!(search.time_to_reach(source), judged[s], "search from {:?} to {:?}", source, target);
                prop_assert_eq!(table[s][t], judged[s], "table from {:?} to {:?}", source, target);
            }
            prop_assert_eq!(tables.times_to(&from, target), judged.clone());
            for (s, source) in from.iter().enumerate() {
                let way = route(network, &weights, &mut space, source, target);
                prop_assert_eq!(way.as_ref().map(|way| way.time), judged[s]);
                if let Some(way) = way {
                    check_route(&way, source, target)?;
                }
            }
        }
    }

    #[test]
    fn nothing_is_certain_before_the_frontier_has_passed(case in cases(), until_s in 0u32..400) {
        let Some(map) = case.town.build() else { return Ok(()) };
        let network = map.network();
        let weights = Weights::base(network, Profile::Ordinary);
        let target = case.to[0].snap(&map);
        let mut space = SearchSpace::new();
        let mut search = ReverseSearch::new(network, &weights, &mut space, &target);
        let until = TravelTime::from_s(f64::from(until_s));
        search.advance(until);
        prop_assert!(search.frontier() > until);
        for source in case.from.iter().map(|spot| spot.snap(&map)) {
            let judged = oracle::time(network, &weights, &weights, &source, &target);
            match search.time_from(&source) {
                Some(time) => prop_assert_eq!(Some(time), judged),
                None => prop_assert!(judged.is_none_or(|time| time.saturating_sub(source.off_road_time()) > until)),
            }
        }
    }

    #[test]
    fn nearest_arrivals_are_those_of_brute_force(case in cases()) {
        let Some(map) = case.town.build() else { return Ok(()) };
        let network = map.network();
        let base = Weights::base(network, Profile::LightsAndSirens);
        let (weights, open) = change(&map, &base, &case.slow, &case.closed);
        let target = case.to[0].snap(&map);
        let mut sources: Vec<Source<usize>> = case
            .from
            .iter()
            .zip(&case.delays_s)
            .enumerate()
            .map(|(key, (spot, &delay_s))| {
                let snap = spot.snap(&map);
                let road_time_min = weights.road_time_min(snap.asked, target.asked);
                Source { key, snap, delay: TravelTime::from_s(f64::from(delay_s)), road_time_min }
            })
            .collect();
        sources.sort_by_key(|source| source.road_time_min);
        let mut judged: Vec<(TravelTime, usize)> = sources
            .iter()
            .filter_map(|s| {
                let time = oracle::time(network, &weights, &open, &s.snap, &target)?;
                assert!(s.road_time_min <= time, "the lower bound is above the truth");
                Some((s.delay + time, s.key))
            })
            .collect();
        judged.sort();
        let can_come: BTreeSet<usize> = judged.iter().map(|&(_, key)| key).collect();
        judged.truncate(case.count);
        let mut space = SearchSpace::new();
        let mut search = ReverseSearch::new(network, &weights, &mut space, &target);
        let answer = nearest_arrivals(&mut search, sources.iter().cloned(), case.count);
        let got: Vec<_> = answer.arrivals.iter().map(|a| (a.arrival, a.key)).collect();
        prop_assert_eq!(&got, &judged);
        if got.len() < case.count {
            let cannot: BTreeSet<usize> = answer.unreachable.iter().copied().collect();
            prop_assert_eq!(cannot, (0..sources.len()).filter(|key| !can_come.contains(key)).collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn a_stored_map_is_the_same_map(case in cases()) {
        let Some(map) = case.town.build() else { return Ok(()) };
        let bytes = map.to_bytes();
        let again = RoadMap::from_bytes(&bytes).expect("what was written can be read");
        prop_assert_eq!(map.id(), again.id());
        prop_assert_eq!(&bytes, &again.to_bytes());
        let weights = |map: &RoadMap| Weights::base(map.network(), Profile::Ordinary).id().to_owned();
        prop_assert_eq!(weights(&map), weights(&again));
        let snap = case.from[0].snap(&map);
        prop_assert_eq!(again.snap(snap.asked, 1e6).map(|s| s.on_road), map.snap(snap.asked, 1e6).map(|s| s.on_road));
    }
}

/// A way begins and ends where it should, and is as long as it says.
fn check_route(way: &roads::Route, source: &Snap, target: &Snap) -> Result<(), TestCaseError> {
    let (first, last) = (way.points.first().expect("a line"), way.points.last().expect("a line"));
    prop_assert!(first.distance_m(source.on_road) < 0.1, "begins {} m off", first.distance_m(source.on_road));
    prop_assert!(last.distance_m(target.on_road) < 0.1, "ends {} m off", last.distance_m(target.on_road));
    let drawn: f64 = way.points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    prop_assert!((drawn - way.length_m).abs() < 0.5, "drawn {drawn} m, said {} m", way.length_m);
    let steps: f64 = way.steps.iter().map(|step| step.length_m).sum();
    prop_assert!((steps - way.length_m).abs() < 1e-6);
    Ok(())
}

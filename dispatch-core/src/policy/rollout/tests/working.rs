//! What units at work still have before them, where every piece of a run always takes as long.

use super::super::future::Release;
use super::*;
use crate::assignment::Basis;
use crate::fleet::TravelTable;

/// Minutes along a line: two stations, two hospitals, two zones.
const LINE: [i64; 6] = [0, 10, 5, 9, 1, 11];
const NEAR: PlaceNumber = PlaceNumber::test(2);
const FAR: PlaceNumber = PlaceNumber::test(3);
const CENTRE: PlaceNumber = PlaceNumber::test(4);
const END: PlaceNumber = PlaceNumber::test(5);

/// Ten minutes on scene, twenty at hospital, everybody is taken along.
fn city() -> City {
    let (city, _) = line_situation(Level::III, [240, 300]);
    let mut plan = city.plan;
    let mut second = plan.hospitals[0];
    second.0 = "H2".parse().unwrap();
    plan.hospitals.push(second);
    let (scene, hospital) = (Spread::always(Span::seconds(600)), Spread::always(Span::seconds(1_200)));
    plan.durations = Durations { scene, hospital, desk: Span::seconds(60), conveyed: 1.0 };
    let minutes = |from: usize, to: usize| Some(Span::seconds((LINE[from] - LINE[to]).abs() * 60));
    let times = (0..36).map(|at| minutes(at / 6, at % 6)).collect();
    City::new(plan, &TravelTable { times, basis: Basis::Road }).unwrap()
}

fn future_with(city: &City, tasks: &[Task]) -> Future {
    let (_, mut situation) = line_situation(Level::III, [240, 300]);
    situation.busy = tasks.iter().map(|&task| Busy { station: PlaceNumber::test(0), task }).collect();
    assert!(situation.is_sound(city));
    let mut future = Future::default();
    future.draw(city, &situation, 0);
    future
}

#[test]
fn a_unit_at_work_is_free_after_what_is_left_of_its_run() {
    let seconds = Span::seconds;
    let patient = Patient { level: Level::II, waited: Span::ZERO, zone: CENTRE };
    let tasks = [
        Task::ToScene { arrival: seconds(50), patient },
        Task::OnScene { since: seconds(100), zone: CENTRE },
        Task::OnScene { since: seconds(100), zone: END },
        Task::ToHospital { arrival: seconds(300), hospital: FAR },
        Task::AtHospital { since: seconds(200), hospital: FAR },
    ];
    let city = city();
    // From the centre the first hospital is four minutes away, from the other end the second one two.
    let after = |seconds: u32, place| Release { at_ms: seconds * 1_000, place };
    let free = [
        after(50 + 600 + 4 * 60 + 1_200, NEAR),
        after(500 + 4 * 60 + 1_200, NEAR),
        after(500 + 2 * 60 + 1_200, FAR),
        after(300 + 1_200, FAR),
        after(1_000, FAR),
    ];
    assert_eq!(future_with(&city, &tasks).releases, free);
}

#[test]
fn a_call_is_served_when_the_desk_is_done_with_it() {
    let calls = future_with(&city(), &[]).calls;
    assert!(!calls.is_empty());
    assert!(calls.iter().all(|call| call.ready_ms == call.rings_ms + 60_000));
}

/// The quantiles of Student's distribution, from tables.
#[test]
fn more_comparisons_and_fewer_futures_make_an_interval_wider() {
    for (comparisons, freedom, tabled) in
        [(1, 199.0, 1.972), (1, 19.0, 2.093), (2, 199.0, 2.258), (4, 199.0, 2.521), (4, 99.0, 2.544)]
    {
        let found = quantile(comparisons, freedom);
        assert!((found - tabled).abs() < 0.01, "{comparisons} of {freedom}: {found}, not {tabled}");
    }
}

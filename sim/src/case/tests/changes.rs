//! What if: the changes that a study makes to a case, on a small city.

use super::sketch::Sketch;
use super::*;

fn changed(test: &str, changes: &[Change]) -> Result<Case, String> {
    let written = Sketch::new().write(&format!("changed-{test}"));
    Case::read_changed(&written.0, changes).map_err(|error| error.to_string())
}

fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

#[test]
fn stations_and_units_are_added_moved_and_removed() {
    let changes = [
        Change::AddStation { at: at(10.03, 50.011) },
        Change::MoveStation { station: 1, at: at(10.04, 50.0) },
        Change::AddUnit { station: 4 },
        Change::MoveUnit { unit: 1, station: 4 },
        Change::RemoveUnit { unit: 2 },
    ];
    let (plain, case) = (changed("plain", &[]).unwrap(), changed("units", &changes).unwrap());
    assert_eq!((plain.stations.len(), case.stations.len()), (3, 4));
    assert_eq!((case.stations[0].spot.node, case.stations[0].name.as_str()), (4, "West"));
    assert_eq!((plain.ambulances, case.ambulances), (vec![0, 1, 1, 2], vec![3, 1, 2, 3]));
}

#[test]
fn a_closed_road_is_closed_in_both_directions_and_nothing_else() {
    let (plain, case) = (
        changed("open", &[]).unwrap(),
        changed("closed", &[Change::CloseRoad { at: at(10.005, 50.0) }]).unwrap(),
    );
    let longer = |from: u32, to: u32| {
        let time = |case: &Case| case.network.time_ns(0, from, to).unwrap();
        time(&case) > time(&plain)
    };
    assert!(longer(0, 1) && longer(1, 0));
    assert!(!longer(1, 2) && !longer(0, 5) && !longer(6, 7));
}

#[test]
fn nobody_is_looked_for_where_no_road_leads_any_more() {
    let closed = [at(10.005, 50.0), at(10.0, 50.005)].map(|at| Change::CloseRoad { at });
    let written = Sketch::new().write("cut-off");
    let case = Case::read_changed(&written.0, &closed).unwrap();
    assert_eq!(case.network.ground().open_nodes().count(), 24);
    assert!(case.stations.iter().all(|station| station.spot.node != 0));
    let twin = Twin::new(case, false).unwrap();
    let calls = Generator::read(twin.case(), SeedSet::Test).unwrap().calls(0, 2.0);
    let outcome = twin.run("closest-preempt", &calls, &twin.spots(&calls)).unwrap();
    assert!(outcome.answers.iter().all(|answer| answer.arrived_ns > 0));
}

#[test]
fn a_change_that_cannot_be_made_is_named() {
    for (test, change, wanted) in [
        (
            "no-road",
            Change::CloseRoad { at: at(10.005, 50.005) },
            "what if: --close-road: no road is within 200 m of 10.005,50.005",
        ),
        (
            "no-station",
            Change::AddUnit { station: 4 },
            "what if: --add-unit: there is no station 4: they are numbered from 1 to 3",
        ),
        (
            "no-unit",
            Change::MoveUnit { unit: 9, station: 1 },
            "what if: --move-unit: there is no unit 9: they are numbered from 1 to 4",
        ),
        ("far", Change::AddStation { at: at(50.0, 10.0) }, "what if: --add-station: 50,10 is "),
    ] {
        let said = changed(test, &[change]).expect_err(wanted);
        assert!(said.starts_with(wanted), "{said}");
    }
    let all: Vec<Change> = (1..=4).map(|unit| Change::RemoveUnit { unit }).collect();
    assert!(changed("nobody", &all).expect_err("nobody").ends_with("no unit is left"));
}

#[test]
fn calls_come_in_so_many_times_and_keep_their_hours() {
    let written = Sketch::new().write("times");
    let case = Case::read(&written.0).unwrap();
    let calls = Generator::read(&case, SeedSet::Test).unwrap().calls(0, 10.0);
    let doubled = multiplied(&calls, 2);
    assert_eq!(doubled.len(), calls.len() * 2);
    assert!(
        doubled
            .windows(2)
            .all(|pair| pair[0].arrives_ns <= pair[1].arrives_ns && pair[0].index + 1 == pair[1].index)
    );
    let hours = |calls: &[CallRow]| {
        let mut counts = [0; 24];
        for call in calls {
            counts[(call.arrives_ns / 3_600_000_000_000 % 24) as usize] += 1;
        }
        counts
    };
    assert_eq!(hours(&doubled), hours(&calls).map(|count| count * 2));
    let twice = Generator::read(&case, SeedSet::Test).unwrap().times(2.0).calls(0, 10.0).len() as f64;
    assert!((twice / calls.len() as f64 - 2.0).abs() < 0.15, "{twice}");
}

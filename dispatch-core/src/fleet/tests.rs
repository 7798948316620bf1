//! What moves a unit on the map, what only fills its history, and what does neither.

use proptest::prelude::*;
use roads::Wgs84;

use super::{
    Cell, CoverageInputs, Demand, Fix, FixRefusal, Fleet, FleetPicture, Heard, ReadyUnit, TravelTable,
    UnitFix, coverage,
};
use crate::actor::Actor;
use crate::event::{Event, Fact};
use crate::ids::{IncidentId, UnitId};
use crate::incident::{
    IncidentChange, IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place, Triage,
};
use crate::time::{Span, UtcTime};

fn at(seconds: i64) -> UtcTime {
    UtcTime::from_micros(1_800_000_000_000_000) + Span::seconds(seconds)
}

fn place(longitude: f64, latitude: f64) -> Wgs84 {
    Wgs84::new(longitude, latitude).unwrap()
}

/// A fix of boot `boot`, number `seq`, measured at `at_s`, this many metres east of a fixed place.
fn fix(boot: u64, seq: u64, at_s: i64, east_m: f64) -> Fix {
    let position = place(114.0 + east_m / 96_486.0, 30.0);
    Fix { boot, seq, at: at(at_s), position, speed_kmh: 40.0, heading_deg: Some(90.0), accuracy_m: None }
}

fn unit(code: &str) -> UnitId {
    code.parse().unwrap()
}

/// Hears the fixes one after the other at their own times, 100 s on at the latest, and says what became of each.
fn heard(fixes: &[Fix]) -> Vec<Heard> {
    let mut fleet = Fleet::new();
    fixes.iter().map(|&fix| fleet.observe(unit("A01"), fix, at(100))).collect()
}

#[test]
fn late_and_repeated_fixes_are_history() {
    use Heard::{Current, History};
    let table: [(&str, &[Fix], &[Heard]); 6] = [
        ("in order", &[fix(1, 1, 0, 0.0), fix(1, 2, 1, 10.0)], &[Current, Current]),
        ("late", &[fix(1, 2, 1, 10.0), fix(1, 1, 0, 0.0)], &[Current, History]),
        ("repeated", &[fix(1, 1, 0, 0.0), fix(1, 1, 0, 0.0)], &[Current, History]),
        ("newer number, older time", &[fix(1, 1, 5, 0.0), fix(1, 2, 4, 0.0)], &[Current, History]),
        ("newer start, numbers from 1", &[fix(1, 900, 0, 0.0), fix(2, 1, 9, 0.0)], &[Current, Current]),
        ("a count that fell, a minute on", &[fix(7, 9, 0, 0.0), fix(1, 1, 61, 0.0)], &[Current, Current]),
    ];
    for (case, fixes, expected) in table {
        assert_eq!(heard(fixes), expected, "{case}");
    }
}

#[test]
fn impossible_fixes_are_refused() {
    let good = fix(1, 1, 100, 0.0);
    let refused = |fix: Fix| heard(&[fix])[0];
    let table = [
        (Fix { at: at(105), ..good }, Heard::Current),
        (Fix { at: at(105) + Span::from_micros(1), ..good }, Heard::Refused(FixRefusal::Future)),
        (Fix { position: place(0.0, 0.0), ..good }, Heard::Refused(FixRefusal::NullIsland)),
        (Fix { position: place(0.0, 30.0), ..good }, Heard::Current),
        (Fix { speed_kmh: f32::NAN, ..good }, Heard::Refused(FixRefusal::Implausible)),
        (Fix { speed_kmh: -1.0, ..good }, Heard::Refused(FixRefusal::Implausible)),
        (Fix { heading_deg: Some(400.0), ..good }, Heard::Refused(FixRefusal::Implausible)),
        (Fix { accuracy_m: Some(f32::INFINITY), ..good }, Heard::Refused(FixRefusal::Implausible)),
    ];
    for (fix, expected) in table {
        assert_eq!(refused(fix), expected, "{fix:?}");
    }
}

#[test]
fn one_bad_fix_moves_nothing_and_two_that_agree_do() {
    use Heard::{Current, Refused};
    let jump = Refused(FixRefusal::Jump);
    let table: [(&str, &[Fix], &[Heard]); 5] = [
        (
            "a stray fix",
            &[fix(1, 1, 0, 0.0), fix(1, 2, 1, 10_000.0), fix(1, 3, 2, 20.0)],
            &[Current, jump, Current],
        ),
        (
            "a real move",
            &[fix(1, 1, 0, 0.0), fix(1, 2, 1, 10_000.0), fix(1, 3, 2, 10_020.0)],
            &[Current, jump, Current],
        ),
        (
            "two strays",
            &[fix(1, 1, 0, 0.0), fix(1, 2, 1, 10_000.0), fix(1, 3, 2, -10_000.0)],
            &[Current, jump, jump],
        ),
        ("a drive of ten minutes", &[fix(1, 1, -600, 0.0), fix(1, 2, 0, 10_000.0)], &[Current, Current]),
        (
            "a stray does not vouch for a later one at the same place",
            &[fix(1, 1, 0, 0.0), fix(1, 2, 1, 10_000.0), fix(1, 3, 2, 20.0), fix(1, 4, 3, 10_000.0)],
            &[Current, jump, Current, jump],
        ),
    ];
    for (case, fixes, expected) in table {
        assert_eq!(heard(fixes), expected, "{case}");
    }
}

#[test]
fn a_unit_is_silent_from_its_last_sign_of_life() {
    let mut fleet = Fleet::new();
    fleet.observe(unit("A01"), fix(1, 1, 0, 0.0), at(0));
    fleet.observe(unit("A02"), fix(1, 1, 0, 0.0), at(0));
    fleet.note_heard(unit("A02"), at(20));
    // A refused fix is a sign of life, too.
    fleet.observe(unit("A03"), Fix { position: place(0.0, 0.0), ..fix(1, 1, 0, 0.0) }, at(5));
    let silent = |now: i64| {
        fleet.silent(at(now), Span::seconds(30)).map(|(unit, _)| unit.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(silent(30), Vec::<String>::new());
    assert_eq!(silent(31), ["A01"]);
    assert_eq!(silent(36), ["A01", "A03"]);
    assert_eq!(fleet.silent(at(51), Span::seconds(30)).last(), Some((unit("A03"), at(5))));
    assert_eq!((fleet.last_heard(unit("A02")), fleet.current(unit("A03"))), (Some(at(20)), None));
}

proptest! {
    #[test]
    fn now_never_moves_backwards_in_any_order_of_delivery(
        fixes in prop::collection::vec((0_u64..3, 0_u64..50, -200_i64..120, -2_000.0_f64..2_000.0), 1..60),
    ) {
        let mut fleet = Fleet::new();
        let mut newest = None;
        for (boot, seq, at_s, east_m) in fixes {
            let fix = fix(boot, seq, at_s, east_m);
            let heard = fleet.observe(unit("A01"), fix, at(100));
            let current = fleet.current(unit("A01")).map(|current| current.at);
            prop_assert!(current >= newest, "{current:?} after {newest:?}");
            if heard == Heard::Current {
                prop_assert_eq!(current, Some(fix.at));
            } else {
                prop_assert_eq!(current, newest);
            }
            newest = current;
        }
    }

    #[test]
    fn a_plausible_drive_ends_at_its_last_fix_in_any_order_of_delivery(order in Just((0..40_u64).collect::<Vec<_>>()).prop_shuffle()) {
        let mut fleet = Fleet::new();
        for seq in order {
            fleet.observe(unit("A01"), fix(1, seq, seq as i64, seq as f64 * 15.0), at(100));
        }
        prop_assert_eq!(fleet.current(unit("A01")).map(|current| current.seq), Some(39));
    }

    #[test]
    fn the_tree_gives_what_a_linear_scan_gives(
        places in prop::collection::vec((113.0_f64..115.0, 29.0_f64..31.0), 0..120),
        from in (113.0_f64..115.0, 29.0_f64..31.0),
        count in 0_usize..20,
    ) {
        let located = |(number, &(longitude, latitude)): (usize, &(f64, f64))| UnitFix {
            unit: unit(&format!("U{number}")),
            fix: Fix { position: place(longitude, latitude), ..fix(1, 1, 0, 0.0) },
            heard_at: at(0),
        };
        let units: Vec<UnitFix> = places.iter().enumerate().map(located).collect();
        let from = place(from.0, from.1);
        let mut scan: Vec<f64> = units.iter().map(|unit| from.distance_m(unit.fix.position)).collect();
        scan.sort_by(f64::total_cmp);
        let picture = FleetPicture::new(at(0), units.clone());
        let found: Vec<f64> = picture.nearest(from, count).into_iter().map(|(_, distance_m)| distance_m).collect();
        prop_assert_eq!(found.len(), count.min(units.len()));
        for (found_m, scanned_m) in found.iter().zip(&scan) {
            prop_assert!((found_m - scanned_m).abs() < 0.01, "{} m against {} m", found_m, scanned_m);
        }
        for located in &units {
            prop_assert_eq!(picture.unit(located.unit), Some(located));
        }
        prop_assert_eq!(picture.unit(unit("nobody")), None);
    }
}

#[test]
fn the_last_of_several_positions_of_a_unit_counts() {
    let twice = [1, 2].map(|seq| UnitFix { unit: unit("A01"), fix: fix(1, seq, 0, 0.0), heard_at: at(0) });
    let picture = FleetPicture::new(at(0), twice.to_vec());
    assert_eq!(picture.units(), &twice[1..]);
}

#[test]
fn a_cell_holds_its_middle_and_keeps_its_name() {
    let cell = Cell::at(place(114.305, 30.593));
    assert_eq!(Cell::at(cell.centre()), cell);
    assert_eq!(cell.corners().len(), 6);
    let json = serde_json::to_string(&cell).unwrap();
    assert_eq!(serde_json::from_str::<Cell>(&json).unwrap(), cell);
    assert!(serde_json::from_str::<Cell>("\"872830828ffffff\"").is_err());
}

#[test]
fn coverage_is_the_share_of_demand_reached_in_time() {
    let (near, far) = (place(114.0, 30.0), place(114.3, 30.0));
    let mut demand = Demand::default();
    for _ in 0..3 {
        demand.count(near);
    }
    demand.count(far);
    let covered = |ready: Vec<ReadyUnit>| {
        let inputs = CoverageInputs::new(&demand, ready, Span::seconds(900));
        let (from, to) = inputs.ends();
        let table = TravelTable::straight_line(&from, &to);
        coverage(&inputs, &table)
    };
    let ready = |position: Wgs84, seconds: i64| ReadyUnit {
        unit: unit("A01"),
        position,
        mobilisation: Span::seconds(seconds),
    };
    assert_eq!(covered(Vec::new()).covered_share, Some(0.0));
    assert_eq!(covered(vec![ready(near, 60)]).covered_share, Some(0.75));
    assert_eq!(covered(vec![ready(near, 60), ready(far, 60)]).covered_share, Some(1.0));
    // Nobody leaves in time: near is not enough.
    assert_eq!(covered(vec![ready(near, 901)]).covered_share, Some(0.0));
    let two = covered(vec![ready(near, 0), ready(near, 60)]);
    let depth: Vec<_> = two.cells.iter().map(|cell| (cell.demand, cell.units_in_time)).collect();
    assert!(depth.contains(&(3, 2)) && depth.contains(&(1, 0)), "{depth:?}");
    let nothing = coverage(
        &CoverageInputs::new(&Demand::default(), Vec::new(), Span::seconds(900)),
        &TravelTable { times: Vec::new(), basis: crate::assignment::Basis::Road },
    );
    assert_eq!(nothing.covered_share, None);
}

#[test]
fn demand_counts_each_emergency_once_where_it_turned_out_to_be() {
    let mut demand = Demand::default();
    let id = |number: u128| IncidentId::new(uuid::Uuid::from_u128(number));
    let apply = |demand: &mut Demand, fact: Fact| demand.apply(&Event { at: at(0), by: Actor::Caller, fact });
    let create =
        |demand: &mut Demand, number: u128, position: Option<Wgs84>, kind: IncidentKind, test: bool| {
            let sketch = IncidentSketch {
                kind,
                complaint: "胸痛".to_owned(),
                triage: Triage::level(Level::III),
                place: Place { position, ..Place::default() },
                patients: Vec::new(),
                needs: Needs::default(),
                notes: String::new(),
                wish: None,
                text_only: false,
                test,
                scheduled_at: None,
            };
            let incident = id(number);
            let number = IncidentNumber { date: 20_261_121, count: 1 };
            apply(demand, Fact::IncidentCreated { incident, number, call: None, sketch: sketch.into() });
        };
    let moved = |incident: IncidentId, position: Wgs84| {
        let place = Some(Place { position: Some(position), ..Place::default() });
        let change = IncidentChange { place, ..IncidentChange::default() };
        Fact::IncidentChanged { incident, change: change.into() }
    };
    let (here, there) = (place(114.0, 30.0), place(114.3, 30.0));
    create(&mut demand, 1, None, IncidentKind::Emergency, false);
    create(&mut demand, 2, Some(here), IncidentKind::Emergency, false);
    create(&mut demand, 3, Some(here), IncidentKind::Emergency, true);
    create(&mut demand, 4, Some(here), IncidentKind::Transfer, false);
    create(&mut demand, 5, Some(here), IncidentKind::Emergency, false);
    assert_eq!(demand.total(), 2);
    apply(&mut demand, moved(id(1), here));
    apply(&mut demand, moved(id(2), there));
    apply(&mut demand, Fact::IncidentMerged { incident: id(5), into: id(1) });
    apply(&mut demand, Fact::IncidentDone { incident: id(1) });
    let cells: Vec<_> = demand.cells().collect();
    let mut expected = vec![(Cell::at(here), 1), (Cell::at(there), 1)];
    expected.sort_unstable();
    assert_eq!(cells, expected);
}

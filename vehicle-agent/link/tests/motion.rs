//! The motion rule by tables: one line is one fix (seconds, metres east of the station, km/h, accuracy in metres),
//! or a press of the crew, and what it proves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::fmt::Write;

use expect_test::{Expect, expect};
use link::motion::{Fix, MotionWatch, distance_m};
use link::v1::{Stage, Wgs84};

const METRE_DEG: f64 = 1.0 / 111_195.08;
const SCENE_M: f64 = 1000.0;
const HOSPITAL_M: f64 = 3000.0;

fn east(metres: f64) -> Wgs84 {
    Wgs84 { longitude_deg: metres * METRE_DEG, latitude_deg: 0.0 }
}

fn stage(word: &str) -> Stage {
    match word {
        "rolling" => Stage::Rolling,
        "on-scene" => Stage::OnScene,
        "left" => Stage::LeftScene,
        other => panic!("no stage {other}"),
    }
}

fn check(table: &str, expected: &Expect) {
    let mut watch = MotionWatch::new(Some(east(0.0)), Some(east(SCENE_M)), Some(east(HOSPITAL_M)));
    let mut shown = String::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(word) = line.strip_prefix("press ") {
            watch.press(stage(word));
            continue;
        }
        let numbers: Vec<f64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [at_s, metres, speed_kmh, accuracy_m] = numbers[..] else { panic!("four numbers: {line}") };
        let fix = Fix { at_unix_ms: (at_s * 1000.0) as i64, place: east(metres), speed_kmh, accuracy_m };
        if let Some(evidence) = watch.observe(&fix) {
            writeln!(shown, "{:?} at {} s, seen at {at_s} s", evidence.stage, evidence.at_unix_ms / 1000)
                .unwrap();
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_whole_run() {
    check(
        "0 0 0 5
         10 2 1 5
         60 20 20 5
         61 26 22 5
         90 500 60 5
         120 950 30 5
         122 980 3 5
         123 981 0 5
         400 990 0 5
         420 1120 40 5
         422 1160 45 5
         423 1175 45 5
         500 2950 20 5
         503 2980 2 5
         504 2981 0 5
         600 2981 0 5",
        &expect![[r"
            Rolling at 60 s, seen at 61 s
            OnScene at 122 s, seen at 123 s
            LeftScene at 422 s, seen at 423 s
            AtHospital at 503 s, seen at 504 s
        "]],
    );
}

#[test]
fn drift_at_rest_is_no_departure() {
    check(
        "0 0 0 5
         1 6 9 5
         2 12 11 5
         3 -8 9 5
         4 4 0 5
         5 30 3 20
         6 2 0 5",
        &expect![""],
    );
}

#[test]
fn one_jump_proves_nothing() {
    check(
        "0 0 0 5
         1 4000 0 5
         2 1 0 5
         3 990 0 5
         4 2 0 5",
        &expect![""],
    );
}

#[test]
fn a_jump_that_stays_is_believed() {
    check(
        "0 0 0 5
         1 4000 0 5
         2 4001 0 5
         3 4001 0 5
         4 4001 0 5",
        &expect![[r"
            Rolling at 3 s, seen at 4 s
        "]],
    );
}

#[test]
fn a_slow_start_counts_by_distance() {
    check(
        "0 0 0 5
         30 55 6 5
         36 65 6 5
         42 75 6 5",
        &expect![[r"
            Rolling at 36 s, seen at 42 s
        "]],
    );
}

#[test]
fn a_coarse_fix_proves_nothing() {
    check(
        "0 0 0 5
         10 80 30 60
         11 90 30 60
         12 80 2 45
         13 85 2 45",
        &expect![""],
    );
}

#[test]
fn passing_the_scene_is_no_arrival() {
    check(
        "0 0 0 5
         20 100 40 5
         21 111 40 5
         80 980 40 5
         81 991 40 5
         82 1002 40 5",
        &expect![[r"
            Rolling at 20 s, seen at 21 s
        "]],
    );
}

#[test]
fn presses_open_the_next_watch_where_movement_could_not() {
    check(
        "0 0 0 5
         press rolling
         press on-scene
         1 0 0 5
         100 300 40 5
         101 311 40 5
         press left
         300 2990 0 5
         301 2990 0 5",
        &expect![[r"
            LeftScene at 100 s, seen at 101 s
            AtHospital at 300 s, seen at 301 s
        "]],
    );
}

#[test]
fn time_that_runs_back_is_not_evidence() {
    check(
        "100 0 0 5
         50 400 50 5
         51 410 50 5
         101 1 0 5",
        &expect![""],
    );
}

#[test]
fn a_restart_does_not_prove_again() {
    let mut watch = MotionWatch::new(Some(east(0.0)), Some(east(SCENE_M)), None)
        .resumed(Some(Stage::Rolling), Some(Stage::Rolling));
    for second in 0..5_i32 {
        let metres = 300.0 + 10.0 * f64::from(second);
        let fix = Fix {
            at_unix_ms: i64::from(second) * 1000,
            place: east(metres),
            speed_kmh: 36.0,
            accuracy_m: 5.0,
        };
        assert_eq!(watch.observe(&fix), None);
    }
}

#[test]
fn distances_are_metres() {
    assert!((distance_m(east(0.0), east(1000.0)) - 1000.0).abs() < 0.01);
    let beijing = Wgs84 { longitude_deg: 116.397, latitude_deg: 39.909 };
    let shanghai = Wgs84 { longitude_deg: 121.474, latitude_deg: 31.230 };
    assert!((distance_m(beijing, shanghai) / 1000.0 - 1067.0).abs() < 5.0);
}

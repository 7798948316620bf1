//! Crews that take time to roll, calls that are called off, units of which nothing is heard: on a small city, against the same days
//! without.

use super::*;
use crate::case::sketch::Sketch;
use crate::case::{CallRow, Case, Generator, SeedSet};

const MINUTE: u64 = 60_000_000_000;

fn twin(test: &str) -> (Twin, Vec<CallRow>) {
    let written = Sketch::new().write(&format!("conduct-{test}"));
    let twin = Twin::new(Case::read(&written.0).unwrap(), false).unwrap();
    let calls = Generator::read(twin.case(), SeedSet::Test).unwrap().calls(0, 6.0);
    (twin, calls)
}

fn mean_s(calls: &[CallRow], answers: &[Answer]) -> f64 {
    let seconds =
        calls.iter().zip(answers).map(|(call, answer)| (answer.arrived_ns - call.arrives_ns) as f64 / 1e9);
    seconds.sum::<f64>() / calls.len() as f64
}

fn set_turnout(calls: &mut [CallRow], turnout_ns: u64) {
    for call in calls {
        call.turnout_ns = turnout_ns;
    }
}

#[test]
fn crews_that_take_time_arrive_later_by_about_that_time() {
    let (twin, mut calls) = twin("turnout");
    let spots = twin.spots(&calls);
    for policy in ["closest", "closest-preempt"] {
        let before = mean_s(&calls, &twin.run(policy, &calls, &spots).unwrap().answers);
        set_turnout(&mut calls, 2 * MINUTE);
        let after = mean_s(&calls, &twin.run(policy, &calls, &spots).unwrap().answers);
        set_turnout(&mut calls, 0);
        // Units on their way home roll at once: less than two minutes on average; busier crews make up for some of it.
        assert!((50.0..190.0).contains(&(after - before)), "{policy}: {before} s, then {after} s");
    }
}

#[test]
fn a_call_that_is_called_off_gets_nobody_and_sets_a_unit_free() {
    let (twin, mut calls) = twin("called-off");
    let spots = twin.spots(&calls);
    let before = twin.run("closest-preempt", &calls, &spots).unwrap();
    for call in calls.iter_mut().step_by(3) {
        call.called_off_ns = Some(1_000_000_000);
    }
    let after = twin.run("closest-preempt", &calls, &spots).unwrap();
    let off = after.answers.iter().filter(|answer| answer.called_off).count();
    assert!(off * 3 > calls.len() * 9 / 10, "{off} of {}", calls.len());
    for (call, answer) in calls.iter().zip(&after.answers) {
        assert_eq!(answer.called_off, answer.arrived_ns == 0, "call {}", call.index);
        assert!(!answer.called_off || call.called_off_ns.is_some());
    }
    let waited = |outcome: &Outcome| outcome.answers.iter().filter(|answer| answer.was_queued).count();
    assert!(waited(&after) < waited(&before), "{} and {}", waited(&after), waited(&before));
}

#[test]
fn a_unit_of_which_nothing_is_heard_is_sent_nowhere() {
    let (twin, calls) = twin("silent");
    let spots = twin.spots(&calls);
    let silence = Silence { unit: 1, begins_ns: 24 * 60 * MINUTE, ends_ns: 72 * 60 * MINUTE };
    let day = Day { calls: &calls, spots: &spots, silences: &[silence] };
    let window = Window { begins_ns: 0, ends_ns: u64::MAX / 4 };
    let (outcome, _) = twin.run_in_detail("closest", day, window).unwrap();
    let sent = |during: bool| {
        let of_unit = outcome.answers.iter().filter(|answer| answer.unit == 2);
        of_unit.filter(|a| (silence.begins_ns..silence.ends_ns).contains(&a.dispatched_ns) == during).count()
    };
    assert_eq!(sent(true), 0);
    assert!(sent(false) > 10, "{}", sent(false));
    assert!(outcome.answers.iter().all(|answer| answer.arrived_ns > 0));
}

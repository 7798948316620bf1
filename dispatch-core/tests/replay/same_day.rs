//! Under its own policy the model gives nearly what was recorded.

use dispatch_core::ids::IncidentId;
use dispatch_core::incident::Level;
use dispatch_core::replay::{Comparison, Plan};
use dispatch_core::{Action, Span};

use crate::town::{Town, Work};

/// Every run of the day differs from the others, and from what was expected of it.
pub(crate) fn different(incident: IncidentId) -> Work {
    let number = i64::try_from(incident.uuid().as_u128() & 0xff).unwrap();
    Work {
        mobilise: 40 + number * 37 % 200,
        pace: 0.9 + f64::from(u8::try_from(number % 7).unwrap()) * 0.1,
        scene: 400 + number * 53 % 900,
    }
}

fn busy_day() -> Town {
    let mut town = Town::new("closest", &[114.00, 114.05, 114.12]);
    for (number, level) in
        [Level::II, Level::III, Level::I, Level::IV].into_iter().cycle().take(24).enumerate()
    {
        let number = i64::try_from(number).unwrap();
        let longitude = 114.0 + f64::from(i32::try_from(number * 17 % 13).unwrap()) * 0.01;
        town.rings(1000 + number * 1500 + number * number % 7 * 90, longitude, level);
    }
    town.live(different);
    town
}

fn close(comparison: &Comparison) {
    for line in &comparison.calls {
        let (then, now) = (line.recorded.as_ref().unwrap(), line.modelled.as_ref().unwrap());
        assert_eq!(then.unit, now.unit, "{line:?}");
        assert_eq!(then.departure_s, now.departure_s, "{line:?}");
        let apart = now.response_s.unwrap() - then.response_s.unwrap();
        assert!(apart.micros().abs() <= Span::seconds(15).micros(), "{line:?}");
    }
}

#[test]
fn a_day_under_its_own_policy_is_nearly_what_was_recorded() {
    let comparison = busy_day().compare(&Plan::default()).unwrap();
    assert_eq!(comparison.calls.len(), 24);
    close(&comparison);
    assert_eq!((comparison.fidelity.n, comparison.fidelity.same_unit), (24, 24));
    assert_eq!(comparison.modelled.departed, None);
    assert_eq!(comparison.recorded.departure, comparison.modelled.departure);
    assert!(
        comparison.recorded.departure.share_in_target.unwrap() < 1.0,
        "some are late, or the day tests nothing"
    );
    // Nothing is planned: the plan changes nothing.
    assert_eq!(comparison.modelled, comparison.planned);
    assert_eq!((comparison.policy.as_str(), comparison.own_policy.as_str()), ("closest", "closest"));
}

#[test]
fn hours_at_which_everybody_is_slow_are_slow_in_the_model_as_well() {
    let mut town = Town::new("closest", &[114.00, 114.05, 114.12]);
    let slow = r#"{"traffic": [{"name": "早高峰", "from": "00:30", "to": "23:00", "main_roads": 0.4}]}"#;
    town.now_asks(Action::AdoptRules { rules: serde_json::from_str(slow).unwrap() });
    for (number, level) in [Level::II, Level::III, Level::I].into_iter().cycle().take(6).enumerate() {
        let number = i64::try_from(number).unwrap();
        let longitude = 114.0 + f64::from(i32::try_from(number * 17 % 13).unwrap()) * 0.01;
        // Hours apart, so that everybody is home again: the town's people drive home as at any hour.
        town.rings(1000 + number * 10_800, longitude, level);
    }
    town.live(different);
    close(&town.compare(&Plan::default()).unwrap());
}

#[test]
fn the_same_day_comes_out_the_same_twice() {
    let town = busy_day();
    assert_eq!(town.compare(&Plan::default()).unwrap(), town.compare(&Plan::default()).unwrap());
}

#[test]
fn who_waits_for_a_unit_waits_in_the_model_as_well() {
    let mut town = Town::new("closest", &[114.00]);
    for seconds in [1000, 1200, 1400] {
        town.rings(seconds, 114.02, Level::II);
    }
    town.live(different);
    let comparison = town.compare(&Plan::default()).unwrap();
    let slowest = comparison.recorded.response.p95_s.unwrap();
    assert!(slowest > Span::seconds(3600), "the third waits for two runs: {slowest:?}");
    close(&comparison);
}

#[test]
fn a_drill_enters_nothing() {
    let with_drill = |test: bool| {
        let mut town = Town::new("closest", &[114.00, 114.05]);
        town.rings(1000, 114.01, Level::II);
        town.rings_as(2000, 114.01, Level::I, test);
        town.live(different);
        let comparison = town.compare(&Plan::default()).unwrap();
        (comparison.calls.len(), comparison.recorded.response.n, comparison.planned.response.n)
    };
    assert_eq!(with_drill(true), (1, 1, 1));
    assert_eq!(with_drill(false), (2, 2, 2));
}

#[test]
fn what_cannot_be_lived_is_refused() {
    let empty = Town::new("closest", &[114.0]).compare(&Plan::default()).unwrap_err().to_string();
    assert!(empty.contains("no incident of 2026-11-21"), "{empty}");
    let plan = Plan { policy: Some("nearest".to_owned()), ..Plan::default() };
    let unknown = busy_day().compare(&plan).unwrap_err().to_string();
    assert!(unknown.contains("there is no policy `nearest`"), "{unknown}");
}

#[test]
fn every_policy_brings_somebody_to_everybody() {
    let town = busy_day();
    for policy in [
        "closest-preempt+dmexclp:0.4",
        "closest-guarded+relief",
        "closest+bounded:120",
        "matching",
        "matching+bounded:60+relief+dmexclp:0.3",
    ] {
        let plan = Plan { policy: Some(policy.to_owned()), ..Plan::default() };
        let planned = town.compare(&plan).unwrap().planned;
        assert_eq!((planned.emergencies, planned.response.n), (24, 24), "{policy}: {planned:?}");
    }
}

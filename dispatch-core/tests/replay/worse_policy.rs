//! Under a worse policy the same day comes out worse.

use dispatch_core::Span;
use dispatch_core::incident::Level;
use dispatch_core::replay::{Comparison, Plan};

use crate::town::{Town, Work};

/// One unit in the middle of things, one far away. Again and again the near one is on its way to somebody who can wait when
/// somebody who cannot calls next to its station.
fn day(policy: &str) -> Town {
    let mut town = Town::new(policy, &[114.00, 114.20]);
    for hour in 1..7 {
        town.rings(hour * 7200, 113.92, Level::IV);
        town.rings(hour * 7200 + 100, 113.998, Level::I);
    }
    town.live(|_| Work { mobilise: 60, pace: 1.2, scene: 600 });
    town
}

fn under(policy: &str) -> Plan {
    Plan { policy: Some(policy.to_owned()), ..Plan::default() }
}

fn urgent(comparison: &Comparison) -> Vec<(Span, Span)> {
    let urgent = comparison.calls.iter().filter(|line| line.level == Level::I);
    let response = urgent.map(|line| {
        let (then, now) = (line.modelled.as_ref().unwrap(), line.planned.as_ref().unwrap());
        (then.response_s.unwrap(), now.response_s.unwrap())
    });
    response.collect()
}

#[test]
fn without_preemption_the_urgent_wait_longer() {
    let comparison = day("closest-preempt").compare(&under("closest")).unwrap();
    assert_eq!(
        comparison.fidelity.same_unit, 12,
        "the model diverts as the day did: {:#?}",
        comparison.calls
    );
    for (then, now) in urgent(&comparison) {
        assert!(now > then + Span::seconds(300), "{then:?} {now:?}");
    }
    let (own, other) = (&comparison.modelled.response, &comparison.planned.response);
    assert!(other.mean_s > own.mean_s, "{own:?} {other:?}");
    let first = comparison.planned.departed.as_ref().unwrap();
    assert!(first.number.starts_with("20261121-"), "{first:?}");
    assert!(
        comparison.sentence_en.starts_with("3-minute departures 100.0 % instead of 100.0 %, response P90 ")
    );
    assert!(comparison.sentence_zh.contains("急救反应时间P90"), "{}", comparison.sentence_zh);
}

#[test]
fn with_preemption_they_wait_less() {
    let comparison = day("closest").compare(&under("closest-preempt")).unwrap();
    for (then, now) in urgent(&comparison) {
        assert!(then > now + Span::seconds(300), "{then:?} {now:?}");
    }
}

//! Broken surroundings and wrong times: each must make the model find a broken law, or the model proves nothing.

use dispatch_core::leadership::Timing;
use stateright::{Checker, HasDiscoveries, Model};

use crate::postgres::Flaws;
use crate::scenarios::{CLOCKS, CRASHES, FAIL_OVERS, GRANTS, NOTHING, TIMING};
use crate::world::{Budget, Scenario};

/// Runs until a law is found broken, and says which and how.
fn caught(scenario: Scenario) -> &'static str {
    let scenario = Scenario { must_see: &[], ..scenario };
    let found = scenario.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let discoveries = found.discoveries();
    let (law, path) = discoveries.iter().next().expect("the mutant went unnoticed");
    eprintln!("{}: {law}, after {:?}", scenario.name, path.clone().into_actions());
    path.last_state().broken.unwrap_or(law)
}

#[test]
fn without_the_fence() {
    let flaws = Flaws { no_fence: true, ..Flaws::default() };
    caught(Scenario { name: "no fence", flaws, ..CRASHES });
}

#[test]
fn a_lease_that_is_given_without_comparison() {
    let flaws = Flaws { no_comparison: true, ..Flaws::default() };
    let law = caught(Scenario { name: "no comparison", flaws, ..GRANTS });
    assert_eq!(law, "two never lead at once");
}

#[test]
fn a_commit_that_is_answered_before_the_standby_has_it() {
    let flaws = Flaws { answers_early: true, ..Flaws::default() };
    let law = caught(Scenario { name: "answers early", flaws, ..FAIL_OVERS });
    assert_eq!(law, "an acknowledged event has two copies");
}

#[test]
fn a_grant_without_its_time_limit() {
    let timing = Timing { grant_us: 1_000, ..TIMING };
    let law = caught(Scenario { name: "a grant for ever", timing, ..GRANTS });
    assert_eq!(law, "two never lead at once");
}

#[test]
fn taking_over_soon_after_a_grant() {
    let timing = Timing { promise_us: 0, ..TIMING };
    let law = caught(Scenario { name: "no promise", timing, ..GRANTS });
    assert_eq!(law, "two never lead at once");
}

#[test]
fn clocks_that_run_more_unevenly_than_the_margin() {
    let budget = Budget { slips: 3, ..NOTHING };
    let law = caught(Scenario { name: "uneven clocks", budget, slip_apart: 0, ..CLOCKS });
    assert_eq!(law, "two never lead at once");
}

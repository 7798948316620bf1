//! The runs of the model: each small enough to be searched to its end.

use dispatch_core::leadership::Timing;
use stateright::{Checker, Model};

use crate::postgres::Flaws;
use crate::world::{Budget, PeerCuts, Scenario};

/// Times in moments of the model: the production's relations between them, rounded so that a limit stays a limit.
pub(crate) const TIMING: Timing = Timing {
    lease_us: 3,
    lease_margin_us: 1,
    renew_us: 1,
    grant_us: 2,
    promise_us: 3,
    start_us: 3,
    slow_us: 1,
    away_us: 1,
    ask_us_max: 1,
    say_us: 1,
    island_us: 1,
    hand_over_us_max: 2,
    batch_events_max: 2,
};

pub(crate) const NOTHING: Budget = Budget {
    writes: 0,
    crashes: 0,
    delays: 0,
    late_answers: 0,
    repeats: 0,
    lost_commits: 0,
    fail_overs: 0,
    hand_overs: 0,
    promotions: 0,
    slips: 0,
};

pub(crate) const PAIR: Scenario = Scenario {
    name: "",
    timing: TIMING,
    has_peer: true,
    budget: NOTHING,
    term_max: 2,
    flaws: Flaws { no_fence: false, answers_early: false, no_comparison: false },
    by_cables: true,
    peer_cuts: PeerCuts::BothWays,
    slip_apart: 3,
    must_see: &[],
};

/// Every question and every message by itself, in any order: small.
pub(crate) const ONE_BY_ONE: Scenario = Scenario { by_cables: false, ..PAIR };

/// PostgreSQL away, grants, the tail, and the one who leads next.
pub(crate) const GRANTS: Scenario = Scenario {
    name: "grants",
    budget: Budget { writes: 1, ..NOTHING },
    peer_cuts: PeerCuts::OneWayToo,
    must_see: &[
        "NORMAL",
        "JOURNAL",
        "ISLAND",
        "acknowledged by the follower's copy",
        "the other node takes over",
        "a tail is appended by whoever leads next",
        "everything ends in PostgreSQL",
    ],
    ..PAIR
};

/// Processes end and start again.
pub(crate) const CRASHES: Scenario = Scenario {
    name: "crashes",
    budget: Budget { writes: 1, crashes: 1, ..NOTHING },
    must_see: &[
        "the other node takes over",
        "a tail is appended by whoever leads next",
        "everything ends in PostgreSQL",
    ],
    ..PAIR
};

/// Commits that only a restarted primary has, and the standby that takes its place.
pub(crate) const FAIL_OVERS: Scenario = Scenario {
    name: "fail-overs",
    budget: Budget { writes: 1, lost_commits: 1, fail_overs: 1, ..NOTHING },
    peer_cuts: PeerCuts::Never,
    must_see: &["the other node takes over", "everything ends in PostgreSQL"],
    ..PAIR
};

/// Clocks that stand still now and then.
pub(crate) const CLOCKS: Scenario = Scenario {
    name: "clocks",
    budget: Budget { slips: 2, ..NOTHING },
    must_see: &["the other node takes over"],
    ..PAIR
};

/// A person hands over, and it goes wrong on the way.
pub(crate) const HAND_OVERS: Scenario = Scenario {
    name: "hand-overs",
    budget: Budget { writes: 1, hand_overs: 1, ..NOTHING },
    must_see: &["HAND-OVER", "the other node takes over", "everything ends in PostgreSQL"],
    ..PAIR
};

/// Messages that are late, and come twice.
pub(crate) const LATE: Scenario = Scenario {
    name: "late messages",
    budget: Budget { delays: 1, repeats: 1, ..NOTHING },
    must_see: &["the other node takes over"],
    ..PAIR
};

/// Two people promote a node, and the other one lived.
pub(crate) const PROMOTIONS: Scenario = Scenario {
    name: "promotions",
    budget: Budget { writes: 1, promotions: 1, ..NOTHING },
    must_see: &["ISLAND", "the other node takes over", "everything ends in PostgreSQL"],
    ..PAIR
};

/// One node without a follower.
pub(crate) const ALONE: Scenario = Scenario {
    name: "alone",
    has_peer: false,
    budget: Budget { writes: 2, crashes: 1, lost_commits: 1, fail_overs: 1, ..NOTHING },
    term_max: 4,
    must_see: &["NORMAL", "JOURNAL", "everything ends in PostgreSQL"],
    ..PAIR
};

/// A run that meets more states, the same ones counted again, has grown too large to be searched to its end.
const STATES_MAX: usize = 40_000_000;

fn check(scenario: Scenario) {
    let checker = scenario.checker().threads(2).target_state_count(STATES_MAX).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    eprintln!("{}: {states} states, depth {depth}", scenario.name);
    assert!(checker.state_count() < STATES_MAX, "{} is not searched to its end", scenario.name);
    checker.assert_properties();
}

#[test]
fn grants() {
    check(GRANTS);
}

#[test]
fn crashes() {
    check(CRASHES);
}

#[test]
fn fail_overs() {
    check(FAIL_OVERS);
}

#[test]
fn clocks() {
    check(CLOCKS);
}

#[test]
fn hand_overs() {
    check(HAND_OVERS);
}

#[test]
fn late_messages() {
    check(LATE);
}

#[test]
fn promotions() {
    check(PROMOTIONS);
}

#[test]
fn alone() {
    check(ALONE);
}

#[test]
fn one_by_one() {
    check(Scenario { name: "one by one", ..ONE_BY_ONE });
}

//! Fixed seeds, new ones, those that failed once, and a broken PostgreSQL that must be noticed.

use super::*;

const STEPS: u64 = 10_000;

fn hold(seed: u64, mode: Mode) -> Tally {
    run(seed, STEPS, mode).unwrap_or_else(|failed| panic!("{failed}"))
}

#[test]
fn the_laws_hold_under_fixed_seeds() {
    let mut sum = Tally::default();
    for seed in 1..=8 {
        let tally = hold(seed, Mode::Safety);
        eprintln!("seed {seed}: {tally:?}");
        sum.leaderships += tally.leaderships;
        sum.by_follower += tally.by_follower;
        sum.quarantined += tally.quarantined;
        sum.brought_in += tally.brought_in;
        sum.hand_overs += tally.hand_overs;
        sum.orders += tally.orders;
        sum.acknowledged += tally.acknowledged;
    }
    // A run in which nothing goes wrong proves nothing.
    assert!(sum.leaderships > 40 && sum.by_follower > 20 && sum.hand_overs > 5, "{sum:?}");
    assert!(sum.brought_in > 5, "{sum:?}");
    assert!(sum.acknowledged > 1_000 && sum.orders > 50, "{sum:?}");
}

#[test]
fn what_is_whole_comes_to_rest() {
    for seed in 1..=8 {
        let tally = hold(seed, Mode::Liveness);
        assert!(tally.acknowledged > 50, "seed {seed}: {tally:?}");
    }
}

#[test]
fn the_laws_hold_under_fresh_seeds() {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    for seed in (0..3).map(|n| since.as_secs() * 10 + n) {
        hold(seed, Mode::Safety);
        hold(seed, Mode::Liveness);
        eprintln!("fresh seed {seed} passed");
    }
}

#[test]
fn seeds_that_failed_once_hold() {
    for line in SEEDS_THAT_FAILED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mode = if words[1] == "liveness" { Mode::Liveness } else { Mode::Safety };
        let steps = words[2].parse().unwrap();
        run(words[0].parse().unwrap(), steps, mode).unwrap_or_else(|failed| panic!("{failed}"));
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(run(7, 3_000, Mode::Safety), run(7, 3_000, Mode::Safety));
}

#[test]
fn a_desk_that_forgets_what_was_aside_too_early_is_noticed() {
    let found = (1..=40).any(|seed| {
        let mut world = World::new(seed, Mode::Safety, laws::all());
        world.hasty = true;
        run_in(world, seed, STEPS).is_err_and(|failed| failed.broken.law == "aside_comes_in_once")
    });
    assert!(found, "nobody noticed that what was brought in is nowhere");
}

#[test]
fn a_postgresql_without_a_fence_is_noticed() {
    let found = (1..=20).any(|seed| {
        let mut world = World::new(seed, Mode::Safety, laws::all());
        world.postgres.no_fence = true;
        run_in(world, seed, STEPS).is_err()
    });
    assert!(found, "nobody noticed that PostgreSQL has no fence");
}

//! The rollout against one that looks at every unit by itself, against what must hold in any city, and on towns small enough to see
//! through.

mod living;
mod one_by_one;
mod town;
mod working;

use proptest::prelude::*;

use super::*;
use crate::incident::Level;
use crate::policy::penalty::penalty;
use town::{anything, line, line_situation};

/// A city in which two stations gain the same but for the last digit of their sums.
#[test]
fn a_seed_that_once_failed() {
    same_course(11_237_800_343_246_206_900).unwrap();
}

fn same_course(seed: u64) -> Result<(), TestCaseError> {
    let (city, situation) = anything(seed);
    prop_assert!(situation.is_sound(&city));
    let mut course = Course::new(&city, &situation);
    let mut future = Future::default();
    for number in 0..3 {
        future.draw(&city, &situation, number);
        for contender in &situation.contenders {
            let (tally, plain) =
                (course.live(&future, contender), one_by_one::live(&city, &situation, &future, contender));
            prop_assert_eq!(tally.others_count, plain.others_count, "everybody is helped once");
            prop_assert_eq!(tally.others_late, plain.others_late);
            prop_assert!((tally.penalty() - plain.penalty()).abs() <= 1e-9 * plain.penalty());
            prop_assert!((tally.others_wait_ms - plain.others_wait_ms).abs() <= 1e-3);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Units that are only counted, and cover that is kept up change by change, come to the same as looking at all of them each time.
    #[test]
    fn a_course_is_that_of_units_looked_at_one_by_one(seed in any::<u64>()) {
        same_course(seed)?;
    }

    #[test]
    fn the_same_inputs_give_the_same_answer(seed in any::<u64>()) {
        let (city, mut situation) = anything(seed);
        let first = rollout(&city, &situation);
        prop_assert_eq!(&first, &rollout(&city.clone(), &situation.clone()));
        situation.seed ^= 1;
        let other = rollout(&city, &situation);
        prop_assert_eq!(first.map(|it| it.outlooks.len()), other.map(|it| it.outlooks.len()));
    }

    /// Whoever is not among the contenders never appears, and everybody who is does, in the same order.
    #[test]
    fn only_contenders_appear(seed in any::<u64>()) {
        let (city, situation) = anything(seed);
        if let Some(opinion) = rollout(&city, &situation) {
            let named: Vec<_> = opinion.outlooks.iter().map(|outlook| outlook.unit).collect();
            let contenders: Vec<_> = situation.contenders.iter().map(|contender| contender.unit).collect();
            prop_assert_eq!(&named, &contenders);
            prop_assert!(opinion.unit().is_some_and(|unit| contenders.contains(&unit)));
            prop_assert!(opinion.outlooks.iter().all(|outlook| outlook.half_width >= 0.0));
        }
    }

    /// Where nobody else calls or waits, all that counts is who is there first.
    #[test]
    fn without_future_demand_the_first_arrival_is_best(seed in any::<u64>()) {
        let (city, mut situation) = anything(seed);
        let quiet = CityPlan {
            zones: city.plan.zones.iter().map(|zone| ZonePlan { calls_per_day: 0.0, ..*zone }).collect(),
            ..city.plan.clone()
        };
        let city = City::new(quiet, &town::table(seed, &city.plan)).unwrap();
        situation.waiting.clear();
        situation.contenders.retain(|contender| matches!(contender.holds, Holds::Nothing(_)));
        let Some(opinion) = rollout(&city, &situation) else { return Ok(()) };
        let soonest = situation.contenders.iter().map(|contender| contender.arrival).min().unwrap();
        let least = opinion.outlooks.iter().min_by(|a, b| a.penalty.total_cmp(&b.penalty)).unwrap();
        prop_assert_eq!(least.arrival_s, soonest);
        let Patient { level, waited, .. } = situation.patient;
        let own = |arrival: Span| penalty(level, waited + arrival, city.plan.goals[level as usize]);
        let first = situation.contenders[0].arrival;
        for outlook in &opinion.outlooks {
            prop_assert!((outlook.gain - (own(first) - own(outlook.arrival_s))).abs() < 1e-6);
            prop_assert!(outlook.half_width < 1e-6, "nothing hangs on chance");
        }
    }
}

/// The nearer unit is the only one near the centre, where most calls come from; the farther one is one of two.
#[test]
fn whoever_leaves_the_centre_bare_is_not_sent() {
    let (city, situation) = line_situation(Level::III, [240, 300]);
    let opinion = rollout(&city, &situation).unwrap();
    let far = situation.contenders[1].unit;
    assert_eq!(opinion.verdict, Verdict::Prefers { unit: far }, "{opinion:?}");
    let (near, far) = (&opinion.outlooks[0], &opinion.outlooks[1]);
    assert!(far.gain > far.half_width && far.half_width > 0.0, "{far:?}");
    assert!(far.others_wait_s < near.others_wait_s && far.others_late < near.others_late, "{opinion:?}");
    // Five minutes more for the same gain are too much.
    let (city, situation) = line_situation(Level::III, [240, 3_000]);
    assert_eq!(rollout(&city, &situation).unwrap().verdict, Verdict::Agrees);
}

#[test]
fn two_of_the_same_station_differ_in_nothing() {
    let (city, mut situation) = line_situation(Level::III, [300, 300]);
    situation.contenders[0].holds = Holds::Nothing(2);
    let opinion = rollout(&city, &situation).unwrap();
    assert_eq!(opinion.verdict, Verdict::NoClearDifference);
    assert_eq!((opinion.outlooks[1].gain, opinion.outlooks[1].half_width), (0.0, 0.0));
}

/// What is said to hold with 95 % holds about so often: the truth is what very many futures say.
#[test]
fn the_interval_holds_the_truth_as_often_as_it_says() {
    let (city, mut situation) = line_situation(Level::III, [240, 300]);
    situation.scenarios = 20_000;
    let truth = rollout(&city, &situation).unwrap().outlooks[1].gain;
    situation.scenarios = 100;
    let holds = (0..400).filter(|seed| {
        situation.seed = 1_000 + seed;
        let said = rollout(&city, &situation).unwrap().outlooks[1];
        (said.gain - truth).abs() <= said.half_width
    });
    let holds = holds.count();
    assert!((366..=394).contains(&holds), "{holds} of 400");
}

#[test]
fn as_many_calls_come_as_the_demand_says() {
    let (city, situation) = line_situation(Level::III, [240, 300]);
    let mut future = Future::default();
    let mut counts = (0, 0, 0);
    for number in 0..2_000 {
        future.draw(&city, &situation, number);
        counts.0 += future.calls.len();
        counts.1 += future.calls.iter().filter(|call| call.zone == town::CENTRE).count();
        counts.2 += future.calls.iter().filter(|call| call.level == 0).count();
        assert!(future.calls.is_sorted_by_key(|call| call.rings_ms));
        assert!(future.calls.iter().all(|call| call.rings_ms < milliseconds_of(situation.horizon)));
    }
    let expected = city.calls_per_day() / 16.0 * 2_000.0;
    let near = |count: usize, expected: f64| (count as f64 - expected).abs() < 5.0 * expected.sqrt();
    assert!(near(counts.0, expected), "{counts:?}, {expected}");
    assert!(near(counts.1, expected * 0.8) && near(counts.2, expected * 0.25), "{counts:?}, {expected}");
}

#[test]
fn a_large_city_is_looked_at_more_coarsely_and_says_so() {
    let (city, mut situation) = line_situation(Level::III, [240, 300]);
    assert_eq!(rollout(&city, &situation).unwrap().scenarios, 200);
    let mut plan = city.plan.clone();
    plan.zones.iter_mut().for_each(|zone| zone.calls_per_day *= 3_000.0);
    let large = City::new(plan.clone(), &line(&plan)).unwrap();
    let scenarios = affordable(&large, &situation);
    assert!((SCENARIOS_MIN..200).contains(&scenarios), "{scenarios}");
    situation.contenders.truncate(1);
    assert_eq!(rollout(&city, &situation), None, "there is nothing to choose");
    plan.zones.clear();
    assert_eq!(City::new(plan.clone(), &line(&plan)), Err(BadCity::Empty));
}

fn milliseconds_of(span: Span) -> u32 {
    u32::try_from(span.micros() / 1_000).unwrap()
}

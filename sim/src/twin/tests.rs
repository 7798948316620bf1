//! The reference case: call by call the same unit, to the millisecond the same time. The case lies in `../shared/data` from the
//! project's root; without it these tests say so and pass.

use std::path::PathBuf;

use super::comparison::{Extent, compare};
use super::golden::agreement;
use super::*;
use crate::case::{Case, Generator, SeedSet, read_calls};

/// The policies and the reference's own answers under each.
const GOLDEN: [(&str, &str); 7] = [
    ("closest", "train_rep1_nonenoredisp.csv.gz"),
    ("closest-preempt", "train_rep1_none.csv.gz"),
    ("dmexclp:0.4", "train_rep1_dmexclp0.4noredisp.csv.gz"),
    ("closest-preempt+dmexclp:0.3", "train_rep1_dmexclp0.3.csv.gz"),
    ("closest-preempt+dmexclp:0.4", "train_rep1_dmexclp0.4.csv.gz"),
    ("closest-preempt+dmexclp:0.52", "train_rep1_dmexclp0.52.csv.gz"),
    ("closest-preempt+dmexclp:0.7", "train_rep1_dmexclp0.7.csv.gz"),
];

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/jemss-auckland");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("left out: the reference case is not in {}", path.display());
    None
}

#[test]
fn the_same_seeds_give_the_same_days_and_a_policy_differs_from_itself_by_nothing() {
    let Some(folder) = folder() else { return };
    let twin = Twin::new(Case::read(&folder).unwrap(), false).unwrap();
    let generator = Generator::read(twin.case(), SeedSet::Train).unwrap();
    let policies = ["closest", "closest", "closest-preempt"].map(str::to_owned);
    let extent = Extent { replications: 3, days: 0.5 };
    let once = compare(&twin, &generator, &policies, extent).unwrap();
    assert_eq!(once, compare(&twin, &generator, &policies, extent).unwrap());
    assert!(once.policies[1].difference.iter().all(|estimate| estimate.mean == 0.0));
    assert!(once.policies[2].difference.iter().any(|estimate| estimate.mean != 0.0));
    // Two draws of the same distribution: other seeds, other days.
    let test = Generator::read(twin.case(), SeedSet::Test).unwrap();
    assert_ne!(test.calls(0, 0.1), generator.calls(0, 0.1));
    let calls = generator.calls(0, 100.0).len();
    assert!((27_300..28_700).contains(&calls), "280 a day: {calls}");
}

#[test]
fn every_call_of_the_reference_gets_the_same_unit_at_the_same_time() {
    let Some(folder) = folder() else { return };
    let twin = Twin::new(Case::read(&folder).unwrap(), true).unwrap();
    for (policy, file) in GOLDEN {
        let path = folder.join("golden").join(file);
        let calls = read_calls(&path, twin.case().hospitals.len()).unwrap();
        let spots = twin.spots(&calls);
        let outcome = twin.run(policy, &calls, &spots).unwrap();
        let agreement = agreement(&path, &calls, &spots, &outcome.answers).unwrap();
        assert_eq!(agreement.differing, [""; 0], "{policy}: {} of {}", agreement.differ, calls.len());
        assert!(calls.len() > 4000, "the whole file is compared");
    }
}

//! The reference case: call by call the same unit, to the millisecond the same time. The case lies in `../shared/data` from the
//! project's root; without it these tests say so and pass.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;
use crate::case::{CallRow, Case, Column, Tables, read_calls};

/// The reference's own answers under a policy.
struct Golden {
    policy: &'static str,
    file: &'static str,
}

const GOLDEN: [Golden; 7] = [
    Golden { policy: "closest", file: "train_rep1_nonenoredisp.csv.gz" },
    Golden { policy: "closest-preempt", file: "train_rep1_none.csv.gz" },
    Golden { policy: "dmexclp:0.4", file: "train_rep1_dmexclp0.4noredisp.csv.gz" },
    Golden { policy: "closest-preempt+dmexclp:0.3", file: "train_rep1_dmexclp0.3.csv.gz" },
    Golden { policy: "closest-preempt+dmexclp:0.4", file: "train_rep1_dmexclp0.4.csv.gz" },
    Golden { policy: "closest-preempt+dmexclp:0.52", file: "train_rep1_dmexclp0.52.csv.gz" },
    Golden { policy: "closest-preempt+dmexclp:0.7", file: "train_rep1_dmexclp0.7.csv.gz" },
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
fn every_call_of_the_reference_gets_the_same_unit_at_the_same_time() {
    let Some(folder) = folder() else { return };
    let twin = Twin::new(Case::read(&folder).unwrap(), true).unwrap();
    for golden in GOLDEN {
        let path = folder.join("golden").join(golden.file);
        let calls = read_calls(&path, twin.case().hospitals.len()).unwrap();
        let spots = twin.spots(&calls);
        let outcome = twin.run(golden.policy, &calls, &spots).unwrap();
        let differing = differing(&path, &calls, &spots, &outcome.answers);
        assert_eq!(differing, "", "{}: {} calls", golden.policy, calls.len());
    }
}

/// The first calls that came out differently, one a line.
fn differing(path: &std::path::Path, calls: &[CallRow], spots: &[Spot], answers: &[Answer]) -> String {
    let bytes = crate::case::unpacked(path).unwrap();
    let tables = Tables::read("golden", &[b"calls\n".as_slice(), &bytes].concat()).unwrap();
    let table = tables.table("calls").unwrap();
    let column = |name: &str| -> Column { table.column(name).unwrap() };
    let (unit, response) = (column("chosenAmbIndex"), column("responseDuration_s"));
    let (queued, bumps, node) = (column("wasQueued"), column("numBumps"), column("nearestNodeIndex"));
    assert_eq!(table.len(), answers.len());
    let mut list = String::new();
    for (at, row) in table.rows().enumerate() {
        let (call, answer) = (&calls[at], &answers[at]);
        let response_s = answer.arrived_ns as f64 / 1e9 - call.arrives_ns as f64 / 1e9;
        let same = f64::from(answer.unit) == row.number(unit).unwrap()
            && (response_s - row.number(response).unwrap()).abs() < 0.001
            && row.number(queued).unwrap() == f64::from(u8::from(answer.was_queued))
            && row.number(bumps).unwrap() == f64::from(answer.bumps)
            && row.number(node).unwrap() == f64::from(spots[at].node + 1);
        if !same && list.lines().count() < 5 {
            let expected = [unit, response, queued, bumps, node].map(|column| row.text(column));
            let _ = writeln!(list, "call {}: {answer:?}, {response_s} s, expected {expected:?}", call.index);
        }
    }
    list
}

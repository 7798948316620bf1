//! A comparison with the answers of the reference simulator: the same unit for every call, and the same times.

use std::path::Path;

use super::Answer;
use crate::case::{CallRow, CaseError, Spot, Tables, unpacked};

/// How far answers agree with the reference's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Calls compared.
    pub calls: usize,
    /// The first that differ, at most five, in words.
    pub differing: Vec<String>,
    /// How many differ.
    pub differ: usize,
}

/// Compares answers with a file of the reference's: its columns `chosenAmbIndex`, `responseDuration_s`, `wasQueued`, `numBumps` and
/// `nearestNodeIndex`.
pub fn agreement(
    path: &Path,
    calls: &[CallRow],
    spots: &[Spot],
    answers: &[Answer],
) -> Result<Agreement, CaseError> {
    let shown = path.display().to_string();
    let tables = Tables::read_one(&shown, "calls", &unpacked(path)?)?;
    let table = tables.table("calls")?;
    let names = ["chosenAmbIndex", "responseDuration_s", "wasQueued", "numBumps", "nearestNodeIndex"];
    let columns = names.map(|name| table.column(name));
    let mut agreement = Agreement { calls: answers.len(), ..Agreement::default() };
    if table.len() != answers.len() {
        return Err(CaseError::new(shown, format!("has {} calls, not {}", table.len(), answers.len())));
    }
    for (row, ((call, answer), spot)) in table.rows().zip(calls.iter().zip(answers).zip(spots)) {
        let response_s = answer.arrived_ns.saturating_sub(call.arrives_ns) as f64 / 1e9;
        let ours = [
            f64::from(answer.unit),
            response_s,
            f64::from(u8::from(answer.was_queued)),
            f64::from(answer.bumps),
            f64::from(spot.node + 1),
        ];
        let mut same = true;
        for (column, ours) in columns.iter().zip(ours) {
            let column = column.as_ref().map_err(Clone::clone)?;
            same &= (row.number(*column)? - ours).abs() < TOLERANCE;
        }
        if !same {
            agreement.differ += 1;
            if agreement.differing.len() < SHOWN_MAX {
                let theirs: Vec<&str> = columns.iter().flatten().map(|column| row.text(*column)).collect();
                agreement.differing.push(format!("call {}: {ours:?}, reference {theirs:?}", call.index));
            }
        }
    }
    Ok(agreement)
}

/// Seconds; the other columns are whole numbers.
const TOLERANCE: f64 = 0.001;
const SHOWN_MAX: usize = 5;

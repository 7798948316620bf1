//! The answers as a table: one row a call, in the columns and units of the reference's own files.

use std::io::{self, Write};

use super::Answer;
use crate::case::{CallRow, DAY_NS};

/// Writes one row a call.
pub fn write_answers(to: &mut impl Write, calls: &[CallRow], answers: &[Answer]) -> io::Result<()> {
    writeln!(to, "{COLUMNS}")?;
    for (call, answer) in calls.iter().zip(answers) {
        let response_s = answer.arrived_ns.saturating_sub(call.arrives_ns) as f64 / 1e9;
        writeln!(
            to,
            "{},{},{:.12},{:.12},{response_s:.6},{},{}",
            call.index,
            answer.unit,
            answer.dispatched_ns as f64 / DAY_NS,
            answer.arrived_ns as f64 / DAY_NS,
            u8::from(answer.was_queued),
            answer.bumps,
        )?;
    }
    Ok(())
}

const COLUMNS: &str =
    "index,chosenAmbIndex,dispatchTime_d,ambArrivalTime_d,responseDuration_s,wasQueued,numBumps";

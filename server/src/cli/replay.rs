//! `replay`: the same journal gives the same record, and each recorded proposal comes out of its recorded inputs again.

use std::process::ExitCode;

use dispatch_core::assignment::propose;
use dispatch_core::journal::v1;
use dispatch_core::{DispatchCentre, Fact};

use super::say;
use crate::journal::{JournalReader, hex, is_written_alike};

pub(super) fn replay(reader: &JournalReader) -> anyhow::Result<ExitCode> {
    let (mut once, mut again) = (DispatchCentre::new(), DispatchCentre::new());
    let (mut proposals, mut differing, mut rewritten) = (0_u64, Vec::new(), 0_u64);
    let head = reader.verify(|row, journalled| {
        once.apply(&journalled.event);
        if !is_written_alike(row, &journalled.event) {
            rewritten += 1;
        }
        match v1::read(&v1::write(&journalled.event)) {
            Ok(event) => again.apply(&event),
            Err(_) => rewritten += 1,
        }
        if let Fact::ProposalMade { proposal } = &journalled.event.fact {
            proposals += 1;
            if propose(proposal.id, proposal.inputs.clone()) != **proposal {
                differing.push(row.seq);
            }
        }
    })?;
    let (first, second) = (once.record().digest(), again.record().digest());
    let same_record = first == second;
    say(&format!("events      {} (head {})", head.seq, hex(&head.hash)))?;
    say(&format!("record      {}", hex(&first)))?;
    say(&format!(
        "            {}",
        if same_record { "the same twice" } else { "DIFFERENT the second time" }
    ))?;
    say(&format!("written     {rewritten} events would be written otherwise by this program"))?;
    say(&format!(
        "proposals   {proposals}, {} come out differently {:?}",
        differing.len(),
        shortened(&differing)
    ))?;
    let good = same_record && differing.is_empty();
    say(if good { "verdict     SAME" } else { "verdict     DIFFERENT" })?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shortened(seqs: &[u64]) -> &[u64] {
    &seqs[..seqs.len().min(SHOWN_MAX)]
}

/// Events named in the verdict.
const SHOWN_MAX: usize = 20;

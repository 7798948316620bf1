//! Erasing personal data: whose data belong to an incident is read from the journal; the erasure is an event like any other, and the
//! keys go in the transaction that stores it.

use std::path::Path;
use std::sync::Arc;

use dispatch_core::actor::Actor;
use dispatch_core::erasure::{Sought, Subject, Trace};
use dispatch_core::{Action, Command, Refusal, UtcTime};
use thiserror::Error;

use super::writer::Decided;
use super::{Journal, JournalError, JournalReader, Opened, body};
use crate::centre::Journalled;

/// Why nothing was erased.
#[derive(Debug, Error)]
pub enum EraseError {
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such incident or accident.
    #[error("the journal knows no such incident or accident")]
    Unknown,
}

/// Whose personal data belong to an incident or an accident; empty when there is none of that number. Reads the whole journal.
pub fn subjects_of(reader: &JournalReader, sought: Sought) -> Result<Vec<Subject>, JournalError> {
    let words = Trace::FACTS.map(|fact| format!(r#""fact":"{fact}""#));
    let (mut trace, mut after) = (Trace::new(sought), 0);
    loop {
        let rows = reader.rows(after, ROWS_MAX)?;
        for row in &rows {
            if words.iter().any(|word| row.body.contains(word)) {
                trace.take(&body::decode_sealed(row)?.event);
            }
        }
        match rows.last() {
            Some(last) if rows.len() == ROWS_MAX => after = last.seq,
            _ => return Ok(trace.subjects()),
        }
    }
}

/// Erases while no centre runs on the journal in `folder`. Comes back with the number of the erasure's event and of its subjects.
pub fn erase(
    folder: &Path,
    sought: Sought,
    by: Actor,
    reason: String,
    now: UtcTime,
) -> Result<(u64, usize), EraseError> {
    let Opened { mut journal, mut centre, newest_at, .. } = Journal::open(folder, |_| {})?;
    let subjects = subjects_of(&JournalReader::open(journal.path())?, sought)?;
    if subjects.is_empty() {
        return Err(EraseError::Unknown);
    }
    let (count, epoch) = (subjects.len(), journal.epoch());
    let command = Command { by, action: Action::ErasePersonalData { subjects, reason } };
    let events = centre.execute(&command, newest_at.map_or(now, |newest| newest.max(now)))?;
    let seqs = journal.head().seq + 1..;
    let events = seqs.zip(events).map(|(seq, event)| Arc::new(Journalled { seq, epoch, event })).collect();
    journal.append(&[Decided { events, keyed: None, reply: None }])?;
    let seq = journal.head().seq;
    journal.close()?;
    Ok((seq, count))
}

const ROWS_MAX: usize = 2000;

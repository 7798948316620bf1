//! The event as it is stored: the record format's bytes, which are UTF-8 text.

use dispatch_core::Event;
use dispatch_core::journal::v1;

use super::chain::Row;
use super::error::JournalError;
use crate::centre::Journalled;

/// The text that is stored and hashed.
pub(super) fn encode(event: &Event) -> String {
    String::from_utf8(v1::write(event)).expect("invariant: JSON is UTF-8")
}

/// The event of a stored row. The row's own time must be the event's.
pub fn decode(row: &Row) -> Result<Journalled, JournalError> {
    let damaged = |problem: String| JournalError::Damaged { seq: row.seq, problem };
    let event = v1::read(row.body.as_bytes()).map_err(|error| damaged(error.to_string()))?;
    if event.at.to_string() != row.at {
        return Err(damaged(format!("its row says {} and it says {}", row.at, event.at)));
    }
    Ok(Journalled { seq: row.seq, epoch: row.epoch, event })
}

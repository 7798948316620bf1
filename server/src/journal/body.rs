//! The event as it is stored: the record format's bytes, which are UTF-8 text.

use dispatch_core::erasure::Subject;
use dispatch_core::journal::v2::{self, Opened, Sealed};
use dispatch_core::{Event, Fact};
use serde::Deserialize;

use super::chain::Row;
use super::error::JournalError;
use crate::centre::Journalled;

/// The text that is stored and hashed.
pub(super) fn encode(
    event: &Event,
    seal: impl FnOnce(Subject, &[u8]) -> Result<Sealed, JournalError>,
) -> Result<String, JournalError> {
    let bytes = v2::write(event, seal)?;
    Ok(String::from_utf8(bytes).expect("invariant: JSON is UTF-8"))
}

/// The event of a stored row. The row's own time must be the event's.
pub(super) fn decode(
    row: &Row,
    open: impl FnOnce(Subject, &Sealed) -> Opened,
) -> Result<Journalled, JournalError> {
    let damaged = |problem: String| JournalError::Damaged { seq: row.seq, problem };
    let event = dispatch_core::journal::read(row.body.as_bytes(), open);
    let event = event.map_err(|error| damaged(error.to_string()))?;
    if event.at.to_string() != row.at {
        return Err(damaged(format!("its row says {} and it says {}", row.at, event.at)));
    }
    Ok(Journalled { seq: row.seq, epoch: row.epoch, event })
}

/// The event of a stored row with its personal texts left sealed: what is counted and followed needs none.
pub(super) fn decode_sealed(row: &Row) -> Result<Journalled, JournalError> {
    decode(row, |_, _| Opened::Erased)
}

/// Whether this program would store an event as the row has it, sealed with what was sealed then.
pub fn is_written_alike(row: &Row, event: &Event) -> bool {
    #[derive(Deserialize)]
    struct Part {
        v: u32,
        sealed: Option<Sealed>,
    }
    let Ok(Part { v, sealed }) = serde_json::from_str(&row.body) else { return false };
    if v < v2::VERSION {
        return dispatch_core::journal::v1::write(event) == row.body.as_bytes();
    }
    let written = v2::write(event, |_, _| sealed.ok_or(()));
    written.is_ok_and(|bytes| bytes == row.body.as_bytes())
}

/// The name of the key under which a stored event's personal texts are sealed, if any are.
pub(crate) fn key_of(row: &Row) -> Option<String> {
    #[derive(Deserialize)]
    struct Part {
        sealed: Option<Sealed>,
    }
    // Most events have none, and need not be parsed to know it.
    if !row.body.contains(r#""sealed":{"#) {
        return None;
    }
    serde_json::from_str::<Part>(&row.body).ok()?.sealed.map(|sealed| sealed.key)
}

/// Whose personal data a stored event erases; empty for nearly every event.
pub(crate) fn erased_by(row: &Row) -> Vec<Subject> {
    if !row.body.contains(r#""fact":"personal_data_erased""#) {
        return Vec::new();
    }
    let event = dispatch_core::journal::read(row.body.as_bytes(), |_, _| Opened::Erased);
    match event.map(|event| event.fact) {
        Ok(Fact::PersonalDataErased { subjects, .. }) => subjects,
        _ => Vec::new(),
    }
}

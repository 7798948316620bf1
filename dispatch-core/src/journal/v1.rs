//! Format 1: one JSON object, `{"v":1,"at":…,"by":…,"fact":…}`, with everything in plain words. Journals of before are read in it, and
//! exports for those who may see everything are written in it.

use serde::Serialize;

use super::{Header, ReadError};
use crate::event::Event;

/// The number of this format.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    #[serde(flatten)]
    event: &'a Event,
}

/// The bytes that the journal stores and hashes.
///
/// # Panics
/// Never: every event can be written as JSON.
pub fn write(event: &Event) -> Vec<u8> {
    serde_json::to_vec(&Written { v: VERSION, event }).expect("every event can be written as JSON")
}

/// The event in stored bytes.
pub fn read(bytes: &[u8]) -> Result<Event, ReadError> {
    let header: Header = serde_json::from_slice(bytes)?;
    if header.v > VERSION {
        return Err(ReadError::Newer { found: header.v });
    }
    Ok(serde_json::from_slice(bytes)?)
}

//! Format 1: one JSON object, `{"v":1,"at":…,"by":…,"fact":…}`.

use serde::{Deserialize, Serialize};

use super::ReadError;
use crate::event::Event;

/// The number of this format.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    #[serde(flatten)]
    event: &'a Event,
}

#[derive(Deserialize)]
struct Header {
    v: u32,
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

//! Format 2: one JSON object, `{"v":2,"at":…,"by":…,"fact":…,"sealed":{"key":…,"box":…}}`.
//!
//! Personal texts do not stand in the fact: where one was stands [`SEALED`], and `box` holds them, sealed under the key that `key`
//! names. A fact without personal texts has no `sealed`. What seals and opens is the caller's: this module has neither keys nor chance.

use serde::{Deserialize, Serialize};

use super::ReadError;
use crate::actor::Actor;
use crate::erasure::{ERASED, Subject, UNREADABLE, blot, subject, texts};
use crate::event::{Event, Fact};
use crate::time::UtcTime;

/// The number of this format.
pub const VERSION: u32 = 2;
/// What stands where a personal text was taken out.
pub const SEALED: &str = "*";

/// Personal texts as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The name of the key.
    pub key: String,
    /// What only the key opens, as text.
    #[serde(rename = "box")]
    pub contents: String,
}

/// What became of an attempt to open a [`Sealed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The bytes that were sealed.
    Contents(Vec<u8>),
    /// The key is gone.
    Erased,
    /// The key is there and does not open it.
    Unreadable,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    at: UtcTime,
    by: &'a Actor,
    fact: &'a Fact,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<Sealed>,
}

#[derive(Deserialize)]
struct Stored {
    at: UtcTime,
    by: Actor,
    fact: Fact,
    #[serde(default)]
    sealed: Option<Sealed>,
}

/// The bytes that the journal stores and hashes. `seal` is asked once when there are personal texts.
pub fn write<E>(event: &Event, seal: impl FnOnce(Subject, &[u8]) -> Result<Sealed, E>) -> Result<Vec<u8>, E> {
    let Some(subject) = subject(&event.fact) else {
        return Ok(written(event, &event.fact, None));
    };
    let mut fact = event.fact.clone();
    let mut taken: Vec<String> = Vec::new();
    texts(&mut fact, &mut |text| {
        if !text.is_empty() {
            taken.push(std::mem::replace(text, SEALED.to_owned()));
        }
    });
    if taken.is_empty() {
        return Ok(written(event, &event.fact, None));
    }
    let contents = serde_json::to_vec(&taken).expect("invariant: texts can be written as JSON");
    Ok(written(event, &fact, Some(seal(subject, &contents)?)))
}

fn written(event: &Event, fact: &Fact, sealed: Option<Sealed>) -> Vec<u8> {
    let written = Written { v: VERSION, at: event.at, by: &event.by, fact, sealed };
    serde_json::to_vec(&written).expect("invariant: every event can be written as JSON")
}

/// The event in stored bytes of format 2. Whether its texts can be opened or not, it can be read.
pub(super) fn read(bytes: &[u8], open: impl FnOnce(Subject, &Sealed) -> Opened) -> Result<Event, ReadError> {
    let Stored { at, by, mut fact, sealed } = serde_json::from_slice(bytes)?;
    if let Some((sealed, subject)) = sealed.zip(subject(&fact)) {
        match open(subject, &sealed) {
            Opened::Contents(contents) => put_back(&mut fact, &contents)?,
            Opened::Erased => texts(&mut fact, &mut blot(ERASED)),
            Opened::Unreadable => texts(&mut fact, &mut blot(UNREADABLE)),
        }
    }
    Ok(Event { at, by, fact })
}

fn put_back(fact: &mut Fact, contents: &[u8]) -> Result<(), ReadError> {
    let taken: Vec<String> = serde_json::from_slice(contents)?;
    let mut taken = taken.into_iter();
    let mut missing = false;
    texts(fact, &mut |text| {
        if !text.is_empty() {
            match taken.next() {
                Some(was) => *text = was,
                None => missing = true,
            }
        }
    });
    if missing || taken.next().is_some() { Err(ReadError::Sealed) } else { Ok(()) }
}

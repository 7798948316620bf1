//! The record format: how an event is written down, and how each is chained to the one before it.

pub mod v1;
pub mod v2;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::erasure::Subject;
use crate::event::Event;
use v2::{Opened, Sealed};

/// Who led when an event was written: an ordered pair, so that no two nodes ever hold the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch {
    /// Grows with every change of leader.
    pub term: u64,
    /// Which node led.
    pub node: u32,
}

impl Epoch {
    /// The epoch of a centre on one machine.
    pub const FIRST: Self = Self { term: 1, node: 1 };
}

/// The hash of one journal row.
pub type Hash = [u8; 32];

/// The hash before the first row.
pub const GENESIS: Hash = [0; 32];

/// The hash of a row: SHA-256 over the hash before it, its sequence number, its epoch and its stored bytes.
pub fn chain(previous: &Hash, seq: u64, epoch: Epoch, body: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(seq.to_be_bytes());
    hasher.update(epoch.term.to_be_bytes());
    hasher.update(epoch.node.to_be_bytes());
    hasher.update(body);
    hasher.finalize().into()
}

/// Bytes that are not an event this version can read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or not an event.
    #[error("this is not a journal event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a later version.
    #[error("this event is of format {found}, and this program reads formats up to {known}: use a newer one", known = v2::VERSION)]
    Newer {
        /// The format found.
        found: u32,
    },
    /// More or fewer texts were sealed than were taken out of the event.
    #[error("the sealed texts of this event do not fit it")]
    Sealed,
}

/// The event in stored bytes of any format so far. `open` is asked once where personal texts are sealed; an event whose key is gone
/// is read all the same.
pub fn read(bytes: &[u8], open: impl FnOnce(Subject, &Sealed) -> Opened) -> Result<Event, ReadError> {
    let Header { v } = serde_json::from_slice(bytes)?;
    match v {
        ..=v1::VERSION => v1::read(bytes),
        v2::VERSION => v2::read(bytes, open),
        found => Err(ReadError::Newer { found }),
    }
}

#[derive(Deserialize)]
struct Header {
    v: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_depends_on_every_part() {
        let epoch = Epoch::FIRST;
        let hash = chain(&GENESIS, 1, epoch, b"body");
        assert_ne!(hash, chain(&hash, 1, epoch, b"body"));
        assert_ne!(hash, chain(&GENESIS, 2, epoch, b"body"));
        assert_ne!(hash, chain(&GENESIS, 1, Epoch { term: 2, node: 1 }, b"body"));
        assert_ne!(hash, chain(&GENESIS, 1, epoch, b"bodz"));
    }
}

//! The chain of hashes: each event's hash covers its predecessor's, so that nothing can be changed, taken out or put in
//! between without every later hash being wrong.

use dispatch_core::journal::{Epoch, GENESIS, Hash, chain};

use serde::{Deserialize, Serialize};

use super::error::JournalError;

/// One event as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its sequence number, from 1 without gaps.
    pub seq: u64,
    /// Under whose word it was written.
    pub epoch: Epoch,
    /// Its time as RFC 3339, for people who query the file; the body has it too.
    pub at: String,
    /// The event as versioned JSON, the very bytes that were hashed.
    pub body: String,
    /// The hash of the event before it.
    pub prev_hash: Hash,
    /// Its hash.
    pub hash: Hash,
}

/// How far a chain was followed: the last sequence number with its hash and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last event; 0 in an empty journal.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// Its epoch.
    pub epoch: Epoch,
}

impl Head {
    /// Before the first event.
    pub const EMPTY: Self = Self { seq: 0, hash: GENESIS, epoch: Epoch { term: 0, node: 0 } };

    /// Follows the chain over one more row, or says what is wrong with it.
    pub fn follow(&self, row: &Row) -> Result<Self, JournalError> {
        let damaged = |problem: String| Err(JournalError::Damaged { seq: row.seq, problem });
        if row.seq != self.seq + 1 {
            let gap = format!("it follows event {}: events are missing between them", self.seq);
            return damaged(gap);
        }
        if row.prev_hash != self.hash {
            return damaged("it does not rest on the event before it".to_owned());
        }
        if row.epoch < self.epoch {
            return damaged(format!(
                "its epoch {} is lower than {} before it",
                words(row.epoch),
                words(self.epoch)
            ));
        }
        let hash = chain(&self.hash, row.seq, row.epoch, row.body.as_bytes());
        if row.hash != hash {
            return damaged("its contents do not match its hash".to_owned());
        }
        Ok(Self { seq: row.seq, hash, epoch: row.epoch })
    }
}

/// An epoch as people write it: `3.1`.
pub fn words(epoch: Epoch) -> String {
    format!("{}.{}", epoch.term, epoch.node)
}

/// A hash, or any bytes, in hex digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

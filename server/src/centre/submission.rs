//! What goes to the centre and what comes back: a command with its idempotency key in, durable sequence numbers or a
//! reason out.

use std::sync::Arc;

use dispatch_core::ids::{AccidentId, AssignmentId, IncidentId};
use dispatch_core::{Command, Record, Refusal};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::journal::Disk;

/// A command on its way to the centre.
#[derive(Debug, Clone)]
pub struct Submission {
    /// What is asked, and who asks.
    pub command: Command,
    /// The key under which a repeat of the request is known, if the client sent one.
    pub keyed: Option<KeyedRequest>,
    /// What must not have changed since the client looked.
    pub expected: Option<Expected>,
}

/// The version at which something must still be. The owner looks when the command's turn has come, so that of two clients
/// that saw the same version one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Of what.
    pub of: Versioned,
    /// The version.
    pub version: u32,
}

/// Something that has versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioned {
    /// An accident.
    Accident(AccidentId),
    /// An incident.
    Incident(IncidentId),
    /// An assignment.
    Assignment(AssignmentId),
}

impl Expected {
    /// Refuses what was meant for another version. What is not there at all is left to the command.
    pub(crate) fn check(self, record: &Record) -> Result<(), Refusal> {
        let version = match self.of {
            Versioned::Accident(id) => record.accident(id).map(|it| it.version),
            Versioned::Incident(id) => record.incident(id).map(|it| it.version),
            Versioned::Assignment(id) => record.assignment(id).map(|it| it.version),
        };
        match version {
            Some(version) if version != self.version => Err(Refusal::Changed { version }),
            _ => Ok(()),
        }
    }
}

/// A request that must not be carried out twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// The client's key.
    pub key: IdempotencyKey,
    /// Digest of the whole request: the same key with another digest is refused.
    pub digest: RequestDigest,
    /// What the caller wants to be given back on a repeat, normally the id it made for the new thing.
    pub answer: String,
}

/// 1 to 80 printable ASCII characters chosen by the client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(String);

/// SHA-256 of a request's method, path, person and body.
pub type RequestDigest = [u8; 32];

/// A command was carried out and is durable.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Sequence number of its first event.
    pub first_seq: u64,
    /// Sequence number of its last event. One less than `first_seq` when nothing had to happen.
    pub last_seq: u64,
    /// The request had been carried out before; nothing was done now.
    pub repeated: bool,
    /// `KeyedRequest::answer` of the request that was carried out; empty for one without a key.
    pub answer: String,
}

/// Why a command was not carried out.
#[derive(Debug, Clone, Error)]
pub enum SubmitError {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key was used for another request.
    #[error("this Idempotency-Key was used for another request: make a new key for each new request")]
    KeyReused,
    /// More commands wait than may.
    #[error("the centre has more commands waiting than it takes: try again in a second")]
    Busy,
    /// The journal's disk takes nothing. A request that was under way when that began may be carried out once there is room.
    #[error(
        "the disk of the journal {0}: nothing can be put on record; reads go on. Repeat with the same Idempotency-Key"
    )]
    NotWritable(Disk),
    /// Another node leads, or is about to. Whether a command that was under way was carried out is not known: repeat it there with its key.
    #[error(
        "this node does not lead{}: repeat the request there with the same Idempotency-Key",
        at(elsewhere)
    )]
    NotLeading {
        /// Where the other node's interface is; empty where the configuration does not say.
        elsewhere: Arc<str>,
    },
    /// The centre is going down. Whether the command was carried out is not known: repeat it with its key.
    #[error("the centre is stopping: repeat the request with the same Idempotency-Key once it is back")]
    Stopping,
}

fn at(elsewhere: &str) -> String {
    if elsewhere.is_empty() { String::new() } else { format!(", ask {elsewhere}") }
}

impl Submission {
    /// A command without an idempotency key.
    pub fn new(command: Command) -> Self {
        Self { command, keyed: None, expected: None }
    }

    /// A command that is carried out once, however often it is sent.
    pub fn keyed(
        command: Command,
        key: IdempotencyKey,
        digest: RequestDigest,
        answer: impl Into<String>,
    ) -> Self {
        Self { command, keyed: Some(KeyedRequest { key, digest, answer: answer.into() }), expected: None }
    }

    /// The same, refused when something has changed meanwhile.
    #[must_use]
    pub fn expecting(mut self, expected: Option<Expected>) -> Self {
        self.expected = expected;
        self
    }
}

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const CHARS_MAX: usize = 80;

    /// A key from a client's text; `None` when it is empty, too long or not printable ASCII.
    pub fn new(text: &str) -> Option<Self> {
        let good =
            (1..=Self::CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        good.then(|| Self(text.to_owned()))
    }

    /// The key as the client wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("an idempotency key is 1 to 80 printable ASCII characters")
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_short_and_printable() {
        assert_eq!(IdempotencyKey::new("a-1 b").unwrap().as_str(), "a-1 b");
        for bad in ["", "\n", "键", &"x".repeat(81)] {
            assert!(IdempotencyKey::new(bad).is_none(), "{bad:?}");
        }
    }
}

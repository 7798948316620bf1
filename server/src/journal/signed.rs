//! The signed head: each minute the number and the hash of the newest event, signed with the centre's own key, beside the journal and, where
//! one is configured, in a second place. A journal that does not hold an event of a signed head has lost it, or is not the one it was;
//! what was acknowledged after the newest signed head is not proven by it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use dispatch_core::UtcTime;
use dispatch_core::journal::Epoch;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::chain::{Head, hex, words};
use super::error::JournalError;
use super::personal::random;
use super::reader::JournalReader;

/// A head with its signature, as it is written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The newest event.
    pub seq: u64,
    /// Under whose word it was written.
    pub epoch: Epoch,
    /// Its hash, in hex digits.
    pub hash: String,
    /// When it was signed, UTC.
    pub at: UtcTime,
    /// The public key, in hex digits.
    pub key: String,
    /// The Ed25519 signature of the lines above, in hex digits.
    pub signature: String,
}

/// Why a signed head proves nothing.
#[derive(Debug, Error)]
pub enum HeadError {
    /// The file cannot be read.
    #[error("cannot read the signed head {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a signed head")]
    Malformed {
        /// The file.
        path: String,
    },
    /// It was changed, or signed by somebody else.
    #[error("the signature of the head at event {seq} is not of the key {key}")]
    Signature {
        /// Of which event.
        seq: u64,
        /// The key that should have signed.
        key: String,
    },
    /// The journal ends before it.
    #[error("events are missing: the journal ends at {ends}, and event {seq} was known")]
    Missing {
        /// The journal's last event.
        ends: u64,
        /// What was known.
        seq: u64,
    },
    /// The journal holds another event there.
    #[error("the journal holds another history: its event {seq} is not the one that was known")]
    Fork {
        /// Where.
        seq: u64,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The centre's key.
#[derive(Debug)]
pub struct HeadSigner(Ed25519KeyPair);

impl HeadSigner {
    /// Reads the key from the data folder; the first start makes one.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(KEY_FILE);
        let file = |source| JournalError::File { path: path.display().to_string(), source };
        let seed = match fs::read(&path) {
            Ok(seed) => seed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path).map_err(file)?,
            Err(error) => return Err(file(error)),
        };
        let seed: [u8; SEED_BYTES] = seed.try_into().map_err(|_| {
            let says = "it is not a key of 32 bytes: restore it from a backup, or move it away and a new one is made";
            file(io::Error::new(io::ErrorKind::InvalidData, says))
        })?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        Ok(Self(pair.expect("invariant: every 32 bytes are a seed")))
    }

    /// The public key in hex digits.
    pub fn public_key(&self) -> String {
        hex(self.0.public_key().as_ref())
    }

    /// Signs a head.
    pub fn sign(&self, head: Head, at: UtcTime) -> SignedHead {
        let (hash, key) = (hex(&head.hash), self.public_key());
        let mut signed =
            SignedHead { seq: head.seq, epoch: head.epoch, hash, at, key, signature: String::new() };
        signed.signature = hex(self.0.sign(&signed.message()).as_ref());
        signed
    }
}

impl SignedHead {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, HeadError> {
        let name = || path.display().to_string();
        let bytes = fs::read(path).map_err(|source| HeadError::File { path: name(), source })?;
        serde_json::from_slice(&bytes).map_err(|_| HeadError::Malformed { path: name() })
    }

    /// Writes a file, whole or not at all.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let partial = path.with_extension("writing");
        let mut file = File::create(&partial)?;
        serde_json::to_writer(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&partial, path)
    }

    /// Whether it was signed by the key given, in hex digits; by the key that it names where none is given.
    pub fn check_signature(&self, key: Option<&str>) -> Result<(), HeadError> {
        let key = key.unwrap_or(&self.key);
        let wrong = || HeadError::Signature { seq: self.seq, key: key.to_owned() };
        let (bytes, signature) =
            (from_hex(key).ok_or_else(wrong)?, from_hex(&self.signature).ok_or_else(wrong)?);
        UnparsedPublicKey::new(&ED25519, bytes).verify(&self.message(), &signature).map_err(|_| wrong())
    }

    fn message(&self) -> Vec<u8> {
        let Self { seq, epoch, hash, at, key, signature: _ } = self;
        format!("jichi head 1\n{seq}\n{}\n{hash}\n{at}\n{key}\n", words(*epoch)).into_bytes()
    }
}

/// Whether a journal holds an event that is known from elsewhere, by its number and its hash in hex digits.
pub fn check_known(reader: &JournalReader, seq: u64, hash: &str) -> Result<(), HeadError> {
    let Some(before) = seq.checked_sub(1) else { return Ok(()) };
    match reader.rows(before, 1)?.first().filter(|row| row.seq == seq) {
        Some(row) if hex(&row.hash) == hash => Ok(()),
        Some(_) => Err(HeadError::Fork { seq }),
        None => Err(HeadError::Missing { ends: reader.last_seq()?, seq }),
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// A new key in a file that only its owner may read. Two processes that start at once agree on the one that came first.
fn make(path: &Path) -> io::Result<Vec<u8>> {
    let seed: [u8; SEED_BYTES] = random();
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(&seed)?;
            file.sync_all()?;
            Ok(seed.to_vec())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(path),
        Err(error) => Err(error),
    }
}

/// The signed head's name in the data folder.
pub const HEAD_FILE: &str = "journal.head";
const KEY_FILE: &str = "head.key";
const SEED_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempFolder;

    #[test]
    fn only_what_was_signed_is_believed() {
        let folder = TempFolder::new("head");
        let own = HeadSigner::open(folder.path()).unwrap();
        let head = Head { seq: 7, hash: [3; 32], epoch: Epoch::FIRST };
        let signed = own.sign(head, "2026-11-21T10:00:00Z".parse().unwrap());
        let path = folder.path().join(HEAD_FILE);
        signed.write(&path).unwrap();
        let read = SignedHead::read(&path).unwrap();
        assert_eq!(read, signed);
        let again = HeadSigner::open(folder.path()).unwrap();
        read.check_signature(Some(&again.public_key())).unwrap();
        let other = HeadSigner::open(TempFolder::new("head").path()).unwrap().public_key();
        let changed = [
            SignedHead { seq: 6, ..signed.clone() },
            SignedHead { hash: hex(&[4; 32]), ..signed.clone() },
            SignedHead { at: "2026-11-21T10:00:01Z".parse().unwrap(), ..signed.clone() },
            SignedHead { epoch: Epoch { term: 2, node: 1 }, ..signed.clone() },
            SignedHead { key: other.clone(), ..signed.clone() },
            SignedHead { signature: "x".to_owned(), ..signed.clone() },
        ];
        for wrong in changed {
            assert!(wrong.check_signature(None).is_err(), "{wrong:?}");
        }
        assert!(signed.check_signature(Some(&other)).is_err());
        fs::write(&path, "x").unwrap();
        assert!(matches!(SignedHead::read(&path), Err(HeadError::Malformed { .. })));
    }
}

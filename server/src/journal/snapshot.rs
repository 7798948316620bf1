//! A snapshot: the record at one event, so that a start needs not live through the whole journal again. It is a shortcut and never the
//! truth: it is believed only when the journal holds the very event that it names, this very core wrote it, and its key opens it;
//! otherwise it is set aside and the whole journal is lived through.
//!
//! It is sealed under a key in the journal's file, for it holds what the events hold. An erasure throws that key away.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use dispatch_core::journal::Epoch;
use dispatch_core::{DispatchCentre, Record, UtcTime};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::chain::{Head, Row, hex};
use super::error::JournalError;
use super::personal::{self, PersonalKey};
use super::reader::JournalReader;

/// What a good snapshot gives.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) head: Head,
    pub(super) newest_at: UtcTime,
    pub(super) centre: DispatchCentre,
}

/// Why a snapshot is not believed.
#[derive(Debug, Error)]
pub(super) enum NotBelieved {
    #[error("it cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("it is not a snapshot: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("it is cut off")]
    Cut,
    #[error("it was written by another version of the program")]
    OtherCore,
    #[error("its key was erased with personal data, or it belongs to another journal")]
    NoKey,
    #[error("its key does not open it")]
    Unreadable,
    #[error("the journal's event {0} is not the one that it was made at")]
    OtherEvent(u64),
    #[error("its record is at event {record} and it says {says}")]
    OtherRecord { record: u64, says: u64 },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The first line of the file; the sealed record follows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    snapshot: u32,
    /// The fingerprint of the core that made it: another may build another record from the same events.
    core: String,
    seq: u64,
    epoch: Epoch,
    hash: String,
    at: UtcTime,
    key: String,
}

/// Writes a snapshot of the record at `row`. It takes the place of the older one at once or not at all.
pub(crate) fn write(
    folder: &Path,
    record: &Record,
    row: &Row,
    at: UtcTime,
    key: &PersonalKey,
) -> Result<u64, JournalError> {
    let header = Header {
        snapshot: FORMAT,
        core: CORE.to_owned(),
        seq: row.seq,
        epoch: row.epoch,
        hash: hex(&row.hash),
        at,
        key: key.id.clone(),
    };
    let mut line = serde_json::to_vec(&header).expect("invariant: a header is plain text and numbers");
    line.push(b'\n');
    let sealed = personal::seal_bytes(key, &line, record.written());
    let partial = folder.join("snapshot.writing");
    let file = |source| JournalError::File { path: partial.display().to_string(), source };
    let written = File::create(&partial).and_then(|mut out| {
        out.write_all(&line)?;
        out.write_all(&sealed)?;
        out.sync_all()?;
        std::fs::rename(&partial, path(folder))
    });
    if let Err(error) = written {
        // A full disk needs the room more than half a snapshot does.
        let _ = std::fs::remove_file(&partial);
        return Err(file(error));
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file)?;
    Ok((line.len() + sealed.len()) as u64)
}

/// The snapshot of the journal in `folder`, if there is one that can be believed.
pub(super) fn load(folder: &Path, reader: &JournalReader) -> Option<Loaded> {
    let path = path(folder);
    if !path.exists() {
        return None;
    }
    match read(&path, reader) {
        Ok(loaded) => Some(loaded),
        Err(reason) => {
            tracing::warn!(%reason, "the snapshot is set aside; the whole journal is lived through, which takes longer");
            // It is of no use any more; that it cannot be moved away changes nothing.
            let _ = std::fs::rename(&path, folder.join("snapshot.set-aside"));
            None
        }
    }
}

fn read(path: &Path, reader: &JournalReader) -> Result<Loaded, NotBelieved> {
    let bytes = std::fs::read(path)?;
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(NotBelieved::Cut)? + 1;
    let (line, sealed) = bytes.split_at(end);
    let header: Header = serde_json::from_slice(line)?;
    if header.snapshot != FORMAT || header.core != CORE {
        return Err(NotBelieved::OtherCore);
    }
    let rows = reader.rows(header.seq.saturating_sub(1), 1)?;
    let row = rows.first().filter(|row| {
        let before = Head { seq: header.seq.saturating_sub(1), hash: row.prev_hash, epoch: row.epoch };
        hex(&row.hash) == header.hash && row.epoch == header.epoch && before.follow(row).is_ok()
    });
    let row = row.ok_or(NotBelieved::OtherEvent(header.seq))?;
    let key = reader.personal_key(&header.key)?.ok_or(NotBelieved::NoKey)?;
    let written = personal::open_bytes(&key, line, sealed).ok_or(NotBelieved::Unreadable)?;
    let record = Record::restored(&written)?;
    if record.seq() != header.seq {
        return Err(NotBelieved::OtherRecord { record: record.seq(), says: header.seq });
    }
    let head = Head { seq: row.seq, hash: row.hash, epoch: row.epoch };
    Ok(Loaded { head, newest_at: header.at, centre: DispatchCentre::from_record(record) })
}

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("snapshot")
}

const FORMAT: u32 = 1;
/// Changes with every change to the core's source.
const CORE: &str = env!("JICHI_CORE_FINGERPRINT");

//! The journal: the one truth of the centre. Events are appended in order, hash-chained and synced to disk before
//! anybody hears of them; everything else is built from here and may be thrown away.

mod aside;
mod backup;
mod body;
mod chain;
mod disk;
mod erase;
mod error;
mod keys;
mod leading;
mod personal;
mod portion;
mod reader;
mod rewrite;
mod signed;
mod snapshot;
mod store;
pub(crate) mod writer;

use std::path::Path;

pub use backup::{back_up, restore};
pub use body::is_written_alike;
pub(crate) use body::{erased_by, key_of};
pub use chain::{Head, Row, hex, words};
pub use disk::Disk;
pub(crate) use disk::DiskState;
use dispatch_core::journal::{Epoch, chain as chain_hash};
use dispatch_core::{DispatchCentre, Fact, UtcTime};
pub use erase::{EraseError, erase, subjects_of};
pub use error::JournalError;
pub use keys::{Remembered, RememberedKeys};
pub use personal::PersonalKey;
use personal::Sealer;
pub(crate) use personal::{KEY_BYTES, open_with, random, seal_with};
pub(crate) use portion::Portion;
pub use reader::JournalReader;
use rusqlite::{TransactionBehavior, params};
pub use signed::{HEAD_FILE, HeadError, HeadSigner, SignedHead, check_known};
pub(crate) use snapshot::write as write_snapshot;
pub use store::JOURNAL_FILE;
use store::Store;
use writer::Decided;

use crate::clock::wall_now;

/// The journal, open for writing by this process alone.
#[derive(Debug)]
pub struct Journal {
    store: Store,
    head: Head,
    epoch: Epoch,
    sealer: Sealer,
}

/// A journal as found on disk.
#[derive(Debug)]
pub struct Opened {
    /// The journal, to go on writing.
    pub journal: Journal,
    /// The centre that its events have built.
    pub centre: DispatchCentre,
    /// The requests that were carried out.
    pub keys: RememberedKeys,
    /// Up to where a snapshot was believed, and the chain not followed yet.
    pub behind: Option<Head>,
    /// When the newest event was decided, UTC: the clock must not tell an earlier time.
    pub newest_at: Option<UtcTime>,
}

impl Journal {
    /// Opens the journal in `folder` or makes one and rebuilds the centre: from its snapshot and what came since, or from the first event
    /// where there is none. `replayed` is told how far that has come.
    pub fn open(folder: &Path, mut replayed: impl FnMut(u64)) -> Result<Opened, JournalError> {
        let store = Store::open(folder)?;
        let reader = JournalReader::open(&store.path)?;
        let (mut centre, mut newest_at, mut behind) = (DispatchCentre::new(), None, None);
        if let Some(loaded) = snapshot::load(folder, &reader) {
            (centre, newest_at, behind) = (loaded.centre, Some(loaded.newest_at), Some(loaded.head));
        }
        let head = reader.verify_from(behind.unwrap_or(Head::EMPTY), |row, journalled| {
            newest_at = newest_at.max(Some(journalled.event.at));
            centre.apply(&journalled.event);
            replayed(row.seq);
        })?;
        let epoch = store.epoch()?.max(head.epoch);
        let keys = keys::load(&store.connection).map_err(|e| JournalError::sqlite(&store.path, e))?;
        personal::snapshot_key(&store.connection).map_err(|e| JournalError::sqlite(&store.path, e))?;
        Ok(Opened {
            behind,
            journal: Self { store, head, epoch, sealer: Sealer::default() },
            centre,
            keys,
            newest_at,
        })
    }

    /// The last event.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The epoch that events are written under.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.store.path
    }

    /// Makes everything in the batch durable with one transaction and one sync, or nothing of it. Comes back with the
    /// number of events.
    pub(crate) fn append(&mut self, batch: &[Decided]) -> Result<usize, JournalError> {
        let appended = self.try_append(batch);
        if appended.is_err() {
            // Keys made in a transaction that was taken back are not in the file.
            self.sealer.forget();
        }
        appended
    }

    fn try_append(&mut self, batch: &[Decided]) -> Result<usize, JournalError> {
        if batch.iter().all(|decided| decided.events.is_empty() && decided.keyed.is_none()) {
            return Ok(0);
        }
        let path = self.store.path.clone();
        let fail = |e| JournalError::sqlite(&path, e);
        let mut head = self.head;
        let (mut count, mut erased) = (0, false);
        let sealer = &mut self.sealer;
        // Immediate: a lookup comes before the first insert, and a lock that is asked for later is not waited for.
        let connection = &mut self.store.connection;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        {
            let mut insert = transaction.prepare_cached(INSERT).map_err(fail)?;
            for decided in batch {
                for journalled in &decided.events {
                    assert_eq!(journalled.seq, head.seq + 1, "events must reach the journal in their order");
                    let seal =
                        |subject, texts: &[u8]| sealer.seal(&transaction, subject, texts).map_err(fail);
                    let body = body::encode(&journalled.event, seal)?;
                    if let Fact::PersonalDataErased { subjects, .. } = &journalled.event.fact {
                        sealer.erase(&transaction, subjects).map_err(fail)?;
                        erased = true;
                    }
                    let hash = chain_hash(&head.hash, journalled.seq, journalled.epoch, body.as_bytes());
                    let row = params![
                        journalled.seq as i64,
                        journalled.epoch.term as i64,
                        journalled.epoch.node,
                        journalled.event.at.to_string(),
                        body,
                        head.hash,
                        hash
                    ];
                    insert.execute(row).map_err(fail)?;
                    head = Head { seq: journalled.seq, hash, epoch: journalled.epoch };
                    count += 1;
                }
                if let Some((request, first_seq, last_seq)) = &decided.keyed {
                    keys::store(&transaction, request, *first_seq, *last_seq, wall_now()).map_err(fail)?;
                }
            }
        }
        keys::forget_old(&transaction, wall_now()).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        self.head = head;
        if erased {
            self.store.fold()?;
        }
        Ok(count)
    }

    /// Folds the write-ahead log into the file, so that the file alone is the journal. Leaving it out loses nothing.
    pub(crate) fn close(self) -> Result<(), JournalError> {
        self.store.fold()
    }

    /// Marks the file as one whose last sync may have failed: the next start rewrites it. Says so where that is not possible.
    fn mark_suspect(&self) {
        let folder = self.path().parent().unwrap_or(Path::new("."));
        if let Err(error) = rewrite::mark(folder) {
            tracing::error!(%error, "the journal could not be marked; the next start folds its log all the same");
        }
    }
}

const INSERT: &str =
    "INSERT INTO journal (seq, term, node, at, body, prev_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

#[cfg(test)]
mod tests;

//! Copies of the journal: taken while the centre works, and brought back only after the whole chain was followed.

use std::path::Path;

use dispatch_core::journal::Epoch;
use rusqlite::Connection;

use super::chain::Head;
use super::error::JournalError;
use super::reader::JournalReader;
use super::{rewrite, store};

/// Copies the journal in `folder` to `to` while it may be written, then follows the copy's chain. Never writes over an
/// older copy.
pub fn back_up(folder: &Path, to: &Path) -> Result<Head, JournalError> {
    refuse_existing(to)?;
    rewrite::copy(&folder.join(store::JOURNAL_FILE), to)?;
    JournalReader::open(to)?.verify(|_, _| {})
}

/// Brings a copy back as the journal in `folder`, which must have none. The epoch becomes higher than any the copy
/// knows and than `term_seen`, so that vehicles that met the lost journal's later orders obey the restored centre.
pub fn restore(from: &Path, folder: &Path, term_seen: Option<u64>) -> Result<(Head, Epoch), JournalError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| JournalError::File { path: folder.display().to_string(), source })?;
    let _lock = store::lock(folder)?;
    let target = folder.join(store::JOURNAL_FILE);
    refuse_existing(&target)?;
    let head = JournalReader::open(from)?.verify(|_, _| {})?;
    let (source, _) = store::open_to_read(from)?;
    let kept = store::epoch(&source).map_err(|e| JournalError::sqlite(from, e))?;
    let term = head.epoch.term.max(kept.term).max(term_seen.unwrap_or(0)) + RESTORE_TERM_STEP;
    let epoch = Epoch { term, node: kept.node };
    // Under another name until it is whole: a restore that was broken off must not pass for a journal.
    let partial = folder.join("journal.restoring");
    let file = |source| JournalError::File { path: partial.display().to_string(), source };
    if partial.exists() {
        std::fs::remove_file(&partial).map_err(file)?;
    }
    rewrite::copy(from, &partial)?;
    set_epoch(&partial, epoch)?;
    std::fs::File::open(&partial).and_then(|f| f.sync_all()).map_err(file)?;
    std::fs::rename(&partial, &target).map_err(file)?;
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(file)?;
    Ok((head, epoch))
}

fn set_epoch(path: &Path, epoch: Epoch) -> Result<(), JournalError> {
    let fail = |e| JournalError::sqlite(path, e);
    let connection = Connection::open(path).map_err(fail)?;
    connection
        .execute(
            "INSERT OR REPLACE INTO epoch (one, term, node) VALUES (1, ?1, ?2)",
            (epoch.term as i64, epoch.node),
        )
        .map_err(fail)?;
    connection.close().map_err(|(_, e)| fail(e))
}

fn refuse_existing(path: &Path) -> Result<(), JournalError> {
    if path.exists() {
        let source =
            std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it exists already: move it away first");
        return Err(JournalError::File { path: path.display().to_string(), source });
    }
    Ok(())
}

/// A restored centre leaves room for terms that the lost one may have reached unseen.
const RESTORE_TERM_STEP: u64 = 1000;

//! What is in patients' files, on disk: from when it is made until the centre keeps it, and its order has left the screen.

use link::v1::{FileKind, PatientReport, patient_report};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Spool, SpoolError};

/// A file on disk, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its name.
    pub file: String,
    /// Of which order.
    pub assignment: String,
    /// An ECG goes before a photo.
    pub ecg: bool,
    /// As it is sent.
    pub bytes: u32,
    /// The centre has its card.
    pub carded: bool,
    /// The centre keeps what is in it.
    pub kept: bool,
}

/// What the centre said of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileEnd {
    /// It keeps it.
    Kept(String),
    /// It will never take it.
    Refused(String),
}

impl Spool {
    /// A piece of what is in a file; shorter at its end, empty behind it.
    pub fn file_piece(&self, file: &str, offset: u32, bytes: u32) -> Result<Vec<u8>, SpoolError> {
        let piece = self.db.query_row(
            "SELECT substr(content, ?2 + 1, ?3) FROM files WHERE file = ?1",
            params![file, offset, bytes],
            |row| row.get(0),
        );
        Ok(piece.optional().map_err(|source| self.failed(source))?.unwrap_or_default())
    }
}

/// Puts what is in a file beside its card.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    card: &PatientReport,
    content: &[u8],
) -> rusqlite::Result<()> {
    let Some(patient_report::Content::File(file)) = &card.content else { return Ok(()) };
    let ecg = file.kind() == FileKind::Ecg;
    transaction.execute(
        "INSERT INTO files (file, boot, seq, assignment, ecg, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![file.file_id, card.boot as i64, card.seq as i64, card.assignment_id, ecg, content],
    )?;
    Ok(())
}

/// The centre has answered a card; one that it refuses has no use for what is in it.
pub(super) fn carded(
    transaction: &Transaction<'_>,
    (boot, seq): (u64, u64),
    taken: bool,
) -> rusqlite::Result<()> {
    let what = if taken { "UPDATE files SET carded = 1 WHERE" } else { "DELETE FROM files WHERE" };
    transaction.execute(&format!("{what} boot = ?1 AND seq = ?2"), params![boot as i64, seq as i64])?;
    Ok(())
}

pub(super) fn end(transaction: &Transaction<'_>, end: &FileEnd) -> rusqlite::Result<()> {
    match end {
        FileEnd::Kept(file) => {
            transaction.execute("UPDATE files SET kept = 1 WHERE file = ?1", [file])?;
            // Its order may have left before.
            transaction.execute(
                "DELETE FROM files WHERE file = ?1 AND assignment NOT IN (SELECT assignment FROM orders)",
                [file],
            )?;
        }
        FileEnd::Refused(file) => {
            transaction.execute("DELETE FROM files WHERE file = ?1", [file])?;
        }
    }
    Ok(())
}

/// The order leaves the screen; what the centre does not keep stays.
pub(super) fn forget(transaction: &Transaction<'_>, assignment: &str) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM files WHERE assignment = ?1 AND kept = 1", [assignment])?;
    Ok(())
}

pub(super) fn read_all(db: &Connection) -> rusqlite::Result<Vec<FileRow>> {
    let mut rows = db.prepare(
        "SELECT file, assignment, ecg, length(content), carded, kept FROM files ORDER BY boot, seq",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(FileRow {
            file: row.get(0)?,
            assignment: row.get(1)?,
            ecg: row.get(2)?,
            bytes: row.get(3)?,
            carded: row.get(4)?,
            kept: row.get(5)?,
        })
    };
    rows.query_map([], read)?.collect()
}

//! What can be wrong with the journal, in words an operator can act on.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::ffi;
use thiserror::Error;

/// Why the journal could not be opened, read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process has it open.
    #[error(
        "the journal {path} is in use by another process: stop that dispatchd first, two must never write one journal"
    )]
    InUse { path: String },
    /// The folder or a file beside the journal cannot be used.
    #[error("cannot use {path}: {source}")]
    File { path: String, source: std::io::Error },
    /// There is no journal.
    #[error("there is no journal at {path}")]
    Missing { path: String },
    /// The file is something else.
    #[error("{path} is not a journal of dispatchd")]
    NotAJournal { path: String },
    /// A journal of another version of the program.
    #[error(
        "the journal {path} has format {found}, this program knows formats up to {expected}: use the program that fits it"
    )]
    OtherFormat { path: String, found: i64, expected: i64 },
    /// The disk is full.
    #[error(
        "the disk with the journal {path} is full: free space and start again; nothing acknowledged is lost"
    )]
    DiskFull { path: String },
    /// The file cannot be written.
    #[error("the journal {path} cannot be written: it is read-only for this user")]
    ReadOnly { path: String },
    /// Anything else the database says.
    #[error("the journal {path}: {source}")]
    Sqlite { path: String, source: rusqlite::Error },
    /// A row is not what was written.
    #[error(
        "the journal is damaged at event {seq}: {problem}; keep the file, and restore the newest backup that verifies"
    )]
    Damaged { seq: u64, problem: String },
}

impl JournalError {
    /// Sorts what the database says into what an operator can do about it.
    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.display().to_string();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::NotADatabase) => Self::NotAJournal { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { path },
            // Of a disk that became read-only under an open file SQLite says no more than that a write failed. No sync was tried.
            _ if is_failed_write(&source) && is_read_only(Path::new(&path)) => Self::ReadOnly { path },
            _ => Self::Sqlite { path, source },
        }
    }
}

fn is_failed_write(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_IOERR_WRITE)
}

/// Whether the file system that a file lies on takes nothing: tried, as nobody else knows.
fn is_read_only(file: &Path) -> bool {
    let trial = file.with_extension("trial");
    match File::create(&trial) {
        Ok(_) => {
            // It was empty; that it stays behind would do no harm.
            let _ = std::fs::remove_file(&trial);
            false
        }
        Err(error) => error.kind() == ErrorKind::ReadOnlyFilesystem,
    }
}

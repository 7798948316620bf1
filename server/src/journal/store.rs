//! The journal's file: an SQLite database in WAL mode with full sync, opened by one process alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dispatch_core::journal::Epoch;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::error::JournalError;
use super::rewrite;
use crate::next_version::JOURNAL_SCHEMA;

/// The one connection that writes, with the lock that keeps a second process out.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    _lock: File,
}

impl Store {
    /// Opens the journal in `folder`, or makes a new one.
    pub(super) fn open(folder: &Path) -> Result<Self, JournalError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| JournalError::File { path: folder.display().to_string(), source })?;
        let path = folder.join(JOURNAL_FILE);
        let lock = lock(folder)?;
        rewrite::if_marked(folder)?;
        let connection = Connection::open(&path).map_err(|e| JournalError::sqlite(&path, e))?;
        let store = Self { connection, path, _lock: lock };
        store.prepare().map_err(|e| JournalError::sqlite(&store.path, e))?;
        store.check_format()?;
        for schema in [SCHEMA, JOURNAL_SCHEMA] {
            store.connection.execute_batch(schema).map_err(|e| JournalError::sqlite(&store.path, e))?;
        }
        store.fold()?;
        Ok(store)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.busy_timeout(BUSY_MAX)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        // A key that is erased must not stay behind in a page that is no more used.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.set_prepared_statement_cache_capacity(16);
        Ok(())
    }

    fn check_format(&self) -> Result<(), JournalError> {
        let fail = |e| JournalError::sqlite(&self.path, e);
        let tables: i64 = self
            .connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .map_err(fail)?;
        if tables == 0 {
            self.connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
            return self.connection.pragma_update(None, "user_version", FORMAT).map_err(fail);
        }
        if check_format(&self.connection, &self.path)? < FORMAT {
            // What an older format lacks is made with the schema.
            self.connection.pragma_update(None, "user_version", FORMAT).map_err(fail)?;
        }
        Ok(())
    }

    /// Folds the write-ahead log into the file and syncs it: at a start, so that whatever the process before left unsynced is written
    /// anew; at the end, so that the file alone is the journal; after an erasure, so that the log keeps nothing.
    pub(super) fn fold(&self) -> Result<(), JournalError> {
        let fold = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        fold.map_err(|e| JournalError::sqlite(&self.path, e))
    }

    /// The epoch that events are written under.
    pub(super) fn epoch(&self) -> Result<Epoch, JournalError> {
        epoch(&self.connection).map_err(|e| JournalError::sqlite(&self.path, e))
    }
}

/// The epoch kept in a journal; the first one in a new journal.
pub(super) fn epoch(connection: &Connection) -> rusqlite::Result<Epoch> {
    let kept = connection.query_row("SELECT term, node FROM epoch", [], |row| {
        Ok(Epoch { term: row.get::<_, i64>(0)? as u64, node: row.get(1)? })
    });
    Ok(kept.optional()?.unwrap_or(Epoch::FIRST))
}

/// Opens a journal only to read it, beside the process that writes it.
///
/// Comes back with the format of the file.
pub(super) fn open_to_read(path: &Path) -> Result<(Connection, i64), JournalError> {
    if !path.is_file() {
        return Err(JournalError::Missing { path: path.display().to_string() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fail = |e| JournalError::sqlite(path, e);
    let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
    connection.busy_timeout(BUSY_MAX).map_err(fail)?;
    let format = check_format(&connection, path)?;
    Ok((connection, format))
}

/// Keeps every other process from the journal in `folder` until the file is dropped. A lock that is held is tried again for a
/// moment: a process that was killed, or a child that has not yet become its own program, lets go of it only then.
pub(crate) fn lock(folder: &Path) -> Result<File, JournalError> {
    let path = folder.join(LOCK_FILE);
    let name = path.display().to_string();
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|source| JournalError::File { path: name.clone(), source })?;
    let asked = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if asked.elapsed() < LOCK_WAIT_MAX => {
                std::thread::sleep(LOCK_AGAIN);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::InUse { path: folder.join(JOURNAL_FILE).display().to_string() });
            }
            Err(TryLockError::Error(source)) => return Err(JournalError::File { path: name, source }),
        }
    }
}

/// Makes a journal's tables in a new file that is worth nothing until it is whole and synced.
pub(super) fn prepare_copy(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    connection.execute_batch(SCHEMA)
}

fn check_format(connection: &Connection, path: &Path) -> Result<i64, JournalError> {
    let pragma = |name: &str| {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
            .map_err(|e| JournalError::sqlite(path, e))
    };
    let name = || path.display().to_string();
    if pragma("application_id")? != i64::from(APPLICATION_ID) {
        return Err(JournalError::NotAJournal { path: name() });
    }
    let found = pragma("user_version")?;
    if !(1..=FORMAT).contains(&found) {
        return Err(JournalError::OtherFormat { path: name(), found, expected: FORMAT });
    }
    Ok(found)
}

/// The journal's name in the data folder.
pub const JOURNAL_FILE: &str = "journal.sqlite";
const LOCK_FILE: &str = "journal.lock";
/// "jchi": tells the file from other databases.
const APPLICATION_ID: i32 = 0x6a63_6869;
const FORMAT: i64 = 2;
/// Since then personal data are sealed, and their keys lie in the file.
pub(super) const FORMAT_WITH_KEYS: i64 = 2;
/// A backup may hold the file this long; then an append counts as failed.
const BUSY_MAX: Duration = Duration::from_secs(10);
/// How long a held lock is tried again, and how often.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(1);
const LOCK_AGAIN: Duration = Duration::from_millis(20);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS journal (
        seq INTEGER PRIMARY KEY,
        term INTEGER NOT NULL,
        node INTEGER NOT NULL,
        at TEXT NOT NULL,
        body TEXT NOT NULL,
        prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS idempotency (
        key TEXT PRIMARY KEY,
        digest BLOB NOT NULL CHECK (length(digest) = 32),
        answer TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        at_us INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS idempotency_at ON idempotency (at_us);
    CREATE INDEX IF NOT EXISTS idempotency_last_seq ON idempotency (last_seq);
    CREATE TABLE IF NOT EXISTS personal_key (
        id TEXT PRIMARY KEY,
        subject TEXT NOT NULL,
        key BLOB NOT NULL CHECK (length(key) = 32)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS personal_key_subject ON personal_key (subject);
    CREATE TABLE IF NOT EXISTS quarantine (
        id INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        term INTEGER NOT NULL,
        node INTEGER NOT NULL,
        at TEXT NOT NULL,
        body TEXT NOT NULL,
        prev_hash BLOB NOT NULL,
        hash BLOB NOT NULL,
        PRIMARY KEY (id, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS quarantine_request (
        id INTEGER NOT NULL,
        key TEXT NOT NULL,
        digest BLOB NOT NULL,
        answer TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        at_us INTEGER NOT NULL,
        PRIMARY KEY (id, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS brought_in (
        id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS epoch (
        one INTEGER PRIMARY KEY CHECK (one = 1), term INTEGER NOT NULL, node INTEGER NOT NULL
    ) STRICT;
";

//! The files on this node's disk: one `SQLite` file, a row for each piece.

use std::io::Read;
use std::path::{Path, PathBuf};

use dispatch_core::ids::{FileId, IncidentId};
use dispatch_core::patient::FileCard;
use flate2::read::GzDecoder;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::FileError;
use super::sealing::FileKey;
use crate::journal::hex;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Bytes from here on are wanted.
    Send(u32),
    /// All of it is on this disk.
    Whole,
    /// And wherever else it must be.
    Kept,
    /// What came is not what its card says: nothing of it is left.
    Spoilt,
    /// Its key was erased: it is not wanted any more.
    Erased,
}

/// A whole file, sealed, as it is copied.
#[derive(Debug)]
pub(crate) struct SealedFile {
    pub(crate) id: String,
    pub(crate) incident: String,
    /// (first byte, sealed bytes), in order.
    pub(crate) parts: Vec<(u32, Vec<u8>)>,
}

/// The files of one node.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    folder: PathBuf,
    connection: Option<Connection>,
}

impl Store {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILES_FILE), folder: folder.to_owned(), connection: None }
    }

    pub(super) fn offered(&mut self, card: &FileCard, under: IncidentId) -> Result<Progress, FileError> {
        let Some(key) = FileKey::of(card) else { return Ok(Progress::Erased) };
        if let Some(progress) = self.progress(card.id)? {
            if self.is_sealed_with(card.id, key)? {
                return Ok(progress);
            }
            self.forget(card.id)?;
        }
        self.check_room()?;
        self.open()?.execute(
            "INSERT INTO file (id, incident, sealed_for) VALUES (?1, ?2, ?3)",
            params![card.id.to_string(), under.to_string(), key.print()],
        )?;
        Ok(Progress::Send(0))
    }

    pub(super) fn progress(&mut self, file: FileId) -> Result<Option<Progress>, FileError> {
        let row = self.open()?.query_row(
            "SELECT held, whole, copied FROM file WHERE id = ?1",
            [file.to_string()],
            |row| Ok((row.get::<_, u32>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?)),
        );
        Ok(row.optional()?.map(|(held, whole, copied)| match (whole, copied) {
            (true, true) => Progress::Kept,
            (true, false) => Progress::Whole,
            (false, _) => Progress::Send(held),
        }))
    }

    /// Takes a piece in, if it is the next. The last one is synced to disk with all before it.
    pub(super) fn take(
        &mut self,
        card: &FileCard,
        offset: u32,
        content: &[u8],
    ) -> Result<Progress, FileError> {
        let Some(key) = FileKey::of(card) else { return Ok(Progress::Erased) };
        let progress = self.progress(card.id)?.unwrap_or(Progress::Send(0));
        let held = match progress {
            Progress::Send(held) if held == offset => held,
            other => return Ok(other),
        };
        let after = held.saturating_add(u32::try_from(content.len()).unwrap_or(u32::MAX));
        if after > card.bytes || content.is_empty() {
            self.forget(card.id)?;
            return Ok(Progress::Spoilt);
        }
        self.check_room()?;
        let last = after == card.bytes;
        let sealed = key.seal(card.id, offset, content);
        let connection = self.open()?;
        connection.pragma_update(None, "synchronous", if last { "FULL" } else { "NORMAL" })?;
        let transaction = connection.transaction()?;
        let id = card.id.to_string();
        transaction.execute("INSERT INTO part VALUES (?1, ?2, ?3)", params![id, offset, sealed])?;
        transaction.execute("UPDATE file SET held = ?2 WHERE id = ?1", params![id, after])?;
        if last {
            let whole = contents(&transaction, card, key)?;
            if !whole.is_some_and(|contents| is_as_carded(card, &contents)) {
                drop(transaction);
                self.forget(card.id)?;
                return Ok(Progress::Spoilt);
            }
            transaction.execute("UPDATE file SET whole = 1 WHERE id = ?1", [id])?;
        }
        transaction.commit()?;
        Ok(if last { Progress::Whole } else { Progress::Send(after) })
    }

    /// The contents of a whole file.
    pub(super) fn read(&mut self, card: &FileCard) -> Result<Option<Vec<u8>>, FileError> {
        let whole = matches!(self.progress(card.id)?, Some(Progress::Whole | Progress::Kept));
        match FileKey::of(card) {
            Some(key) if whole => Ok(contents(self.open()?, card, key)?),
            _ => Ok(None),
        }
    }

    /// Takes a file over that is kept elsewhere, if it is what its card says.
    pub(super) fn adopt(
        &mut self,
        card: &FileCard,
        under: IncidentId,
        sealed: &[(u32, Vec<u8>)],
    ) -> Result<(), FileError> {
        let Some(key) = FileKey::of(card) else { return Ok(()) };
        self.check_room()?;
        let transaction = self.open()?.transaction()?;
        let id = card.id.to_string();
        transaction.execute("DELETE FROM part WHERE file = ?1", [&id])?;
        transaction.execute(
            "INSERT OR REPLACE INTO file VALUES (?1, ?2, ?3, ?4, 1, 1)",
            params![id, under.to_string(), key.print(), card.bytes],
        )?;
        for (start, sealed) in sealed {
            transaction.execute("INSERT INTO part VALUES (?1, ?2, ?3)", params![id, start, sealed])?;
        }
        if contents(&transaction, card, key)?.is_some_and(|contents| is_as_carded(card, &contents)) {
            transaction.commit()?;
        }
        Ok(())
    }

    pub(super) fn next_uncopied(&mut self) -> Result<Option<SealedFile>, FileError> {
        let connection = self.open()?;
        let found = connection.query_row(
            "SELECT id, incident FROM file WHERE whole = 1 AND copied = 0 ORDER BY rowid LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        let Some((id, incident)): Option<(String, String)> = found.optional()? else { return Ok(None) };
        let parts = sealed_parts(connection, &id)?;
        Ok(Some(SealedFile { id, incident, parts }))
    }

    pub(super) fn copied(&mut self, file: FileId) -> Result<(), FileError> {
        let connection = self.open()?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute("UPDATE file SET copied = 1 WHERE id = ?1", [file.to_string()])?;
        Ok(())
    }

    pub(super) fn erase(&mut self, incidents: &[IncidentId]) -> Result<(), FileError> {
        let transaction = self.open()?.transaction()?;
        for incident in incidents {
            let incident = incident.to_string();
            let of_it = "DELETE FROM part WHERE file IN (SELECT id FROM file WHERE incident = ?1)";
            transaction.execute(of_it, [&incident])?;
            transaction.execute("DELETE FROM file WHERE incident = ?1", [&incident])?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn is_sealed_with(&mut self, file: FileId, key: FileKey) -> Result<bool, FileError> {
        let print: Vec<u8> = self.open()?.query_row(
            "SELECT sealed_for FROM file WHERE id = ?1",
            [file.to_string()],
            |row| row.get(0),
        )?;
        Ok(print == key.print())
    }

    fn forget(&mut self, file: FileId) -> Result<(), FileError> {
        let transaction = self.open()?.transaction()?;
        let id = file.to_string();
        transaction.execute("DELETE FROM part WHERE file = ?1", [&id])?;
        transaction.execute("DELETE FROM file WHERE id = ?1", [&id])?;
        transaction.commit()?;
        Ok(())
    }

    /// The journal must never want for room because of a photo.
    fn check_room(&self) -> Result<(), FileError> {
        let source =
            |source: rustix::io::Errno| FileError::File { path: self.folder.clone(), source: source.into() };
        let disk = rustix::fs::statvfs(&self.folder).map_err(source)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < FREE_BYTES_MIN {
            return Err(FileError::DiskFull);
        }
        Ok(())
    }

    /// After a job that broke off half way.
    pub(super) fn reopen(&mut self) {
        self.connection = None;
    }

    fn open(&mut self) -> Result<&mut Connection, FileError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => open_sound(&self.path)?,
        };
        Ok(self.connection.insert(connection))
    }
}

fn open_sound(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn sealed_parts(connection: &Connection, id: &str) -> rusqlite::Result<Vec<(u32, Vec<u8>)>> {
    let mut parts =
        connection.prepare_cached("SELECT start, sealed FROM part WHERE file = ?1 ORDER BY start")?;
    parts.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// What the pieces come to; `None` where one does not open.
fn contents(connection: &Connection, card: &FileCard, key: FileKey) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut whole = Vec::with_capacity(card.bytes as usize);
    for (start, sealed) in sealed_parts(connection, &card.id.to_string())? {
        let Some(mut content) = key.open(card.id, start, &sealed) else { return Ok(None) };
        whole.append(&mut content);
    }
    Ok(Some(whole))
}

/// The bytes that the card names, and no more than a screen can bear when they are unpacked.
fn is_as_carded(card: &FileCard, contents: &[u8]) -> bool {
    let unpacks = || {
        let longest = link::file::FILE_UNPACKED_BYTES_MAX;
        let unpacked = std::io::copy(&mut GzDecoder::new(contents).take(longest + 1), &mut std::io::sink());
        unpacked.is_ok_and(|bytes| bytes <= longest)
    };
    contents.len() == card.bytes as usize
        && hex(&Sha256::digest(contents)) == card.sha256
        && (!card.gzip || unpacks())
}

/// The file in the centre's folder.
pub(crate) const FILES_FILE: &str = "files.sqlite";
/// Room that is left for the journal.
pub(super) const FREE_BYTES_MIN: u64 = 1 << 30;
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS file (
        id TEXT PRIMARY KEY, incident TEXT NOT NULL, sealed_for BLOB NOT NULL, held INTEGER NOT NULL DEFAULT 0,
        whole INTEGER NOT NULL DEFAULT 0, copied INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE INDEX IF NOT EXISTS file_incident ON file (incident);
    CREATE INDEX IF NOT EXISTS file_uncopied ON file (copied) WHERE whole = 1 AND copied = 0;
    CREATE TABLE IF NOT EXISTS part (
        file TEXT NOT NULL, start INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (file, start)) STRICT;";

//! Reading the journal in pages, beside the thread that writes it and without holding it up.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dispatch_core::journal::Epoch;
use rusqlite::Connection;

use super::body;
use super::chain::{Head, Row};
use super::error::JournalError;
use super::store;
use crate::centre::Journalled;

/// Reads what is durable. Clones share one connection; each page is one short read.
#[derive(Debug, Clone)]
pub struct JournalReader {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl JournalReader {
    /// Opens a journal's file to read it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = store::open_to_read(path)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Up to `count_max` events after `after`, as stored.
    pub fn rows(&self, after: u64, count_max: usize) -> Result<Vec<Row>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        read_rows(&connection, after, count_max).map_err(|e| JournalError::sqlite(&self.path, e))
    }

    /// Up to `count_max` events after `after`.
    pub fn page(&self, after: u64, count_max: usize) -> Result<Vec<Journalled>, JournalError> {
        self.rows(after, count_max)?.iter().map(body::decode).collect()
    }

    /// Follows the whole chain and gives every event to `each`; comes back with the head. The first thing that is wrong
    /// ends it with the number of the event.
    pub fn verify(&self, mut each: impl FnMut(&Row, &Journalled)) -> Result<Head, JournalError> {
        let mut head = Head::EMPTY;
        loop {
            let rows = self.rows(head.seq, ROWS_MAX)?;
            for row in &rows {
                head = head.follow(row)?;
                each(row, &body::decode(row)?);
            }
            if rows.len() < ROWS_MAX {
                return Ok(head);
            }
        }
    }
}

fn read_rows(connection: &Connection, after: u64, count_max: usize) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, term, node, at, body, prev_hash, hash FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let rows = statement.query_map((after as i64, count_max as i64), |row| {
        Ok(Row {
            seq: row.get::<_, i64>(0)? as u64,
            epoch: Epoch { term: row.get::<_, i64>(1)? as u64, node: row.get(2)? },
            at: row.get(3)?,
            body: row.get(4)?,
            prev_hash: row.get(5)?,
            hash: row.get(6)?,
        })
    })?;
    rows.collect()
}

/// Rows read at a time when the whole journal is gone through.
const ROWS_MAX: usize = 2000;

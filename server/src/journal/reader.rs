//! Reading the journal in pages, beside the thread that writes it and without holding it up.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dispatch_core::journal::Epoch;
use rusqlite::Connection;

use super::body;
use super::chain::{Head, Row};
use super::error::JournalError;
use super::personal::{self, PersonalKey};
use super::store;
use crate::centre::Journalled;

/// Reads what is durable. Clones share one connection; each page is one short read.
#[derive(Debug, Clone)]
pub struct JournalReader {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
    /// A journal of the first format has no keys: nothing in it is sealed.
    has_keys: bool,
}

impl JournalReader {
    /// Opens a journal's file to read it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let (connection, format) = store::open_to_read(path)?;
        let has_keys = format >= store::FORMAT_WITH_KEYS;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned(), has_keys })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Up to `count_max` events after `after`, as stored.
    pub fn rows(&self, after: u64, count_max: usize) -> Result<Vec<Row>, JournalError> {
        read_rows(&self.connection(), after, count_max).map_err(|e| JournalError::sqlite(&self.path, e))
    }

    /// Up to `count_max` events after `after`.
    pub fn page(&self, after: u64, count_max: usize) -> Result<Vec<Journalled>, JournalError> {
        self.open_rows(&self.rows(after, count_max)?)
    }

    /// The events of stored rows, with the personal data whose keys are there.
    pub fn open_rows(&self, rows: &[Row]) -> Result<Vec<Journalled>, JournalError> {
        let keys = self.keys_of(rows)?;
        let open =
            |row| body::decode(row, |subject, sealed| personal::open(keys.get(&sealed.key), subject, sealed));
        rows.iter().map(open).collect()
    }

    /// The keys that stored rows name and that were not erased.
    pub(crate) fn keys_of(&self, rows: &[Row]) -> Result<HashMap<String, PersonalKey>, JournalError> {
        let mut keys = HashMap::new();
        if !self.has_keys {
            return Ok(keys);
        }
        let connection = self.connection();
        for id in rows.iter().filter_map(body::key_of) {
            if !keys.contains_key(&id) {
                let key =
                    personal::by_id(&connection, &id).map_err(|e| JournalError::sqlite(&self.path, e))?;
                keys.extend(key.map(|key| (id, key)));
            }
        }
        Ok(keys)
    }

    /// A key by its name, if it was not erased.
    pub(super) fn personal_key(&self, id: &str) -> Result<Option<PersonalKey>, JournalError> {
        if !self.has_keys {
            return Ok(None);
        }
        personal::by_id(&self.connection(), id).map_err(|e| JournalError::sqlite(&self.path, e))
    }

    /// The number of the last event; 0 in an empty journal.
    pub fn last_seq(&self) -> Result<u64, JournalError> {
        let read = self
            .connection()
            .query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get::<_, i64>(0));
        read.map(|seq| seq as u64).map_err(|e| JournalError::sqlite(&self.path, e))
    }

    /// The last event's place in the chain, as it is stored; `None` in an empty journal.
    pub(crate) fn last_head(&self) -> Result<Option<Head>, JournalError> {
        let last = self.last_seq()?;
        let rows = self.rows(last.saturating_sub(1), 1)?;
        Ok(rows.first().map(|row| Head { seq: row.seq, hash: row.hash, epoch: row.epoch }))
    }

    /// The key of snapshots with the number of the newest event that was there together with it.
    pub(crate) fn snapshot_key(&self) -> Result<Option<(PersonalKey, u64)>, JournalError> {
        if !self.has_keys {
            return Ok(None);
        }
        let connection = self.connection();
        let read = || {
            let moment = connection.unchecked_transaction()?;
            let key = personal::known_snapshot_key(&moment)?;
            let head = moment
                .query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get::<_, i64>(0))?;
            Ok(key.map(|key| (key, head as u64)))
        };
        read().map_err(|e| JournalError::sqlite(&self.path, e))
    }

    /// Follows the chain from its first event up to `to`, which was believed so far. Meant to run beside dispatching: it reads through
    /// a connection of its own and rests between pages. `go_on` may end it early; then nothing is said.
    pub(crate) fn check_behind(
        &self,
        to: Head,
        go_on: impl Fn(Duration) -> bool,
    ) -> Result<(), JournalError> {
        let own = Self::open(&self.path)?;
        let mut head = Head::EMPTY;
        while head.seq < to.seq {
            let rows = own.rows(head.seq, ROWS_MAX.min((to.seq - head.seq) as usize))?;
            if rows.is_empty() {
                let problem = "it is not in the journal any more".to_owned();
                return Err(JournalError::Damaged { seq: head.seq + 1, problem });
            }
            for row in &rows {
                head = head.follow(row)?;
            }
            if !go_on(REST) {
                return Ok(());
            }
        }
        if head.hash == to.hash {
            return Ok(());
        }
        let problem = "the snapshot was made of another history".to_owned();
        Err(JournalError::Damaged { seq: to.seq, problem })
    }

    /// Follows the whole chain and gives every event to `each`; comes back with the head. The first thing that is wrong
    /// ends it with the number of the event.
    pub fn verify(&self, each: impl FnMut(&Row, &Journalled)) -> Result<Head, JournalError> {
        self.verify_from(Head::EMPTY, each)
    }

    /// The same from a place in the chain that is known to be good.
    pub(crate) fn verify_from(
        &self,
        mut head: Head,
        mut each: impl FnMut(&Row, &Journalled),
    ) -> Result<Head, JournalError> {
        loop {
            let rows = self.rows(head.seq, ROWS_MAX)?;
            for row in &rows {
                head = head.follow(row)?;
            }
            for (row, journalled) in rows.iter().zip(&self.open_rows(&rows)?) {
                each(row, journalled);
            }
            if rows.len() < ROWS_MAX {
                return Ok(head);
            }
        }
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_rows(connection: &Connection, after: u64, count_max: usize) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, term, node, at, body, prev_hash, hash FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let rows = statement.query_map((after as i64, count_max as i64), row)?;
    rows.collect()
}

/// A stored row.
pub(super) fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: row.get::<_, i64>(0)? as u64,
        epoch: Epoch { term: row.get::<_, i64>(1)? as u64, node: row.get(2)? },
        at: row.get(3)?,
        body: row.get(4)?,
        prev_hash: row.get(5)?,
        hash: row.get(6)?,
    })
}

/// How long the check of what lies behind rests between two pages.
const REST: Duration = Duration::from_millis(20);
/// Rows read at a time when the whole journal is gone through.
const ROWS_MAX: usize = 2000;

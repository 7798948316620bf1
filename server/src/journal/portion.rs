//! A portion of a journal with all that belongs to it, as it travels to PostgreSQL and to the other node: rows as stored, the keys of their
//! personal data, and the requests they answer, so that a request that is repeated elsewhere is still known.

use dispatch_core::journal::v2::Sealed;
use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::chain::Row;
use super::error::JournalError;
use super::personal::{self, PersonalKey};
use super::{INSERT, Journal, JournalReader, Remembered, body, keys};
use crate::centre::{IdempotencyKey, Journalled};
use crate::clock::wall_now;

/// Rows of a journal with what belongs to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Portion {
    /// The rows, in order and without gaps.
    pub(crate) rows: Vec<Row>,
    /// The keys of personal data that the rows name and that were not erased.
    pub(crate) keys: Vec<PersonalKey>,
    /// The requests whose last event is among the rows.
    pub(crate) requests: Vec<(IdempotencyKey, Remembered)>,
}

impl JournalReader {
    /// Up to `count_max` rows after `after_seq` with what belongs to them.
    pub(crate) fn portion(&self, after_seq: u64, count_max: usize) -> Result<Portion, JournalError> {
        let rows = self.rows(after_seq, count_max)?;
        let Some(last) = rows.last() else { return Ok(Portion::default()) };
        let requests = keys::between(&self.connection(), after_seq, last.seq)
            .map_err(|e| JournalError::sqlite(self.path(), e))?;
        let mut keys: Vec<PersonalKey> = self.keys_of(&rows)?.into_values().collect();
        keys.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Portion { rows, keys, requests })
    }
}

impl Portion {
    /// The events of the rows, with the personal data whose keys came along.
    pub(crate) fn events(&self) -> Result<Vec<Journalled>, JournalError> {
        let key = |id: &str| self.keys.iter().find(|key| key.id == id);
        let open =
            |row| body::decode(row, |subject, sealed| personal::open(key(&sealed.key), subject, sealed));
        self.rows.iter().map(open).collect()
    }
}

impl Journal {
    /// Makes a portion that another node wrote durable as it is, with one transaction and one sync, or nothing of it. It must follow the
    /// chain. Comes back with the events.
    pub(crate) fn take_in(&mut self, portion: &Portion) -> Result<Vec<Journalled>, JournalError> {
        let taken = self.try_take_in(portion);
        if taken.is_err() {
            self.sealer.forget();
        }
        taken
    }

    fn try_take_in(&mut self, portion: &Portion) -> Result<Vec<Journalled>, JournalError> {
        let path = self.store.path.clone();
        let fail = |e| JournalError::sqlite(&path, e);
        let mut head = self.head;
        let mut events = Vec::with_capacity(portion.rows.len());
        let mut erased = false;
        let connection = &mut self.store.connection;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        for row in &portion.rows {
            head = head.follow(row)?;
            let key = |id: &str| portion.keys.iter().find(|key| key.id == id);
            let open = |subject, sealed: &Sealed| personal::open(key(&sealed.key), subject, sealed);
            events.push(body::decode(row, open)?);
            insert(&transaction, row).map_err(fail)?;
            let subjects = body::erased_by(row);
            if !subjects.is_empty() {
                self.sealer.erase(&transaction, &subjects).map_err(fail)?;
                erased = true;
            }
        }
        // After what the rows erase: a key that came along was made after the erasure, or its subject's data are still there.
        for key in &portion.keys {
            personal::store(&transaction, key).map_err(fail)?;
        }
        for (key, it) in &portion.requests {
            keys::keep(&transaction, key, it).map_err(fail)?;
        }
        keys::forget_old(&transaction, wall_now()).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        self.head = head;
        if erased {
            self.store.fold()?;
        }
        Ok(events)
    }
}

fn insert(connection: &Connection, row: &Row) -> rusqlite::Result<()> {
    let values = params![
        row.seq as i64,
        row.epoch.term as i64,
        row.epoch.node,
        row.at,
        row.body,
        row.prev_hash,
        row.hash
    ];
    connection.prepare_cached(INSERT)?.execute(values).map(|_| ())
}

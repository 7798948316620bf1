//! Events that were moved aside: reading them to bring them in, and remembering that it was done. They are never dropped.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Quarantined, Run};
use rusqlite::{Connection, params};

use super::chain::Row;
use super::error::JournalError;
use super::personal::PersonalKey;
use super::reader::row;
use super::{Journal, JournalReader, Portion, Remembered, keys};
use crate::centre::IdempotencyKey;
use crate::clock::wall_now;

/// Requests with what is remembered of them.
type Requests = Vec<(IdempotencyKey, Remembered)>;

impl Journal {
    /// What fits of a stretch is on the leader's record: it waits no more.
    pub(crate) fn remember_brought_in(&mut self, stretch: &Quarantined) -> Result<(), JournalError> {
        let connection = &self.store.connection;
        let remember = || {
            let waiting = waiting(connection)?;
            let Some((id, _)) = waiting.iter().find(|(_, it)| it == stretch) else { return Ok(0) };
            connection.execute(
                "INSERT OR IGNORE INTO brought_in (id, at_us) VALUES (?1, ?2)",
                params![id, wall_now().micros()],
            )
        };
        remember().map(|_| ()).map_err(|e| JournalError::sqlite(&self.store.path, e))
    }
}

impl JournalReader {
    /// Up to `count_max` events of a stretch that waits aside, after `after_seq`, with the keys of their personal data and the requests
    /// they answered. None where no such stretch waits, or nothing comes after.
    pub(crate) fn aside(
        &self,
        stretch: &Quarantined,
        after_seq: u64,
        count_max: usize,
    ) -> Result<Portion, JournalError> {
        let read = self.aside_rows(stretch, after_seq, count_max);
        let (rows, requests) = read.map_err(|e| JournalError::sqlite(self.path(), e))?;
        let mut keys: Vec<PersonalKey> = self.keys_of(&rows)?.into_values().collect();
        keys.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Portion { rows, keys, requests })
    }

    /// Whether a request was carried out by whoever leads this journal.
    pub(crate) fn knows_request(&self, key: &IdempotencyKey) -> Result<bool, JournalError> {
        keys::is_known(&self.connection(), key).map_err(|e| JournalError::sqlite(self.path(), e))
    }

    /// Up to `count_max` of all events that were ever moved aside, with the number of their stretch, after one of them.
    pub(crate) fn moved_aside(
        &self,
        after: (i64, u64),
        count_max: usize,
    ) -> Result<Vec<(i64, Row)>, JournalError> {
        let connection = self.connection();
        let read = || {
            let mut statement = connection.prepare_cached(
                "SELECT seq, term, node, at, body, prev_hash, hash, id FROM quarantine
                 WHERE (id, seq) > (?1, ?2) ORDER BY id, seq LIMIT ?3",
            )?;
            let rows = statement
                .query_map((after.0, after.1 as i64, count_max as i64), |it| Ok((it.get(7)?, row(it)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| JournalError::sqlite(self.path(), e))
    }

    fn aside_rows(
        &self,
        stretch: &Quarantined,
        after_seq: u64,
        count_max: usize,
    ) -> rusqlite::Result<(Vec<Row>, Requests)> {
        let connection = self.connection();
        let waiting = waiting(&connection)?;
        let Some((id, _)) = waiting.iter().find(|(_, it)| it == stretch) else { return Ok((vec![], vec![])) };
        let mut statement = connection.prepare_cached(
            "SELECT seq, term, node, at, body, prev_hash, hash FROM quarantine WHERE id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?;
        let rows = statement.query_map((id, after_seq as i64, count_max as i64), row)?;
        let rows = rows.collect::<rusqlite::Result<Vec<Row>>>()?;
        let last_seq = rows.last().map_or(after_seq, |row| row.seq);
        let requests = keys::aside_between(&connection, *id, after_seq, last_seq)?;
        Ok((rows, requests))
    }
}

/// The stretches that wait for a person, oldest first, with their numbers in the file.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<Vec<(i64, Quarantined)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, seq, term, node FROM quarantine WHERE id NOT IN (SELECT id FROM brought_in) ORDER BY id, seq",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting: Vec<(i64, Quarantined)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, seq) = (row.get(0)?, row.get::<_, i64>(1)? as u64);
        let epoch = Epoch { term: row.get::<_, i64>(2)? as u64, node: row.get(3)? };
        if waiting.last().is_none_or(|(last, _)| *last != id) {
            waiting.push((id, Quarantined { after_seq: seq - 1, runs: Vec::new() }));
        }
        let Some((_, Quarantined { runs, .. })) = waiting.last_mut() else { continue };
        match runs.last_mut() {
            Some(run) if run.epoch == epoch => run.last_seq = seq,
            _ => runs.push(Run { epoch, last_seq: seq }),
        }
    }
    Ok(waiting)
}

//! Which requests were carried out: idempotency keys, written in the same transaction as the events they led to, and
//! forgotten after a day.

use std::collections::{BTreeSet, HashMap};

use dispatch_core::UtcTime;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::centre::{IdempotencyKey, KeyedRequest, RequestDigest};

/// What is remembered of a request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Digest of the request.
    pub digest: RequestDigest,
    /// What its caller wants to be given back.
    pub answer: String,
    /// Sequence number of its first event.
    pub first_seq: u64,
    /// Sequence number of its last event.
    pub last_seq: u64,
    /// When it was carried out, by the wall clock, UTC.
    pub at: UtcTime,
}

/// The requests remembered, in memory. Mirrors the table in the journal's file.
#[derive(Debug, Default)]
pub struct RememberedKeys {
    by_key: HashMap<IdempotencyKey, Remembered>,
    by_age: BTreeSet<(UtcTime, IdempotencyKey)>,
}

impl RememberedKeys {
    /// What is remembered under a key.
    pub fn get(&self, key: &IdempotencyKey) -> Option<&Remembered> {
        self.by_key.get(key)
    }

    /// Remembers a request, and forgets those that are too old or too many.
    pub fn remember(&mut self, key: IdempotencyKey, it: Remembered) {
        let oldest_kept = UtcTime::from_micros(it.at.micros() - KEPT_US);
        self.by_age.insert((it.at, key.clone()));
        if let Some(before) = self.by_key.insert(key.clone(), it) {
            self.by_age.remove(&(before.at, key));
        }
        while self.by_key.len() > KEYS_MAX || self.by_age.first().is_some_and(|(at, _)| *at < oldest_kept) {
            let Some((_, oldest)) = self.by_age.pop_first() else { break };
            self.by_key.remove(&oldest);
        }
    }
}

pub(super) fn load(connection: &Connection) -> rusqlite::Result<RememberedKeys> {
    let mut keys = RememberedKeys::default();
    let mut statement = connection
        .prepare("SELECT key, digest, answer, first_seq, last_seq, at_us FROM idempotency ORDER BY at_us")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some((key, it)) = of_row(row)? {
            keys.remember(key, it);
        }
    }
    Ok(keys)
}

/// The requests whose last event lies after one event and not after another: a request is known elsewhere only with all that it did.
pub(super) fn between(
    connection: &Connection,
    after_seq: u64,
    last_seq: u64,
) -> rusqlite::Result<Vec<(IdempotencyKey, Remembered)>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, digest, answer, first_seq, last_seq, at_us FROM idempotency
         WHERE last_seq > ?1 AND last_seq <= ?2 ORDER BY last_seq, key",
    )?;
    let mut rows = statement.query(params![after_seq as i64, last_seq as i64])?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        requests.extend(of_row(row)?);
    }
    Ok(requests)
}

/// The same of requests that were moved aside with what they did.
pub(super) fn aside_between(
    connection: &Connection,
    stretch: i64,
    after_seq: u64,
    last_seq: u64,
) -> rusqlite::Result<Vec<(IdempotencyKey, Remembered)>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, digest, answer, first_seq, last_seq, at_us FROM quarantine_request
         WHERE id = ?1 AND last_seq > ?2 AND last_seq <= ?3 ORDER BY last_seq, key",
    )?;
    let mut rows = statement.query(params![stretch, after_seq as i64, last_seq as i64])?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        requests.extend(of_row(row)?);
    }
    Ok(requests)
}

/// Whether a request was carried out.
pub(super) fn is_known(connection: &Connection, key: &IdempotencyKey) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM idempotency WHERE key = ?1")?;
    statement.query_row([key.as_str()], |row| Ok(row.get::<_, i64>(0)? > 0))
}

fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<(IdempotencyKey, Remembered)>> {
    let text: String = row.get(0)?;
    let it = Remembered {
        digest: row.get(1)?,
        answer: row.get(2)?,
        first_seq: row.get::<_, i64>(3)? as u64,
        last_seq: row.get::<_, i64>(4)? as u64,
        at: UtcTime::from_micros(row.get(5)?),
    };
    Ok(IdempotencyKey::new(&text).map(|key| (key, it)))
}

pub(super) fn store(
    connection: &Connection,
    request: &KeyedRequest,
    first_seq: u64,
    last_seq: u64,
    at: UtcTime,
) -> rusqlite::Result<()> {
    let KeyedRequest { key, digest, answer } = request;
    keep(connection, key, &Remembered { digest: *digest, answer: answer.clone(), first_seq, last_seq, at })
}

/// Keeps a request that was carried out.
pub(super) fn keep(connection: &Connection, key: &IdempotencyKey, it: &Remembered) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO idempotency (key, digest, answer, first_seq, last_seq, at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let row =
        params![key.as_str(), it.digest, it.answer, it.first_seq as i64, it.last_seq as i64, it.at.micros()];
    statement.execute(row).map(|_| ())
}

/// Forgets keys older than a day, a bounded number at a time.
pub(super) fn forget_old(connection: &Connection, now: UtcTime) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM idempotency WHERE key IN
         (SELECT key FROM idempotency WHERE at_us < ?1 ORDER BY at_us LIMIT ?2)",
    )?;
    statement.execute(params![now.micros() - KEPT_US, FORGOTTEN_MAX]).map(|_| ())
}

/// A client that repeats a request after more than a day is not repeating it.
const KEPT_US: i64 = 24 * 3600 * 1_000_000;
/// Keys remembered in memory: more than ten busy days of a province.
const KEYS_MAX: usize = 200_000;
/// Keys forgotten in one transaction: more than are added in one.
const FORGOTTEN_MAX: i64 = 2000;

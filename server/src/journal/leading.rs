//! What the journal's file keeps of leadership: under which epoch each stretch was written, the highest epoch this node led under, and the
//! events that were moved aside because whoever leads lacks them.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{Disk, History, Position, Quarantine, Run};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::chain::Head;
use super::error::JournalError;
use super::keys::{self, RememberedKeys};
use super::{Journal, JournalReader, aside};

impl Journal {
    /// What a node of two starts with. Its end is never in doubt: opening has rewritten it where a sync had failed.
    pub(crate) fn disk(&self) -> Result<Disk, JournalError> {
        let connection = &self.store.connection;
        let read = || {
            Ok(Disk {
                journal: history(connection)?,
                highest: kept_epoch(connection)?,
                in_doubt: false,
                quarantine: Quarantine::new(
                    aside::waiting(connection)?.into_iter().map(|(_, it)| it).collect(),
                ),
            })
        };
        read().map_err(|e| JournalError::sqlite(&self.store.path, e))
    }

    /// Events are written under this epoch from now on; it is remembered on disk before the first of them. Comes back with the requests
    /// that were carried out, here and by other nodes.
    pub(crate) fn lead(&mut self, epoch: Epoch) -> Result<RememberedKeys, JournalError> {
        let connection = &self.store.connection;
        let kept = connection.execute(
            "INSERT INTO epoch (one, term, node) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET term = ?1, node = ?2",
            params![epoch.term as i64, epoch.node],
        );
        let keys = kept.and_then(|_| keys::load(connection));
        let keys = keys.map_err(|e| JournalError::sqlite(&self.store.path, e))?;
        self.epoch = epoch;
        Ok(keys)
    }

    /// Moves everything after an event aside, as one transaction: another node wrote other events there. The requests they answered go
    /// with them, so that a client that repeats one has it carried out.
    pub(crate) fn set_aside(&mut self, after_seq: u64) -> Result<(), JournalError> {
        let path = self.store.path.clone();
        let fail = |e| JournalError::sqlite(&path, e);
        let connection = &mut self.store.connection;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let move_rows = || -> rusqlite::Result<()> {
            let after = after_seq as i64;
            transaction.execute(MOVE_ASIDE, [after])?;
            transaction.execute("DELETE FROM journal WHERE seq > ?1", [after])?;
            transaction.execute(MOVE_REQUESTS_ASIDE, [after])?;
            transaction.execute("DELETE FROM idempotency WHERE last_seq > ?1", [after])?;
            Ok(())
        };
        move_rows().map_err(fail)?;
        transaction.commit().map_err(fail)?;
        self.sealer.forget();
        let reader = JournalReader::open(&self.store.path)?;
        self.head = reader.last_head()?.unwrap_or(Head::EMPTY);
        Ok(())
    }
}

/// The stretches of the journal. Epochs never fall along it, so that the end of each is found by halving.
fn history(connection: &Connection) -> rusqlite::Result<History> {
    let mut at = connection.prepare_cached("SELECT term, node FROM journal WHERE seq = ?1")?;
    let mut epoch_at = |seq: u64| {
        at.query_row([seq as i64], |row| Ok(Epoch { term: row.get::<_, i64>(0)? as u64, node: row.get(1)? }))
    };
    let last: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get(0))?;
    let last = last as u64;
    let mut runs = Vec::new();
    let mut begin = 1;
    while begin <= last {
        let epoch = epoch_at(begin)?;
        let (mut inside, mut beyond) = (begin, last + 1);
        while beyond - inside > 1 {
            let middle = inside + (beyond - inside) / 2;
            if epoch_at(middle)? == epoch { inside = middle } else { beyond = middle }
        }
        runs.push(Run { epoch, last_seq: inside });
        begin = beyond;
    }
    Ok(History::new(Position::START, runs))
}

/// The highest epoch this node led under; below the first in a journal that never had a leader.
fn kept_epoch(connection: &Connection) -> rusqlite::Result<Epoch> {
    let kept = connection.query_row("SELECT term, node FROM epoch", [], |row| {
        Ok(Epoch { term: row.get::<_, i64>(0)? as u64, node: row.get(1)? })
    });
    Ok(kept.optional()?.unwrap_or(Epoch { term: 0, node: 0 }))
}

const MOVE_ASIDE: &str = "
    INSERT INTO quarantine (id, seq, term, node, at, body, prev_hash, hash)
    SELECT (SELECT coalesce(max(id), 0) + 1 FROM quarantine), seq, term, node, at, body, prev_hash, hash
    FROM journal WHERE seq > ?1";
/// With the stretch of events that was just moved.
const MOVE_REQUESTS_ASIDE: &str = "
    INSERT OR IGNORE INTO quarantine_request (id, key, digest, answer, first_seq, last_seq, at_us)
    SELECT (SELECT max(id) FROM quarantine), key, digest, answer, first_seq, last_seq, at_us
    FROM idempotency WHERE last_seq > ?1 AND (SELECT max(id) FROM quarantine) IS NOT NULL";

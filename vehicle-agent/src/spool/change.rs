//! One change of the vehicle's record: a value, written in one transaction.

use link::v1::{Epoch, PatientReport, Report, Settings};
use prost::Message;
use rusqlite::{OptionalExtension, Transaction, params};

use super::files::{self, FileEnd};
use super::patients::{self, PatientAnswer};
use super::{DELIVERIES_REMEMBERED_MAX, MESSAGES_KEPT_MAX, REPORTS_MAX, Spool, SpoolError};

/// An order as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its assignment.
    pub assignment: String,
    /// When the vehicle got it, UTC by the vehicle's clock.
    pub received_unix_ms: i64,
    /// The message `Delivery` with the order, as bytes.
    pub body: Vec<u8>,
    /// What became of it, as JSON.
    pub record: String,
}

/// Everything that one step may write.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// A report to be sent.
    pub report: Option<Report>,
    /// (boot, seq) of a report that the centre has.
    pub acknowledged: Option<(u64, u64)>,
    /// Something known of a patient, to be sent.
    pub patient_report: Option<PatientReport>,
    /// What is in the file that it is the card of.
    pub file: Option<Vec<u8>>,
    /// What became of a file at the centre.
    pub file_end: Option<FileEnd>,
    /// The centre's answer to something told of a patient.
    pub patient_answer: Option<PatientAnswer>,
    /// An order that is new or has changed.
    pub order: Option<OrderRow>,
    /// An order that leaves the vehicle.
    pub removed_order: Option<String>,
    /// Effect id and outcome of a delivery that was taken.
    pub delivery: Option<(String, i32)>,
    /// Effect id and JSON of a message of the centre, new or read.
    pub message: Option<(String, String)>,
    /// Who is signed on, as JSON.
    pub crew: Option<String>,
    /// On whom monitors are, as JSON.
    pub cables: Option<String>,
    /// The centre's settings, as it sent them.
    pub settings: Option<Settings>,
    /// A new highest epoch.
    pub epoch: Option<Epoch>,
}

impl Spool {
    /// Writes a change. When this returns, it survives a loss of power.
    pub fn apply(&mut self, change: &Change) -> Result<(), SpoolError> {
        if change.report.is_some() && self.reports_waiting >= REPORTS_MAX {
            return Err(SpoolError::Full);
        }
        let path = &self.path;
        let waiting = self
            .db
            .transaction()
            .and_then(|transaction| {
                let waiting = write(&transaction, change)?;
                transaction.commit()?;
                Ok(waiting)
            })
            .map_err(|source| SpoolError::Database { path: path.clone(), source })?;
        self.reports_waiting = self.reports_waiting.saturating_add_signed(waiting);
        Ok(())
    }

    /// What was answered to a delivery that came before.
    pub fn outcome_of(&self, effect: &str) -> Result<Option<i32>, SpoolError> {
        self.db
            .query_row("SELECT outcome FROM deliveries WHERE effect = ?1", [effect], |row| row.get(0))
            .optional()
            .map_err(|source| self.failed(source))
    }
}

/// Returns by how many the waiting reports grew.
fn write(transaction: &Transaction<'_>, change: &Change) -> rusqlite::Result<isize> {
    let mut waiting = 0;
    if let Some(report) = &change.report {
        waiting += transaction.execute(
            "INSERT INTO reports VALUES (?1, ?2, ?3)",
            params![report.boot as i64, report.seq as i64, report.encode_to_vec()],
        )? as isize;
    }
    if let Some((boot, seq)) = change.acknowledged {
        waiting -= transaction
            .execute("DELETE FROM reports WHERE boot = ?1 AND seq = ?2", params![boot as i64, seq as i64])?
            as isize;
    }
    if let Some(order) = &change.order {
        transaction.execute(
            "INSERT OR REPLACE INTO orders VALUES (?1, ?2, ?3, ?4)",
            params![order.assignment, order.received_unix_ms, order.body, order.record],
        )?;
    }
    if let Some(assignment) = &change.removed_order {
        transaction.execute("DELETE FROM orders WHERE assignment = ?1", [assignment])?;
        patients::forget(transaction, assignment)?;
        files::forget(transaction, assignment)?;
    }
    if let Some(report) = &change.patient_report {
        patients::keep(transaction, report)?;
        if let Some(content) = &change.file {
            files::keep(transaction, report, content)?;
        }
    }
    if let Some(answer) = &change.patient_answer {
        patients::answer(transaction, answer)?;
        files::carded(transaction, answer.key, answer.refused.is_none())?;
    }
    if let Some(end) = &change.file_end {
        files::end(transaction, end)?;
    }
    if let Some((effect, outcome)) = &change.delivery {
        transaction.execute(
            "INSERT OR REPLACE INTO deliveries (effect, outcome) VALUES (?1, ?2)",
            params![effect, outcome],
        )?;
        transaction.execute(
            "DELETE FROM deliveries WHERE number <= (SELECT max(number) FROM deliveries) - ?1",
            [DELIVERIES_REMEMBERED_MAX],
        )?;
    }
    if let Some((effect, body)) = &change.message {
        transaction.execute(
            "INSERT INTO messages (effect, body) VALUES (?1, ?2) ON CONFLICT (effect) DO UPDATE SET body = ?2",
            params![effect, body],
        )?;
        transaction.execute(
            "DELETE FROM messages WHERE number <= (SELECT max(number) FROM messages) - ?1",
            [MESSAGES_KEPT_MAX as i64],
        )?;
    }
    if let Some(crew) = &change.crew {
        keep_fact(transaction, "crew", crew)?;
    }
    if let Some(cables) = &change.cables {
        keep_fact(transaction, "cables", cables)?;
    }
    if let Some(settings) = &change.settings {
        keep_fact(transaction, "settings", &hex(&settings.encode_to_vec()))?;
    }
    if let Some(epoch) = change.epoch {
        keep_fact(transaction, "epoch", &format!("{} {}", epoch.term, epoch.node))?;
    }
    Ok(waiting)
}

/// Bytes where the table has text.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn keep_fact(transaction: &Transaction<'_>, name: &str, value: &str) -> rusqlite::Result<usize> {
    transaction.execute("INSERT OR REPLACE INTO facts VALUES (?1, ?2)", params![name, value])
}

//! What is known of patients, on disk: it waits for the centre's answer, and stays for the screen as long as its order does.

use link::v1::PatientReport;
use prost::Message;
use rusqlite::{Connection, Transaction, params};
use tracing::error;

/// Something told of a patient, and what the centre said.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientRow {
    /// As it is sent.
    pub report: PatientReport,
    /// The centre has answered.
    pub answered: bool,
    /// Why it said no, if it did.
    pub refused: Option<String>,
}

/// The centre's answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientAnswer {
    /// (boot, seq).
    pub key: (u64, u64),
    /// Why it said no, if it did.
    pub refused: Option<String>,
}

/// Answered ones that stay on disk for one order: eight hours of a monitor that speaks each half minute.
pub const PATIENT_ROWS_KEPT_MAX: usize = 1_000;

pub(super) fn keep(transaction: &Transaction<'_>, report: &PatientReport) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO patient_reports (boot, seq, assignment, body) VALUES (?1, ?2, ?3, ?4)",
        params![report.boot as i64, report.seq as i64, report.assignment_id, report.encode_to_vec()],
    )?;
    transaction.execute(
        "DELETE FROM patient_reports WHERE assignment = ?1 AND answered = 1 AND rowid <= (
           SELECT rowid FROM patient_reports WHERE assignment = ?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?2)",
        params![report.assignment_id, PATIENT_ROWS_KEPT_MAX as i64],
    )?;
    Ok(())
}

pub(super) fn answer(transaction: &Transaction<'_>, answer: &PatientAnswer) -> rusqlite::Result<()> {
    let (boot, seq) = (answer.key.0 as i64, answer.key.1 as i64);
    transaction.execute(
        "UPDATE patient_reports SET answered = 1, refused = ?3 WHERE boot = ?1 AND seq = ?2",
        params![boot, seq, answer.refused],
    )?;
    // Its order may have left before.
    transaction.execute(
        "DELETE FROM patient_reports WHERE boot = ?1 AND seq = ?2 AND assignment NOT IN (SELECT assignment FROM orders)",
        params![boot, seq],
    )?;
    Ok(())
}

/// The order leaves the screen; what the centre has not answered stays.
pub(super) fn forget(transaction: &Transaction<'_>, assignment: &str) -> rusqlite::Result<()> {
    transaction
        .execute("DELETE FROM patient_reports WHERE assignment = ?1 AND answered = 1", [assignment])?;
    Ok(())
}

pub(super) fn read_all(db: &Connection) -> rusqlite::Result<Vec<PatientRow>> {
    let mut rows = db.prepare("SELECT body, answered, refused FROM patient_reports ORDER BY boot, seq")?;
    let mut all = Vec::new();
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?, row.get::<_, Option<String>>(2)?))
    };
    for row in rows.query_map([], read)? {
        let (body, answered, refused) = row?;
        match PatientReport::decode(body.as_slice()) {
            Ok(report) => all.push(PatientRow { report, answered, refused }),
            Err(error) => {
                error!(%error, "what was told of a patient cannot be read from disk; it stays there");
            }
        }
    }
    Ok(all)
}

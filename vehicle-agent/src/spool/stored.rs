//! Reading the record back at start.

use link::v1::{Epoch, Report, Settings};
use prost::Message;
use rusqlite::OptionalExtension;
use tracing::error;

use super::{FileRow, OrderRow, PatientRow, Spool, SpoolError, files, patients};

/// What was on disk when the agent started.
#[derive(Debug, Default)]
pub struct Stored {
    /// Reports that the centre has not acknowledged, in order.
    pub reports: Vec<Report>,
    /// Orders on the screen, oldest first.
    pub orders: Vec<OrderRow>,
    /// (effect id, JSON) of the centre's messages, oldest first.
    pub messages: Vec<(String, String)>,
    /// Who is signed on, as JSON.
    pub crew: Option<String>,
    /// On whom monitors are, as JSON.
    pub cables: Option<String>,
    /// What is known of the patients, in order.
    pub patients: Vec<PatientRow>,
    /// Their files, in order.
    pub files: Vec<FileRow>,
    /// The centre's settings, as it sent them last.
    pub settings: Option<Settings>,
    /// The highest epoch seen.
    pub epoch: Option<Epoch>,
}

impl Spool {
    /// Everything that is kept, but for positions.
    pub fn load(&self) -> Result<Stored, SpoolError> {
        self.read_all().map_err(|source| self.failed(source))
    }

    fn read_all(&self) -> rusqlite::Result<Stored> {
        let mut reports = Vec::new();
        let mut rows = self.db.prepare("SELECT body FROM reports ORDER BY boot, seq")?;
        for body in rows.query_map([], |row| row.get::<_, Vec<u8>>(0))? {
            match Report::decode(body?.as_slice()) {
                Ok(report) => reports.push(report),
                Err(error) => error!(%error, "a report on disk cannot be read; it stays there"),
            }
        }
        let mut rows =
            self.db.prepare("SELECT assignment, received, body, record FROM orders ORDER BY received")?;
        let orders = rows
            .query_map([], |row| {
                Ok(OrderRow {
                    assignment: row.get(0)?,
                    received_unix_ms: row.get(1)?,
                    body: row.get(2)?,
                    record: row.get(3)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut rows = self.db.prepare("SELECT effect, body FROM messages ORDER BY number")?;
        let messages =
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let epoch = self.fact("epoch")?.and_then(|text| {
            let (term, node) = text.split_once(' ')?;
            Some(Epoch { term: term.parse().ok()?, node: node.parse().ok()? })
        });
        let (patients, files) = (patients::read_all(&self.db)?, files::read_all(&self.db)?);
        let settings =
            self.fact("settings")?.and_then(|text| Settings::decode(bytes(&text)?.as_slice()).ok());
        let (crew, cables) = (self.fact("crew")?, self.fact("cables")?);
        Ok(Stored { reports, orders, messages, crew, cables, patients, files, settings, epoch })
    }

    fn fact(&self, name: &str) -> rusqlite::Result<Option<String>> {
        self.db.query_row("SELECT value FROM facts WHERE name = ?1", [name], |row| row.get(0)).optional()
    }
}

/// Bytes out of their hexadecimal digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks_exact(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect()
}

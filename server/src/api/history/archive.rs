//! Rows of the figures that are older than the newest days: on disk, so that a centre that runs for years needs no more memory than one that
//! began last week. Made from the journal at every start and never older than it: nobody misses the file.

use std::path::{Path, PathBuf};

use dispatch_core::UtcTime;
use dispatch_core::reports::{Case, Period};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use uuid::Uuid;

use crate::journal::JournalError;

/// Cases that are over, by their ids and their times.
#[derive(Debug)]
pub(super) struct Archive {
    connection: Connection,
    path: PathBuf,
}

impl Archive {
    /// An empty one in the centre's folder; what an earlier process left there is thrown away.
    pub(super) fn begin(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(ARCHIVE_FILE);
        let _ = std::fs::remove_file(&path);
        let fail = |error| error_at(&path, error);
        let connection = Connection::open(&path).map_err(fail)?;
        connection.execute_batch(SCHEMA).map_err(fail)?;
        Ok(Self { connection, path })
    }

    /// Takes in cases; all of them, or none where that fails.
    pub(super) fn put(&mut self, cases: &[Case]) -> Result<(), JournalError> {
        let done = self.connection.transaction().and_then(|transaction| {
            cases.iter().try_for_each(|case| put(&transaction, case))?;
            transaction.commit()
        });
        done.map_err(|error| self.error(error))
    }

    /// Takes out the case that a call, an incident or an assignment belongs to, where it is here.
    pub(super) fn take(&mut self, id: Uuid) -> Result<Option<Case>, JournalError> {
        let done = self.connection.transaction().and_then(|transaction| {
            let found = take(&transaction, id)?;
            transaction.commit()?;
            Ok(found)
        });
        done.map_err(|error| self.error(error))
    }

    /// Every case that a period may ask for.
    pub(super) fn within(&self, period: &Period) -> Result<Vec<Case>, JournalError> {
        let cases = || {
            let mut statement = self.connection.prepare_cached(
                "select body from cases where first_us < ?2 and last_us >= ?1 order by first_us",
            )?;
            let ends = params![period.from.micros(), period.to.micros()];
            let rows = statement.query_map(ends, |row| read(&row.get::<_, Vec<u8>>(0)?))?;
            rows.collect::<rusqlite::Result<Vec<Case>>>()
        };
        cases().map_err(|error| self.error(error))
    }

    fn error(&self, error: rusqlite::Error) -> JournalError {
        error_at(&self.path, error)
    }
}

fn error_at(path: &Path, error: rusqlite::Error) -> JournalError {
    JournalError::File { path: path.display().to_string(), source: std::io::Error::other(error) }
}

fn put(transaction: &Transaction<'_>, case: &Case) -> rusqlite::Result<()> {
    // Rows that nobody can ask for have no time.
    let Some((first, last)) = case.span() else { return Ok(()) };
    let body =
        serde_json::to_vec(case).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let us = |at: UtcTime| at.micros();
    transaction
        .prepare_cached("insert into cases (first_us, last_us, body) values (?1, ?2, ?3)")?
        .execute(params![us(first), us(last), body])?;
    let number = transaction.last_insert_rowid();
    let mut member =
        transaction.prepare_cached("insert or replace into members (id, number) values (?1, ?2)")?;
    for id in case.ids() {
        member.execute(params![id.as_bytes().as_slice(), number])?;
    }
    Ok(())
}

fn take(transaction: &Transaction<'_>, id: Uuid) -> rusqlite::Result<Option<Case>> {
    let found = transaction
        .prepare_cached("select number, body from cases join members using (number) where id = ?1")?
        .query_row([id.as_bytes().as_slice()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let Some((number, body)) = found else { return Ok(None) };
    let case = read(&body)?;
    transaction.prepare_cached("delete from cases where number = ?1")?.execute([number])?;
    let mut member = transaction.prepare_cached("delete from members where id = ?1")?;
    for id in case.ids() {
        member.execute([id.as_bytes().as_slice()])?;
    }
    Ok(Some(case))
}

fn read(body: &[u8]) -> rusqlite::Result<Case> {
    let bad = |error: serde_json::Error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, error.into())
    };
    serde_json::from_slice(body).map_err(bad)
}

/// Beside the journal. Times, units and numbers of incidents; no names, no numbers to ring, no addresses.
const ARCHIVE_FILE: &str = "figures.sqlite";
/// Nothing is synced: a file that tears is made anew at the next start.
const SCHEMA: &str = "
    pragma journal_mode = memory;
    pragma synchronous = off;
    create table cases (number integer primary key, first_us integer not null, last_us integer not null, body blob not null);
    create index cases_by_time on cases (first_us, last_us);
    create table members (id blob primary key, number integer not null) without rowid;
";

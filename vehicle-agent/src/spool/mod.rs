//! The spool: what must survive a loss of power, in one `SQLite` file with full synchronisation. A change is one value
//! and one transaction, so that a press and the order it belongs to are on disk together or not at all.

mod change;
mod files;
mod patients;
mod positions;
mod stored;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use thiserror::Error;
use tracing::error;

pub use change::{Change, OrderRow};
pub use files::{FileEnd, FileRow};
pub use patients::{PATIENT_ROWS_KEPT_MAX, PatientAnswer, PatientRow};
pub use stored::Stored;

/// The disk said no.
#[derive(Debug, Error)]
pub enum SpoolError {
    /// The database's own words.
    #[error("spool {path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The folder or the file cannot be made or moved.
    #[error("spool {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// So many reports wait that something else is wrong.
    #[error("spool: {REPORTS_MAX} reports wait for the centre; no more are taken")]
    Full,
    /// As many files as the disk has room for.
    #[error("spool: {} MiB of files wait for the centre; no more are taken", FILES_BYTES_MAX >> 20)]
    FullOfFiles,
}

/// Reports that may wait for the centre: weeks of work.
pub const REPORTS_MAX: usize = 20_000;
/// Bytes of files on disk: a hundred ECGs and two hundred photos.
pub const FILES_BYTES_MAX: u64 = 128 * 1024 * 1024;
const DELIVERIES_REMEMBERED_MAX: u32 = 2_000;
/// Messages of the centre that are kept for the crew.
pub const MESSAGES_KEPT_MAX: usize = 50;

/// The open file.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    db: Connection,
    boot: u64,
    positions_kept_max: u32,
    positions_dropped: u64,
    reports_waiting: usize,
}

impl Spool {
    /// Opens the file, or makes it, and counts this start. A damaged file is set aside, never deleted.
    pub fn open(path: &Path, positions_kept_max: u32) -> Result<Self, SpoolError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| SpoolError::File { path: path.to_owned(), source })?;
        }
        match Self::open_sound(path, positions_kept_max) {
            Err(SpoolError::Database { source, .. }) if is_damage(&source) => {
                let aside = path.with_extension(format!("damaged-{}", jiff::Timestamp::now().as_second()));
                error!(path = %path.display(), aside = %aside.display(), %source, "spool is damaged; set aside, starting afresh");
                std::fs::rename(path, aside)
                    .map_err(|source| SpoolError::File { path: path.to_owned(), source })?;
                Self::open_sound(path, positions_kept_max)
            }
            other => other,
        }
    }

    fn open_sound(path: &Path, positions_kept_max: u32) -> Result<Self, SpoolError> {
        let at = |source| SpoolError::Database { path: path.to_owned(), source };
        let db = Connection::open(path).map_err(at)?;
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;")
            .map_err(at)?;
        let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(at)?;
        if sound != "ok" {
            let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(at(rusqlite::Error::SqliteFailure(damage, Some(sound))));
        }
        db.execute_batch(include_str!("schema.sql")).map_err(at)?;
        let boot = count_boot(&db).map_err(at)?;
        let reports_waiting = db
            .query_row("SELECT count(*) FROM reports", [], |row| row.get::<_, i64>(0))
            .map_err(at)? as usize;
        Ok(Self {
            path: path.to_owned(),
            db,
            boot,
            positions_kept_max,
            positions_dropped: 0,
            reports_waiting,
        })
    }

    /// The number of this start. Larger than that of every earlier start.
    pub fn boot(&self) -> u64 {
        self.boot
    }

    fn failed(&self, source: rusqlite::Error) -> SpoolError {
        SpoolError::Database { path: self.path.clone(), source }
    }
}

/// A new file starts from the seconds since 1970, so that a lost file does not bring used numbers back.
fn count_boot(db: &Connection) -> rusqlite::Result<u64> {
    let last: Option<String> =
        db.query_row("SELECT value FROM facts WHERE name = 'boot'", [], |row| row.get(0)).optional()?;
    let boot = last
        .and_then(|text| text.parse::<u64>().ok())
        .map_or_else(|| jiff::Timestamp::now().as_second().max(1) as u64, |last| last + 1);
    db.execute("INSERT OR REPLACE INTO facts VALUES ('boot', ?1)", params![boot.to_string()])?;
    Ok(boot)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

#[cfg(test)]
mod tests {
    use link::v1::{Epoch, Report};

    use super::*;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("jichi-spool-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn what_was_written_is_there_after_a_restart_and_boots_grow() {
        let folder = folder();
        let path = folder.join("a.sqlite");
        let mut spool = Spool::open(&path, 1000).unwrap();
        let first_boot = spool.boot();
        let report = Report { boot: first_boot, seq: 1, happened_at_unix_ms: 5, ..Report::default() };
        let order =
            OrderRow { assignment: "a1".into(), received_unix_ms: 7, body: vec![1, 2], record: "{}".into() };
        let epoch = Epoch { term: 3, node: 1 };
        spool
            .apply(&Change {
                report: Some(report.clone()),
                order: Some(order.clone()),
                epoch: Some(epoch),
                crew: Some("[]".into()),
                delivery: Some(("8.0".into(), 1)),
                ..Change::default()
            })
            .unwrap();
        drop(spool);
        let mut spool = Spool::open(&path, 1000).unwrap();
        assert_eq!(spool.boot(), first_boot + 1);
        let stored = spool.load().unwrap();
        assert_eq!(stored.reports, vec![report]);
        assert_eq!(stored.orders, vec![order]);
        assert_eq!((stored.epoch, stored.crew.as_deref()), (Some(epoch), Some("[]")));
        assert_eq!(spool.outcome_of("8.0").unwrap(), Some(1));
        spool.apply(&Change { acknowledged: Some((first_boot, 1)), ..Change::default() }).unwrap();
        assert!(spool.load().unwrap().reports.is_empty());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_damaged_file_is_set_aside() {
        let folder = folder();
        let path = folder.join("a.sqlite");
        std::fs::write(&path, "this is no database, and it is long enough to look at twice".repeat(100))
            .unwrap();
        let spool = Spool::open(&path, 1000).unwrap();
        assert!(spool.boot() > 1_700_000_000);
        let aside = std::fs::read_dir(&folder)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("damaged"));
        assert_eq!(aside.count(), 1);
        drop(spool);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_oldest_positions_are_dropped_first_and_counted() {
        let folder = folder();
        let mut spool = Spool::open(&folder.join("a.sqlite"), 200).unwrap();
        let position = |seq| link::v1::Position { seq, ..Default::default() };
        let all: Vec<_> = (1..=250).map(position).collect();
        for some in all.chunks(25) {
            spool.keep_positions(some).unwrap();
        }
        assert_eq!((spool.positions_waiting().unwrap(), spool.positions_dropped()), (200, 50));
        let (upto, oldest) = spool.oldest_positions(3).unwrap().unwrap();
        assert_eq!(oldest.iter().map(|one| one.seq).collect::<Vec<_>>(), [51, 52, 53]);
        spool.forget_positions(upto).unwrap();
        assert_eq!(spool.positions_waiting().unwrap(), 197);
        drop(spool);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

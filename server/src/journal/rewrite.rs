//! After a sync that failed nobody can say what the disk holds: the system may show bytes that never reached it. The process ends with a
//! mark, and the next start copies the journal, row by row and chain followed, to a new file before it leads. The old file is set aside
//! and never deleted.
//!
//! Where even the mark cannot be written, a start folds the write-ahead log all the same: every page of it is written anew and synced.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::chain::Head;
use super::error::JournalError;
use super::reader::JournalReader;
use super::store::{self, JOURNAL_FILE};

/// Marks the journal in `folder` as one whose last sync failed.
pub(super) fn mark(folder: &Path) -> std::io::Result<()> {
    let mark = File::create(folder.join(MARK))?;
    mark.sync_all()?;
    File::open(folder)?.sync_all()
}

/// Puts a new file in the place of a marked journal. Does nothing to one without a mark. The lock must be held.
pub(super) fn if_marked(folder: &Path) -> Result<(), JournalError> {
    if !folder.join(MARK).exists() {
        return Ok(());
    }
    let journal = folder.join(JOURNAL_FILE);
    let done = folder.join("journal.rewritten");
    // Whole as soon as it has this name; a start that was broken off goes on from here.
    if !done.exists() && journal.exists() {
        let head = copy(&journal, &folder.join("journal.rewriting"))?;
        sync_rename(&folder.join("journal.rewriting"), &done)?;
        tracing::warn!(events = head.seq, "the last sync failed: the journal was rewritten to a new file");
    }
    if done.exists() {
        let aside = free_name(folder);
        for end in ["", "-wal"] {
            let (from, to) = (with_end(&journal, end), with_end(&aside, end));
            if from.exists() {
                std::fs::rename(&from, &to).map_err(|source| file(&from, source))?;
            }
        }
        let shared = with_end(&journal, "-shm");
        if shared.exists() {
            std::fs::remove_file(&shared).map_err(|source| file(&shared, source))?;
        }
        sync_rename(&done, &journal)?;
        tracing::warn!(file = %aside.display(), "the old file is set aside");
    }
    std::fs::remove_file(folder.join(MARK)).map_err(|source| file(&folder.join(MARK), source))?;
    sync(folder)
}

/// Copies a journal in short pages, so that whoever writes it meanwhile is not held up and its log does not grow, and follows the chain.
/// Events that come in after the last page are left out.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Head, JournalError> {
    if to.exists() {
        std::fs::remove_file(to).map_err(|source| file(to, source))?;
    }
    let reader = JournalReader::open(from)?;
    let fail = |e| JournalError::sqlite(to, e);
    let mut target = Connection::open(to).map_err(fail)?;
    store::prepare_copy(&target).map_err(fail)?;
    let mut head = Head::EMPTY;
    loop {
        let rows = reader.rows(head.seq, ROWS_MAX)?;
        let transaction = target.transaction().map_err(fail)?;
        {
            let mut insert = transaction.prepare_cached(super::INSERT).map_err(fail)?;
            for row in &rows {
                head = head.follow(row)?;
                let (term, node) = (row.epoch.term as i64, row.epoch.node);
                let stored = params![row.seq as i64, term, node, row.at, row.body, row.prev_hash, row.hash];
                insert.execute(stored).map_err(fail)?;
            }
        }
        transaction.commit().map_err(fail)?;
        if rows.len() < ROWS_MAX {
            break;
        }
    }
    // What belongs to events that are not copied would speak of what is not there.
    let path = from.display().to_string();
    target.execute("ATTACH DATABASE ?1 AS old", [&path]).map_err(fail)?;
    for (table, condition) in [
        ("idempotency", "WHERE last_seq <= ?1"),
        ("epoch", "WHERE ?1 >= 0"),
        ("personal_key", "WHERE ?1 >= 0"),
        ("quarantine", "WHERE ?1 >= 0"),
        ("quarantine_request", "WHERE ?1 >= 0"),
        ("brought_in", "WHERE ?1 >= 0"),
    ] {
        // A journal that an older program wrote lacks what came later.
        let there = "SELECT count(*) FROM old.sqlite_master WHERE name = ?1";
        if target.query_row(there, [table], |row| row.get::<_, i64>(0)).map_err(fail)? == 0 {
            continue;
        }
        let insert = format!("INSERT OR REPLACE INTO main.{table} SELECT * FROM old.{table} {condition}");
        target.execute(&insert, [head.seq as i64]).map_err(fail)?;
    }
    target.execute("DETACH DATABASE old", []).map_err(fail)?;
    target.close().map_err(|(_, e)| fail(e))?;
    sync(to)?;
    Ok(head)
}

fn free_name(folder: &Path) -> PathBuf {
    let names = (1..).map(|number| folder.join(format!("journal.set-aside-{number}.sqlite")));
    let mut free = names.filter(|name| !name.exists());
    free.next().expect("invariant: there are more numbers than files")
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn sync_rename(from: &Path, to: &Path) -> Result<(), JournalError> {
    std::fs::rename(from, to).map_err(|source| file(from, source))?;
    sync(to.parent().unwrap_or(Path::new(".")))
}

fn sync(path: &Path) -> Result<(), JournalError> {
    File::open(path).and_then(|it| it.sync_all()).map_err(|source| file(path, source))
}

fn file(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::File { path: path.display().to_string(), source }
}

/// The mark of a failed sync.
const MARK: &str = "journal.suspect";
/// Rows copied at a time.
const ROWS_MAX: usize = 1000;

//! Copies of the files: taken while the centre works, beside the copy of the journal, and brought back with it. What is in them opens only
//! with the keys in that journal.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::FileError;
use super::store::FILES_FILE;

/// Where the files of a journal's copy lie.
pub(crate) fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".files");
    name.into()
}

/// Copies the files in `folder` beside the journal's copy `to`, after that was taken: what its cards name is there, then. Comes back with
/// how many are whole, or nothing where there are none.
pub(crate) fn back_up(folder: &Path, to: &Path) -> Result<Option<u64>, FileError> {
    copy(&folder.join(FILES_FILE), &beside(to))
}

/// Brings the files beside the journal's copy `from` back to `folder`.
pub(crate) fn restore(from: &Path, folder: &Path) -> Result<Option<u64>, FileError> {
    copy(&beside(from), &folder.join(FILES_FILE))
}

fn copy(from: &Path, to: &Path) -> Result<Option<u64>, FileError> {
    let file = |source| FileError::File { path: to.to_owned(), source };
    if !from.exists() {
        return Ok(None);
    }
    if to.exists() {
        let text = "it exists already: move it away first";
        return Err(file(std::io::Error::new(std::io::ErrorKind::AlreadyExists, text)));
    }
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    std::fs::File::open(to).and_then(|copied| copied.sync_all()).map_err(file)?;
    let copied = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let whole: i64 = copied.query_row("SELECT count(*) FROM file WHERE whole = 1", [], |row| row.get(0))?;
    Ok(Some(whole as u64))
}

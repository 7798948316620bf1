//! What the journal's disk takes: everything, or nothing for now. While it takes nothing, commands are refused and reads go on; what was
//! decided before waits, in order, and is made durable when there is room again.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use super::JournalError;

/// What the journal's disk takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// Everything.
    Writable,
    /// Nothing: it is full.
    Full,
    /// Nothing: it became read-only.
    ReadOnly,
}

/// The state, shared by the journal's thread, which sets it, and everybody who must know.
#[derive(Debug, Default)]
pub(crate) struct DiskState {
    disk: AtomicU8,
    /// Nobody waits any more until it takes something.
    given_up: AtomicU8,
}

impl DiskState {
    /// As it is now.
    pub(crate) fn now(&self) -> Disk {
        match self.disk.load(Ordering::Acquire) {
            0 => Disk::Writable,
            1 => Disk::Full,
            _ => Disk::ReadOnly,
        }
    }

    pub(crate) fn set(&self, disk: Disk) {
        let number = match disk {
            Disk::Writable => 0,
            Disk::Full => 1,
            Disk::ReadOnly => 2,
        };
        self.disk.store(number, Ordering::Release);
        metrics::gauge!("jichi_journal_read_only_state").set(f64::from(number.min(1)));
    }

    /// The centre stops: what waits for room is given up and found unacknowledged.
    pub(crate) fn give_up(&self) {
        self.given_up.store(1, Ordering::Release);
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire) != 0
    }
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Writable => "takes everything",
            Self::Full => "is full",
            Self::ReadOnly => "is read-only",
        })
    }
}

impl Disk {
    /// The same in Chinese.
    pub(crate) fn zh(self) -> &'static str {
        match self {
            Self::Writable => "正常",
            Self::Full => "已满",
            Self::ReadOnly => "只读",
        }
    }

    /// The state that a failed append tells of; `None` when the failure is of another kind and the process must end. Nothing of a
    /// batch is on the disk then: the write was refused, no sync was tried, so that it may be tried again.
    pub(super) fn refused_by(error: &JournalError) -> Option<Self> {
        match error {
            JournalError::DiskFull { .. } => Some(Self::Full),
            JournalError::ReadOnly { .. } => Some(Self::ReadOnly),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::ffi;

    use super::*;

    #[test]
    fn only_a_write_that_was_refused_is_tried_again() {
        for (code, waits) in [
            (ffi::SQLITE_FULL, Some(Disk::Full)),
            (ffi::SQLITE_READONLY, Some(Disk::ReadOnly)),
            (ffi::SQLITE_IOERR_FSYNC, None),
            (ffi::SQLITE_IOERR_WRITE, None),
            (ffi::SQLITE_IOERR_SHORT_READ, None),
            (ffi::SQLITE_CORRUPT, None),
            (ffi::SQLITE_BUSY, None),
        ] {
            let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let error = JournalError::sqlite(Path::new("journal"), failure);
            assert_eq!(Disk::refused_by(&error), waits, "{error}");
        }
    }
}

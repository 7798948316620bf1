//! A disk that breaks on request: SQLite's own layer for files, with writes and syncs that fail, tear, or are only said to have been done.
//!
//! The files are the real ones, opened by SQLite's own code; only two of their operations are looked at before they are passed on. It is
//! made the default of the whole process: for the tests' child processes alone.

#![expect(
    unsafe_code,
    reason = "SQLite's layer for files is a table of C functions; there is no safe way to stand in it"
)]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

/// What the disk does from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// What it should.
    None,
    /// Every sync fails.
    SyncFails,
    /// Writes are seen by whoever reads, and not on the disk: syncs say that they are.
    SyncLies,
    /// After so many more writes one is done by half, and it and all after it fail.
    WriteTears(u32),
    /// After so many more writes none is taken, as on a disk that became read-only.
    WritesRefused(u32),
}

/// A write that was seen and may not be on the disk.
#[derive(Debug, Clone)]
pub(super) struct Unsynced {
    pub(super) file: String,
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

#[derive(Debug)]
struct Disk {
    fault: Fault,
    /// The files that are open, by their address, with SQLite's own operations on each.
    files: BTreeMap<usize, (String, Operations)>,
    /// Ours in the place of SQLite's, by the address of these: files that are locked and those that are not have different ones.
    ours: BTreeMap<usize, Operations>,
    unsynced: Vec<Unsynced>,
}

/// A table of operations; it lives as long as the process.
type Operations = &'static ffi::sqlite3_io_methods;

static DISK: Mutex<Disk> = Mutex::new(Disk {
    fault: Fault::None,
    files: BTreeMap::new(),
    ours: BTreeMap::new(),
    unsynced: Vec::new(),
});
/// SQLite's own layer.
static OWN_LAYER: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());

fn disk() -> MutexGuard<'static, Disk> {
    DISK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From here on the disk behaves so.
pub(super) fn set(fault: Fault) {
    let mut disk = disk();
    disk.fault = fault;
    disk.unsynced.clear();
}

/// The writes that only seem to be on the disk, oldest first.
pub(super) fn unsynced() -> Vec<Unsynced> {
    disk().unsynced.clone()
}

/// Stands in SQLite's default layer for the rest of the process.
pub(super) fn install() {
    // SAFETY: the layer found is a table that lives as long as the process; the copy is never freed, and differs in two fields.
    unsafe {
        let own = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!own.is_null(), "SQLite has a layer for files");
        OWN_LAYER.store(own, Ordering::Release);
        let ours = Box::leak(Box::new(*own));
        ours.zName = c"faulty".as_ptr();
        ours.pNext = std::ptr::null_mut();
        ours.xOpen = Some(open);
        assert_eq!(ffi::sqlite3_vfs_register(ours, 1), ffi::SQLITE_OK);
    }
}

/// Opens as SQLite does, and puts our operations in the place of its own.
unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let own = OWN_LAYER.load(Ordering::Acquire);
    // SAFETY: SQLite calls with its own arguments, which are passed on; `file` is its own once that has succeeded.
    unsafe {
        let open = (*own).xOpen.expect("invariant: every layer opens files");
        let opened = open(own, name, file, flags, out_flags);
        if opened != ffi::SQLITE_OK || flags & (ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_WAL) == 0 {
            return opened;
        }
        let own: Operations = &*(*file).pMethods;
        let mut disk = disk();
        let ours = *disk.ours.entry(std::ptr::from_ref(own) as usize).or_insert_with(|| {
            let mut ours = *own;
            ours.xWrite = Some(write);
            ours.xSync = Some(sync);
            Box::leak(Box::new(ours))
        });
        (*file).pMethods = ours;
        let path = CStr::from_ptr(name).to_string_lossy();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        disk.files.insert(file as usize, (name, own));
        opened
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    let mut disk = disk();
    let (name, own) = disk.files[&(file as usize)].clone();
    let taken = match &mut disk.fault {
        Fault::None | Fault::SyncFails | Fault::SyncLies => count,
        Fault::WriteTears(left) | Fault::WritesRefused(left) if *left > 0 => {
            *left -= 1;
            count
        }
        Fault::WriteTears(_) => count / 2,
        Fault::WritesRefused(_) => 0,
    };
    // SAFETY: SQLite gives `count` bytes at `from`; what is passed on is the same or the first half of it, of a file opened above.
    let written = unsafe {
        if disk.fault == Fault::SyncLies {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), count as usize).to_vec();
            disk.unsynced.push(Unsynced { file: name, offset: offset as u64, bytes });
        }
        let write = own.xWrite.expect("invariant: every file is written");
        if taken == 0 { ffi::SQLITE_OK } else { write(file, from, taken, offset) }
    };
    if taken < count {
        // Once torn, the disk takes nothing more.
        disk.fault = Fault::WritesRefused(0);
        return ffi::SQLITE_IOERR_WRITE;
    }
    written
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let (fault, own) = {
        let disk = disk();
        (disk.fault, disk.files[&(file as usize)].1)
    };
    match fault {
        Fault::SyncFails => ffi::SQLITE_IOERR_FSYNC,
        Fault::SyncLies => ffi::SQLITE_OK,
        Fault::None | Fault::WriteTears(_) | Fault::WritesRefused(_) => {
            // SAFETY: a file opened above, with SQLite's own arguments.
            unsafe { own.xSync.expect("invariant: every file is synced")(file, flags) }
        }
    }
}

//! A disk that fails, tears, lies or becomes read-only in the middle of a write: what was acknowledged and really on the disk is there
//! again, nothing else is taken for it, and a read-only disk is the same clear state whenever it becomes so.

use std::io::Write as _;
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;

use super::faulty::{self, Fault, Unsynced};
use super::*;
use crate::centre::{Submission, SubmitError};
use crate::clock::Clock;
use crate::journal::{Disk, JOURNAL_FILE};
use crate::testing::{start, wait_until};

/// The environment names the folder for the child of the test below.
const FAULTY: &str = "JICHI_TEST_FAULTY_DISK";

/// The faults are the whole process's: they happen in a child, which has a read-only file system beside it where the machine lets it
/// make one.
#[test]
fn a_disk_that_breaks_loses_nothing_that_was_on_it() {
    let folder = TempFolder::new("faulty");
    for name in ["ro", "rw"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let script = r#"mount -t tmpfs -o ro none "$1/ro" || exit 42
        exec "$2" --exact journal::tests::faults::child_on_a_faulty_disk --nocapture"#;
    let mut child = Process::new("unshare");
    child.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    child.arg(folder.path()).arg(std::env::current_exe().unwrap()).env(FAULTY, folder.path());
    let output = child.output();
    let no_namespace = match &output {
        Err(_) => true,
        Ok(output) => {
            let complained = String::from_utf8_lossy(&output.stderr);
            complained.contains("unshare:") || output.status.code() == Some(42)
        }
    };
    let output = if no_namespace {
        eprintln!(
            "NOT TESTED: a disk that becomes read-only in mid-write; this machine gives no mount namespace (unshare)"
        );
        let mut child = Process::new(std::env::current_exe().unwrap());
        child.args(["--exact", "journal::tests::faults::child_on_a_faulty_disk", "--nocapture"]);
        child.env(FAULTY, folder.path()).output()
    } else {
        output
    };
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("faulty disk done"), "{said}\n{complained}");
}

/// The child's part of the test above; without that there is nothing to do.
#[test]
fn child_on_a_faulty_disk() {
    let Some(folder) = std::env::var_os(FAULTY) else { return };
    faulty::install();
    a_sync_that_fails_ends_the_process_and_loses_nothing();
    for writes in 0..12 {
        a_write_that_tears_takes_nothing_of_its_batch(writes);
    }
    a_sync_that_lies_costs_the_tail_and_nothing_before_it();
    let (folder, read_only) = (Path::new(&folder), Path::new(&folder).join("ro"));
    if std::fs::write(read_only.join("x"), "").is_err() {
        a_disk_that_becomes_read_only_is_waited_for(folder);
    }
    writeln!(std::io::stdout(), "faulty disk done").unwrap();
}

/// Opens a journal again on a sound disk; the record must be the one that `known` has at its number.
fn opened_again(folder: &Path, known: &[[u8; 32]]) -> u64 {
    let Opened { journal, centre, .. } = Journal::open(folder, |_| {}).unwrap();
    let seq = journal.head().seq;
    assert_eq!(known.get(seq as usize), Some(&centre.record().digest()), "event {seq}");
    seq
}

/// A journal of so many events, each in a batch of its own, with the record after each.
fn grown(folder: &TempFolder, count: usize) -> (Writer, Vec<[u8; 32]>) {
    let mut writer = Writer::open(folder);
    let mut known = vec![writer.centre.record().digest()];
    for _ in 0..count {
        writer.append(1).unwrap();
        known.push(writer.centre.record().digest());
    }
    (writer, known)
}

fn a_sync_that_fails_ends_the_process_and_loses_nothing() {
    let folder = TempFolder::new("sync-fails");
    let (mut writer, mut known) = grown(&folder, 5);
    faulty::set(Fault::SyncFails);
    let error = writer.append(1).unwrap_err();
    known.push(writer.centre.record().digest());
    assert_eq!(Disk::refused_by(&error), None, "a failed sync is never tried again: {error}");
    drop(writer);
    faulty::set(Fault::None);
    let found = opened_again(folder.path(), &known);
    assert!(found == 5 || found == 6, "{found}: what was acknowledged, or the batch as well that was not");
}

fn a_write_that_tears_takes_nothing_of_its_batch(after: u32) {
    let folder = TempFolder::new("torn-write");
    let (mut writer, mut known) = grown(&folder, 5);
    faulty::set(Fault::WriteTears(after));
    let mut acknowledged = 5;
    for _ in 0..20 {
        let appended = writer.append(1);
        known.push(writer.centre.record().digest());
        match appended {
            Ok(seq) => acknowledged = seq,
            Err(error) => {
                assert_eq!(Disk::refused_by(&error), None, "the disk is not read-only: {error}");
                break;
            }
        }
    }
    drop(writer);
    faulty::set(Fault::None);
    assert_eq!(opened_again(folder.path(), &known), acknowledged, "after {after} writes");
}

/// The power goes while syncs were only said to be done: whatever part of the writes reached the disk, in whatever order, the journal is the
/// beginning of what was written, and holds everything from before the lie.
fn a_sync_that_lies_costs_the_tail_and_nothing_before_it() {
    let folder = TempFolder::new("lying-sync");
    let (mut writer, mut known) = grown(&folder, 5);
    let names = [JOURNAL_FILE.to_owned(), format!("{JOURNAL_FILE}-wal")];
    let on_disk: Vec<(&String, Vec<u8>)> =
        names.iter().map(|name| (name, std::fs::read(folder.path().join(name)).unwrap())).collect();
    faulty::set(Fault::SyncLies);
    for _ in 0..6 {
        writer.append(1).unwrap();
        known.push(writer.centre.record().digest());
    }
    let unsynced = faulty::unsynced();
    drop(writer);
    faulty::set(Fault::None);
    assert!(unsynced.len() > 6, "the disk was written to");
    let mut found = Vec::new();
    let powerless = |reached: &mut dyn FnMut(usize, &Unsynced) -> usize| {
        let after = TempFolder::new("powerless");
        for (name, bytes) in &on_disk {
            std::fs::write(after.path().join(name), bytes).unwrap();
        }
        for (place, write) in unsynced.iter().enumerate() {
            let file = std::fs::OpenOptions::new().write(true).open(after.path().join(&write.file)).unwrap();
            let count = reached(place, write).min(write.bytes.len());
            file.write_all_at(&write.bytes[..count], write.offset).unwrap();
        }
        opened_again(after.path(), &known)
    };
    for cut in 0..=unsynced.len() {
        // Everything before, half of one, nothing after.
        found.push(powerless(&mut |place, write| match place.cmp(&cut) {
            std::cmp::Ordering::Less => write.bytes.len(),
            std::cmp::Ordering::Equal => write.bytes.len() / 2,
            std::cmp::Ordering::Greater => 0,
        }));
    }
    assert!(found.is_sorted(), "{found:?}");
    assert_eq!((found.first(), found.last()), (Some(&5), Some(&11)), "{found:?}");
    for every in 2..5 {
        // Some reached the disk and some did not.
        let seq = powerless(&mut |place, write| if place % every == 0 { 0 } else { write.bytes.len() });
        assert!((5..=11).contains(&seq), "{seq}");
    }
}

/// The folder is a link, which leads to a read-only file system once the writes fail: what an error of the real disk does to both at once.
fn a_disk_that_becomes_read_only_is_waited_for(folder: &Path) {
    let data = folder.join("data");
    let lead_to = |name: &str| {
        let _ = std::fs::remove_file(&data);
        symlink(folder.join(name), &data).unwrap();
    };
    lead_to("rw");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let running = start(&data, Clock::real());
    let centre = running.handle().clone();
    let call = || runtime.block_on(centre.submit(Submission::new(at_desk(a_call()))));
    let acknowledged = call().unwrap().last_seq;
    faulty::set(Fault::WritesRefused(1));
    lead_to("ro");
    let refused = call().unwrap_err();
    assert!(matches!(refused, SubmitError::NotWritable(Disk::ReadOnly)), "{refused}");
    assert_eq!((centre.disk(), centre.snapshot().seq), (Disk::ReadOnly, acknowledged));
    assert!(centre.journal().page(0, 10).is_ok(), "reads go on");
    lead_to("rw");
    faulty::set(Fault::None);
    wait_until("the disk takes events again", || centre.disk() == Disk::Writable);
    let last = call().unwrap().last_seq;
    assert!(last > acknowledged);
    running.stop();
    assert!(Journal::open(&data, |_| {}).unwrap().journal.head().seq >= last);
}

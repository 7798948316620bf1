//! What becomes of the journal when its disk fills up, or when a sync failed: nothing acknowledged is lost, and reads go on.

use std::io::Write;
use std::os::unix::fs::MetadataExt;

use dispatch_core::erasure::Subject;

use super::*;
use crate::centre::{Submission, SubmitError};
use crate::clock::Clock;
use crate::journal::{Disk, JOURNAL_FILE};
use crate::testing::{start, wait_until};

fn filled(folder: &TempFolder) -> [u8; 32] {
    let mut writer = Writer::open(folder);
    writer.append(5).unwrap();
    writer.centre.record().digest()
}

fn inode(folder: &TempFolder) -> u64 {
    std::fs::metadata(folder.path().join(JOURNAL_FILE)).unwrap().ino()
}

#[test]
fn after_a_failed_sync_the_next_start_leads_from_a_new_file() {
    let folder = TempFolder::new("suspect");
    let digest = filled(&folder);
    let before = inode(&folder);
    assert_eq!(Writer::open(&folder).centre.record().digest(), digest);
    assert_eq!(inode(&folder), before, "without a mark the file stays");

    Writer::open(&folder).journal.mark_suspect();
    let mut writer = Writer::open(&folder);
    assert_eq!(writer.centre.record().digest(), digest);
    assert_ne!(inode(&folder), before);
    assert_eq!(writer.append(1).unwrap(), 6);
    let aside = folder.path().join("journal.set-aside-1.sqlite");
    assert_eq!(std::fs::metadata(&aside).unwrap().ino(), before, "the old file is kept");
    assert_eq!(JournalReader::open(&aside).unwrap().verify(|_, _| {}).unwrap().seq, 5);
    drop(writer);
    let after = inode(&folder);
    drop(Writer::open(&folder));
    assert_eq!(inode(&folder), after, "it is done once");
}

#[test]
fn a_broken_journal_is_never_rewritten_into_a_whole_one() {
    let folder = TempFolder::new("suspect");
    filled(&folder);
    Writer::open(&folder).journal.mark_suspect();
    change(&folder, "DELETE FROM journal WHERE seq = 3");
    let before = inode(&folder);
    for _ in 0..2 {
        let opened = Journal::open(folder.path(), |_| {}).map(|_| ());
        assert!(matches!(opened, Err(JournalError::Damaged { seq: 4, .. })), "{opened:?}");
    }
    assert_eq!(inode(&folder), before);
}

#[test]
fn a_rewriting_that_was_broken_off_goes_on() {
    let folder = TempFolder::new("suspect");
    let digest = filled(&folder);
    Writer::open(&folder).journal.mark_suspect();
    // As if the power went in the middle of the copy, and once more when the old file had just been moved.
    std::fs::write(folder.path().join("journal.rewriting"), "half").unwrap();
    assert_eq!(Writer::open(&folder).centre.record().digest(), digest);
    Writer::open(&folder).journal.mark_suspect();
    let journal = folder.path().join(JOURNAL_FILE);
    std::fs::copy(&journal, folder.path().join("journal.rewritten")).unwrap();
    std::fs::rename(&journal, folder.path().join("journal.set-aside-9.sqlite")).unwrap();
    assert_eq!(Writer::open(&folder).centre.record().digest(), digest);
    assert!(!folder.path().join("journal.rewritten").exists());
}

#[test]
fn a_copy_keeps_the_keys_of_what_it_holds() {
    let folder = TempFolder::new("copy");
    let digest = filled(&folder);
    let to = folder.path().join("copy.sqlite");
    back_up(folder.path(), &to).unwrap();
    let mut centre = DispatchCentre::new();
    JournalReader::open(&to).unwrap().verify(|_, it| centre.apply(&it.event)).unwrap();
    assert_eq!(centre.record().digest(), digest);
    let call = Subject::Call(*centre.record().calls().keys().next().unwrap());
    assert!(
        matches!(call, Subject::Call(id) if centre.record().call(id).unwrap().phone.reveal() == "13812342290")
    );
}

/// What is said where the test below cannot be done: a test that is silent about it would seem to have passed.
const NO_SMALL_DISK: &str =
    "NOT TESTED: a full disk; this machine gives no mount namespace (unshare) to make a small one in";
/// The environment names the folder for the child of the test below.
const SMALL_DISK: &str = "JICHI_TEST_SMALL_DISK";

/// A real file system with room for a few megabytes, in a namespace of the child's own. Where the machine lets nobody make one it
/// says so on stderr.
#[test]
fn a_full_disk_refuses_commands_and_reads_go_on() {
    let folder = TempFolder::new("small");
    let script = r#"mount -t tmpfs -o size=6m none "$1" || exit 42
        exec "$2" --exact journal::tests::disk::child_on_a_small_disk --nocapture"#;
    let Ok(output) = Process::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .env(SMALL_DISK, folder.path())
        .output()
    else {
        eprintln!("{NO_SMALL_DISK}");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    if complained.contains("unshare:") || output.status.code() == Some(42) {
        eprintln!("{NO_SMALL_DISK}: {complained}");
        return;
    }
    assert!(output.status.success() && said.contains("small disk done"), "{said}\n{complained}");
}

/// The child's part of the test above; without that there is nothing to do.
#[test]
fn child_on_a_small_disk() {
    let Some(folder) = std::env::var_os(SMALL_DISK) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let running = start(folder.as_ref(), Clock::real());
    let centre = running.handle().clone();
    let call = || runtime.block_on(centre.submit(Submission::new(at_desk(a_call()))));
    let mut acknowledged = call().unwrap().last_seq;

    let ballast = std::path::Path::new(&folder).join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    let refused = loop {
        match call() {
            Ok(accepted) => acknowledged = accepted.last_seq,
            Err(error) => break error,
        }
        assert!(acknowledged < 20_000, "the disk is not small");
    };
    assert!(matches!(refused, SubmitError::NotWritable(Disk::Full)), "{refused}");
    assert_eq!(centre.disk(), Disk::Full);
    assert_eq!(centre.snapshot().seq, acknowledged, "what was not made durable is not shown");
    assert!(centre.journal().page(0, 10).is_ok() && !centre.snapshot().record.calls().is_empty());
    assert!(matches!(call(), Err(SubmitError::NotWritable(Disk::Full))), "and so are all after it");

    // An open file keeps its room.
    drop(file);
    std::fs::remove_file(&ballast).unwrap();
    wait_until("the disk takes events again", || centre.disk() == Disk::Writable);
    let last = call().unwrap().last_seq;
    assert!(last > acknowledged);
    running.stop();
    let again = Journal::open(folder.as_ref(), |_| {}).unwrap();
    assert!(again.journal.head().seq >= last);
    let reader = JournalReader::open(again.journal.path()).unwrap();
    assert_eq!(reader.verify(|_, _| {}).unwrap().seq, again.journal.head().seq);
    writeln!(std::io::stdout(), "small disk done").unwrap();
}

/// The log is folded once it has a thousand pages; a page of a reader holds that up for a moment, never for as long as the export lasts.
#[test]
fn a_slow_export_beside_a_busy_writer_keeps_the_log_short() {
    let folder = TempFolder::new("export");
    let mut writer = Writer::open(&folder);
    writer.append(200).unwrap();
    let reader = JournalReader::open(writer.journal.path()).unwrap();
    let log = folder.path().join(format!("{JOURNAL_FILE}-wal"));
    let (mut after, mut longest) = (0, 0);
    for round in 0..400 {
        writer.append(40).unwrap();
        // The slowest of readers: a row for every batch of the writer's, and never at the end.
        after = reader.rows(after, 1).unwrap().last().map_or(after, |row| row.seq);
        longest = longest.max(std::fs::metadata(&log).unwrap().len());
        assert_eq!(after, round + 1);
    }
    assert!(longest < LOG_BYTES_MAX, "the log grew to {longest} bytes");
    let whole = std::fs::metadata(folder.path().join(JOURNAL_FILE)).unwrap().len();
    assert!(whole > LOG_BYTES_MAX, "more than that was written: {whole}");
}

/// A thousand pages and a batch, with room for what one reader's page may hold up.
const LOG_BYTES_MAX: u64 = 8 << 20;

//! The journal survives what happens to processes, files and disks, or says exactly where it does not.

use std::io::{BufRead, BufReader};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dispatch_core::{DispatchCentre, UtcTime};
use rusqlite::Connection;

mod aside;
mod disk;
mod erasure;
mod faults;
mod faulty;
mod heads;
mod portion;
mod snapshot;

use super::writer::Decided;
use super::{Journal, JournalError, JournalReader, Opened, back_up, restore};
use crate::centre::{IdempotencyKey, Journalled, KeyedRequest};
use crate::testing::{TempFolder, a_call, at_desk};

/// Decides on calls and appends each, as the owner and the journal's thread do together.
struct Writer {
    journal: Journal,
    centre: DispatchCentre,
}

impl Writer {
    fn open(folder: &TempFolder) -> Self {
        let Opened { journal, centre, .. } = Journal::open(folder.path(), |_| {}).unwrap();
        Self { journal, centre }
    }

    fn append(&mut self, count: usize) -> Result<u64, JournalError> {
        let mut batch = Vec::new();
        for _ in 0..count {
            let events = self.centre.execute(&at_desk(a_call()), now()).unwrap();
            let first = self.centre.record().seq() + 1 - events.len() as u64;
            let numbered = events.into_iter().zip(first..);
            let epoch = self.journal.epoch();
            let events = numbered.map(|(event, seq)| Arc::new(Journalled { seq, epoch, event })).collect();
            batch.push(Decided { events, keyed: None, reply: None });
        }
        self.journal.append(&batch)?;
        Ok(self.journal.head().seq)
    }
}

fn now() -> UtcTime {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn change(folder: &TempFolder, sql: &str) {
    let connection = Connection::open(folder.path().join(super::JOURNAL_FILE)).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn what_was_written_is_there_again() {
    let folder = TempFolder::new("journal");
    let mut writer = Writer::open(&folder);
    assert_eq!(writer.append(3).unwrap(), 3);
    let digest = writer.centre.record().digest();
    drop(writer);
    let again = Writer::open(&folder);
    assert_eq!(again.journal.head().seq, 3);
    assert_eq!(again.centre.record().digest(), digest);
}

#[test]
fn two_processes_never_write_one_journal() {
    let folder = TempFolder::new("journal");
    let _first = Writer::open(&folder);
    let second = Journal::open(folder.path(), |_| {}).map(|_| ());
    assert!(matches!(second, Err(JournalError::InUse { .. })), "{second:?}");
}

#[test]
fn whatever_is_changed_the_chain_says_where() {
    for (sql, at) in [
        ("UPDATE journal SET body = replace(body, 'telephone', 'police') WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 5", 6),
        ("UPDATE journal SET term = 9 WHERE seq = 3", 3),
        ("UPDATE journal SET at = '2020-01-01T00:00:00Z' WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 1", 2),
        ("UPDATE journal SET prev_hash = zeroblob(32) WHERE seq = 7", 7),
    ] {
        let folder = TempFolder::new("journal");
        Writer::open(&folder).append(8).unwrap();
        change(&folder, sql);
        let opened = Journal::open(folder.path(), |_| {}).map(|_| ());
        assert!(matches!(&opened, Err(JournalError::Damaged { seq, .. }) if *seq == at), "{sql}: {opened:?}");
    }
}

#[test]
fn another_file_is_not_taken_for_a_journal() {
    let folder = TempFolder::new("journal");
    let path = folder.path().join(super::JOURNAL_FILE);
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    let opened = Journal::open(folder.path(), |_| {}).map(|_| ());
    assert!(matches!(opened, Err(JournalError::NotAJournal { .. })), "{opened:?}");
    std::fs::remove_file(&path).unwrap();
    change(&folder, "CREATE TABLE something (x)");
    let opened = Journal::open(folder.path(), |_| {}).map(|_| ());
    assert!(matches!(opened, Err(JournalError::NotAJournal { .. })), "{opened:?}");
}

#[test]
fn a_full_disk_takes_nothing_of_a_batch_and_says_so() {
    let folder = TempFolder::new("journal");
    let mut writer = Writer::open(&folder);
    writer.append(2).unwrap();
    let pages: i64 =
        writer.journal.store.connection.query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + 1);
    writer.journal.store.connection.query_row(&limit, [], |_| Ok(())).unwrap();
    let error = writer.append(500).unwrap_err();
    assert!(matches!(error, JournalError::DiskFull { .. }), "{error}");
    drop(writer);
    assert_eq!(Writer::open(&folder).journal.head().seq, 2);
}

#[test]
fn a_torn_log_loses_only_its_tail() {
    let folder = TempFolder::new("journal");
    let mut writer = Writer::open(&folder);
    for _ in 0..20 {
        writer.append(1).unwrap();
    }
    let file = folder.path().join(super::JOURNAL_FILE);
    let log = folder.path().join(format!("{}-wal", super::JOURNAL_FILE));
    let (file, log) = (std::fs::read(file).unwrap(), std::fs::read(log).unwrap());
    assert!(log.len() > 4096, "the events must still be in the log for this test");
    let mut heads = Vec::new();
    for cut in 0..=16 {
        let torn = TempFolder::new("torn");
        std::fs::write(torn.path().join(super::JOURNAL_FILE), &file).unwrap();
        let kept = &log[..log.len() * cut / 16];
        std::fs::write(torn.path().join(format!("{}-wal", super::JOURNAL_FILE)), kept).unwrap();
        heads.push(Journal::open(torn.path(), |_| {}).unwrap().journal.head().seq);
    }
    assert!(heads.is_sorted(), "{heads:?}");
    assert_eq!((heads.first(), heads.last()), (Some(&0), Some(&20)), "{heads:?}");
}

#[test]
fn a_backup_taken_while_writing_comes_back_under_a_higher_epoch() {
    let folder = TempFolder::new("journal");
    let mut writer = Writer::open(&folder);
    writer.append(5).unwrap();
    let copy = folder.path().join("copy.sqlite");
    assert_eq!(back_up(folder.path(), &copy).unwrap().seq, 5);
    assert!(back_up(folder.path(), &copy).is_err(), "a backup never writes over an older one");
    writer.append(1).unwrap();
    let digest = {
        let mut centre = DispatchCentre::new();
        JournalReader::open(&copy).unwrap().verify(|_, j| centre.apply(&j.event)).unwrap();
        centre.record().digest()
    };
    assert!(restore(&copy, folder.path(), None).is_err(), "a journal in use is never written over");
    let other = TempFolder::new("restored");
    let (head, epoch) = restore(&copy, other.path(), Some(70)).unwrap();
    assert_eq!(head.seq, 5);
    assert!(epoch.term > 70);
    let mut restored = Writer::open(&other);
    assert_eq!(restored.centre.record().digest(), digest);
    assert_eq!(restored.journal.epoch(), epoch);
    assert_eq!(restored.append(1).unwrap(), 6);
    drop(restored);
    assert_eq!(Writer::open(&other).journal.head().epoch, epoch);
}

#[test]
fn keys_are_durable_with_their_events() {
    let folder = TempFolder::new("journal");
    let mut writer = Writer::open(&folder);
    let key = IdempotencyKey::new("k1").unwrap();
    let events = writer.centre.execute(&at_desk(a_call()), now()).unwrap();
    let epoch = writer.journal.epoch();
    let events = events.into_iter().map(|event| Arc::new(Journalled { seq: 1, epoch, event })).collect();
    let request = KeyedRequest { key: key.clone(), digest: [7; 32], answer: "call_1".to_owned() };
    let decided = Decided { events, keyed: Some((request, 1, 1)), reply: None };
    writer.journal.append(&[decided]).unwrap();
    drop(writer);
    let keys = Journal::open(folder.path(), |_| {}).unwrap().keys;
    let known = keys.get(&key).unwrap();
    assert_eq!((known.first_seq, known.last_seq, known.answer.as_str()), (1, 1, "call_1"));
    assert_eq!(known.digest, [7; 32]);
}

/// The environment names the folder for the child of the test below.
const CHILD_FOLDER: &str = "JICHI_TEST_JOURNAL_CHILD";

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let folder = TempFolder::new("killed");
    let mut acknowledged = 0;
    for round in 0..KILLS {
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::tests::child_writes_until_killed", "--nocapture"])
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Kills at another moment each round, measured from the first acknowledgement.
        let mut kill_at = None;
        for line in lines {
            let Ok(line) = line else { break };
            let Some(seq) = line.strip_prefix("durable ").and_then(|seq| seq.parse::<u64>().ok()) else {
                continue;
            };
            acknowledged = acknowledged.max(seq);
            let at = *kill_at.get_or_insert_with(|| Instant::now() + Duration::from_millis(3 + round * 7));
            if Instant::now() >= at {
                let _ = child.kill();
            }
        }
        child.wait().unwrap();
        let found = Writer::open(&folder).journal.head().seq;
        assert!(found >= acknowledged, "{acknowledged} were acknowledged, {found} are there");
    }
    assert!(acknowledged > KILLS, "the child must have written something in each round");
}

/// The child's part of the test above, which runs it in a process of its own; without that there is nothing to do.
#[test]
fn child_writes_until_killed() {
    use std::io::Write;
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let Opened { journal, centre, .. } = Journal::open(folder.as_ref(), |_| {}).unwrap();
    let mut writer = Writer { journal, centre };
    let mut out = std::io::stdout().lock();
    for size in (1..=7).cycle() {
        let seq = writer.append(size).unwrap();
        // The parent kills this process; it must never outlive it.
        if writeln!(out, "durable {seq}").and_then(|()| out.flush()).is_err() || seq > 1_000_000 {
            return;
        }
    }
}

const KILLS: u64 = 12;

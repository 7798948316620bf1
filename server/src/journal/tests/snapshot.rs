//! Snapshots: a start from one is a start from the first event, and whatever is wrong with one only costs time.

use std::path::PathBuf;

use dispatch_core::Action;
use dispatch_core::erasure::Subject;
use dispatch_core::ids::IncidentId;
use uuid::Uuid;

use super::*;
use crate::journal::{JOURNAL_FILE, write_snapshot};
use crate::testing::an_incident;

fn snapshot_of(folder: &TempFolder) -> PathBuf {
    folder.path().join("snapshot")
}

/// Writes a snapshot of the writer's record as it is, as the thread does.
fn take(folder: &TempFolder, writer: &Writer) {
    let reader = JournalReader::open(writer.journal.path()).unwrap();
    let (key, durable) = reader.snapshot_key().unwrap().unwrap();
    assert_eq!(durable, writer.journal.head().seq);
    let row = reader.rows(durable - 1, 1).unwrap().remove(0);
    write_snapshot(folder.path(), writer.centre.record(), &row, now(), &key).unwrap();
}

/// Four calls and an incident, a snapshot after three of them, and the record's digest.
fn filled(folder: &TempFolder) -> [u8; 32] {
    let mut writer = Writer::open(folder);
    writer.append(2).unwrap();
    writer.does(an_incident(IncidentId::new(Uuid::now_v7())));
    take(folder, &writer);
    writer.append(2).unwrap();
    writer.centre.record().digest()
}

fn opened(folder: &TempFolder) -> (Option<u64>, u64, [u8; 32]) {
    let mut lived = 0;
    let opened = Journal::open(folder.path(), |_| lived += 1).unwrap();
    assert_eq!(opened.journal.head().seq, 5);
    (opened.behind.map(|head| head.seq), lived, opened.centre.record().digest())
}

#[test]
fn a_start_from_a_snapshot_is_a_start_from_the_first_event() {
    let folder = TempFolder::new("snapshot");
    let digest = filled(&folder);
    assert_eq!(opened(&folder), (Some(3), 2, digest));
    let from_snapshot = Writer::open(&folder).centre;
    std::fs::remove_file(snapshot_of(&folder)).unwrap();
    let from_events = Writer::open(&folder).centre;
    assert_eq!(from_snapshot.record(), from_events.record());
    assert_eq!(from_snapshot.next_deadline(), from_events.next_deadline());
    assert_eq!(opened(&folder), (None, 5, digest));
}

#[test]
fn a_snapshot_that_is_not_right_is_set_aside() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change); 6] = [
        ("empty", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() - 1)),
        ("no record", |bytes| bytes.truncate(bytes.iter().position(|b| *b == b'\n').unwrap() + 1)),
        ("a bit turned", |bytes| *bytes.last_mut().unwrap() ^= 1),
        ("another event", |bytes| {
            let text = String::from_utf8_lossy(&bytes[..]).find("\"seq\":3").unwrap();
            bytes[text + 6] = b'2';
        }),
        ("another core", |bytes| {
            let text = String::from_utf8_lossy(&bytes[..]).find("\"core\":\"").unwrap();
            bytes[text + 8] = if bytes[text + 8] == b'0' { b'1' } else { b'0' };
        }),
    ];
    for (what, change) in changes {
        let folder = TempFolder::new("snapshot");
        let digest = filled(&folder);
        let mut bytes = std::fs::read(snapshot_of(&folder)).unwrap();
        change(&mut bytes);
        std::fs::write(snapshot_of(&folder), bytes).unwrap();
        assert_eq!(opened(&folder), (None, 5, digest), "{what}");
        assert!(folder.path().join("snapshot.set-aside").exists(), "{what}");
        assert!(!snapshot_of(&folder).exists(), "{what}");
    }
}

#[test]
fn a_snapshot_of_another_journal_is_not_believed() {
    let (one, other) = (TempFolder::new("snapshot"), TempFolder::new("snapshot"));
    filled(&one);
    let digest = filled(&other);
    std::fs::copy(snapshot_of(&one), snapshot_of(&other)).unwrap();
    assert_eq!(opened(&other), (None, 5, digest));
}

#[test]
fn an_erasure_takes_the_snapshot_with_it() {
    let folder = TempFolder::new("snapshot");
    let mut writer = Writer::open(&folder);
    let incident = IncidentId::new(Uuid::now_v7());
    writer.does(an_incident(incident));
    writer.does(Action::CancelIncident { incident, reason: "自行前往".to_owned() });
    take(&folder, &writer);
    let bytes = std::fs::read(snapshot_of(&folder)).unwrap();
    assert!(!bytes.windows(9).any(|window| window == "滨江路".as_bytes()), "it is sealed");
    let subjects = vec![Subject::Incident(incident)];
    writer.does(Action::ErasePersonalData { subjects, reason: "家属申请".to_owned() });
    drop(writer);
    let again = Journal::open(folder.path(), |_| {}).unwrap();
    assert_eq!(again.behind, None, "nothing opens the snapshot from before");
    drop(again);
    let writer = Writer::open(&folder);
    take(&folder, &writer);
    drop(writer);
    assert!(Journal::open(folder.path(), |_| {}).unwrap().behind.is_some(), "a new one is believed again");
}

#[test]
fn what_is_changed_behind_a_snapshot_is_found_after_the_start() {
    for (sql, at) in [
        ("UPDATE journal SET body = replace(body, 'telephone', 'police') WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 1", 2),
    ] {
        let folder = TempFolder::new("snapshot");
        filled(&folder);
        change(&folder, sql);
        let opened = Journal::open(folder.path(), |_| {}).unwrap();
        let reader = JournalReader::open(&folder.path().join(JOURNAL_FILE)).unwrap();
        let behind = opened.behind.unwrap();
        let found = reader.check_behind(behind, |_| true);
        assert!(matches!(&found, Err(JournalError::Damaged { seq, .. }) if *seq == at), "{sql}: {found:?}");
        assert!(reader.check_behind(behind, |_| false).is_ok() || at == 2, "told to end it says nothing");
    }
    let folder = TempFolder::new("snapshot");
    filled(&folder);
    let opened = Journal::open(folder.path(), |_| {}).unwrap();
    let reader = JournalReader::open(opened.journal.path()).unwrap();
    reader.check_behind(opened.behind.unwrap(), |_| true).unwrap();
}

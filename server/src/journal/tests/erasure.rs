//! Personal data in the journal's file: never in plain words, gone with their key, and the chain whole before and after.

use dispatch_core::Action;
use dispatch_core::actor::Actor;
use dispatch_core::erasure::{ERASED, Sought};
use dispatch_core::ids::IncidentId;
use uuid::Uuid;

use super::*;
use crate::journal::{EraseError, JOURNAL_FILE, PersonalKey, erase, subjects_of};
use crate::testing::an_incident;

/// Every byte of the folder's journal, its write-ahead log among it.
fn bytes(folder: &TempFolder) -> Vec<u8> {
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

impl Writer {
    pub(super) fn does(&mut self, action: Action) {
        let events = self.centre.execute(&at_desk(action), now()).unwrap();
        let (epoch, seqs) = (self.journal.epoch(), self.journal.head().seq + 1..);
        let events =
            seqs.zip(events).map(|(seq, event)| Arc::new(Journalled { seq, epoch, event })).collect();
        self.journal.append(&[Decided { events, keyed: None, reply: None }]).unwrap();
    }
}

/// A cancelled incident, three calls, and the incident's key.
fn filled(folder: &TempFolder) -> (IncidentId, PersonalKey) {
    let mut writer = Writer::open(folder);
    let incident = IncidentId::new(Uuid::now_v7());
    writer.does(an_incident(incident));
    writer.append(3).unwrap();
    writer.does(Action::CancelIncident { incident, reason: "自行前往".to_owned() });
    let reader = JournalReader::open(writer.journal.path()).unwrap();
    let key = reader.keys_of(&reader.rows(0, 1).unwrap()).unwrap().into_values().next().unwrap();
    (incident, key)
}

fn asked() -> (Actor, String) {
    (Actor::Person { name: "王芳".to_owned(), seat: "03".to_owned() }, "家属申请".to_owned())
}

#[test]
fn nothing_personal_is_in_the_file_in_plain_words() {
    let folder = TempFolder::new("sealed");
    let (_, key) = filled(&folder);
    let bytes = bytes(&folder);
    for word in ["滨江路", "13812342290", "胸痛"] {
        assert!(!holds(&bytes, word.as_bytes()), "{word}");
    }
    assert!(holds(&bytes, &key.key), "for this test the key must be found where it is");
    let page = JournalReader::open(&folder.path().join(JOURNAL_FILE)).unwrap().page(0, 1).unwrap();
    assert!(serde_json::to_string(&page[0].event).unwrap().contains("滨江路"), "with the key it is there");
}

#[test]
fn an_erased_key_is_nowhere_in_the_file_and_the_chain_is_whole() {
    let folder = TempFolder::new("erased");
    let (incident, key) = filled(&folder);
    let before = Writer::open(&folder).centre.record().incident(incident).unwrap().clone();
    let (by, reason) = asked();
    let (seq, count) = erase(folder.path(), Sought::Incident(before.number), by, reason, now()).unwrap();
    assert_eq!((seq, count), (6, 1));
    assert!(!holds(&bytes(&folder), &key.key), "no page and no log keeps the key");
    let writer = Writer::open(&folder);
    let after = writer.centre.record().incident(incident).unwrap();
    assert_eq!(after.sketch.place.address, ERASED);
    assert_eq!(after.sketch.place.position, before.sketch.place.position);
    let mut calls = writer.centre.record().calls().values();
    assert!(calls.all(|call| call.phone.reveal() == "13812342290"), "others keep theirs");
    let reader = JournalReader::open(writer.journal.path()).unwrap();
    assert_eq!(reader.verify(|_, _| {}).unwrap().seq, 6);
}

#[test]
fn what_goes_on_or_is_unknown_is_not_erased() {
    let folder = TempFolder::new("erased");
    let mut writer = Writer::open(&folder);
    let incident = IncidentId::new(Uuid::now_v7());
    writer.does(an_incident(incident));
    let number = writer.centre.record().incident(incident).unwrap().number;
    drop(writer);
    let (by, reason) = asked();
    let open = erase(folder.path(), Sought::Incident(number), by.clone(), reason.clone(), now());
    assert!(matches!(open, Err(EraseError::Refused(_))), "{open:?}");
    let number = "20200101-0001".parse().unwrap();
    let unknown = erase(folder.path(), Sought::Incident(number), by, reason, now());
    assert!(matches!(unknown, Err(EraseError::Unknown)), "{unknown:?}");
    assert_eq!(Writer::open(&folder).journal.head().seq, 1);
}

#[test]
fn a_journal_of_the_first_format_opens_and_is_sealed_from_then_on() {
    let folder = TempFolder::new("first-format");
    filled(&folder);
    // As the first version wrote it: plain words, other bytes, no keys.
    let file = folder.path().join(JOURNAL_FILE);
    let events = JournalReader::open(&file).unwrap().page(0, 100).unwrap();
    let connection = Connection::open(&file).unwrap();
    let mut head = dispatch_core::journal::GENESIS;
    for it in &events {
        let body = String::from_utf8(dispatch_core::journal::v1::write(&it.event)).unwrap();
        let hash = dispatch_core::journal::chain(&head, it.seq, it.epoch, body.as_bytes());
        let update = "UPDATE journal SET body = ?1, prev_hash = ?2, hash = ?3 WHERE seq = ?4";
        connection.execute(update, (body, head, hash, it.seq as i64)).unwrap();
        head = hash;
    }
    connection.execute_batch("DROP TABLE personal_key; PRAGMA user_version = 1").unwrap();
    drop(connection);
    let read = JournalReader::open(&file).unwrap().page(0, 100).unwrap();
    assert_eq!(read, events, "read as it is, without changing it");
    let mut writer = Writer::open(&folder);
    assert_eq!(writer.journal.head().seq, 5);
    writer.append(1).unwrap();
    let number = writer.centre.record().incidents().values().next().unwrap().number;
    drop(writer);
    let reader = JournalReader::open(&file).unwrap();
    assert!(reader.rows(5, 1).unwrap()[0].body.contains(r#""sealed":{"#));
    assert_eq!(subjects_of(&reader, Sought::Incident(number)).unwrap().len(), 1);
}
